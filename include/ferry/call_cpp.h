/* SPDX-License-Identifier: MIT */
/*
 * The captured call in C++: templates read off the function's type what the C macros have to find
 * out. Included by <ferry/call.h>.
 *
 * The arguments are written out once, so a lambda can be one. const, noreturn and noexcept fall off
 * with the deduction. A function with "..." is called through an object that deduces the types
 * behind its declared parameters. A reference counts as the address that it is; a deferred call
 * takes none.
 */
#ifndef FERRY_CALL_CPP_H
#define FERRY_CALL_CPP_H

#include <cstring>
#include <type_traits>

namespace ferry__cpp {

__extension__ typedef __int128 int128;
__extension__ typedef unsigned __int128 uint128;
__extension__ typedef _Complex float float_complex;
__extension__ typedef _Complex double double_complex;
__extension__ typedef _Complex long double long_double_complex;

template <class T, class... Others>
inline constexpr bool is_one_of = (std::is_same<T, Others>::value || ...);
template <class T>
inline constexpr bool is_integer = is_one_of<T, int128, uint128> || std::is_integral<T>::value;
template <class T>
inline constexpr bool is_complex = is_one_of<T, float_complex, double_complex, long_double_complex>;
#ifdef __SIZEOF_FLOAT128__
__extension__ typedef __float128 float128;
template <class T>
inline constexpr bool is_floating = is_one_of<T, float128> || std::is_floating_point<T>::value;
#else
template <class T> inline constexpr bool is_floating = std::is_floating_point<T>::value;
#endif
template <class T>
inline constexpr bool is_pointer =
    std::is_pointer<T>::value || std::is_reference<T>::value || is_one_of<T, std::nullptr_t>;
template <class T>
inline constexpr bool is_record = std::is_class<T>::value || std::is_union<T>::value;
template <class T>
inline constexpr bool is_vector =
    !(is_integer<T> || is_floating<T> || is_complex<T> || is_pointer<T> || is_record<T> ||
      std::is_enum<T>::value || std::is_void<T>::value || std::is_member_pointer<T>::value);

template <class Qualified> constexpr int result_class()
{
    using T = std::remove_cv_t<Qualified>;
    if constexpr (std::is_void<T>::value)
        return FERRY__VOID;
    else if constexpr (is_pointer<T>)
        return FERRY__POINTER;
    else if constexpr (std::is_enum<T>::value)
        return result_class<std::underlying_type_t<T>>();
    else if constexpr (is_integer<T>)
        return T(-1) < T(1) ? FERRY__SIGNED : FERRY__UNSIGNED;
    else if constexpr (is_floating<T>)
        return FERRY__HAS_X87 && is_one_of<T, long double> ? FERRY__X87 : FERRY__FLOATING;
    else if constexpr (is_complex<T>)
        return FERRY__HAS_X87 && is_one_of<T, long_double_complex> ? FERRY__X87_COMPLEX
                                                                   : FERRY__COMPLEX;
    else
        return FERRY__OTHER;
}

template <class T> constexpr unsigned size_of()
{
    if constexpr (std::is_void<T>::value)
        return 0;
    else if constexpr (std::is_reference<T>::value)
        return sizeof(void *);
    else
        return sizeof(T);
}

template <class T> constexpr unsigned aligned()
{
    if constexpr (std::is_void<T>::value || std::is_reference<T>::value)
        return 0;
    else
        return alignof(T) & ~31u;
}

template <class T> constexpr unsigned result_code()
{
    return static_cast<unsigned>(result_class<T>()) << 8 |
           (size_of<T>() > 255 ? 255 : size_of<T>());
}

template <class Pointer> constexpr unsigned result_code_at()
{
    using T = std::decay_t<Pointer>;
    if constexpr (std::is_pointer<T>::value)
        return result_code<std::remove_pointer_t<T>>();
    else
        return 0; /* NULL */
}

template <class T> T value(ferry__value from)
{
    if constexpr (!std::is_void<T>::value) {
        std::remove_cv_t<T> to;
        std::memcpy(&to, &from, sizeof to);
        return to;
    } else {
        static_cast<void>(from);
    }
}

/* Too wide to be carried. With AVX an aligned struct may be a wrapped vector. */
template <class T>
inline constexpr bool is_wide = (is_vector<T> && size_of<T>() > 16) ||
                                (FERRY__WIDE_STRUCTS && is_record<T> && aligned<T>() > 0);

/* As the ABI has it: what isn't is returned in memory, however small. */
template <class T>
inline constexpr bool is_trivial = !is_record<T> || std::is_trivially_copyable<T>::value;

/* What is known of a call of R (P...). */
template <class R, class... P> struct shape {
    static constexpr unsigned number = sizeof...(P);
    static constexpr unsigned words = (0 + ... + ((size_of<P>() + 7) / 8));
    static constexpr unsigned aligned_bytes = (0 + ... + aligned<P>());
    static constexpr unsigned floats = (0 + ... + unsigned(is_floating<P>));
    static constexpr unsigned composites =
        (0 + ... + unsigned(is_record<P> || is_complex<P> || is_vector<P>));
    static constexpr unsigned code = result_code<R>();
    static constexpr unsigned code_class = code >> 8;
    static constexpr bool known =
        !composites && words == number &&
        number + (code_class == FERRY__OTHER || size_of<R>() > 16 ? FERRY__HIDDEN : 0) <=
            FERRY__REGISTERS;
    static constexpr unsigned needed = (8 * words + 8 * number + aligned_bytes + 15) & ~15u;
    static constexpr unsigned stack = known ? 0 : needed;
    static constexpr unsigned registers = 4 * composites + floats;
    static constexpr unsigned vectors = registers > 4                                    ? 8
                                        : registers > 0 || code_class >= FERRY__FLOATING ? 4
                                                                                         : 0;
    static constexpr bool tops =
        FERRY__HAS_X87 && (code_class == FERRY__X87 || code_class == FERRY__X87_COMPLEX ||
                           code == (FERRY__OTHER << 8 | 16));
    static constexpr bool memory =
        code_class == FERRY__OTHER && (FERRY__IN_MEMORY(size_of<R>()) || !is_trivial<R>);
    static constexpr unsigned integers = number - floats - composites;
    static constexpr unsigned most = words == number ? FERRY__REGISTERS : 1;
    static constexpr unsigned given = integers < most ? integers : most;
    static constexpr unsigned flags = (vectors == 0 && stack == 0 ? FERRY__PLAIN : 0) |
                                      (tops ? FERRY__TOPS : 0) | (memory ? FERRY__MEMORY : 0) |
                                      given * FERRY__GIVEN;

    static_assert(number <= 32, FERRY__SAY_COUNT);
    static_assert(needed <= 1024, FERRY__SAY_STACK);
    static_assert(!(is_wide<P> || ... || is_wide<R>), FERRY__SAY_VECTOR);
};

template <class T>
inline constexpr bool can_wait = size_of<T>() <= 16 && !std::is_reference<T>::value &&
                                 (!is_record<T> || std::is_trivially_copyable<T>::value);

template <unsigned Later, class R, class... P> void fill(ferry__call &call)
{
    using shape = ferry__cpp::shape<R, P...>;
    if constexpr (Later != 0) {
        static_assert((can_wait<P> && ...), FERRY__SAY_LATER);
        static_assert(shape::code_class != FERRY__OTHER && (shape::code & 255) <= 16,
                      FERRY__SAY_RESULT);
    }
    call.flags = static_cast<uint8_t>(shape::flags | Later);
    call.stack_units = static_cast<uint8_t>(shape::stack / 16);
    call.result = static_cast<uint16_t>(shape::code);
    call.vectors = static_cast<uint8_t>(
        shape::vectors + (shape::integers < 15 ? shape::integers : 15) * FERRY__WHOLE);
    call.result_bytes = static_cast<uint16_t>(size_of<R>() > 65535 ? 65535 : size_of<R>());
}

/* `call` lies in the statement, which outlives this. */
template <unsigned Later, class R, class... P>
inline auto enter(R (*function)(P...), ferry__call &&call, void *frame) -> R (*)(P...)
{
    fill<Later, R, P...>(call);
    call.function = reinterpret_cast<ferry__any *>(function);
    return reinterpret_cast<R (*)(P...)>(ferry__call_enter(&call, frame));
}

template <unsigned Later, class R, class... P> struct variadic {
    R (*captured)(P..., ...);
    ferry__call *call;

    template <class... Q> R operator()(P... declared, Q... others) const
    {
        fill<Later, R, P..., Q...>(*call);
        return captured(declared..., others...);
    }
};

template <unsigned Later, class R, class... P>
inline variadic<Later, R, P...> enter(R (*function)(P..., ...), ferry__call &&call, void *frame)
{
    call.function = reinterpret_cast<ferry__any *>(function);
    return {reinterpret_cast<R (*)(P..., ...)>(ferry__call_enter(&call, frame)), &call};
}

} /* namespace ferry__cpp */

