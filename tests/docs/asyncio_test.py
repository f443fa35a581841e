#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""docs/asyncio.md is complete and true to name. Speaks TAP.

Every public name of asyncio, concurrent.futures and contextvars (asyncio_names.txt beside this, one
a line, and what this Python's modules export) has a row, and only one; each row says something; and
every name of ferry's in it is in the public headers. `X.*` in a row stands for all methods of X.
"""

import asyncio
import asyncio.subprocess
import concurrent.futures
import contextvars
import inspect
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / 'docs/asyncio.md'
LIST = pathlib.Path(__file__).with_name('asyncio_names.txt')
FERRY = re.compile(r'\b(?:ferry|FERRY)_\w+')
OF_EXCEPTIONS = set(dir(OSError))
# Whose methods are another's; asyncio's plumbing for loops of one's own.
NO_METHODS = ('BaseEventLoop', 'SelectorEventLoop', 'EventLoop', 'AbstractServer')

results = []


def report(bad, name):
    results.append(not bad)
    print(f'{"not ok" if bad else "ok"} {len(results)} - {name}')
    for line in sorted(bad):
        print(f'# {line}')


def rows(text):
    """(names, ferry's, remark) of each row of the page's tables."""
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip('|').split('|')]
        if line.startswith('| `') and len(cells) == 3:
            yield re.findall(r'`([^`]+)`', cells[0]), cells[1], cells[2]


def written(name):
    """A name as the page has it."""
    return name.removeprefix('asyncio.').replace('AbstractEventLoop.', 'loop.')


def exported(module, prefix, names):
    """What a module of this Python has, with the public attributes of its classes."""
    for name in names:
        thing = getattr(module, name, None)
        if name.startswith('_') or inspect.ismodule(thing):
            continue
        yield prefix + name
        if inspect.isclass(thing) and name not in NO_METHODS:
            yield from (f'{prefix}{name}.{each}' for each in dir(thing)
                        if not each.startswith('_') and each not in OF_EXCEPTIONS)


def known_names():
    names = set(LIST.read_text().split())
    live = {*exported(asyncio, 'asyncio.', [*asyncio.__all__, 'TaskGroup']),
            *exported(asyncio.subprocess, 'asyncio.subprocess.',
                      ['Process', 'PIPE', 'STDOUT', 'DEVNULL']),
            *exported(concurrent.futures, 'concurrent.futures.', concurrent.futures.__all__),
            *exported(contextvars, 'contextvars.', contextvars.__all__)}
    return {written(name) for name in names | live}


def main():
    table = list(rows(PAGE.read_text()))
    names = [name for each, _, _ in table for name in each]
    whole = {name.removesuffix('.*') for name in names if name.endswith('.*')}
    known = known_names()
    report({name for name in known if name not in names and name.rpartition('.')[0] not in whole},
           f'each of {len(known)} names of Python has a row')
    report({name for name in names if names.count(name) > 1}, 'and only one')
    report({name for name in names if not name.endswith('.*') and name not in known},
           'each row is of a name of Python')
    report({each[0] for each, ferry, remark in table if not ferry or
            (ferry in ('not', 'with native I/O', 'errno') and not remark)},
           'each row says something')
    headers = '\n'.join(re.sub(r'/\*.*?\*/', '', path.read_text(), flags=re.DOTALL)
                        for path in sorted((ROOT / 'include/ferry').glob('*.h')))
    declared = set(FERRY.findall(headers))
    used = {name for _, ferry, remark in table for name in FERRY.findall(ferry + remark)
            if not name.endswith('_')}
    report(used - declared, f'each of {len(used)} names of ferry is in the public headers')
    print(f'1..{len(results)}')
    return 0 if all(results) and len(table) > 100 else 1


sys.exit(main())
