/* SPDX-License-Identifier: MIT */
/*
 * The captured call in C: what a macro finds out about a call, all of it at compile time. Included
 * by <ferry/call.h>.
 *
 * The arguments are written out once to be evaluated and a few times inside sizeof and its like,
 * where they are not. Whatever is used more than once gets a name with __COUNTER__ in it, so that
 * nested macros don't shadow each other and the text of deep nests stays short.
 *
 *     ferry__result_N   the type of the result
 *     ferry__words_N    8-byte words of all arguments
 *     ferry__aligned_N  sum of alignments above 16
 *     ferry__classes_N  how many arguments are of which class, 6 bits each, see FERRY__CLASS
 *     ferry__exact_N    the parameters are proven to have exactly the arguments' types
 *
 * The proof: R (T1, T2) made of the arguments' types is compatible with the function's type. Where
 * it fails, an integer argument may stand for any arithmetic parameter, up to a long double
 * _Complex: 32 bytes of stack or two vector registers. A pointer argument is a pointer or an
 * integer in any case.
 */
#ifndef FERRY_CALL_C_H
#define FERRY_CALL_C_H

/* m(a1) s() m(a2) s() m(a3) ... of the arguments behind fn */
#define FERRY__EACH(m, s, ...) \
    FERRY__CAT(FERRY__EACH_, FERRY__NUMBER(__VA_ARGS__))(m, s, __VA_ARGS__)
