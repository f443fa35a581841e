#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What libferry.so exports is what the public headers declare. `--library PATH` names it."""

import re
import subprocess

import tree

NAME = re.compile(r'\b(ferry_\w+)\s*(?:\(|\[|;|=)')

NO_SYMBOL = re.compile(r'\s*\}*\s*(?:__extension__\s+)?'
                       r'(typedef|static|struct\s+\w+\s*;|enum\b|_Static_assert)')


def blank_directives(text):
    return re.sub(r'^[ \t]*#(?:[^\n\\]|\\.|\\\n)*', lambda m: re.sub(r'[^\n]', ' ', m.group(0)),
                  text, flags=re.MULTILINE)


def declarations(text):
    """(line, name) of each function or object that the header declares and does not define."""
    text = blank_directives(tree.without_comments(text))
    text = re.sub(r'extern\s+" *"\s*\{', lambda m: ' ' * len(m.group(0)), text)
    depth, start = 0, 0
    for at, char in enumerate(text):
        if char == '{':
            depth += 1
        elif char == '}':
            depth = max(0, depth - 1)
            if depth == 0 and not re.match(r'\s*[\w;,=]', text[at + 1:]):
                start = at + 1
        if depth or char != ';':
            continue
        statement = text[start:at + 1]
        begin, start = start, at + 1
        plain = re.sub(r'\{.*\}', '', statement, flags=re.DOTALL)
        plain = re.sub(r'__attribute__\s*\(\(.*?\)\)(?=\s*[\w;,])', '', plain, flags=re.DOTALL)
        if NO_SYMBOL.match(plain):
            continue
        found = NAME.search(plain)
        if found:
            place = begin + statement.index(found.group(1))
            yield text.count('\n', 0, place) + 1, found.group(1)


def exported(library):
    listed = subprocess.run(['nm', '-D', '--defined-only', library], capture_output=True,
                            text=True, check=True).stdout
    fields = [line.split() for line in listed.splitlines()]
    return {field[-1].partition('@')[0] for field in fields if field[-2] != 'A'}


def main():
    options = tree.arguments(__doc__, '--library')
    findings = tree.Findings()
    declared = {}
    for path in tree.files(options.root, '.h', below=('include/',)):
        for line, name in declarations((options.root / path).read_text()):
            declared.setdefault(name, (path, line))
    there = exported(options.library)
    for name in sorted(set(declared) - there):
        findings.add(*declared[name], f'{name} is declared, but libferry.so does not export it')
    for name in sorted(there - set(declared)):
        findings.add('src/libferry.map', 1, f'{name} is exported, but no public header has it')
    findings.end()


main()
