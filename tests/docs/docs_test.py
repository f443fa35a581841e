#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""docs_test.py BUILD: what README and docs/ say is tried. Speaks TAP.

Each block of C or C++ is compiled with warnings as errors. A comment above it may say how:

    <!-- run: name.c -->         it is also linked with libferry.a and run, and must print what the
                                 next ```text block shows
    <!-- given: declarations --> what the block takes for granted
    <!-- not compiled: why -->   not compiled

A block with an #include is a file, others are statements of a function. Besides, links must lead to
files, an index to every page beside it, the guide may only name what the headers have, every
`make x` must be a target, README.ja.md must show the same code as README.md, and
docs/memory-model.md must name every atomic word and every lock of the sources with its file.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
LIBRARY = pathlib.Path(sys.argv[1]).resolve() / 'src' / 'libferry.a'
PAGES = [ROOT / 'README.md', ROOT / 'README.ja.md', ROOT / 'CONTRIBUTING.md',
         *sorted((ROOT / 'docs').rglob('*.md'))]
COMPILERS = {'c': [os.environ.get('CC', 'cc'), '-std=gnu11'],
             'cpp': [os.environ.get('CXX', 'c++'), '-std=c++17']}
OPTIONS = ['-O1', '-Wall', '-Wextra', '-Werror', '-Wno-unused-variable', '-Wno-unused-function',
           '-I', ROOT / 'include', '-pthread']
HEADERS = {
    'c': ''.join(f'#include <{name}.h>\n' for name in (
        'ferry/ferry', 'errno', 'stdbool', 'stdio', 'stdlib', 'string', 'unistd')),
    'cpp': ''.join(f'#include <{name}>\n' for name in (
        'ferry/ferry.hpp', 'iostream', 'mutex', 'string', 'vector')),
}
BLOCK = re.compile(r'((?:^<!--.*?-->\n)*)^```(c|cpp)\n(.*?)^```\n(?:.*?^```text\n(.*?)^```\n)?',
                   re.MULTILINE | re.DOTALL)

results = []


def report(passed, name, why=''):
    results.append(passed)
    print(f'{"ok" if passed else "not ok"} {len(results)} - {name}', flush=True)
    for line in [] if passed else why.splitlines():
        print(f'# {line}')


def note(comments, kind):
    found = re.search(rf'<!-- {kind}: (.*?) -->', comments, re.DOTALL)
    return found[1] if found else ''


def blocks(text):
    """(comments, language, code, line, what it prints, if it is run) of each block."""
    at = 0
    while found := BLOCK.search(text, at):
        line = text.count('\n', 0, found.start(3)) + 1
        run = note(found[1], 'run')
        yield found[1], found[2], found[3], line, found[4] if run else None
        at = found.end() if run else found.end(3)


def try_block(name, folder, comments, language, code, expected):
    source = folder / f'block.{language}'
    given = note(comments, 'given')
    if '#include' in code:
        source.write_text(f'{given}\n#line 1 "{name}"\n{code}')
    else:
        source.write_text(f'{HEADERS[language]}{given}\nstatic int block(void)\n{{\n'
                          f'#line 1 "{name}"\n{code}\n'
                          'return 0;\n}\nint (*use)(void) = block;\n')
    run = note(comments, 'run')
    output = ['-o', folder / 'block', source, LIBRARY] if run else ['-fsyntax-only', source]
    built = subprocess.run([*COMPILERS[language], *OPTIONS, *output], capture_output=True,
                           text=True)
    report(built.returncode == 0, f'{name} compiles', built.stderr)
    if run and built.returncode == 0:
        for _ in range(3):  # its lines are in order by sleeps: a busy machine may upset them
            ran = subprocess.run([folder / 'block'], capture_output=True, text=True, timeout=60)
            if (ran.returncode, ran.stdout, ran.stderr) == (0, expected, ''):
                break
        report((ran.returncode, ran.stdout, ran.stderr) == (0, expected, ''),
               f'{name} prints what the page says', f'{ran}, expected {expected!r}')


def code_of(path):
    return [code for _, _, code, _, _ in blocks(path.read_text())]


def shared_words():
    """(file, name) of each atomic word and lock that src declares, parameters left out."""
    declared = re.compile(r'^(?:_Alignas\(\w+\)|[^(\n])*?'
                          r'(?:\b_Atomic\([^)]*\)|\batomic_\w+|\bpthread_mutex_t)\s+'
                          r'(\w+)\s*(?:;|=|,)', re.MULTILINE)
    for file in sorted((ROOT / 'src').rglob('*.[ch]')):
        for found in declared.finditer(file.read_text()):
            yield file.name, found[1]


def laws(text):
    """The same of the tables in docs/memory-model.md."""
    for row in re.findall(r'^\| (.*?) \|', text, re.MULTILINE):
        file = re.search(r'\b[a-z_]+\.[ch]$', row)
        for name in re.findall(r'`(\w+)`', row) if file else []:
            yield file[0], name


def main():
    with tempfile.TemporaryDirectory() as scratch:
        for page in PAGES:
            text = page.read_text()
            for comments, language, code, line, expected in blocks(text):
                if not note(comments, 'not compiled'):
                    try_block(f'{page.relative_to(ROOT)}:{line}', pathlib.Path(scratch), comments,
                              language, code, expected)
            links = re.findall(r'\]\(([^)#:\s]+)(?:#[^)]*)?\)', text)
            lost = [link for link in links if not (page.parent / link).exists()]
            report(not lost, f'{page.relative_to(ROOT)}: links lead to files', f'{lost}')

        for index in (ROOT / 'docs/README.md', ROOT / 'docs/guide/README.md'):
            linked = re.findall(r'\]\(([^)#:\s]+\.md)\)', index.read_text())
            lost = {page.name for page in index.parent.glob('*.md')} - {'README.md', *linked}
            report(not lost, f'{index.relative_to(ROOT)} leads to every page beside it', f'{lost}')

    headers = ''.join(path.read_text() for path in (ROOT / 'include').rglob('*.h*'))
    known = set(re.findall(r'\b(?:ferry|FERRY)_\w+', headers))
    for page in (ROOT / 'docs/guide').glob('*.md'):
        lost = set(re.findall(r'\b(?:ferry|FERRY)_[A-Za-z]\w+', page.read_text())) - known
        report(not lost, f'{page.relative_to(ROOT)} names what the headers have', f'{lost}')

    targets = set(re.search(r'^\.PHONY: (.*)$', (ROOT / 'Makefile').read_text(), re.MULTILINE)[1]
                  .split())
    named = {word for page in PAGES for word in
             re.findall(r'(?:^ +|`)make ([a-z][a-z-]*)', page.read_text(), re.MULTILINE)}
    report(named and named <= targets, 'every make target that is named exists',
           f'{named - targets}')
    elsewhere = {('fault.h', 'ferry__fault_armed'), ('fork.h', 'ferry__forks')}  # defined
    declared = set(shared_words()) - elsewhere
    known = set(laws((ROOT / 'docs/memory-model.md').read_text()))
    report(len(declared) > 20 and declared == known, 'every shared word has its law',
           f'no law: {declared - known}; no such word: {known - declared}')
    readme, japanese = ROOT / 'README.md', ROOT / 'README.ja.md'
    report(code_of(readme) and code_of(readme) == code_of(japanese),
           'README.ja.md shows the same code as README.md')
    folders = re.findall(r'^    ([a-z/]+/) ', readme.read_text(), re.MULTILINE)
    lost = [folder for folder in folders if not (ROOT / folder).is_dir()]
    report(len(folders) > 5 and not lost, 'every folder of the map is there', f'{lost}')
    print(f'1..{len(results)}')
    return 0 if all(results) else 1


sys.exit(main())