#define FERRY__EACH_0(m, s, fn)
#define FERRY__EACH_1(m, s, fn, ...) FERRY__TURN_1(m, s, __VA_ARGS__)
#define FERRY__EACH_2(m, s, fn, ...) FERRY__TURN_2(m, s, __VA_ARGS__)
#define FERRY__EACH_3(m, s, fn, ...) FERRY__TURN_3(m, s, __VA_ARGS__)
#define FERRY__EACH_4(m, s, fn, ...) FERRY__TURN_4(m, s, __VA_ARGS__)
#define FERRY__EACH_5(m, s, fn, ...) FERRY__TURN_5(m, s, __VA_ARGS__)
#define FERRY__EACH_6(m, s, fn, ...) FERRY__TURN_6(m, s, __VA_ARGS__)
#define FERRY__EACH_7(m, s, fn, ...) FERRY__TURN_7(m, s, __VA_ARGS__)
#define FERRY__EACH_8(m, s, fn, ...) FERRY__TURN_8(m, s, __VA_ARGS__)
#define FERRY__EACH_9(m, s, fn, ...) FERRY__TURN_9(m, s, __VA_ARGS__)
#define FERRY__EACH_10(m, s, fn, ...) FERRY__TURN_10(m, s, __VA_ARGS__)
#define FERRY__EACH_11(m, s, fn, ...) FERRY__TURN_11(m, s, __VA_ARGS__)
#define FERRY__EACH_12(m, s, fn, ...) FERRY__TURN_12(m, s, __VA_ARGS__)
#define FERRY__EACH_13(m, s, fn, ...) FERRY__TURN_13(m, s, __VA_ARGS__)
#define FERRY__EACH_14(m, s, fn, ...) FERRY__TURN_14(m, s, __VA_ARGS__)
#define FERRY__EACH_15(m, s, fn, ...) FERRY__TURN_15(m, s, __VA_ARGS__)
#define FERRY__EACH_16(m, s, fn, ...) FERRY__TURN_16(m, s, __VA_ARGS__)
#define FERRY__EACH_17(m, s, fn, ...) FERRY__TURN_17(m, s, __VA_ARGS__)
#define FERRY__EACH_18(m, s, fn, ...) FERRY__TURN_18(m, s, __VA_ARGS__)
#define FERRY__EACH_19(m, s, fn, ...) FERRY__TURN_19(m, s, __VA_ARGS__)
#define FERRY__EACH_20(m, s, fn, ...) FERRY__TURN_20(m, s, __VA_ARGS__)
#define FERRY__EACH_21(m, s, fn, ...) FERRY__TURN_21(m, s, __VA_ARGS__)
#define FERRY__EACH_22(m, s, fn, ...) FERRY__TURN_22(m, s, __VA_ARGS__)
#define FERRY__EACH_23(m, s, fn, ...) FERRY__TURN_23(m, s, __VA_ARGS__)
#define FERRY__EACH_24(m, s, fn, ...) FERRY__TURN_24(m, s, __VA_ARGS__)
#define FERRY__EACH_25(m, s, fn, ...) FERRY__TURN_25(m, s, __VA_ARGS__)
#define FERRY__EACH_26(m, s, fn, ...) FERRY__TURN_26(m, s, __VA_ARGS__)
#define FERRY__EACH_27(m, s, fn, ...) FERRY__TURN_27(m, s, __VA_ARGS__)
#define FERRY__EACH_28(m, s, fn, ...) FERRY__TURN_28(m, s, __VA_ARGS__)
#define FERRY__EACH_29(m, s, fn, ...) FERRY__TURN_29(m, s, __VA_ARGS__)
#define FERRY__EACH_30(m, s, fn, ...) FERRY__TURN_30(m, s, __VA_ARGS__)
#define FERRY__EACH_31(m, s, fn, ...) FERRY__TURN_31(m, s, __VA_ARGS__)
#define FERRY__EACH_32(m, s, fn, ...) FERRY__TURN_32(m, s, __VA_ARGS__)
#define FERRY__TURN_1(m, s, a) m(a)
#define FERRY__TURN_2(m, s, a, ...) m(a) s() FERRY__TURN_1(m, s, __VA_ARGS__)
#define FERRY__TURN_3(m, s, a, ...) m(a) s() FERRY__TURN_2(m, s, __VA_ARGS__)
#define FERRY__TURN_4(m, s, a, ...) m(a) s() FERRY__TURN_3(m, s, __VA_ARGS__)
#define FERRY__TURN_5(m, s, a, ...) m(a) s() FERRY__TURN_4(m, s, __VA_ARGS__)
#define FERRY__TURN_6(m, s, a, ...) m(a) s() FERRY__TURN_5(m, s, __VA_ARGS__)
#define FERRY__TURN_7(m, s, a, ...) m(a) s() FERRY__TURN_6(m, s, __VA_ARGS__)
#define FERRY__TURN_8(m, s, a, ...) m(a) s() FERRY__TURN_7(m, s, __VA_ARGS__)
#define FERRY__TURN_9(m, s, a, ...) m(a) s() FERRY__TURN_8(m, s, __VA_ARGS__)
#define FERRY__TURN_10(m, s, a, ...) m(a) s() FERRY__TURN_9(m, s, __VA_ARGS__)
#define FERRY__TURN_11(m, s, a, ...) m(a) s() FERRY__TURN_10(m, s, __VA_ARGS__)
#define FERRY__TURN_12(m, s, a, ...) m(a) s() FERRY__TURN_11(m, s, __VA_ARGS__)
#define FERRY__TURN_13(m, s, a, ...) m(a) s() FERRY__TURN_12(m, s, __VA_ARGS__)
#define FERRY__TURN_14(m, s, a, ...) m(a) s() FERRY__TURN_13(m, s, __VA_ARGS__)
#define FERRY__TURN_15(m, s, a, ...) m(a) s() FERRY__TURN_14(m, s, __VA_ARGS__)
#define FERRY__TURN_16(m, s, a, ...) m(a) s() FERRY__TURN_15(m, s, __VA_ARGS__)
#define FERRY__TURN_17(m, s, a, ...) m(a) s() FERRY__TURN_16(m, s, __VA_ARGS__)
#define FERRY__TURN_18(m, s, a, ...) m(a) s() FERRY__TURN_17(m, s, __VA_ARGS__)
#define FERRY__TURN_19(m, s, a, ...) m(a) s() FERRY__TURN_18(m, s, __VA_ARGS__)
#define FERRY__TURN_20(m, s, a, ...) m(a) s() FERRY__TURN_19(m, s, __VA_ARGS__)
#define FERRY__TURN_21(m, s, a, ...) m(a) s() FERRY__TURN_20(m, s, __VA_ARGS__)
#define FERRY__TURN_22(m, s, a, ...) m(a) s() FERRY__TURN_21(m, s, __VA_ARGS__)
#define FERRY__TURN_23(m, s, a, ...) m(a) s() FERRY__TURN_22(m, s, __VA_ARGS__)
#define FERRY__TURN_24(m, s, a, ...) m(a) s() FERRY__TURN_23(m, s, __VA_ARGS__)
#define FERRY__TURN_25(m, s, a, ...) m(a) s() FERRY__TURN_24(m, s, __VA_ARGS__)
#define FERRY__TURN_26(m, s, a, ...) m(a) s() FERRY__TURN_25(m, s, __VA_ARGS__)
#define FERRY__TURN_27(m, s, a, ...) m(a) s() FERRY__TURN_26(m, s, __VA_ARGS__)
#define FERRY__TURN_28(m, s, a, ...) m(a) s() FERRY__TURN_27(m, s, __VA_ARGS__)
#define FERRY__TURN_29(m, s, a, ...) m(a) s() FERRY__TURN_28(m, s, __VA_ARGS__)
#define FERRY__TURN_30(m, s, a, ...) m(a) s() FERRY__TURN_29(m, s, __VA_ARGS__)
#define FERRY__TURN_31(m, s, a, ...) m(a) s() FERRY__TURN_30(m, s, __VA_ARGS__)
#define FERRY__TURN_32(m, s, a, ...) m(a) s() FERRY__TURN_31(m, s, __VA_ARGS__)
#define FERRY__PLUS() +
#define FERRY__COMMA() ,

