#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Each public header compiles alone, without a warning: C11 to C++20 (.hpp: C++), gcc and clang."""

import concurrent.futures
import os
import re
import shutil
import subprocess

import tree

WARNINGS = ['-Wall', '-Wextra', '-Wpedantic', '-Wshadow', '-Wconversion', '-Wsign-conversion',
            '-Wcast-qual', '-Wcast-align', '-Wundef', '-Wpointer-arith', '-Wwrite-strings',
            '-Wredundant-decls', '-Wformat=2', '-Wdouble-promotion', '-Wswitch-enum', '-Werror']
C_WARNINGS = ['-Wstrict-prototypes', '-Wmissing-prototypes', '-Wold-style-definition']
WAYS = [(compiler, standard)
        for compilers, standards in ((('gcc', 'clang'), ('c11', 'c2x', 'gnu11')),
                                     (('g++', 'clang++'), ('c++17', 'c++20')))
        for compiler in compilers if shutil.which(compiler)
        for standard in standards]


# Parts of call.h, one for each language.
PARTS = ('call_c.h', 'call_cpp.h')


def compile_alone(root, path, compiler, standard):
    """(line, sentence) of the first diagnostic, or None."""
    language = 'c++' if '++' in compiler else 'c'
    extra = [] if language == 'c++' else C_WARNINGS
    include = path.relative_to('include')
    done = subprocess.run(
        [compiler, f'-std={standard}', *WARNINGS, *extra, f'-I{root}/include', '-fsyntax-only',
         '-x', language, '-'],
        input=f'#include <{include}>\nint ferry_header_alone;\n', capture_output=True, text=True)
    if done.returncode == 0:
        return None
    for row in done.stderr.splitlines():
        match = re.match(r'(.*?):(\d+):(?:\d+:)? (?:fatal )?(?:error|warning): (.*)', row)
        if match:
            place, line, said = match.groups()
            where = os.path.relpath(place, root) if place.startswith(str(root)) else str(path)
            return where, line, f'{compiler} -std={standard}: {said}'
    return path, 1, f'{compiler} -std={standard}: {done.stderr.strip()[:200]}'


def main():
    root = tree.arguments(__doc__).root
    findings = tree.Findings()
    work = [(root, path, *way) for path in tree.files(root, '.h', '.hpp', below=('include/',))
            if path.name not in PARTS for way in WAYS
            if path.suffix == '.h' or '++' in way[0]]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        found = [finding for finding in pool.map(lambda job: compile_alone(*job), work) if finding]
    for finding in dict.fromkeys(found):
        findings.add(*finding)
    findings.end()


main()
