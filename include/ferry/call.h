/* SPDX-License-Identifier: MIT */
/*
 * The captured call: what every `fn, args...` macro of ferry is made of.
 *
 * The macro lets the compiler make the very call it would have made, with all conversions and all
 * checks, through a pointer of the function's own type. The pointer leads to a small assembly
 * routine that keeps the argument registers and the stack-passed arguments as an image; another one
 * replays the image, at once or later, here or on another thread. So any prototype goes, and a
 * wrong argument gets the compiler's ordinary diagnostic.
 *
 *     FERRY__AWAITED(kind, target, options, seconds, fn, args...)
 *         A call that the statement waits for: an expression of fn's own result type, void too.
 *         All arguments and results that C can pass go, but vectors of more than 16 bytes and
 *         functions of foreign calling conventions, which fail the build. At most 32 arguments,
 *         at most 1 KiB of them on the stack.
 *
 *     FERRY__DEFERRED(kind, target, options, seconds, fn, args...)
 *         A call that outlives the statement: a void *, what the handler of `kind` made of it
 *         (and errno with it). Arguments are scalars, pointers and trivially copyable structs of
 *         at most 16 bytes, the result is void or a scalar of at most 16 bytes; anything else
 *         fails the build.
 *
 *     FERRY__RESULT_OF(type)     a type's code: a constant, enum ferry__result << 8 | sizeof
 *     FERRY__RESULT_AT(pointer)  the code of what it points at; 0 for a NULL written there
 *     FERRY__VALUE(type, value)  a struct ferry__value as a `type`; of void, a void expression
 *     FERRY__CAST(type, value)   (type)value, in C++ a static_cast: for what FERRY__DEFERRED gives
 *     FERRY__HERE                "file:line", a constant
 *
 * A compound literal with commas needs parentheses, as in any macro: f, (&(struct options){1, 2}).
 * It lives as long as the block around the statement, as in a plain call.
 *
 * What a capture can't know, it assumes: `errno` and a result stay the platform's, and a function
 * declared returns_nonnull is believed by GCC even where a call that did not run gives NULL.
 *
 * Nothing here is for use by hand. Any thread.
 */
#ifndef FERRY_CALL_H
#define FERRY_CALL_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Behind the members of option structs: what an initializer leaves out is zero in both languages,
 * and C++ compilers don't miss it. */
#ifdef __cplusplus
#define FERRY__ZERO \
    {               \
    }
#else
#define FERRY__ZERO
#endif

typedef void ferry__any(void);

enum ferry__kind {
    FERRY__RUN,
    FERRY__RUNNER_RUN,
    FERRY__TO_THREAD,
    FERRY__CALL_WITH,
    FERRY__SUBMIT,
    FERRY__MAP_CALL,
    FERRY__CREATE_TASK,
    FERRY__GROUP_TASK,
    FERRY__CALL_SOON,
    FERRY__CALL_LATER,
    FERRY__CALL_AT,
    FERRY__CALL_SOON_THREADSAFE,
    FERRY__RUN_COROUTINE_THREADSAFE,
    FERRY__FROM_THREAD,
    FERRY__KINDS
};

/* How a result comes back. Below FERRY__FLOATING: in integer registers. */
enum ferry__result {
    FERRY__VOID,
    FERRY__SIGNED,      /* skip value -1; enums that are signed too */
    FERRY__UNSIGNED,    /* bool too; no skip value, as all that follow but pointers */
    FERRY__POINTER,     /* skip value NULL */
    FERRY__FLOATING,    /* one vector register */
    FERRY__X87,         /* long double where it comes back on the x87 stack */
    FERRY__COMPLEX,     /* float and double _Complex */
    FERRY__X87_COMPLEX, /* long double _Complex of x86 */
    FERRY__OTHER        /* structs, unions, vectors: as the ABI sees fit */
};

enum ferry__call_flags {
    FERRY__PLAIN = 1,  /* integer registers alone: no vectors, no stack */
    FERRY__LATER = 2,  /* deferred */
    FERRY__TOPS = 4,   /* the result may be on the x87 stack */
    FERRY__MEMORY = 8, /* the result is written where the caller says */
    FERRY__GIVEN = 16  /* times how many integer registers certainly carry arguments, at least */
};

/* In the upper half of `vectors`: times how many integers and pointers there are among the
 * arguments, up to 15. (Of a C call that passes integers for floating parameters: too many.) */
enum { FERRY__WHOLE = 16 };

/* What a macro says of one call. It lives in the caller's frame until the call is captured. */
struct ferry__call {
    ferry__any *function;
    const char *site; /* the function's name, and behind its NUL "file:line" */
    void *target;     /* by kind: executor, loop, task group, or NULL */
    const void *options;
    double seconds;
#ifndef __cplusplus
    union {
        uint64_t shape; /* what follows, as one number: see FERRY__SHAPE */
        struct {
#endif
            uint8_t kind;          /* enum ferry__kind */
            uint8_t flags;         /* enum ferry__call_flags */
            uint8_t stack_units;   /* at most so many times 16 bytes are passed on the stack */
            uint8_t vectors;       /* registers to carry: 0, 4 or 8; see FERRY__WHOLE */
            uint16_t result;       /* enum ferry__result << 8 | sizeof (255: or more) */
            uint16_t result_bytes; /* sizeof (65535: or more) */
#ifndef __cplusplus
        };
    };
#endif
};