/* As it is passed: arrays and functions as pointers. Never evaluated. */
#define FERRY__PASSED(a) ({ (a); })
#define FERRY__WORDS(a) (int)((sizeof(FERRY__PASSED(a)) + 7) / 8)
#define FERRY__LARGE(a) (sizeof(FERRY__PASSED(a)) > 16)
#define FERRY__ALIGNED(a) (int)(__alignof__(((void)0, (a))) & ~(size_t)31)
#define FERRY__TYPE(a) __typeof__(((void)0, (a)))
#define FERRY__TYPES(...) FERRY__CAT(FERRY__TYPES_, FERRY__SOME(__VA_ARGS__))(__VA_ARGS__)
#define FERRY__TYPES_0(fn) void
#define FERRY__TYPES_1(...) FERRY__EACH(FERRY__TYPE, FERRY__COMMA, __VA_ARGS__)

/*
 * One in the field of its class: 0 vector, 1 integer, 2 floating, 3 struct, union or _Complex, 4
 * pointer. The table has three bits for each answer of __builtin_classify_type, which begin at -1.
 */
#define FERRY__CLASS(a) \
    (1 << 6 * (int)(0x6000d80d0109240ull >> 3 * (__builtin_classify_type(a) + 1) & 7))
#define FERRY__COUNT(classes, field) ((classes) >> 6 * (field)&63)

/* Every argument is known to take exactly one register. */
#define FERRY__KNOWN(classes, exact, words, number, code)                                 \
    (((exact) ? FERRY__COUNT(classes, 0) + FERRY__COUNT(classes, 3) == 0                  \
              : FERRY__COUNT(classes, 4) == (number)) &&                                  \
     (words) == (number) &&                                                               \
     (number) + ((code) >> 8 == FERRY__OTHER || ((code)&255) > 16 ? FERRY__HIDDEN : 0) <= \
         FERRY__REGISTERS)
#define FERRY__STACK_NEEDED(words, aligned, number) (8 * (words) + 8 * (number) + (aligned))
#define FERRY__STACK_BOUND(classes, exact, words, aligned, number) \
    (FERRY__STACK_NEEDED(words, aligned, number) +                 \
     ((exact) ? 0 : 16 * ((number)-FERRY__COUNT(classes, 4))))
