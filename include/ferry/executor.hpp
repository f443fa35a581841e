/* SPDX-License-Identifier: MIT */
/*
 * Executors that end with their scope, and futures of calls that are not awaited.
 *
 *     ferry::executor database("database", 4);
 *     auto rows = ferry::run_in_executor(database, &connection::query, std::ref(c), "select …");
 *     ferry::future<int> later = ferry::submit(database, [copy = rows] { return archive(copy); });
 *     later.get();
 */
#ifndef FERRY_EXECUTOR_HPP
#define FERRY_EXECUTOR_HPP

#include <ferry/executor.h>
#include <ferry/invoke.hpp>

namespace ferry {

/*
 * Owns a ferry_executor (ferry/executor.h) and converts to the pointer that functions take. The
 * destructor shuts it down, waits for its calls and frees it (from a task: suspends, never
 * interrupted); where nobody can wait and calls run, the program ends with a sentence.
 */
class executor {
    ferry_executor *executor_;

  public:
    explicit executor(const ferry_executor_options &options = {})
        : executor_(ferry_executor_new(&options))
    {
        if (!executor_)
            throw_error(errno, "ferry::executor");
    }
    /* max_workers 0: min(32, cores + 4). Throws EINVAL, ENOMEM. */
    explicit executor(const char *name, unsigned max_workers = 0)
        : executor(named(name, max_workers))
    {
    }
    executor(executor &&other) noexcept : executor_(std::exchange(other.executor_, nullptr)) {}
    executor &operator=(executor &&other) noexcept
    {
        if (this != &other) {
            ferry_executor_free(executor_);
            executor_ = std::exchange(other.executor_, nullptr);
        }
        return *this;
    }
    ~executor()
    {
        ferry_executor_free(executor_);
    }

    operator ferry_executor *() const
    {
        return executor_;
    }

    /* ferry_executor_shutdown: throws timed_out (it may be called again), EDEADLK, EPERM. */
    void shutdown(const ferry_shutdown_options &options = {})
    {
        check(ferry_executor_shutdown(executor_, &options), "ferry::executor::shutdown");
    }

  private:
    static ferry_executor_options named(const char *name, unsigned max_workers)
    {
        ferry_executor_options options{};
        options.name = name;
        options.max_workers = max_workers;
        return options;
    }
};

/*
 * The result of a submitted call. Owned: the destructor takes the call out of its queue when it has
 * not begun; a call that runs goes on, and what it leaves is dropped. (So keep it, or get() it.)
 * Any thread.
 */
template <class T> class future {
    ferry_future *future_ = nullptr;
    detail::shared<T> *state_ = nullptr;

    void let_go() noexcept
    {
        if (!future_)
            return;
        ferry_future_cancel(future_);
        if (ferry_future_done(future_) && !state_->started)
            state_->drop(); /* it never will: the call's hold */
        std::exchange(state_, nullptr)->drop();
        ferry_future_free(std::exchange(future_, nullptr));
    }

  public:
    /* Of no call. */
    future() = default;
    /* For those who submit. */
    future(ferry_future *made, detail::shared<T> *state) : future_(made), state_(state) {}
    future(future &&other) noexcept
        : future_(std::exchange(other.future_, nullptr)),
          state_(std::exchange(other.state_, nullptr))
    {
    }
    future &operator=(future &&other) noexcept
    {
        if (this != &other) {
            let_go();
            future_ = std::exchange(other.future_, nullptr);
            state_ = std::exchange(other.state_, nullptr);
        }
        return *this;
    }
    ~future()
    {
        let_go();
    }

    /* Waits until the call has ended (a task suspends, a thread without a loop blocks). Throws when
     * it never began, ESHUTDOWN and so on as to_thread, or when the caller was interrupted; the
     * future stays as it was. EINVAL of no call. */
    void wait() const
    {
        check(future_ ? ferry_future_await(future_, nullptr) : -EINVAL, "ferry::future");
    }

    /* wait(); then gives the call's result, or throws what it threw. Once: empty afterwards. */
    T get()
    {
        wait();
        struct ended {
            future &self;
            ~ended()
            {
                self.let_go();
            }
        } after{*this};
        return state_->got.take("ferry::future");
    }

    /* Takes the call out of its queue: true, and get() throws cancelled; false when it has begun.
     */
    bool cancel()
    {
        return future_ && ferry_future_cancel(future_) == 1;
    }
    bool done() const
    {
        return !future_ || ferry_future_done(future_);
    }
    explicit operator bool() const
    {
        return future_ != nullptr;
    }
};

namespace detail {

template <class R> void run_submitted(shared<R> *state)
{
    typename shared<R>::hold hold{state};
    state->started = true;
    state->call();
}

} /* namespace detail */

/* Queues f(arguments...), copied or moved as std::thread does, and returns at once. NULL: the
 * default executor. Throws std::bad_alloc, ENOMEM, EAGAIN, ESHUTDOWN, ENOTRECOVERABLE. Any thread,
 * a worker included; never suspends. */
template <class F, class... A>
[[nodiscard]] future<typename detail::deferred_call<F, A...>::type> submit(ferry_executor *executor,
                                                                           F &&f, A &&...arguments)
{
    auto *state = detail::share(std::forward<F>(f), std::forward<A>(arguments)...);
    using R = typename detail::deferred_call<F, A...>::type;
    auto *made = static_cast<ferry_future *>(detail::defer(
        FERRY__SUBMIT, detail::site<F>.bytes, executor, nullptr, detail::run_submitted<R>, state));
    if (!made) {
        int error = errno;
        delete state;
        throw_error(error, "ferry::submit");
    }
    return {made, state};
}

} /* namespace ferry */

#endif
