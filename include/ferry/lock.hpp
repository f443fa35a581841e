/* SPDX-License-Identifier: MIT */
/*
 * A ferry_lock (ferry/lock.h) that std::lock_guard, std::unique_lock and std::scoped_lock take.
 *
 *     ferry::mutex mutex;
 *     ...
 *     std::lock_guard held(mutex);         throws when interrupted
 *
 * It is between tasks of one loop, and for what holds across a wait; between threads std::mutex
 * serves, in calls on workers. (A std::mutex held across a wait of a task stops the whole loop.)
 */
#ifndef FERRY_LOCK_HPP
#define FERRY_LOCK_HPP

#include <ferry/error.hpp>
#include <ferry/lock.h>

namespace ferry {

class mutex {
    ferry_lock lock_ = FERRY_LOCK_INIT;

  public:
    mutex() = default;
    mutex(const mutex &) = delete;
    mutex &operator=(const mutex &) = delete;
    /* It must be open, or the program ends with a sentence. */
    ~mutex()
    {
        ferry_lock_deinit(&lock_);
    }

    /* From a task; suspends. Throws cancelled, timed_out, EDEADLK (this task holds it), EPERM. */
    void lock()
    {
        check(ferry_lock_acquire(&lock_), "ferry::mutex");
    }

    /* Never suspends. False also in a task that is cancelled or out of time. */
    bool try_lock()
    {
        return !ferry_lock_locked(&lock_) && ferry_lock_acquire(&lock_) == 0;
    }

    /* By the task that holds it; by another it is a mistake, and nothing happens. */
    void unlock() noexcept
    {
        ferry_lock_release(&lock_);
    }

    ferry_lock *native()
    {
        return &lock_;
    }
};

} /* namespace ferry */

#endif