#define FERRY__STACK(known, bound) ((known) ? 0 : (bound) > 1024 ? 1024 : ((bound) + 15) & ~15)
#define FERRY__VECTORS_NEEDED(classes, exact)                    \
    (4 * (FERRY__COUNT(classes, 0) + FERRY__COUNT(classes, 3)) + \
     (FERRY__COUNT(classes, 2) << !(exact)) + ((exact) ? 0 : 2 * FERRY__COUNT(classes, 1)))
#define FERRY__VECTORS(needed, code) \
    ((needed) > 4 ? 8 : (needed) > 0 || (code) >> 8 >= FERRY__FLOATING ? 4 : 0)
#define FERRY__FLAGS(vectors, stack, code, bytes)                                          \
    (((vectors) + (stack) == 0 ? FERRY__PLAIN : 0) |                                       \
     (FERRY__HAS_X87 && ((code) >> 8 == FERRY__X87 || (code) >> 8 == FERRY__X87_COMPLEX || \
                         (code) == (FERRY__OTHER << 8 | 16))                               \
          ? FERRY__TOPS                                                                    \
          : 0) |                                                                           \
     ((code) >> 8 == FERRY__OTHER && FERRY__IN_MEMORY(bytes) ? FERRY__MEMORY : 0))
/* So many integer registers, from the first, certainly carry arguments: an integer may stand for a
 * floating parameter, and what takes two registers may leave one out. */
#define FERRY__SURE(classes, exact) \
    (FERRY__COUNT(classes, 4) + ((exact) ? FERRY__COUNT(classes, 1) : 0))
#define FERRY__GIVEN_UP_TO(sure, most) ((sure) < (most) ? (sure) : (most))
#define FERRY__REGISTERS_GIVEN(classes, exact, words, number) \
    FERRY__GIVEN_UP_TO(FERRY__SURE(classes, exact), (words) == (number) ? FERRY__REGISTERS : 1)
#define FERRY__WHOLES(classes)                                \
    (FERRY__COUNT(classes, 1) + FERRY__COUNT(classes, 4) > 15 \
         ? 15                                                 \
         : FERRY__COUNT(classes, 1) + FERRY__COUNT(classes, 4))
#define FERRY__BYTES(type) \
    (sizeof(FERRY__SOME_VALUE(type)) > 65535 ? 65535 : (int)sizeof(FERRY__SOME_VALUE(type)))

/* Results. A void is looked at as an int. */
__extension__ typedef __int128 ferry__int128;
#ifdef __CHAR_UNSIGNED__
#define FERRY__CHAR_IS_SIGNED 0
#else
#define FERRY__CHAR_IS_SIGNED 1
#endif
#define FERRY__IS_VOID(type) __builtin_types_compatible_p(type, void)
#define FERRY__SOME_VALUE(type) \
    __builtin_choose_expr(FERRY__IS_VOID(type), 0, ((__typeof__(type)(*)(void))0)())
#define FERRY__CODE(type) __builtin_classify_type(FERRY__SOME_VALUE(type))
#define FERRY__IS_SIGNED(type)                                                       \
    _Generic(FERRY__SOME_VALUE(type), char                                           \
             : FERRY__CHAR_IS_SIGNED, signed char : 1, short : 1, int : 1, long : 1, \
               long long : 1, ferry__int128 : 1, default : 0)
#define FERRY__IS_X87(type) \
    (FERRY__HAS_X87 &&      \
     _Generic(FERRY__SOME_VALUE(type), long double : 1, long double _Complex : 1, default : 0))
#define FERRY__RESULT_CLASS(type)                                                         \
    (FERRY__IS_VOID(type)     ? FERRY__VOID                                               \
     : FERRY__CODE(type) == 5 ? FERRY__POINTER                                            \
     : FERRY__CODE(type) == 8 ? FERRY__IS_X87(type) ? FERRY__X87 : FERRY__FLOATING        \
     : FERRY__CODE(type) == 9 ? FERRY__IS_X87(type) ? FERRY__X87_COMPLEX : FERRY__COMPLEX \
     : FERRY__CODE(type) < 1  ? FERRY__OTHER                                              \
     : FERRY__CODE(type) > 4  ? FERRY__OTHER                                              \
     : FERRY__IS_SIGNED(type) ? FERRY__SIGNED                                             \
                              : FERRY__UNSIGNED)
