#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What libferry.so exports is what the public headers declare, and each name has its manual.

`--library PATH` names the built library; without it only the manuals are looked at.
"""

import re
import subprocess

import tree

NAME = re.compile(r'\b(ferry_\w+)\s*(?:\(|\[|;|=)')

NO_SYMBOL = re.compile(r'\s*\}*\s*(?:__extension__\s+)?'
                       r'(typedef|static|struct\s+\w+\s*;|enum\b|_Static_assert)')
# A declaration's block doesn't reach over these.
WALL = re.compile(r'#(if|endif)|extern "C"')


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
            first = begin + len(statement) - len(statement.lstrip())
            yield text.count('\n', 0, place) + 1, text.count('\n', 0, first) + 1, found.group(1)


def has_manual(rows, line, name):
    """A comment ends right above the declaration's block, or a comment further up names it."""
    if '/*' in rows[line - 1]:
        return True
    above = line - 2
    while above >= 0 and rows[above].strip() and not WALL.match(rows[above]):
        if rows[above].rstrip().endswith('*/'):
            return True
        above -= 1
    comments = re.findall(r'/\*.*?\*/', '\n'.join(rows[:line]), flags=re.DOTALL)
    return any(re.search(rf'\b{name}\b', comment) for comment in comments)


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
        text = (options.root / path).read_text()
        rows = text.splitlines()
        for number, row in enumerate(rows, 1):
            macro = re.match(r'#\s*define (ferry_\w+)\(', row)
            if macro and not has_manual(rows, number, macro.group(1)):
                findings.add(path, number, f'{macro.group(1)} has no manual: a comment above it')
        for line, first, name in declarations(text):
            declared.setdefault(name, (path, line))
            if not has_manual(rows, first, name):
                findings.add(path, line, f'{name} has no manual: a comment right above it')
    if options.library:
        there = exported(options.library)
        for name in sorted(set(declared) - there):
            findings.add(*declared[name], f'{name} is declared, but libferry.so does not export it')
        for name in sorted(there - set(declared)):
            findings.add('src/libferry.map', 1, f'{name} is exported, but no public header has it')
    findings.end()


main()