/* A result of a deferred call, as memory bytes. */
struct ferry__value {
    uint64_t ferry__words[2];
};

/* Registers the call as the thread's (the task's) next and gives what to call in the function's
 * stead. */
__attribute__((visibility("default"))) ferry__any *ferry__call_enter(const struct ferry__call *call,
                                                                     void *frame);
/* What the handler made of the deferred call that this thread made last. Sets errno as the handler
 * did. */
__attribute__((visibility("default"))) void *ferry__call_made(void);

#ifdef __cplusplus
}
#endif

#if defined __x86_64__ && defined __LP64__
#define FERRY__REGISTERS 6 /* for integer arguments */
#define FERRY__HIDDEN 1    /* of which a struct result takes one for its address */
#define FERRY__HAS_X87 1
#elif defined __aarch64__ && defined __LP64__
#define FERRY__REGISTERS 8
#define FERRY__HIDDEN 0
#define FERRY__HAS_X87 0
#else
#error "ferry: this processor or ABI isn't supported: x86-64 and aarch64 with 64-bit pointers are"
#endif

/* A struct result of so many bytes is certainly not in registers (aarch64 returns up to four
 * floats, doubles, long doubles or vectors in them). */
#ifdef __x86_64__
#define FERRY__IN_MEMORY(bytes) ((bytes) > 16)
#else
#define FERRY__IN_MEMORY(bytes) \
    ((bytes) > 16 && (bytes) != 24 && (bytes) != 32 && (bytes) != 48 && (bytes) != 64)
#endif

/* With AVX a struct around a wide vector travels in a wide register, and looks like an aligned
 * struct. */
#ifdef __AVX__
#define FERRY__WIDE_STRUCTS 1
#else
#define FERRY__WIDE_STRUCTS 0
#endif

#define FERRY__SAY_LATER "ferry: pass a pointer: a deferred call outlives this statement"
#define FERRY__SAY_RESULT \
    "ferry: a deferred call gives a scalar or nothing: pass a pointer to the result"
#define FERRY__SAY_VECTOR                                                           \
    "ferry: pass a pointer: a vector of more than 16 bytes can't be carried, nor, " \
    "with AVX, a struct that is aligned like one"
#define FERRY__SAY_STACK \
    "ferry: pass a pointer: a call carries at most 1 KiB of arguments on the stack"
#define FERRY__SAY_CONVENTION "ferry: a function of a foreign calling convention can't be carried"
#define FERRY__SAY_NORETURN "ferry: a noreturn function can't be a deferred call or a task"
#define FERRY__SAY_COUNT "ferry: a call carries at most 32 arguments"

#define FERRY__HERE __FILE__ ":" FERRY__STRING(__LINE__)
#define FERRY__STRING(x) FERRY__STRING_(x)
#define FERRY__STRING_(x) #x
#define FERRY__CAT(a, b) FERRY__CAT_(a, b)
#define FERRY__CAT_(a, b) a##b
#define FERRY__FIRST(...) FERRY__FIRST_(__VA_ARGS__, ~)
#define FERRY__FIRST_(fn, ...) fn
#define FERRY__SITE(...) FERRY__SITE_(__VA_ARGS__, ~)
#define FERRY__SITE_(fn, ...) #fn "\0" FERRY__HERE

/* FERRY__SOME(fn, args...): 0, 1 for some, 2 for more than 32 arguments; digits, as a program may
 * have macros of any name. FERRY__REST: args. */
#define FERRY__SOME(...)                                                                          \
    FERRY__70TH(__VA_ARGS__, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, \
                2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,  \
                1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, ~)
#define FERRY__NUMBER(...)                                                                       \
    FERRY__70TH(__VA_ARGS__, 68, 67, 66, 65, 64, 63, 62, 61, 60, 59, 58, 57, 56, 55, 54, 53, 52, \
                51, 50, 49, 48, 47, 46, 45, 44, 43, 42, 41, 40, 39, 38, 37, 36, 35, 34, 33, 32,  \
                31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12,  \
                11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, ~)
#define FERRY__70TH(a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a16, a17, \
                    a18, a19, a20, a21, a22, a23, a24, a25, a26, a27, a28, a29, a30, a31, a32,  \
                    a33, a34, a35, a36, a37, a38, a39, a40, a41, a42, a43, a44, a45, a46, a47,  \
                    a48, a49, a50, a51, a52, a53, a54, a55, a56, a57, a58, a59, a60, a61, a62,  \
                    a63, a64, a65, a66, a67, a68, a69, a70, ...)                                \
    a70
#define FERRY__REST(...) FERRY__CAT(FERRY__REST_, FERRY__SOME(__VA_ARGS__))(__VA_ARGS__)
#define FERRY__REST_0(fn)
#define FERRY__REST_1(fn, ...) __VA_ARGS__

#ifdef __cplusplus
#include <ferry/call_cpp.h>
#else
#include <ferry/call_c.h>
#endif

#endif
