/* SPDX-License-Identifier: MIT */
/*
 * Errors as exceptions: what ferry's functions return as a negative errno, the C++ side throws as a
 * std::system_error of the generic category, so that code().value() is the errno. Interruptions
 * have types of their own, because they are caught where others aren't.
 *
 *     try {
 *         FERRY_TIMEOUT(2.5) { ferry::sleep(60); }
 *     } catch (const ferry::timed_out &) {
 *     }
 */
#ifndef FERRY_ERROR_HPP
#define FERRY_ERROR_HPP

#include <cerrno>
#include <system_error>

namespace ferry {

/* ECANCELED: the task was cancelled, or a call or task that never began was. Let it pass, or throw
 * it again after cleaning up: every further wait throws it, too. */
class cancelled : public std::system_error {
  public:
    explicit cancelled(const char *what)
        : std::system_error(ECANCELED, std::generic_category(), what)
    {
    }
};

/* ETIMEDOUT: a FERRY_TIMEOUT around the wait ran out. */
class timed_out : public std::system_error {
  public:
    explicit timed_out(const char *what)
        : std::system_error(ETIMEDOUT, std::generic_category(), what)
    {
    }
};

/* Throws what stands for this errno. */
[[noreturn]] inline void throw_error(int error, const char *what)
{
    if (error == ECANCELED)
        throw cancelled(what);
    if (error == ETIMEDOUT)
        throw timed_out(what);
    throw std::system_error(error, std::generic_category(), what);
}

/* Gives back what one of ferry's own functions returned, or throws for a negative errno. For those
 * that have no C++ name: ferry::check(ferry_event_wait(&event)). */
inline int check(int result, const char *what = "ferry")
{
    if (result < 0)
        throw_error(-result, what);
    return result;
}

} /* namespace ferry */

#endif
