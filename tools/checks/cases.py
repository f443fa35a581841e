#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""docs/asyncio-cases.md is complete and true to name.

Every case of CPython's (tests/asyncio/cases.txt, one a line: "file Class.method") has one row under
its file's heading; a row says holds, differs or not applicable, the latter two with a reason; one
that holds or differs names a test of ours that exists. Where CPython's own tests are installed
(Debian: libpython3.11-testsuite), cases.txt must name exactly their cases.
"""

import pathlib
import re

import tree

PAGE = 'docs/asyncio-cases.md'
LIST = 'tests/asyncio/cases.txt'
ROW = re.compile(r'\| (\w+\.\w+) \| [^|]+ \| '
                 r'(?:(holds)(?:: [^|]+)?|(differs|not applicable): [^|]+) \| ([^|]*)\|$')
NAMED = re.compile(r'`(\w+/\w+): (\w+)`')


def listed(root):
    cases = {}
    for number, line in tree.lines(root, LIST):
        cases[tuple(line.split())] = number
    return cases


def check_names(findings, root, number, named):
    for name, test in named:
        path = root / 'tests' / f'{name}.c'
        if not path.is_file() or not re.search(rf'^TEST\w*\({test}[,)]', path.read_text(), re.M):
            findings.add(PAGE, number, f'tests/{name}.c has no test {test}')


def check_row(findings, root, number, line, file):
    """The case that the row is about."""
    row = ROW.match(line)
    if not row:
        findings.add(PAGE, number, 'not a row of "case | about | holds, differs: … or not '
                                   'applicable: … | shown by"')
        return None
    named = NAMED.findall(row[4])
    if not named and row[3] != 'not applicable':
        findings.add(PAGE, number, f'{row[1]}: what shows it?')
    check_names(findings, root, number, named)
    return file, row[1]


def check_page(findings, root, cases):
    file, seen = None, set()
    for number, line in tree.lines(root, PAGE):
        if line.startswith('## '):
            file = line[3:]
        if not line.startswith('| ') or line.startswith(('| case', '| ---')):
            continue
        case = check_row(findings, root, number, line, file)
        if case in seen:
            findings.add(PAGE, number, f'{case[1]} has a row already')
        if case and case not in cases:
            findings.add(PAGE, number, f'{case[1]} is no case of {file}')
        seen.add(case)
    for case, number in cases.items():
        if case not in seen:
            findings.add(LIST, number, f'{case[1]} of {case[0]} has no row')


def installed(path):
    """The cases of one of CPython's test files."""
    owner = ''
    for line in path.read_text().splitlines():
        if found := re.match(r'(?:class|def) (\w+)', line):
            owner = found[1]
        elif found := re.match(r'    (?:async )?def (test_\w+)\(', line):
            yield f'{owner}.{found[1]}'


def check_list(findings, cases, cpython):
    for file in dict.fromkeys(file for file, _ in cases):
        if not (cpython / file).is_file():
            continue
        theirs = set(installed(cpython / file))
        ours = {case for name, case in cases if name == file}
        for case in sorted(theirs - ours):
            findings.add(LIST, 1, f'{file} has {case}, too')
        for case in sorted(ours - theirs):
            findings.add(LIST, cases[file, case], f'{file} has no {case}')


def main():
    options = tree.arguments(__doc__, '--cpython')
    findings = tree.Findings()
    cases = listed(options.root)
    check_page(findings, options.root, cases)
    check_list(findings, cases, pathlib.Path(options.cpython or '/usr/lib/python3.11/test'))
    findings.end()


main()
