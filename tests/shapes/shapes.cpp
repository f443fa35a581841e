// SPDX-License-Identifier: MIT
// The shapes of C++.
#include "shapes.h"

#include <stdexcept>
#include <string>

static int thrower(int value)
{
    if (value)
        throw std::runtime_error("thrown");
    return value;
}
static int catcher(int value)
{
    try {
        return AWAIT(add, 1, thrower(value));
    } catch (const std::exception &) {
        return AWAIT(add, value, 10);
    }
}
static void test_exceptions()
{
    int caught = 0;
    for (int i = 0; i < 1000; i++) {
        try {
            AWAIT(add, AWAIT(add, 1, 2), thrower(i));
            check(i == 0, "came back", __LINE__);
        } catch (const std::exception &) {
            caught++;
        }
        if (i % 50 == 0)
            check(AWAIT(add, AWAIT(add, 1, i), i) == 2 * i + 1, "after an exception", __LINE__);
    }
    check(caught == 999, "caught", __LINE__);
    for (int i = 1; i < 20; i++)
        check(AWAIT(add, catcher(i), AWAIT(twice, catcher(i))) == (i + 10) * 3,
              "caught inside an argument", __LINE__);
    replay_here = 1;
    try {
        AWAIT(add, 1, AWAIT(thrower, 1));
        check(0, "came back", __LINE__);
    } catch (const std::exception &exception) {
        check(std::string("thrown") == exception.what(), "through replay and capture", __LINE__);
    }
    replay_here = 0;
    check(AWAIT(add, 1, 2) == 3, "afterwards", __LINE__);
}

static std::string joined(std::string a, const std::string &b, std::string &&c)
{
    return a + b + c;
}
static int quiet(int value) noexcept
{
    return value + 1;
}
static int &referred(int &value)
{
    value++;
    return value;
}
static int apply(int (*function)(int), int value)
{
    return function(value);
}
[[nodiscard]] static int wanted(int value)
{
    return value;
}
template <class T> static T templated(T value)
{
    return value * 2;
}
struct counted {
    explicit counted(int to) : value(to)
    {
        alive++;
    }
    counted(const counted &other) : value(other.value)
    {
        alive++;
    }
    counted &operator=(const counted &) = default;
    ~counted()
    {
        alive--;
    }
    int value;
    static int alive;
};
int counted::alive;
static counted next(counted of)
{
    return counted(of.value + 1);
}
enum class level : unsigned char { low, high };
static level raised(level)
{
    return level::high;
}

static void test_objects()
{
    std::string text =
        AWAIT(joined, "a long text that no small string holds, ", "b", std::string("c"));
    check(text == "a long text that no small string holds, bc", "strings", __LINE__);
    check(AWAIT(quiet, 3) == 4, "noexcept", __LINE__);
    int number = 3;
    check(&AWAIT(referred, number) == &number && number == 4, "references", __LINE__);
    check(AWAIT(
              apply, [](int value) { return value * 7; }, 6) == 42,
          "lambda", __LINE__);
    check(AWAIT(
              +[](int value) { return value * 7; }, 6) == 42,
          "a lambda itself", __LINE__);
    check(AWAIT(templated<double>, 2.5) == 5, "template", __LINE__);
    check(AWAIT(next, counted(4)).value == 5, "counted", __LINE__);
    check(counted::alive == 0, "every object is gone", __LINE__);
    check(AWAIT(raised, level::low) == level::high, "enum class", __LINE__);
    SAME_LATER(level, raised, level::low);
    SAME_LATER(int, wanted, 3);
    SAME(nulls, nullptr, nullptr, nullptr, nullptr);
    SAME_LATER(int, nulls, nullptr, nullptr, nullptr, nullptr);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wzero-as-null-pointer-constant"
    SAME(nulls, 0, 0, 0, 0);
#pragma GCC diagnostic pop
}

int main()
{
    test_shared();
    test_exceptions();
    test_objects();
    return checked_all("shapes.cpp");
}
