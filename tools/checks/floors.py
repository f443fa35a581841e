#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The house stands: every include shows its floor and points down.

    floor 5   adapters, cli     only public headers and their own folder
    floor 4   bridge            the only code that names both a task and a worker
    floor 3   loop, sync
    floor 2   core, executor    siblings: they don't know each other
    floor 1   arch
    floor 0   base
"""

import re

import tree

FLOORS = {'base': 0, 'arch': 1, 'core': 2, 'executor': 2, 'loop': 3, 'sync': 3, 'bridge': 4}
# Where what a public header declares is at home: code on lower floors can't mean it.
PUBLIC = {
    'call': 'arch', 'call_c': 'arch', 'call_cpp': 'arch',
    'task': 'core', 'gather': 'core', 'group': 'core', 'scope': 'core',
    'future': 'core', 'futures': 'core',
    'local': 'core', 'run': 'loop', 'loop': 'loop', 'executor': 'executor',
    'policy': 'executor', 'from_thread': 'bridge',
    'lock': 'sync', 'event': 'sync', 'condition': 'sync', 'semaphore': 'sync', 'barrier': 'sync',
    'queue': 'sync', 'fork': 'bridge', 'thread': 'bridge', 'map': 'bridge', 'threadsafe': 'bridge',
    'threadsafe_queue': 'bridge', 'stream': 'bridge',
    'ferry': 'bridge',
}
# Tasks know nothing of OS threads; only executors start them.
THREADLESS = ('core', 'sync')
STARTS = re.compile(r'\b(pthread_create|thrd_create)\b')
INCLUDE = re.compile(r'\s*#\s*include\s*(["<])([^">]+)[">]')


def may_see(floor, other):
    return floor == other or FLOORS[other] < FLOORS[floor]


def check_private(path, floor, quote, target):
    """Why a file of src/ may not include this, or None."""
    first, _, rest = target.partition('/')
    if quote == '"':
        if not rest or first not in FLOORS:
            return f'"{target}" does not show its floor: write it from src/, as "base/list.h"'
        if not may_see(floor, first):
            way = 'beside' if FLOORS[floor] == FLOORS[first] else 'above'
            return f'{floor} includes "{target}", which is {way} it: includes point down'
    elif first == 'ferry':
        home = PUBLIC.get(rest.removesuffix('.h'))
        if home is None:
            return f'<{target}> has no floor: give it one in tools/checks/floors.py'
        if not may_see(floor, home):
            return f'{floor} includes <{target}>, whose home is {home}: includes point down'
    elif target in ('pthread.h', 'threads.h') and floor in THREADLESS:
        return f'{floor} includes <{target}>, but tasks know nothing of OS threads'
    return None


def check_outside(place, quote, target):
    """The same for public headers, adapters and the command line tool."""
    if quote == '"' and target.partition('/')[0] in FLOORS:
        return f'{place} includes "{target}": only public headers are for it'
    if quote == '"' and place == 'include':
        return f'a public header includes "{target}": write <ferry/…>'
    return None


def main():
    root = tree.arguments(__doc__).root
    findings = tree.Findings()
    for path in tree.files(root, '.c', '.h', '.S', '.cc', '.cpp', '.hpp',
                           below=('src/', 'include/', 'adapters/', 'cli/')):
        code = tree.without_comments((root / path).read_text()).splitlines()
        for number, line in tree.lines(root, path):
            match = INCLUDE.match(line)
            starts = STARTS.search(code[number - 1])
            if starts and path.parts[:2] != ('src', 'executor'):
                findings.add(path, number, f'{starts.group(1)}: only executors start threads')
            if not match:
                continue
            quote, target = match.groups()
            if path.parts[0] != 'src':
                sentence = check_outside(path.parts[0], quote, target)
            elif path.parts[1] not in FLOORS:
                sentence = f'src/{path.parts[1]} is no floor of the house'
            else:
                sentence = check_private(path, path.parts[1], quote, target)
            if sentence:
                findings.add(path, number, sentence)
    findings.end()


main()
