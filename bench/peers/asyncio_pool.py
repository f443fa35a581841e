#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""asyncio: run_in_executor on a ThreadPoolExecutor. Workloads and output are those of measure.h."""

import asyncio
import resource
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

WARM_UP = 0.2


def x_plus_1(x):
    return x + 1


def nap(x):
    time.sleep(0.001)
    return x + 1


def cost():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return time.perf_counter(), usage.ru_utime + usage.ru_stime, usage.ru_nvcsw


def kilobytes(path, name):
    with open(path) as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith(name + ":"))


def check(what, is_, should_be):
    if is_ != should_be:
        sys.exit(f"asyncio {workload}: {what} is {is_}, should be {should_be}")


def print_line(**fields):
    start = dict(peer="asyncio", workload=workload, in_flight=in_flight, workers=workers)
    print(" ".join(f"{key}={value:.6f}" if isinstance(value, float) else f"{key}={value}"
                   for key, value in {**start, **fields}.items()))


class Meter:
    """Warm-up, then what is measured; the round trips too when asked for."""

    def __init__(self, laps):
        self.completions, self.warming, self.over = 0, True, False
        self.laps = [] if laps else None
        self.last_lap = time.perf_counter()
        self.until = self.last_lap + WARM_UP

    def more(self):
        self.completions += 1
        if self.laps is None and self.completions & 15:
            return not self.over
        now = time.perf_counter()
        if self.laps is not None and not self.warming:
            self.laps.append(now - self.last_lap)
        self.last_lap = now
        if now >= self.until and not self.over:
            if self.warming:
                self.warming, self.until = False, now + seconds
                self.first, self.begin = self.completions, cost()
            else:
                self.over, self.last, self.end = True, self.completions, cost()
        return not self.over


async def chain(meter, pool):
    loop, x = asyncio.get_running_loop(), 0
    while True:
        x = await loop.run_in_executor(pool, x_plus_1, x)
        if not meter.more():
            return x


async def chains(pool):
    meter = Meter(laps=workload == "latency")
    results = await asyncio.gather(*(chain(meter, pool) for _ in range(in_flight)))
    check("the sum of the chains", sum(results), meter.completions)
    completions = meter.last - meter.first
    wall, cpu, switches = (end - begin for begin, end in zip(meter.begin, meter.end))
    times = {}
    if meter.laps is not None:
        laps = sorted(meter.laps)
        times = {name: laps[int(share * (len(laps) - 1))] * 1e6
                 for name, share in dict(p50_us=0.5, p99_us=0.99, p999_us=0.999, max_us=1).items()}
    print_line(completions=completions, rate=completions / wall, cpu_ns=cpu * 1e9 / completions,
               switches=switches / completions, **times)


def print_batch(begin, results, **fields):
    end = cost()
    check("the sum of the results", sum(results), in_flight * (in_flight + 1) // 2)
    wall, cpu, switches = (b - a for a, b in zip(begin, end))
    print_line(wall_ms=wall * 1e3, cpu_ms=cpu * 1e3, switches=switches / in_flight, **fields)


async def sleeps(pool):
    loop = asyncio.get_running_loop()
    before = 2 * workers if workload == "sleeps_cold" else in_flight
    await asyncio.gather(*[loop.run_in_executor(pool, nap, i) for i in range(before)])
    begin = cost()
    calls = [loop.run_in_executor(pool, nap, i) for i in range(in_flight)]
    print_batch(begin, await asyncio.gather(*calls))


async def pending(pool):
    loop, gate = asyncio.get_running_loop(), threading.Event()
    blocked = [loop.run_in_executor(pool, gate.wait) for _ in range(workers)]
    rss = kilobytes("/proc/self/smaps_rollup", "Rss")
    tables = kilobytes("/proc/self/status", "VmPTE")
    calls = [loop.run_in_executor(pool, x_plus_1, i) for i in range(in_flight)]
    rss = kilobytes("/proc/self/smaps_rollup", "Rss") - rss
    tables = kilobytes("/proc/self/status", "VmPTE") - tables
    begin = cost()
    gate.set()
    results = await asyncio.gather(*calls)
    await asyncio.gather(*blocked)
    print_batch(begin, results, bytes=rss * 1024 / in_flight,
                page_table_bytes=tables * 1024 / in_flight)


if len(sys.argv) != 5:
    sys.exit(f"usage: {sys.argv[0]} workload in_flight workers seconds")
workload, in_flight, workers = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
seconds = float(sys.argv[4])
bodies = dict(rate=chains, latency=chains, sleeps=sleeps, sleeps_cold=sleeps, pending=pending)
if workload not in bodies:
    print(f"asyncio has no workload '{workload}'", file=sys.stderr)
    sys.exit(2)
with ThreadPoolExecutor(workers) as executor:
    asyncio.run(bodies[workload](executor))
