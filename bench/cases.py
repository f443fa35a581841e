# SPDX-License-Identifier: MIT
"""What is measured, in the order in which it is run. README.md describes the workloads."""

from dataclasses import dataclass

PEERS = ("ferry", "libuv", "tokio", "asio", "glib", "asyncio", "threads", "fcontext")
LIBRARIES = PEERS[:6]  # the others know one workload each


@dataclass
class Case:
    title: str
    workload: str
    in_flight: int
    compare: tuple = ()  # the fields in which ferry is set beside the best peer
    rival: str = ""  # the peer that the goal names instead of the best
    goal: str = ""
    workers: int = 4
    peers: tuple = LIBRARIES
    one_core: bool = False
    quick: bool = True

    @property
    def name(self):
        return f"{self.workload}-{self.in_flight}" + ("-one-core" if self.one_core else "")


def rates(one_core):
    where = " on one core" if one_core else ""
    goals = {1: "5 × the best", 16: "5 × the best", 1000: "1.3 × libuv"}
    for in_flight, goal in goals.items():
        yield Case(f"x + 1, {in_flight} in flight through 4 workers{where}", "rate", in_flight,
                   compare=("rate", "cpu_ns"), one_core=one_core,
                   rival="libuv" if in_flight == 1000 and not one_core else "",
                   goal="as fast as the best" if one_core else goal)
    yield Case(f"one call at a time, round trip{where}", "latency", 1,
               compare=("p50_us", "p99_us"), one_core=one_core)
    yield Case(f"10,000 × 1 ms sleep on 64 workers{where}", "sleeps", 10000, workers=64,
               compare=("wall_ms", "cpu_ms"), one_core=one_core,
               peers=LIBRARIES + ("threads",), rival="libuv",
               goal="wall within 2 % of bare threads, CPU no more than libuv")


CASES = [
    *rates(one_core=False),
    Case("10,000 × 1 ms sleep on 64 workers, as futures of submitted calls", "sleeps_futures",
         10000, workers=64, peers=("ferry",)),
    Case("10,000 × 1 ms sleep on 64 workers, the first of their kind", "sleeps_cold", 10000,
         workers=64, compare=("wall_ms", "cpu_ms"), peers=LIBRARIES + ("threads",), rival="libuv",
         quick=False),
    Case("100,000 calls pending behind blocked workers: memory, then time to drain",
         "pending", 100000, compare=("bytes", "wall_ms"), goal="a waiting task at most 4.3 KiB"),
    Case("100,000 futures of submitted calls pending, then drained",
         "pending_futures", 100000, goal="at most 256 bytes", peers=("ferry",)),
    *rates(one_core=True),
    Case("the bare switch between two stacks", "switch", 10000000, compare=("switch_ns",),
         goal="no slower than Boost.Context", peers=("ferry", "fcontext")),
    Case("nothing outstanding for 1 s after a burst; then one call that blocks for 1 s",
         "idle", 1000, goal="next to no CPU", peers=("ferry",)),
    Case("delay of short calls, 1 in 1000 of which sleeps 5 ms, "
         "while the loop computes 2 ms at a time",
         "mixed", 16, compare=("p99_us", "max_us"), goal="nobody waits 5 ms",
         peers=("ferry", "libuv")),
    *(Case(f"rows of 64 bytes from a cursor, a call each or a stream with room for {room}",
           "stream", room, peers=("ferry",)) for room in (1, 64, 1024)),
    Case("100,000 tasks waiting in ferry_sleep",
         "waiting", 100000, goal="4.3 KiB each", peers=("ferry",)),
    Case("1,000,000 tasks waiting in ferry_sleep",
         "waiting", 1000000, goal="4.3 KiB each", peers=("ferry",), quick=False),
]