#define FERRY__RESULT_SIZE(type)                   \
    (FERRY__IS_VOID(type)                    ? 0   \
     : sizeof(FERRY__SOME_VALUE(type)) > 255 ? 255 \
                                             : (int)sizeof(FERRY__SOME_VALUE(type)))
#define FERRY__RESULT_OF(type) \
    __extension__((int)FERRY__RESULT_CLASS(type) << 8 | FERRY__RESULT_SIZE(type))
#define FERRY__RESULT_AT(pointer)                              \
    (__builtin_types_compatible_p(__typeof__(pointer), void *) \
         ? 0                                                   \
         : FERRY__RESULT_OF(__typeof__(*__builtin_choose_expr( \
               __builtin_types_compatible_p(__typeof__(pointer), void *), (int *)0, (pointer)))))
#define FERRY__CAST(type, value) ((type)(value))
#define FERRY__VALUE(type, value)                          \
    __extension__({                                        \
        (__typeof__(type))((union {                        \
            struct ferry__value ferry__from;               \
            __typeof__(FERRY__SOME_VALUE(type)) ferry__to; \
        }){value})                                         \
            .ferry__to;                                    \
    })
#define FERRY__WIDE_RESULT(type)                                                          \
    (FERRY__RESULT_CLASS(type) == FERRY__OTHER && sizeof(FERRY__SOME_VALUE(type)) > 16 && \
     ((FERRY__CODE(type) != 12 && FERRY__CODE(type) != 13) ||                             \
      (FERRY__WIDE_STRUCTS && __alignof__(FERRY__SOME_VALUE(type)) > 16)))

/*
 * The pointer type to call through: const and noreturn taken off, so that GCC neither deletes the
 * call nor what follows it. (Clang keeps a GNU noreturn.)
 */
#define FERRY__POINTER(fn)                                                                    \
    __typeof__(__builtin_choose_expr(                                                         \
        __builtin_types_compatible_p(__typeof__(fn), __typeof__(*(fn))), (__typeof__(fn) *)0, \
        (fn)))

/* A foreign convention doesn't go together with the platform's own, and the compiler says so. */
#ifdef __x86_64__
#define FERRY__CONVENTION_FITS(fn) \
    __builtin_types_compatible_p(__typeof__(*(fn)), __typeof__(*(fn)) __attribute__((sysv_abi)))
#else
#define FERRY__CONVENTION_FITS(fn) 1
#endif

/* A number found out about arguments, as one more than it bytes. (To Clang the inside of an enum is
 * no function's, and a compound literal written there had to be constant.) */
#define FERRY__NOTE(name, number) typedef char ferry__note_##name[1 + (number)];
#define FERRY__NOTED(name) ((int)sizeof(ferry__note_##name) - 1)

