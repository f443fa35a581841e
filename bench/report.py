# SPDX-License-Identifier: MIT
"""How figures are shown: the table of a case, ferry's ratios, the machine they come from."""

import os
import platform
import subprocess
import sys
import time

FIELDS = {  # what programs print: (heading, format), in the order of the columns
    "rate": ("completions/s", "{:,.0f}"),
    "cpu_ns": ("CPU ns each", "{:,.0f}"),
    "switches": ("switches each", "{:.4f}"),
    "p50_us": ("p50 µs", "{:,.2f}"),
    "p99_us": ("p99 µs", "{:,.2f}"),
    "p999_us": ("p99.9 µs", "{:,.1f}"),
    "max_us": ("max µs", "{:,.0f}"),
    "wall_ms": ("wall ms", "{:,.1f}"),
    "cpu_ms": ("CPU ms", "{:,.1f}"),
    "bytes": ("bytes each", "{:,.0f}"),
    "page_table_bytes": ("+ page tables", "{:,.0f}"),
    "create_ms": ("create ms", "{:,.1f}"),
    "cancel_ms": ("cancel ms", "{:,.1f}"),
    "each_rate": ("a call each: rows/s", "{:,.0f}"),
    "stream_rate": ("stream: rows/s", "{:,.0f}"),
    "many_rate": ("stream, 64 at once: rows/s", "{:,.0f}"),
    "switch_ns": ("ns", "{:.2f}"),
    "idle_us": ("CPU µs, idle", "{:,.0f}"),
    "blocked_us": ("CPU µs, one call blocked", "{:,.0f}"),
}
MORE_IS_BETTER = {"rate"}


def verdict(case, medians):
    """ferry's ratio to the best peer, or the goal's, in each compared field, as a sentence."""
    ferry = medians.get("ferry")
    others = {peer: fields for peer, fields in medians.items() if peer not in ("ferry", "threads")}
    parts = []
    for key in case.compare if ferry and others else ():
        choose = max if key in MORE_IS_BETTER else min
        best = choose(others, key=lambda peer: others[peer][key])
        if case.rival in others:
            best = case.rival
        if others[best][key] > 0:
            parts.append(f"{FIELDS[key][0]} {ferry[key] / others[best][key]:.2f} × {best}'s")
    if ferry and "threads" in medians:
        above = ferry["wall_ms"] / medians["threads"]["wall_ms"] - 1
        parts.append(f"wall {above:+.1%} beside bare threads")
    return "; ".join(parts)


def table(medians):
    """Rows of words: the headings, then a row per peer."""
    keys = [key for key in FIELDS if any(key in fields for fields in medians.values())]
    rows = [[""] + [FIELDS[key][0] for key in keys]]
    for peer, fields in medians.items():
        rows.append([peer] + [FIELDS[key][1].format(fields[key]) for key in keys])
    return rows


def print_table(case, medians, failures):
    print(f"\n{case.title}" + (f"   (goal: {case.goal})" if case.goal else ""))
    rows = table(medians)
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows if medians else []:
        cells = [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]
        print("  ".join(["  " + row[0].ljust(widths[0])] + cells))
    for peer, sentence in failures.items():
        print(f"  {peer}: {sentence}")
    if sentence := verdict(case, medians):
        print(f"  ferry: {sentence}")
    sys.stdout.flush()


def output_of(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True).stdout.strip()
    except OSError:
        return ""


def busy_share(seconds=0.5):
    """How much of all cores others use now."""
    def times():
        fields = [int(word) for word in open("/proc/stat").readline().split()[1:]]
        return sum(fields[:8]), fields[3] + fields[4]
    before = times()
    time.sleep(seconds)
    total, idle = (b - a for a, b in zip(before, times()))
    return round(1 - idle / total, 2) if total else 0.0


def processor():
    for line in open("/proc/cpuinfo"):
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def about_machine(root, python):
    packages = ("libuv1-dev", "libglib2.0-dev", "libboost-dev", "librust-tokio-dev")
    versions = output_of("dpkg-query", "-W", "-f", "${Package} ${Version}\\n", *packages)
    return {
        "date": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "cores": len(os.sched_getaffinity(0)),
        "processor": processor(),
        "kernel": platform.release(),
        "compiler": output_of(os.environ.get("CC", "cc"), "--version").partition("\n")[0],
        "peers": [line for line in versions.splitlines() if line.count(" ") == 1]
        + [output_of(python, "--version")],
        "ferry": output_of("git", "-C", str(root), "describe", "--always", "--dirty"),
        "busy": busy_share(),
    }


def sentences(about, rounds, seconds):
    """What was measured, where and how."""
    yield (f"ferry {about['ferry']} on {about['cores']} cores of {about['processor']}, "
           f"Linux {about['kernel']}, {about['compiler']}, -O2, {about['date']}")
    yield f"peers: {', '.join(about['peers'])}"
    yield f"medians of {rounds} interleaved rounds of {seconds:g} s"
    if about["busy"] > 0.1:
        yield f"others kept the machine {about['busy']:.0%} busy at the start: the figures are off"
