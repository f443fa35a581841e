/* SPDX-License-Identifier: MIT */
/*
 * Task groups (asyncio.TaskGroup): tasks that don't outlive a function.
 *
 *     ferry::with_task_group([&](ferry::task_group &group) {
 *         group.create_task(fetch_user, url, std::ref(user));
 *         group.create_task([&] { orders = fetch_orders(url); });
 *     });                                            here both have ended
 */
#ifndef FERRY_GROUP_HPP
#define FERRY_GROUP_HPP

#include <ferry/group.h>
#include <ferry/task.hpp>

namespace ferry {

class task_group {
    ferry_task_group frame_;
    std::exception_ptr first_;

    template <class F, class... A> struct child {
        task_group *group;
        std::decay_t<F> callable;

        template <class... P> decltype(auto) operator()(P &&...arguments)
        {
            try {
                return std::invoke(std::move(callable), std::forward<P>(arguments)...);
            } catch (const cancelled &) {
                throw;
            } catch (...) {
                if (!group->first_)
                    group->first_ = std::current_exception();
                throw;
            }
        }
    };

    task_group()
    {
        ferry__group_open(&frame_);
    }
    ~task_group() = default;

    template <class Body> friend std::invoke_result_t<Body, task_group &> with_task_group(Body &&);

  public:
    task_group(const task_group &) = delete;
    task_group &operator=(const task_group &) = delete;

    /*
     * ferry::create_task, as a child of the group. The group owns it: the handle is for its result
     * and may be dropped. Throws cancelled when a child failed or the group was cancelled, so that
     * it takes no more. From the body or from any of the children.
     */
    template <class F, class... A>
    task<typename detail::deferred_call<F, A...>::type> create_task(F &&f, A &&...arguments)
    {
        return detail::make_task(
            FERRY__GROUP_TASK, detail::site<F>.bytes, &frame_,
            detail::share(child<F, A...>{this, std::forward<F>(f)}, std::forward<A>(arguments)...));
    }

    /* Cancels all children; the group takes no more. Never suspends. */
    void cancel()
    {
        ferry_task_group_cancel(&frame_);
    }
};

/*
 * Calls body(group), waits until all children have ended, and gives what the body returned.
 *
 * An exception that leaves a child cancels the others and the waits of the body; one that leaves
 * the body cancels the children. When all have ended it is thrown again: the body's, except that a
 * child's goes before the body's ferry::cancelled; of several children's the first. cancelled and
 * timed_out when an interruption of the caller cancelled the group. From a task.
 */
template <class Body> std::invoke_result_t<Body, task_group &> with_task_group(Body &&body)
{
    using R = std::invoke_result_t<Body, task_group &>;
    struct opened {
        task_group group;
        bool closed = false;
        void close()
        {
            if (!std::exchange(closed, true))
                ferry__group_close(&group.frame_);
        }
        ~opened()
        {
            if (!closed)
                group.cancel();
            close();
        }
    } here;
    detail::result<R> got;
    bool was_cancelled = false;
    got.run([&]() -> R {
        try {
            return std::invoke(std::forward<Body>(body), here.group);
        } catch (const cancelled &) {
            was_cancelled = true;
            throw;
        }
    });
    if (got.failure())
        here.group.cancel();
    here.close();
    if (here.group.first_ && (was_cancelled || !got.failure()))
        std::rethrow_exception(std::exchange(here.group.first_, nullptr));
    if (!got.failure())
        check(ferry_task_group_result(), "ferry::with_task_group");
    return got.take("ferry::with_task_group");
}

} /* namespace ferry */

#endif
