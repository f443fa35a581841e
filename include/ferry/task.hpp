/* SPDX-License-Identifier: MIT */
/*
 * Tasks of any callable.
 *
 *     ferry::task<std::string> page = ferry::create_task(fetch, url);
 *     ferry::task<int> size = ferry::create_task([&] { return measure(url); });
 *     std::cout << page.get() << size.get();
 *
 * Callable and arguments are copied or moved into the task, as std::thread does it: std::ref passes
 * a reference, and what a lambda captures by reference must live as long as the task. One block of
 * memory is allocated; the callable is destroyed when it has returned.
 *
 * A task is owned: the handle's end is the task's. The destructor of a handle whose task runs
 * cancels it and waits until it has ended, as std::jthread does (so it may suspend, whatever
 * interrupts the caller); where nobody can wait, in a callback of the loop, the task is cancelled
 * and detached. detach() lets it go. An exception that nobody asked for is lost when the destructor
 * had to cancel; of a task that ended by itself it goes to the loop's exception handler.
 *
 * All of it on the thread of the task's loop.
 */
#ifndef FERRY_TASK_HPP
#define FERRY_TASK_HPP

#include <ferry/gather.h>
#include <ferry/invoke.hpp>
#include <ferry/task.h>
#include <vector>

namespace ferry {

namespace detail {

/* What a failed task is to the C side (groups, the exception handler): a negative number. */
inline int number_of(const std::exception_ptr &failure)
{
    if (!failure)
        return 0;
    try {
        std::rethrow_exception(failure);
    } catch (const std::system_error &error) {
        if (error.code().category() == std::generic_category() && error.code().value() > 0)
            return -error.code().value();
    } catch (...) {
    }
    return -ENOTRECOVERABLE;
}

/* A task that never began would never give back what its callable owns. */
inline constexpr ferry__task_options even_cancelled{true};

template <class R> int run_task(shared<R> *state)
{
    typename shared<R>::hold hold{state};
    int before = ferry_task_cancelling(ferry_current_task());
    if (before > 0)
        state->got.fail(std::make_exception_ptr(cancelled("ferry::task")));
    else
        state->call();
    return number_of(state->got.failure());
}

} /* namespace detail */

template <class T> class task {
    ferry_task *handle_ = nullptr;
    detail::shared<T> *state_ = nullptr;
    bool of_group_ = false;

    void let_go() noexcept
    {
        if (!state_)
            return;
        int before = errno;
        if (handle_ && !of_group_) {
            bool runs = !ferry_task_done(handle_);
            if (runs)
                ferry_task_cancel(handle_);
            if (!runs || ferry_join(handle_, nullptr) < 0)
                ferry_task_detach(handle_);
        }
        handle_ = nullptr;
        std::exchange(state_, nullptr)->drop();
        errno = before;
    }

  public:
    /* No task. */
    task() = default;
    /* For those who make tasks. */
    task(ferry_task *handle, detail::shared<T> *state, bool of_group)
        : handle_(handle), state_(state), of_group_(of_group)
    {
    }
    task(task &&other) noexcept
        : handle_(std::exchange(other.handle_, nullptr)),
          state_(std::exchange(other.state_, nullptr)), of_group_(other.of_group_)
    {
    }
    task &operator=(task &&other) noexcept
    {
        if (this != &other) {
            let_go();
            handle_ = std::exchange(other.handle_, nullptr);
            state_ = std::exchange(other.state_, nullptr);
            of_group_ = other.of_group_;
        }
        return *this;
    }
    ~task()
    {
        let_go();
    }

    /*
     * Waits until the task has ended and gives its result, or throws what it threw; cancelled when
     * it was cancelled. Once: the handle is empty afterwards. Throws std::system_error, and the
     * handle stays: EINVAL (empty), EBUSY (another task awaits it), EDEADLK, EPERM (another loop).
     * An interruption of the caller is passed on to the task, and the wait goes on.
     */
    T get()
    {
        int said = state_ ? ferry_join(handle_, nullptr) : -EINVAL;
        if (said < 0 && !(state_ && state_->got.there()))
            throw_error(-said, "ferry::task::get");
        return take();
    }

    /* Asks the task to stop (ferry_task_cancel). One that has not begun never will. */
    void cancel()
    {
        check(ferry_task_cancel(handle_), "ferry::task::cancel");
    }
    bool done() const
    {
        return !state_ || ferry_task_done(handle_);
    }
    explicit operator bool() const
    {
        return state_ != nullptr;
    }
    void set_name(const char *name)
    {
        check(ferry_task_set_name(handle_, "%s", name), "ferry::task::set_name");
    }

    /* Lets the task run on its own; an exception then goes to the loop's exception handler, as the
     * number of its errno. Throws EBUSY when somebody awaits it. */
    void detach()
    {
        check(ferry_task_detach(handle_), "ferry::task::detach");
        handle_ = nullptr;
        let_go();
    }

    /* The C handle, for functions that leave it as it is. Its result is an int: 0, or the negative
     * errno of an exception (-ENOTRECOVERABLE where it has none). */
    ferry_task *native() const
    {
        return handle_;
    }

    /* For those who joined it. */
    T take()
    {
        struct ended {
            task &self;
            ~ended()
            {
                self.handle_ = nullptr;
                self.let_go();
            }
        } after{*this};
        return state_->got.take("ferry::task::get");
    }
};

namespace detail {

template <class R>
task<R> make_task(ferry__kind kind, const char *site, void *target, shared<R> *state)
{
    auto *handle =
        static_cast<ferry_task *>(defer(kind, site, target, &even_cancelled, run_task<R>, state));
    if (!handle) {
        int error = errno;
        delete state;
        throw_error(error, "ferry::create_task");
    }
    return {handle, state, target != nullptr};
}

} /* namespace detail */

namespace detail {

template <class T> using kept = std::conditional_t<std::is_void<T>::value, std::nullptr_t, T>;

/* The result of a task that was joined; its exception, if none came before, goes to `first`. */
template <class T> std::optional<kept<T>> take_into(task<T> &from, std::exception_ptr &first)
{
    try {
        if constexpr (std::is_void<T>::value)
            return from.take(), nullptr;
        else
            return from.take();
    } catch (...) {
        if (!first)
            first = std::current_exception();
        return std::nullopt;
    }
}

inline void check_gather(int said)
{
    if (said < 0 && said != -ECANCELED) /* which each task says for itself */
        throw_error(-said, "ferry::gather");
}

} /* namespace detail */

/* Schedules f(arguments...) as a task of the running loop. Throws std::bad_alloc, ENOMEM, EPERM (no
 * loop runs on this thread). Never suspends. */
template <class F, class... A>
[[nodiscard]] task<typename detail::deferred_call<F, A...>::type> create_task(F &&f,
                                                                              A &&...arguments)
{
    return detail::make_task(FERRY__CREATE_TASK, detail::site<F>.bytes, nullptr,
                             detail::share(std::forward<F>(f), std::forward<A>(arguments)...));
}

/*
 * Waits until all have ended, takes all results, and gives them in order: a std::tuple of several
 * tasks (of void: std::nullptr_t), a std::vector of a vector of them. Throws the first exception in
 * that order, after all have ended. The handles are empty afterwards. An interruption of the caller
 * cancels all, and the wait goes on. Errors of the handles: as ferry_gather, nothing waited for.
 */
template <class... T> std::tuple<detail::kept<T>...> gather(task<T> &...tasks)
{
    ferry_task *handles[] = {tasks.native()..., nullptr};
    detail::check_gather(ferry_gather(handles, sizeof...(T), nullptr));
    std::exception_ptr first;
    std::tuple<std::optional<detail::kept<T>>...> values{detail::take_into(tasks, first)...};
    if (first)
        std::rethrow_exception(first);
    return std::apply(
        [](auto &...each) { return std::tuple<detail::kept<T>...>(std::move(*each)...); }, values);
}

template <class T> std::vector<detail::kept<T>> gather(std::vector<task<T>> &tasks)
{
    std::vector<ferry_task *> handles;
    for (auto &each : tasks)
        handles.push_back(each.native());
    std::vector<detail::kept<T>> values;
    values.reserve(tasks.size());
    detail::check_gather(ferry_gather(handles.data(), handles.size(), nullptr));
    std::exception_ptr first;
    for (auto &each : tasks)
        if (auto value = detail::take_into(each, first))
            values.push_back(std::move(*value));
    if (first)
        std::rethrow_exception(first);
    return values;
}

} /* namespace ferry */

#endif
