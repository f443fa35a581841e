#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The shape of files: SPDX line, 100 columns, no tabs, functions under 70 lines, no leftovers."""

import re

import tree

CODE = ('.c', '.h', '.S', '.cc', '.cpp', '.hpp')
SCRIPTS = ('.py', '.sh', '.build', '.map', '.ini', 'Makefile', 'meson_options.txt')
MAKEFILES = ('Makefile', 'rules')  # debian/rules is one
COLUMNS = 100
FUNCTION = 70
FILE = 500
LEFTOVER = re.compile(r'\b(TODO|FIXME|XXX|HACK)\b')


def check_lines(findings, root, path):
    number = 0
    for number, line in tree.lines(root, path):
        if len(line) > COLUMNS:
            findings.add(path, number, f'{len(line)} columns: at most {COLUMNS}')
        if '\t' in line and path.name not in MAKEFILES:
            findings.add(path, number, 'a tab: spaces indent here')
        if line != line.rstrip():
            findings.add(path, number, 'blanks at the end of the line')
        if LEFTOVER.search(line) and path.name != 'style.py':
            findings.add(path, number, 'a leftover: do it now, or open an issue')
    if number > FILE and path.suffix in CODE:
        findings.add(path, number, f'{number} lines: a file is one idea, {FILE} lines are a signal')


def check_functions(findings, root, path):
    """A function's body opens and closes in column 0."""
    opened = None
    for number, line in tree.lines(root, path):
        if line == '{':
            opened = number
        elif line.startswith('}') and opened:
            if number - opened - 1 >= FUNCTION:
                findings.add(path, opened, f'a function of {number - opened - 1} lines: '
                                           f'fewer than {FUNCTION} fit a screen')
            opened = None


def is_script(root, path):
    with open(root / path, 'rb') as file:
        return path.suffix == '' and file.read(2) == b'#!'


def main():
    root = tree.arguments(__doc__).root
    findings = tree.Findings()
    for path in tree.files(root):
        code = path.suffix in CODE
        if not (code or path.suffix in SCRIPTS or path.name in SCRIPTS or is_script(root, path)):
            continue
        head = [line for _, line in tree.lines(root, path)][:3]
        if not any('SPDX-License-Identifier: MIT' in line for line in head):
            findings.add(path, 1, 'no SPDX line: /* SPDX-License-Identifier: MIT */ comes first')
        check_lines(findings, root, path)
        if code:
            check_functions(findings, root, path)
    findings.end()


main()
