#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""clang-format would change nothing; `make format` does what it says."""

import re
import subprocess

import tree


def main():
    root = tree.arguments(__doc__).root
    findings = tree.Findings()
    paths = tree.files(root, '.c', '.h', '.cc', '.cpp', '.hpp')
    command = ['clang-format', '--dry-run', '-Werror', '--style=file', *map(str, paths)]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True)
    first = {}
    for row in done.stderr.splitlines():
        match = re.match(r'(.*?):(\d+):\d+: error: code should be clang-formatted', row)
        if match:
            first.setdefault(match.group(1), match.group(2))
    for path, line in first.items():
        findings.add(path, line, 'not as clang-format writes it: make format')
    if done.returncode and not first:
        findings.add('.clang-format', 1, done.stderr.strip()[:300])
    findings.end()


main()
