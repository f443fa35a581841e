/* SPDX-License-Identifier: MIT */
/*
 * Running a loop, and awaiting blocking calls from tasks, with any callable.
 *
 *     int main()
 *     {
 *         return ferry::run([] {
 *             std::string text = ferry::to_thread(read_file, "app.conf");
 *             auto words = ferry::to_thread([&] { return count(text); });
 *             return words > 0 ? 0 : 1;
 *         });
 *     }
 *
 * A callable is what std::invoke takes: functions, lambdas with captures, member functions,
 * function objects. The caller waits, so nothing is copied and nothing allocated: callable and
 * arguments are forwarded as they are, references stay references, and the result comes back by
 * move, of exactly the callable's type. An exception that leaves the callable is thrown again by
 * the waiting task.
 *
 * (Of a C function the macros ferry_to_thread, … do the same without templates; they also take its
 * arguments with the compiler's own conversions, NULL and 0 for pointers included.)
 */
#ifndef FERRY_THREAD_HPP
#define FERRY_THREAD_HPP

#include <ferry/executor.h>
#include <ferry/from_thread.h>
#include <ferry/invoke.hpp>
#include <ferry/run.h>
#include <ferry/task.h>
#include <ferry/thread.h>

namespace ferry {

namespace detail {

template <class R, class Call> struct awaited {
    Call *call;
    result<R> got;

    static void run(awaited *self)
    {
        self->got.run(*self->call);
    }
    static int run_main(awaited *self)
    {
        self->got.run(*self->call);
        return 0;
    }
};

template <class F, class... A> struct awaited_call {
    static_assert(std::is_invocable<F, A...>::value,
                  "ferry: the callable can't be called with these arguments");
    static_assert(!cuts_fraction<F, A...>, FERRY__SAY_FRACTION);
    using type = std::invoke_result_t<F, A...>;
};

} /* namespace detail */

/*
 * run(f, arguments...): f(arguments...) as the main task of a new loop on this thread (ferry/run.h,
 * SIGINT included). Gives what f returned, of any type, when the loop is down; throws what f threw;
 * std::system_error when no loop could be made (a sentence on stderr says so, too). Any thread that
 * runs no loop.
 */
template <class F, class... A>
typename detail::awaited_call<F, A...>::type run(F &&f, A &&...arguments)
{
    using R = typename detail::awaited_call<F, A...>::type;
    auto call = [&]() -> R {
        return std::invoke(std::forward<F>(f), std::forward<A>(arguments)...);
    };
    using frame = detail::awaited<R, decltype(call)>;
    frame here{&call, {}};
    detail::await(FERRY__RUN, detail::site<F>.bytes, nullptr, frame::run_main, &here);
    if (!here.got.there())
        throw_error(errno ? errno : ECANCELED, "ferry::run");
    return here.got.take("ferry::run");
}

/*
 * call_with(options, f, arguments...): f(arguments...) on a worker, with the options of
 * ferry_call_with (ferry/thread.h): limits, an outcome, the policy to interrupt it.
 *
 *     ferry_call_options options{};
 *     options.policy = FERRY_POLICY_INTERRUPT;
 *     options.run_limit = 2;
 *     ssize_t n = ferry::call_with(options, read, fd, buffer, size);
 *
 * When the call did not run it throws: cancelled, timed_out (its queue_limit too), or a
 * std::system_error with ESHUTDOWN, ENOTRECOVERABLE, EAGAIN, EOWNERDEAD (its thread ended inside
 * it), EPERM (in a callback of the loop), EDEADLK, EINVAL, EBUSY. One that is late or was
 * interrupted gives what it returned. Abandoned it can't be, as all that it uses lies in the frame
 * of its caller: EFAULT (also by the policy of its executor).
 */
template <class F, class... A>
typename detail::awaited_call<F, A...>::type call_with(ferry_call_options options, F &&f,
                                                       A &&...arguments)
{
    using R = typename detail::awaited_call<F, A...>::type;
    auto call = [&]() -> R {
        return std::invoke(std::forward<F>(f), std::forward<A>(arguments)...);
    };
    using frame = detail::awaited<R, decltype(call)>;
    frame here{&call, {}};
    ferry_outcome outcome{};
    if (!options.outcome)
        options.outcome = &outcome;
    detail::await(FERRY__CALL_WITH, detail::site<F>.bytes, &options, frame::run, &here);
    if (!here.got.there() && options.outcome->error)
        throw_error(options.outcome->error, "ferry::to_thread");
    return here.got.take("ferry::to_thread");
}

/*
 * run_in_executor(executor, f, arguments...): f(arguments...) on one of the executor's workers
 * (ferry/thread.h); NULL: the default executor. Throws as call_with. A call that runs is waited
 * for, whatever interrupts the caller, unless the executor has another policy. Where no loop runs:
 * as ferry_run_in_executor.
 */
template <class F, class... A>
typename detail::awaited_call<F, A...>::type run_in_executor(ferry_executor *executor, F &&f,
                                                             A &&...arguments)
{
    ferry_call_options options{};
    options.executor = executor;
    return call_with(options, std::forward<F>(f), std::forward<A>(arguments)...);
}

/* to_thread(f, arguments...): the same on the default executor. */
template <class F, class... A>
typename detail::awaited_call<F, A...>::type to_thread(F &&f, A &&...arguments)
{
    return run_in_executor(nullptr, std::forward<F>(f), std::forward<A>(arguments)...);
}

/*
 * from_thread(f, arguments...): f(arguments...) on the loop, in the task whose call this worker
 * runs (ferry/from_thread.h). What f throws is thrown here, on the worker. When it was not called:
 * cancelled (the task has left), or a std::system_error with EPERM (no task waits for this call).
 */
template <class F, class... A>
typename detail::awaited_call<F, A...>::type from_thread(F &&f, A &&...arguments)
{
    using R = typename detail::awaited_call<F, A...>::type;
    auto call = [&]() -> R {
        return std::invoke(std::forward<F>(f), std::forward<A>(arguments)...);
    };
    using frame = detail::awaited<R, decltype(call)>;
    frame here{&call, {}};
    detail::await(FERRY__FROM_THREAD, detail::site<F>.bytes, nullptr, frame::run, &here);
    if (!here.got.there())
        throw_error(errno, "ferry::from_thread");
    return here.got.take("ferry::from_thread");
}

/* Suspends the task for that long; throws when interrupted, and EINVAL (NaN), EPERM (no task). */
inline void sleep(double seconds)
{
    check(ferry_sleep(seconds), "ferry::sleep");
}

} /* namespace ferry */

#endif
