#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""man_test.py BUILD LIBRARY: the man pages in BUILD, as their readers get them. Speaks TAP.

Every symbol that LIBRARY exports for users and every public macro has a page; each page has its
sections, none of them empty; mandoc finds nothing to warn of; each link leads to a page that bears
the name; and each example compiles in the world of given.h, with gcc and clang, warnings as
errors.
"""

import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / 'tools/man'))
import header  # noqa: E402

BUILD, LIBRARY = pathlib.Path(sys.argv[1]), sys.argv[2]
ALL = ['NAME', 'SYNOPSIS', 'DESCRIPTION', 'EXAMPLES', 'SEE ALSO']
OF_CALLS = [*ALL, 'RETURN VALUE', 'ERRORS', 'CONTEXT']
COMPILERS = [name for name in ('gcc', 'clang') if shutil.which(name)]
WARNINGS = ['-std=gnu11', '-O1', '-Wall', '-Wextra', '-Werror', '-Wno-unused-variable',
            '-Wno-unused-but-set-variable', '-Wno-unused-function', '-D_GNU_SOURCE']

results = []


def report(passed, name, why=''):
    results.append(passed)
    print(f'{"ok" if passed else "not ok"} {len(results)} - {name}', flush=True)
    for line in [] if passed else why.splitlines():
        print(f'# {line}')


def sections(text):
    """heading -> what stands below it."""
    parts = re.split(r'^\.SH (.*)\n', text, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2]))


def plain(roff):
    """An example's code again."""
    lines = [re.sub(r'^\\&', '', line) for line in roff.splitlines()
             if line not in ('.EX', '.EE')]
    text = '\n'.join('' if line == '.sp' else line for line in lines)
    for escaped, char in (('\\(aq', "'"), ('\\(ga', '`'), ('\\-', '-'), ('\\e', '\\')):
        text = text.replace(escaped, char)
    return text


def compile_example(compiler, name, code):
    """What the compiler says of it, as a file, or as statements of a function."""
    if re.search(r'^\{$', code, re.MULTILINE):
        source = code
    else:
        source = f'int example(void);\nint example(void)\n{{\n{code}\nreturn 0;\n}}\n'
    source = f'#include "given.h"\n#line 1 "{name}"\n{source}'
    done = subprocess.run([compiler, *WARNINGS, '-I', ROOT / 'include', '-I', ROOT / 'tests/docs',
                           '-fsyntax-only', '-x', 'c', '-'], input=source, capture_output=True,
                          text=True)
    return f'{compiler}: {done.stderr}' if done.returncode else ''


def exported():
    listed = subprocess.run(['nm', '-D', '--defined-only', LIBRARY], capture_output=True, text=True,
                            check=True).stdout
    names = {line.split()[-1].partition('@')[0] for line in listed.splitlines()}
    return {name for name in names if re.match(r'ferry_[^_]', name)}


def macros():
    heads = [header.read(path) for path in sorted((ROOT / 'include/ferry').glob('*.h'))]
    lines = '\n'.join(path.read_text() for path in (ROOT / 'include/ferry').glob('*.h'))
    guards = {f'FERRY_{head.path.stem.upper()}_H' for head in heads}
    return set(re.findall(r'^# *define ((?:ferry|FERRY)_[A-Za-z0-9]\w*)', lines,
                          re.MULTILINE)) - guards


def main():
    texts = {path.relative_to(BUILD): path.read_text()
             for folder in ('man3', 'man7') for path in sorted((BUILD / folder).iterdir())}
    pages = {path: text for path, text in texts.items() if not text.startswith('.so ')}
    wanted = exported() | macros()
    report(len(wanted) > 100, f'{len(wanted)} functions and macros are public', f'{wanted}')
    lost = sorted(name for name in wanted if pathlib.Path('man3', f'{name}.3') not in texts)
    report(not lost, 'each has a page', '\n'.join(lost))

    for path, text in texts.items():
        if path not in pages:
            target = pages.get(pathlib.Path(text.split()[1]), '')
            names = sections(target).get('NAME', '').partition('\\-')[0].replace(',', '').split()
            report(path.stem in names, f'{path} leads to a page of its name', text)

    jobs = []
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for path, text in pages.items():
            found = sections(text)
            code = plain(found.get('EXAMPLES', ''))
            jobs.append((path, found, [pool.submit(compile_example, compiler, path, code)
                                       for compiler in COMPILERS]))
    for path, found, compiled in jobs:
        names = set(found['NAME'].partition('\\-')[0].replace(',', '').split())
        called = {name for name in names & wanted if '_INIT' not in name}
        needed = OF_CALLS if called and path.suffix == '.3' else ALL
        empty = [name for name in needed if not re.sub(r'^\.\w+$', '', found.get(name, ''),
                                                       flags=re.MULTILINE).strip()]
        report(not empty, f'{path} has its sections', f'empty: {empty}')
        said = ''.join(job.result() for job in compiled)
        report(not said, f'{path}: its example compiles', said)

    linted = subprocess.run(['mandoc', '-Tlint', '-Wwarning', *pages], cwd=BUILD,
                            capture_output=True, text=True)
    report(linted.returncode == 0 and not linted.stdout, 'mandoc has nothing to warn of',
           linted.stdout + linted.stderr)
    print(f'1..{len(results)}')
    return 0 if all(results) else 1


sys.exit(main())
