/* SPDX-License-Identifier: MIT */
/*
 * What the C++ side is made of: any callable as a call that ferry can carry. Nothing here is for
 * use by hand.
 *
 * ferry carries a plain function and one pointer: a thunk and what it needs. Of an awaited call
 * that is a frame of the caller (nothing is allocated); of a deferred one a block of memory with
 * two holds, the call's and the handle's. The thunk keeps the callable's result, or the exception
 * that left it, for whoever asks for the result.
 */
#ifndef FERRY_INVOKE_HPP
#define FERRY_INVOKE_HPP

#if !defined __cplusplus || __cplusplus < 201703L
#error "ferry: the .hpp headers are C++17: compile with -std=c++17 or later"
#endif

#include <atomic>
#include <exception>
#include <ferry/call.h>
#include <ferry/error.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

namespace ferry {
namespace detail {

struct nothing {};

/* What a callable of result type R left: nothing yet, a value, or an exception. */
template <class R> class result {
    using kept = std::conditional_t<
        std::is_void<R>::value, nothing,
        std::conditional_t<std::is_reference<R>::value,
                           std::add_pointer_t<std::remove_reference_t<R>>, std::remove_cv_t<R>>>;
    std::optional<kept> value_;
    std::exception_ptr failure_;

  public:
    template <class Call> void run(Call &&call)
    {
        try {
            if constexpr (std::is_void<R>::value) {
                call();
                value_.emplace();
            } else if constexpr (std::is_reference<R>::value) {
                R &&reference = call();
                value_.emplace(std::addressof(reference));
            } else {
                value_.emplace(call());
            }
        } catch (...) {
            failure_ = std::current_exception();
            if (!failure_) /* pthread_exit: an unwinding that nobody may stop */
                throw;
        }
    }

    void fail(std::exception_ptr failure)
    {
        failure_ = std::move(failure);
    }
    const std::exception_ptr &failure() const
    {
        return failure_;
    }
    bool there() const
    {
        return value_.has_value() || failure_;
    }

    R take(const char *what)
    {
        if (failure_)
            std::rethrow_exception(std::exchange(failure_, nullptr));
        if (!value_)
            throw_error(EOWNERDEAD, what); /* its thread ended inside it */
        if constexpr (std::is_reference<R>::value)
            return static_cast<R>(**value_);
        else if constexpr (!std::is_void<R>::value)
            return std::move(*value_);
    }
};

/* The call's name in reports: what the compiler calls the callable's type. */
template <std::size_t Size> struct text {
    char bytes[Size];
};
template <class F> constexpr auto make_site()
{
    constexpr char place[] = "in C++"; /* behind a NUL, where a macro's call has its file:line */
    constexpr std::size_t size = sizeof __PRETTY_FUNCTION__ - 1;
    text<size + sizeof place> made{};
    std::size_t from = 0, at = 0;
    for (std::size_t i = 0; i + 4 < size; i++)
        if (__PRETTY_FUNCTION__[i] == 'F' && __PRETTY_FUNCTION__[i + 1] == ' ' &&
            __PRETTY_FUNCTION__[i + 2] == '=' && from == 0)
            from = i + 4; /* ... [with F = main()::<lambda()>] */
    while (from < size - 1)
        made.bytes[at++] = __PRETTY_FUNCTION__[from++];
    made.bytes[at++] = 0;
    for (char each : place)
        made.bytes[at++] = each;
    return made;
}
template <class F> inline constexpr auto site = make_site<F>();

inline ferry__call record(ferry__kind kind, const char *site, void *target, const void *options)
{
    return {nullptr, site, target, options, 0, static_cast<uint8_t>(kind), 0, 0, 0, 0, 0};
}

/* Carries thunk(argument), and waits for it. */
template <class R, class T>
R await(ferry__kind kind, const char *site, const void *options, R (*thunk)(T *), T *argument)
{
    return ferry__cpp::enter<0>(thunk, record(kind, site, nullptr, options),
                                __builtin_frame_address(0))(argument);
}

/* Carries thunk(argument), to be called later; what the handler made of it. */
template <class R, class T>
void *defer(ferry__kind kind, const char *site, void *target, const void *options, R (*thunk)(T *),
            T *argument)
{
    ferry__cpp::enter<FERRY__LATER>(thunk, record(kind, site, target, options),
                                    __builtin_frame_address(0))(argument);
    return ferry__call_made();
}

/* A fraction that a call would cut off in silence: the compiler's warning of a plain call doesn't
 * reach through templates. Known of functions, and of objects with one operator(). */
template <class... T> struct types {
};
template <class F, class = void> struct parameters {
    using known = types<>;
};
template <class R, class... P> struct parameters<R (*)(P...)> {
    using known = types<P...>;
};
template <class R, class... P> struct parameters<R (*)(P...) noexcept> {
    using known = types<P...>;
};
template <class R, class C, class... P> struct parameters<R (C::*)(P...)> {
    using known = types<P...>;
};
template <class R, class C, class... P> struct parameters<R (C::*)(P...) const> {
    using known = types<P...>;
};
template <class F> struct parameters<F, std::void_t<decltype(&F::operator())>> {
    using known = typename parameters<decltype(&F::operator())>::known;
};
template <class... P, class... A> constexpr bool cuts(types<P...>, types<A...>)
{
    if constexpr (sizeof...(P) == sizeof...(A))
        return ((std::is_floating_point<std::decay_t<A>>::value &&
                 std::is_integral<std::decay_t<P>>::value) ||
                ...);
    else
        return false;
}
template <class F, class... A>
inline constexpr bool cuts_fraction = cuts(typename parameters<std::decay_t<F>>::known(),
                                           types<A...>());
#define FERRY__SAY_FRACTION "ferry: a floating argument for an integer parameter: convert it here"

/* A callable and its arguments, copied or moved to where they outlive the statement, as std::thread
 * does; and the two holds. */
template <class F, class... A> struct deferred_call {
    using tuple = std::tuple<std::decay_t<F>, std::decay_t<A>...>;
    static_assert(std::is_invocable<std::decay_t<F>, std::decay_t<A>...>::value,
                  "ferry: the callable can't be called with these arguments, copied (std::ref "
                  "passes a reference)");
    static_assert(!cuts_fraction<F, A...>, FERRY__SAY_FRACTION);
    using type = std::invoke_result_t<std::decay_t<F>, std::decay_t<A>...>;
};

template <class R> struct shared {
    std::atomic<int> holds{2};
    bool started = false;
    result<R> got;

    virtual void call() = 0;
    virtual ~shared() = default;

    void drop()
    {
        if (holds.fetch_sub(1, std::memory_order_acq_rel) == 1)
            delete this;
    }
    struct hold {
        shared *held;
        ~hold()
        {
            held->drop();
        }
    };
};

template <class R, class Tuple> struct shared_call final : shared<R> {
    std::optional<Tuple> parts;

    template <class... P>
    explicit shared_call(P &&...from) : parts(std::in_place, std::forward<P>(from)...)
    {
    }
    shared_call(const shared_call &) = delete;
    shared_call &operator=(const shared_call &) = delete;

    /* What the callable holds goes right after the call, where it ran. */
    void call() override
    {
        struct emptied {
            std::optional<Tuple> &parts;
            ~emptied()
            {
                parts.reset();
            }
        } after{parts};
        this->got.run([this]() -> R {
            return std::apply(
                [](auto &&...each) -> R {
                    return std::invoke(std::forward<decltype(each)>(each)...);
                },
                std::move(*parts));
        });
    }
};

template <class F, class... A> auto *share(F &&f, A &&...arguments)
{
    using made = deferred_call<F, A...>;
    shared<typename made::type> *state = new shared_call<typename made::type, typename made::tuple>(
        std::forward<F>(f), std::forward<A>(arguments)...);
    return state;
}

} /* namespace detail */
} /* namespace ferry */

#endif