/* What is found out, as declarations. */
#define FERRY__LOOK(id, number, fn, ...)                                                           \
    typedef __typeof__((fn)(FERRY__REST(__VA_ARGS__))) ferry__result_##id;                         \
    FERRY__NOTE(words_##id, FERRY__EACH(FERRY__WORDS, FERRY__PLUS, __VA_ARGS__) + 0)               \
    FERRY__NOTE(aligned_##id, FERRY__EACH(FERRY__ALIGNED, FERRY__PLUS, __VA_ARGS__) + 0)           \
    FERRY__NOTE(classes_##id, FERRY__EACH(FERRY__CLASS, FERRY__PLUS, __VA_ARGS__) + 0)             \
    FERRY__NOTE(exact_##id, __builtin_types_compatible_p(                                          \
                                __typeof__(*(fn)), ferry__result_##id(FERRY__TYPES(__VA_ARGS__)))) \
    enum {                                                                                         \
        ferry__number_##id = number,                                                               \
        ferry__words_##id = FERRY__NOTED(words_##id),                                              \
        ferry__aligned_##id = FERRY__NOTED(aligned_##id),                                          \
        ferry__classes_##id = FERRY__NOTED(classes_##id),                                          \
        ferry__exact_##id = FERRY__NOTED(exact_##id),                                              \
        ferry__code_##id = FERRY__RESULT_OF(ferry__result_##id),                                   \
        ferry__bytes_##id = FERRY__BYTES(ferry__result_##id),                                      \
        ferry__known_##id = FERRY__KNOWN(ferry__classes_##id, ferry__exact_##id,                   \
                                         ferry__words_##id, number, ferry__code_##id),             \
        ferry__stack_##id =                                                                        \
            FERRY__STACK(ferry__known_##id,                                                        \
                         FERRY__STACK_BOUND(ferry__classes_##id, ferry__exact_##id,                \
                                            ferry__words_##id, ferry__aligned_##id, number)),      \
        ferry__vectors_##id = FERRY__VECTORS(                                                      \
            FERRY__VECTORS_NEEDED(ferry__classes_##id, ferry__exact_##id), ferry__code_##id)       \
    };

/* And refused. */
#define FERRY__CHECK(id, number, fn)                                                            \
    _Static_assert(FERRY__CONVENTION_FITS(fn), FERRY__SAY_CONVENTION);                          \
    _Static_assert(FERRY__STACK_NEEDED(ferry__words_##id, ferry__aligned_##id, number) <= 1024, \
                   FERRY__SAY_STACK);                                                           \
    _Static_assert((ferry__aligned_##id == 0 ||                                                 \
                    FERRY__COUNT(ferry__classes_##id, 0) +                                      \
                            FERRY__WIDE_STRUCTS * FERRY__COUNT(ferry__classes_##id, 3) ==       \
                        0) &&                                                                   \
                       !FERRY__WIDE_RESULT(ferry__result_##id),                                 \
                   FERRY__SAY_VECTOR);
#define FERRY__CHECK_LATER(id, ...)                                                         \
    _Static_assert(FERRY__EACH(FERRY__LARGE, FERRY__PLUS, __VA_ARGS__) + 0 == 0,            \
                   FERRY__SAY_LATER);                                                       \
    _Static_assert(ferry__code_##id >> 8 != FERRY__OTHER && (ferry__code_##id & 255) <= 16, \
                   FERRY__SAY_RESULT);

#define FERRY__SHAPE(id, later, kind)                                                       \
    (uint64_t)(kind) |                                                                      \
        (uint64_t)(later |                                                                  \
                   FERRY__FLAGS(ferry__vectors_##id, ferry__stack_##id, ferry__code_##id,   \
                                ferry__bytes_##id) |                                        \
                   FERRY__REGISTERS_GIVEN(ferry__classes_##id, ferry__exact_##id,           \
                                          ferry__words_##id, ferry__number_##id) *          \
                       FERRY__GIVEN)                                                        \
            << 8 |                                                                          \
        (uint64_t)(ferry__stack_##id / 16) << 16 |                                          \
        (uint64_t)(ferry__vectors_##id + FERRY__WHOLES(ferry__classes_##id) * FERRY__WHOLE) \
            << 24 |                                                                         \
        (uint64_t)ferry__code_##id << 32 | (uint64_t)ferry__bytes_##id << 48
#define FERRY__LOOKED_AWAITED(id, kind, fn, number, ...) \
    ({                                                   \
        FERRY__LOOK(id, number, fn, __VA_ARGS__)         \
        FERRY__CHECK(id, number, fn)                     \
        FERRY__SHAPE(id, 0, kind);                       \
    })
#define FERRY__LOOKED_DEFERRED(id, kind, fn, number, ...) \
    ({                                                    \
        FERRY__LOOK(id, number, fn, __VA_ARGS__)          \
        FERRY__CHECK(id, number, fn)                      \
        FERRY__CHECK_LATER(id, __VA_ARGS__)               \
        FERRY__SHAPE(id, FERRY__LATER, kind);             \
    })
#define FERRY__LOOKED_AGAIN(id, kind, fn, number, ...) \
    ({                                                 \
        FERRY__LOOK(id, number, fn, __VA_ARGS__)       \
        FERRY__SHAPE(id, FERRY__LATER, kind);          \
    })

/* The call. It stands outside of the braces: what its arguments make lives as long as the caller's
 * block. */
#define FERRY__CAPTURED(looked, id, kind, to_target, with_options, in_seconds, fn, ...)           \
    ((FERRY__POINTER(fn))ferry__call_enter(                                                       \
        &(struct ferry__call){.function = (ferry__any *)(fn),                                     \
                              .site = FERRY__SITE(__VA_ARGS__),                                   \
                              .target = to_target,                                                \
                              .options = with_options,                                            \
                              .seconds = in_seconds,                                              \
                              .shape =                                                            \
                                  looked(id, kind, fn, FERRY__NUMBER(__VA_ARGS__), __VA_ARGS__)}, \
        __builtin_frame_address(0)))(FERRY__REST(__VA_ARGS__))

#define FERRY__AWAITED(kind, target, options, seconds, ...) \
    FERRY__CAT(FERRY__AWAITED_, FERRY__SOME(__VA_ARGS__))   \
    (__COUNTER__, kind, target, options, seconds, __VA_ARGS__)
#define FERRY__AWAITED_2(...) FERRY__TOO_MANY
#define FERRY__AWAITED_0 FERRY__AWAITED_1
#define FERRY__AWAITED_1(id, kind, target, options, seconds, ...)                             \
    (__extension__ FERRY__CAPTURED(FERRY__LOOKED_AWAITED, id, kind, target, options, seconds, \
                                   FERRY__FIRST(__VA_ARGS__), __VA_ARGS__))

/*
 * A deferred call's own result is dropped. GCC warns of that where a function is declared
 * warn_unused_result and a cast to void doesn't silence it; "!" does, which a void doesn't know. So
 * the call is written twice there.
 *
 * Clang leaves out what follows a call of a GNU noreturn function. So what precedes it needs a
 * symbol that what follows it defines: the link fails, and the symbol's name says why.
 */
#define FERRY__DEFERRED(kind, target, options, seconds, ...) \
    FERRY__CAT(FERRY__DEFERRED_, FERRY__SOME(__VA_ARGS__))   \
    (__COUNTER__, kind, target, options, seconds, __VA_ARGS__)
#define FERRY__DEFERRED_2(...) FERRY__TOO_MANY
#define FERRY__DEFERRED_0 FERRY__DEFERRED_1
#ifdef __clang__
#define FERRY__RETURNS "\"" FERRY__SAY_NORETURN " (" FERRY__HERE ")\""
#define FERRY__DEFERRED_1(id, kind, target, options, seconds, ...)                          \
    (__extension__(                                                                         \
        ({ __asm__(".pushsection .ferry,\"\"\n.8byte " FERRY__RETURNS "\n.popsection"); }), \
        (void)FERRY__CAPTURED(FERRY__LOOKED_DEFERRED, id, kind, target, options, seconds,   \
                              FERRY__FIRST(__VA_ARGS__), __VA_ARGS__),                      \
        ({ __asm__(".set " FERRY__RETURNS ", 0"); }), ferry__call_made()))
#else
#define FERRY__DEFERRED_1(id, kind, target, options, seconds, ...)                             \
    (__extension__(                                                                            \
        (void)!__builtin_choose_expr(                                                          \
            FERRY__IS_VOID(__typeof__((FERRY__FIRST(__VA_ARGS__))(FERRY__REST(__VA_ARGS__)))), \
            (FERRY__CAPTURED(FERRY__LOOKED_AGAIN, id, kind, target, options, seconds,          \
                             FERRY__FIRST(__VA_ARGS__), __VA_ARGS__),                          \
             0),                                                                               \
            FERRY__CAPTURED(FERRY__LOOKED_DEFERRED, id, kind, target, options, seconds,        \
                            FERRY__FIRST(__VA_ARGS__), __VA_ARGS__)),                          \
        ferry__call_made()))
#endif
#define FERRY__TOO_MANY                      \
    __extension__({                          \
        _Static_assert(0, FERRY__SAY_COUNT); \
        (void *)0;                           \
    })

#endif
