#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""using.py [--system]: docs/using.md is tried: its files, as they stand there, make projects. TAP.

ferry is installed into a scratch prefix, and moved before it is used; for Meson it is also taken in
as a subproject, from a repository made of this tree. --system: the ferry that is installed on this
machine is tried instead.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / 'tools/checks'))
import tree  # noqa: E402

BLOCK = re.compile(r'^<!-- (?:file: (\S+)|(commands)) -->\n```\w*\n(.*?)^```$',
                   re.MULTILINE | re.DOTALL)
blocks = {file or commands: text
          for file, commands, text in BLOCK.findall((ROOT / 'docs/using.md').read_text())}
VERSION = re.search(r"version: '(.*?)'", (ROOT / 'meson.build').read_text())[1]
MAJOR, MINOR = (int(part) for part in VERSION.split('.')[:2])
SERIES = f'{MAJOR}.{MINOR}'
results = []


class Failed(Exception):
    pass


def run(*command, cwd, **environment):
    done = subprocess.run(command, cwd=cwd, env={**os.environ, **environment}, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    if done.returncode != 0:
        raise Failed(f'{command}: {done.returncode}\n{done.stdout}')
    return done.stdout


def expect(what, said, wanted):
    if not re.search(wanted, said):
        raise Failed(f'{what}: {said!r} does not match {wanted!r}')


def attempt(name, test, *arguments):
    try:
        test(*arguments)
        results.append(True)
        print(f'ok {len(results)} - {name}', flush=True)
    except (Failed, OSError) as why:
        results.append(False)
        print(f'not ok {len(results)} - {name}', flush=True)
        print(re.sub('^', '# ', str(why), flags=re.MULTILINE), flush=True)


def project(folder, *files, change=()):
    """A fresh folder with these files of the page; change: {what stands there: what instead}."""
    shutil.rmtree(folder, ignore_errors=True)
    for file in files:
        text = blocks[file]
        for old, new in dict(change).items():
            text = text.replace(old, new)
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def needs(program):
    return run('objdump', '-p', program, cwd='/')


def move_in(scratch):
    """Installs ferry into a prefix, moves that, and gives its new place."""
    first, prefix = scratch / 'first', scratch / 'moved'
    multiarch = run('cc', '-print-multiarch', cwd='/').strip()  # as tools/build
    run('meson', 'setup', scratch / 'build', '-Dtests=false', '-Dexamples=disabled',
        f'-Dprefix={first}', f'-Dlibdir=lib/{multiarch}', cwd=ROOT)
    run('meson', 'install', '-C', scratch / 'build', '--quiet', cwd=ROOT)
    first.rename(prefix)
    pc = next(prefix.rglob('ferry.pc'))  # made for one prefix, unlike CMake's file
    pc.write_text(pc.read_text().replace(str(first), str(prefix)))
    return prefix


class Installed:
    """Below a prefix, or in the system's own places."""

    def __init__(self, work, prefix=None):
        self.work = work
        self.found, self.cmake_options = {}, []
        if prefix:
            lib = next(prefix.rglob('libferry.a')).parent
            self.found = {'PKG_CONFIG_PATH': str(lib / 'pkgconfig'), 'LD_LIBRARY_PATH': str(lib)}
            self.cmake_options = [f'-DCMAKE_PREFIX_PATH={prefix}']

    def pkg_config(self):
        folder = project(self.work, 'hello.c')
        run('sh', '-ec', blocks['commands'], cwd=folder, **self.found)
        expect('hello', run('./hello', cwd=folder, **self.found), '^42\n$')

    def configure(self, folder):
        return run('cmake', '-S', '.', '-B', 'build', *self.cmake_options, cwd=folder)

    def cmake(self, language, target, shared):
        source = 'hello.cpp' if language == 'CXX' else 'hello.c'
        folder = project(self.work, 'hello.c', 'CMakeLists.txt', change={
            'LANGUAGES C': f'LANGUAGES {language}', 'hello.c': source, 'ferry::ferry': target})
        (folder / 'hello.c').rename(folder / source)
        self.configure(folder)
        run('cmake', '--build', 'build', cwd=folder)
        expect('hello', run('build/hello', cwd=folder), '^42\n$')
        if ('libferry.so.0' in needs(folder / 'build/hello')) != shared:
            raise Failed(f'{target} is not what it says')

    def asks(self, version, fits):
        folder = project(self.work, 'hello.c', 'CMakeLists.txt',
                         change={f'ferry {SERIES}': f'ferry {version}'})
        try:
            self.configure(folder)
        except Failed as why:
            if fits:
                raise
            expect('cmake', str(why), f'version: {re.escape(VERSION)}')
            return
        if not fits:
            raise Failed(f'ferry {version} was found')

    def meson(self):
        folder = project(self.work, 'hello.c', 'meson.build')
        run('meson', 'setup', 'build', cwd=folder, **self.found)
        run('meson', 'compile', '-C', 'build', cwd=folder)
        expect('hello', run('build/hello', cwd=folder), '^42\n$')


def repository(folder):
    """This tree as it is now, as a repository that a wrap can name."""
    for path in tree.files(ROOT):
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, target)
    git = ('git', '-c', 'user.name=test', '-c', 'user.email=test@example.org')
    run(*git, 'init', '--quiet', cwd=folder)
    run(*git, 'add', '--all', cwd=folder)
    run(*git, 'commit', '--quiet', '--message', 'the tree', cwd=folder)


def subproject(work, url, options, shared):
    folder = project(work, 'hello.c', 'meson.build', 'subprojects/ferry.wrap',
                     change={'https://example.org/ferry.git': str(url)})
    run('meson', 'setup', 'build', '--werror', *options, cwd=folder,
        PKG_CONFIG_LIBDIR='/nonexistent')
    run('meson', 'compile', '-C', 'build', cwd=folder)
    expect('hello', run('build/hello', cwd=folder), '^42\n$')
    if ('libferry.so.0' in needs(folder / 'build/hello')) != shared:
        raise Failed('not the library that was asked for')
    expect('its tests', run('meson', 'introspect', 'build', '--tests', cwd=folder), r'^\[\]$')


def try_installed(installed):
    attempt('pkg-config', installed.pkg_config)
    for language in ('C', 'CXX'):
        attempt(f'CMake, {language}', installed.cmake, language, 'ferry::ferry', True)
        attempt(f'CMake, {language}, static', installed.cmake, language, 'ferry::ferry_static',
                False)
    for version, fits in ((MAJOR, True), (f'{VERSION} EXACT', True),
                          (f'{MAJOR}.{MINOR + 1}', False), (MAJOR + 1, False)):
        attempt(f'CMake: ferry {version} is {"" if fits else "not "}found', installed.asks,
                version, fits)
    attempt('Meson, installed', installed.meson)


def main():
    with tempfile.TemporaryDirectory() as name:
        scratch = pathlib.Path(name)
        if '--system' in sys.argv:
            try_installed(Installed(scratch / 'project'))
        else:
            try_installed(Installed(scratch / 'project', move_in(scratch)))
            repository(scratch / 'ferry')
            for options, shared in (((), True), (('-Ddefault_library=static',), False)):
                attempt(f'Meson, subproject {" ".join(options)}', subproject, scratch / 'wrapped',
                        scratch / 'ferry', options, shared)
    print(f'1..{len(results)}')
    return 0 if all(results) else 1


sys.exit(main())
