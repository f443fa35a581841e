#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""clang-tidy (.clang-tidy's checks) has nothing to say about the library's sources.

`--build FOLDER` names the build whose compile_commands.json is used.
"""

import concurrent.futures
import json
import os
import pathlib
import re
import subprocess

import tree

FOUND = re.compile(r'(.*?):(\d+):\d+: (?:warning|error): (.*)')


def tidy(build, source):
    # gcc's own warning names are unknown to clang.
    return subprocess.run(['clang-tidy', '--quiet', '-p', build, source,
                           '--extra-arg=-Wno-unknown-warning-option'],
                          capture_output=True, text=True).stdout


def main():
    options = tree.arguments(__doc__, '--build')
    findings = tree.Findings()
    build = pathlib.Path(options.build)
    commands = json.loads((build / 'compile_commands.json').read_text())
    inside = str((options.root / 'src').resolve())
    sources = {str((build / command['file']).resolve()) for command in commands}
    sources = sorted(name for name in sources if name.startswith(inside) and name.endswith('.c'))
    found = {}
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for said in pool.map(lambda source: tidy(build, source), sources):
            for row in said.splitlines():
                match = FOUND.match(row)
                if match:
                    path, line, sentence = match.groups()
                    place = os.path.relpath(build / path, options.root)
                    found[place, int(line), sentence] = True
    for path, line, sentence in sorted(found):
        findings.add(path, line, sentence)
    findings.end()


main()