#define FERRY__CAST(type, value) static_cast<type>(value)
#define FERRY__RESULT_OF(type) (ferry__cpp::result_code<type>())
#define FERRY__RESULT_AT(pointer) (ferry__cpp::result_code_at<decltype(pointer)>())
#define FERRY__VALUE(type, from) (ferry__cpp::value<type>(from))

#define FERRY__CAPTURED(later, kind, target, options, seconds, ...)                           \
    (ferry__cpp::enter<later>(FERRY__FIRST(__VA_ARGS__),                                      \
                              ferry__call{nullptr, FERRY__SITE(__VA_ARGS__), target, options, \
                                          static_cast<double>(seconds),                       \
                                          static_cast<uint8_t>(kind), 0, 0, 0, 0, 0},         \
                              __builtin_frame_address(0)))(FERRY__REST(__VA_ARGS__))

#define FERRY__AWAITED(kind, target, options, seconds, ...) \
    FERRY__CAT(FERRY__AWAITED_, FERRY__SOME(__VA_ARGS__))   \
    (kind, target, options, seconds, __VA_ARGS__)
#define FERRY__AWAITED_2(...) FERRY__TOO_MANY
#define FERRY__AWAITED_0 FERRY__AWAITED_1
#define FERRY__AWAITED_1(...) (FERRY__CAPTURED(0, __VA_ARGS__))

#define FERRY__DEFERRED(kind, target, options, seconds, ...) \
    FERRY__CAT(FERRY__DEFERRED_, FERRY__SOME(__VA_ARGS__))   \
    (kind, target, options, seconds, __VA_ARGS__)
#define FERRY__DEFERRED_2(...) FERRY__TOO_MANY
#define FERRY__DEFERRED_0 FERRY__DEFERRED_1
#define FERRY__DEFERRED_1(...) \
    (FERRY__CAPTURED(FERRY__LATER, __VA_ARGS__), void(), ferry__call_made())
#define FERRY__TOO_MANY ([] { static_assert(sizeof(int) == 0, FERRY__SAY_COUNT); })

#endif
