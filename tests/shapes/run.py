#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Builds and runs the shape tests over compilers, standards and optimisation, and the programs that
must not compile. Prints TAP.

    tests/shapes/run.py [quick|full] [--build DIR] [--jobs N] [--only TEXT]

It needs the arch floor, core/call.c and the public headers, nothing else of ferry. The headers are
found with -I, not as system headers, and nearly every warning is on and an error.
"""
import argparse
import concurrent.futures
import pathlib
import re
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent

WARNINGS = """-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion
    -Wfloat-conversion -Wcast-qual -Wcast-align -Wwrite-strings -Wpointer-arith -Wundef -Wformat=2
    -Wunused -Wuninitialized -Wnull-dereference -Wswitch-enum -Wredundant-decls
    -Wmissing-declarations -Wvla -Wno-psabi -Werror""".split()
WARNINGS_C = """-Wbad-function-cast -Wnested-externs -Wstrict-prototypes -Wmissing-prototypes
    -Wold-style-definition""".split()
WARNINGS_CPP = """-Wold-style-cast -Wextra-semi -Wnon-virtual-dtor -Woverloaded-virtual
    -Wzero-as-null-pointer-constant""".split()
SANITIZED = ["-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=undefined"]
INCLUDES = [f"-I{ROOT}/include", f"-I{ROOT}/src", f"-I{HERE}"]
EMULATOR = ["qemu-aarch64", "-L", "/usr/aarch64-linux-gnu"]


class Config:
    def __init__(self, compiler, standard, *options):
        self.cc = compiler
        self.standard = standard
        self.options = list(options)
        self.cpp = "++" in standard
        self.arm = compiler.startswith("aarch64")
        self.name = " ".join([self.driver(), standard, *options])

    def driver(self):
        if not self.cpp:
            return self.cc
        return self.cc.replace("gcc", "g++") if "gcc" in self.cc else self.cc + "++"

    def warnings(self):
        if not self.cpp:
            return WARNINGS + WARNINGS_C
        return WARNINGS + WARNINGS_CPP + (["-Wuseless-cast"] if "gcc" in self.cc else [])


def quick():
    for compiler in "gcc", "clang":
        for standard in "c11", "c++17":
            for level in "-O0", "-O2":
                yield Config(compiler, standard, level)
            yield Config(compiler, standard, *SANITIZED)
    for standard in "c11", "c++17":
        yield Config("aarch64-linux-gnu-gcc", standard, "-O2")


def full():
    for compiler in "gcc", "clang":
        for standard in "c11", "gnu11", "c2x", "c++17", "gnu++17":
            for level in ["-O0"], ["-O1"], ["-O2"], ["-O3"], ["-O2", "-flto"]:
                yield Config(compiler, standard, *level)
            yield Config(compiler, standard, *SANITIZED)
    for standard in "c11", "c++17":
        for compiler in "gcc", "clang":
            yield Config(compiler, standard, "-O2", "-fcf-protection=full")
            yield Config(compiler, standard, "-O2", "-fPIE", "-fstack-protector-all")
            yield Config(compiler, standard, "-Os", "-fomit-frame-pointer", "-mavx2")
    for standard in "c11", "c2x", "c++17":
        for level in "-O0", "-O2", "-O3":
            yield Config("aarch64-linux-gnu-gcc", standard, level)
        for other in "-flto", "-mbranch-protection=standard":
            yield Config("aarch64-linux-gnu-gcc", standard, "-O2", other)


def run(command, **options):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace", **options)


def shapes(config, build):
    """One configuration: whether it passed, and what there is to say."""
    at = build / re.sub(r"[^\w+.-]+", "_", config.name)
    at.mkdir(parents=True, exist_ok=True)
    arch = "aarch64" if config.arm else "x86_64"
    ground = [HERE / "ground.c", HERE / f"poison_{arch}.S", ROOT / "src/core/call.c",
              *sorted((ROOT / "src/arch").glob("*.c")),
              *sorted((ROOT / "src/arch").glob(f"*_{arch}_*.S"))]
    commands = [[config.driver(), f"-std={config.standard}", *config.warnings()]]
    sources = [HERE / ("shapes.cpp" if config.cpp else "shapes.c")]
    for source in ground:
        commands.append([config.cc, "-std=gnu11", "-D_GNU_SOURCE", "-DSHAPES_ALONE", "-Wall"])
        sources.append(source)
    objects = []
    for command, source in zip(commands, sources):
        objects.append(at / (source.name + ".o"))
        done = run([*command, *config.options, "-pthread", *INCLUDES, "-c", str(source),
                    "-o", str(objects[-1])])
        if done.returncode or (source is sources[0] and done.stdout):
            return False, done.stdout
    done = run([config.driver(), *config.options, "-pthread", "-o", str(at / "shapes"),
                *map(str, objects)])
    if done.returncode:
        return False, done.stdout
    try:
        done = run([*(EMULATOR if config.arm else []), str(at / "shapes")], timeout=300)
    except subprocess.TimeoutExpired:
        return False, "no end within 300 seconds"
    return done.returncode == 0 and done.stdout.startswith("ok"), done.stdout


def refused(source, compiler):
    """A program that must not compile, for the reason it gives, at its own lines."""
    text = source.read_text()
    wanted = re.search(r"/\* expect: (.*?) \*/", text, re.S)
    only = re.search(r"/\* only: (\w+)", text)
    place = [number for number, line in enumerate(text.split("\n"), 1) if "/* here */" in line]
    if not wanted or not place:
        return False, f"{source.name}: says neither what to expect nor where"
    if only and only.group(1) not in compiler:
        return None, ""
    flags = re.search(r"/\* flags: (.*?) \*/", text)
    flags = flags.group(1).split() if flags else ["-c"]
    flags = [flag for flag in flags if flag != "link"]
    standard = "-std=gnu++17" if source.suffix == ".cpp" else "-std=gnu11"
    done = run([compiler, standard, *flags, *INCLUDES, "-Werror", str(source),
                "-o", "/dev/null"])
    at_line = re.search(rf"{re.escape(source.name)}:{place[0]}\b", done.stdout)
    right = re.search(re.sub(r"\s+", " ", wanted.group(1)), done.stdout)
    return bool(done.returncode != 0 and at_line and right), done.stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("suite", nargs="?", choices=["quick", "full"], default="quick")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/shapes")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", default="", help="those whose name has this in it")
    options = parser.parse_args()
    options.build.mkdir(parents=True, exist_ok=True)
    work = []
    for config in (quick if options.suite == "quick" else full)():
        work.append((f"shapes, {config.name}", config.driver(), shapes, (config, options.build)))
    for source in sorted((ROOT / "tests/must_not_compile").glob("*.c*")):
        for compiler in ("g++", "clang++") if source.suffix == ".cpp" else ("gcc", "clang"):
            name = f"refused, {compiler} {source.stem}"
            work.append((name, compiler, refused, (source, compiler)))
    work = [item for item in work if options.only in item[0]]
    failed = 0
    print(f"1..{len(work)}", flush=True)
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        running = [(name, pool.submit(what, *arguments) if shutil.which(driver) else None)
                   for name, driver, what, arguments in work]
        for number, (name, result) in enumerate(running, 1):
            if result is None:
                print(f"ok {number} - {name} # SKIP no such compiler here", flush=True)
                continue
            passed, said = result.result()
            if passed is None:
                print(f"ok {number} - {name} # SKIP not for this compiler", flush=True)
                continue
            failed += not passed
            print(f"{'ok' if passed else 'not ok'} {number} - {name}", flush=True)
            if not passed:
                print("\n".join("# " + line for line in said.split("\n")[:40]), flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
