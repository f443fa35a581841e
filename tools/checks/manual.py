#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Each public function, macro and type with a comment has all that its man page needs.

The convention is in tools/man/header.py and, for people, in CONTRIBUTING.md. tests/docs/man_test.py
looks at the pages that come out of it.
"""

import pathlib
import sys

import tree

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'man'))
import header  # noqa: E402

PURPOSE = 80


def lacks(entry, head, shared):
    """Sentences: what the entry's comment doesn't say, or says so that it isn't understood."""
    if not 0 < len(entry.purpose) <= PURPOSE:
        yield (f'what it does ends within {PURPOSE} characters at a full stop, colon or semicolon: '
               f'"{entry.purpose[:PURPOSE]}"')
    if not head.example_for(entry):
        yield 'no example, here or in the opening comment'
    if not entry.callable:
        return
    for item in entry.items:
        functions = [other.name for other in entry.items if other.kind == 'function']
        called = [line for line in entry.prototypes if header.PUBLIC.findall(line)]
        if (item.kind == 'macro' and item.name not in functions
                and not any(item.name in header.PUBLIC.findall(line) for line in called)):
            yield f'no line says how the macro {item.name} is called'
    if 'returns' not in entry.sections and not entry.gives_nothing:
        yield 'nothing says what it "Returns"'
    if 'errors' not in entry.sections:
        yield 'no "Errors: ...", or "Errors: none."'
    for errnos, part in header.errors_of(entry.errors, shared):
        if not errnos:
            yield f'an error is errno\'s name and a cause, or "those of" something listed: "{part}"'
        elif not part:
            yield f'{errnos} has no cause'
    place = entry.text_of('place')
    if not any(word in place for word in ('suspend', 'block')):
        yield 'no "From ..." or "Any thread ..." says who may call it, and whether it suspends'


def main():
    root = tree.arguments(__doc__).root
    findings = tree.Findings()
    paths = tree.files(root, '.h', below=('include/',))
    heads = [(path, header.read(root / path)) for path in paths]
    shared = header.shared_errors([head for _, head in heads])
    pages = {}
    for path, head in heads:
        for item in head.bare:
            findings.add(path, item.line, f'{item.name} has no manual: a comment right above it')
        for entry in head.entries:
            for sentence in lacks(entry, head, shared):
                findings.add(path, entry.line, f'{entry.names[0]}: {sentence}')
            for name in entry.names:
                if name in pages:
                    findings.add(path, entry.line, f'{name} has a manual already, in {pages[name]}')
                pages.setdefault(name, path)
    findings.end()


main()
