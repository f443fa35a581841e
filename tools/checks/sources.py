#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The build knows every source file, and no file that isn't there.

A folder's meson.build names its files as strings, relative to itself. Folders whose files a
runner of their own compiles (shapes, programs that must not compile) have none and are left out.
"""

import pathlib
import re

import tree

SOURCES = ('.c', '.S', '.cc', '.cpp')
# Compiled by the script that stands in the folder.
OWN_RUNNER = ('tests/shapes', 'tests/must_not_compile', 'tests/doors', 'tests/checks', 'bench')


def main():
    root = tree.arguments(__doc__).root
    findings = tree.Findings()
    named = {}
    for path in tree.files(root, 'meson.build'):
        for number, line in tree.lines(root, path):
            for name in re.findall(r"'([^']+\.(?:c|S|cc|cpp))'", line.split('#')[0]):
                named.setdefault(str(pathlib.PurePath(path.parent, name)), (path, number))
    below = ('src/', 'tests/', 'examples/')
    there = {str(path) for path in tree.files(root, *SOURCES, below=below)}
    for name in sorted(there - set(named)):
        if not name.startswith(OWN_RUNNER):
            findings.add(name, 1, 'no meson.build names this file')
    for name in sorted(set(named) - there):
        if not (root / name).is_file():
            findings.add(*named[name], f'{name} is not there')
    findings.end()


main()
