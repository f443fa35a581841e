#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Each check of tools/checks finds what it is for, where it is, and nothing in a clean tree.

A small clean tree is written; each test plants one violation in a copy of it. TAP on stdout.
"""

import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SPDX = '/* SPDX-License-Identifier: MIT */\n'
MANUAL = '/* Goes. Returns x. Errors: none. Any thread; never suspends. */'

CLEAN = {
    'meson.build': "# SPDX-License-Identifier: MIT\nproject('x', 'c')\n",
    'src/meson.build': "# SPDX-License-Identifier: MIT\nsources = files('core/task.c')\n",
    'src/core/task.c': SPDX + '#include "core/task.h"\n#include "base/list.h"\n'
                              '#include <ferry/task.h>\n\nint ferry_task_go(int x)\n{\n'
                              '    return x;\n}\n',
    'src/core/task.h': SPDX + '#include "arch/arch.h"\n',
    'src/arch/arch.h': SPDX,
    'src/base/list.h': SPDX,
    'src/executor/queue.h': SPDX,
    'include/ferry/task.h': SPDX + '/*\n * Tasks.\n *\n *     ferry_task_go(1);\n */\n#ifndef T\n'
                                   '#define T\n#include <stddef.h>\n#ifdef __cplusplus\n'
                                   'extern "C" {\n#endif\n' + MANUAL + '\n'
                                   'int ferry_task_go(int x);\n'
                                   '#ifdef __cplusplus\n}\n#endif\n#endif\n',
    'tests/meson.build': "# SPDX-License-Identifier: MIT\nquick = ['asyncio/wait.c']\n",
    'tests/asyncio/wait.c': SPDX + 'TEST(it_waits)\n{\n    x();\n}\n',
    'tests/asyncio/cases.txt': 'lib/test_x.py Wait.test_wait\nlib/test_x.py Wait.test_repr\n',
    'lib/test_x.py': '# SPDX-License-Identifier: MIT\nclass Wait:\n    async def test_wait(self):\n'
                     '        pass\n\n    def test_repr(self):\n        pass\n',
    'docs/asyncio-cases.md': '## lib/test_x.py\n| case | about | ferry | shown by |\n'
                             '| Wait.test_wait | it waits | holds | `asyncio/wait: it_waits` |\n'
                             '| Wait.test_repr | as text | not applicable: repr | |\n',
}
PAGE = 'docs/asyncio-cases.md'

# check, what the test says, file, its new text (a function of the old), what is found
PLANTED = [
    ('floors', 'an include that points up', 'src/base/list.h',
     lambda old: old + '#include "core/task.h"\n', 'src/base/list.h:2: base includes'),
    ('floors', 'siblings that know each other', 'src/executor/queue.h',
     lambda old: old + '\n#include "core/task.h"\n', 'src/executor/queue.h:3: executor includes'),
    ('floors', 'an include without its floor', 'src/core/task.h',
     lambda old: old + '#include "task.h"\n', 'src/core/task.h:3: "task.h" does not show'),
    ('floors', 'a public header from above', 'src/base/list.h',
     lambda old: old + '#include <ferry/task.h>\n', 'src/base/list.h:2: base includes <ferry'),
    ('floors', 'a task that knows of threads', 'src/core/task.h',
     lambda old: old + '#include <pthread.h>\n', 'src/core/task.h:3: core includes <pthread.h>'),
    ('floors', 'a thread started outside the executors', 'src/core/task.c',
     lambda old: old.replace('    return x', '    pthread_create(x);\n    return x'),
     'src/core/task.c:8: pthread_create: only executors'),
    ('floors', 'an adapter that looks inside', 'adapters/http/http.c',
     lambda old: SPDX + '#include "core/task.h"\n', 'adapters/http/http.c:2: adapters includes'),
    ('floors', 'a public header that looks inside', 'include/ferry/task.h',
     lambda old: old + '#include "core/task.h"\n', 'include/ferry/task.h:19: include includes'),
    ('floors', 'a folder that is no floor', 'src/misc/x.c',
     lambda old: SPDX + '#include "base/list.h"\n', 'src/misc/x.c:2: src/misc is no floor'),
    ('manual', 'a function without a manual', 'include/ferry/task.h',
     lambda old: old.replace(MANUAL, ''), 'include/ferry/task.h:14: ferry_task_go has no'),
    ('manual', 'a macro without a manual', 'include/ferry/task.h',
     lambda old: old.replace(MANUAL, '#define ferry_go(x) ferry_task_go(x)\n\n' + MANUAL),
     'include/ferry/task.h:13: ferry_go has no'),
    ('manual', 'a macro of which nothing says how it is called', 'include/ferry/task.h',
     lambda old: old.replace('int ferry', '#define ferry_go(x) ferry_task_go(x)\nint ferry'),
     'include/ferry/task.h:13: ferry_go: no line'),
    ('manual', 'a purpose that is no line', 'include/ferry/task.h',
     lambda old: old.replace('Goes', 'Goes' + 30 * ' on'),
     'include/ferry/task.h:13: ferry_task_go: what'),
    ('manual', 'a result that nothing tells', 'include/ferry/task.h',
     lambda old: old.replace('Returns x. ', ''), 'include/ferry/task.h:13: ferry_task_go: nothing'),
    ('manual', 'errors left out', 'include/ferry/task.h',
     lambda old: old.replace('Errors: none. ', ''),
     'include/ferry/task.h:13: ferry_task_go: no "E'),
    ('manual', 'an error without a cause', 'include/ferry/task.h',
     lambda old: old.replace('none. Any', 'EPERM. Any'),
     'include/ferry/task.h:13: ferry_task_go: EP'),
    ('manual', 'errors that nobody lists', 'include/ferry/task.h',
     lambda old: old.replace('none. Any', 'those of a cow. Any'),
     'include/ferry/task.h:13: ferry_task_go: an error'),
    ('manual', 'no word of who may call it', 'include/ferry/task.h',
     lambda old: old.replace(' Any thread; never suspends.', ''),
     'include/ferry/task.h:13: ferry_task_go: no "F'),
    ('manual', 'no example', 'include/ferry/task.h',
     lambda old: old.replace(' *     ferry_task_go(1);\n', ''),
     'include/ferry/task.h:12: ferry_task_go: no example'),
    ('manual', 'two manuals for one name', 'include/ferry/more.h',
     lambda old: SPDX + '/* More.\n *\n *     x();\n */\n\n' + MANUAL + '\n'
                 'int ferry_task_go(int x);\n',
     'include/ferry/task.h:13: ferry_task_go has'),
    ('symbols --library', 'a declared name that is not exported', 'include/ferry/task.h',
     lambda old: old.replace('x);\n', 'x);\nint ferry_task_stop(int x);\n'),
     'include/ferry/task.h:15: ferry_task_stop is declared'),
    ('symbols --library', 'an exported name that is not declared', 'src/core/task.c',
     lambda old: old.replace('go(', 'leap('), 'src/libferry.map:1: ferry_task_leap is exported'),
    ('headers', 'a header that needs another', 'include/ferry/task.h',
     lambda old: old.replace('int x', 'uint32_t x'), 'include/ferry/task.h:14: '),
    ('headers', 'a header with a warning', 'include/ferry/task.h',
     lambda old: old.replace(');', ');\nstatic inline char ferry_low(int x) { return x; }'),
     'include/ferry/task.h:16: '),
    ('headers', 'a header that C++ cannot read', 'include/ferry/task.h',
     lambda old: old.replace('int x', 'int class'), 'include/ferry/task.h:14: g++'),
    ('style', 'no SPDX line', 'src/core/task.h', lambda old: '\n\n\n' + old,
     'src/core/task.h:1: no SPDX line'),
    ('style', 'a long line', 'src/core/task.h', lambda old: old + '/* ' + 100 * 'x' + ' */\n',
     'src/core/task.h:3: 106 columns'),
    ('style', 'a tab', 'src/core/task.h', lambda old: old + 'int\tx;\n',
     'src/core/task.h:3: a tab'),
    ('style', 'blanks at the end', 'src/core/task.h', lambda old: old + 'int x; \n',
     'src/core/task.h:3: blanks'),
    ('style', 'a leftover', 'src/core/task.h', lambda old: old + '/* TO' + 'DO: more */\n',
     'src/core/task.h:3: a leftover'),
    ('style', 'a long function', 'src/core/task.c',
     lambda old: old.replace('{\n', '{\n' + 69 * '    x++;\n'),
     'src/core/task.c:7: a function of 70'),
    ('style', 'a long file', 'src/core/task.c', lambda old: old + 500 * '\n',
     'src/core/task.c:509: 509 lines'),
    ('format', 'a file that is not formatted', 'src/core/task.c',
     lambda old: old.replace('    return', '  return'), 'src/core/task.c:'),
    ('sources', 'a file that the build forgets', 'src/core/more.c', lambda old: SPDX,
     'src/core/more.c:1: no meson.build'),
    ('sources', 'a file that is not there', 'src/meson.build',
     lambda old: old + "more = files('core/gone.c')\n",
     'src/meson.build:3: src/core/gone.c is not'),
    ('cases --cpython', 'a case without a row', 'tests/asyncio/cases.txt',
     lambda old: old + 'lib/test_y.py Wait.test_more\n',
     'tests/asyncio/cases.txt:3: Wait.test_more of lib/test_y.py has no row'),
    ('cases --cpython', 'a row about no case', PAGE, lambda old: old.replace('t_repr', 't_str'),
     PAGE + ':4: Wait.test_str is no case of lib/test_x.py'),
    ('cases --cpython', 'a case with two rows', PAGE,
     lambda old: old + old.splitlines()[-1] + '\n', PAGE + ':5: Wait.test_repr has a row already'),
    ('cases --cpython', 'a verdict without a reason', PAGE,
     lambda old: old.replace(': repr', ''), PAGE + ':4: not a row'),
    ('cases --cpython', 'a verdict that nothing shows', PAGE,
     lambda old: old.replace('`asyncio/wait: it_waits` ', ''), PAGE + ':3: Wait.test_wait: what'),
    ('cases --cpython', 'a test that is not there', 'tests/asyncio/wait.c',
     lambda old: old.replace('it_waits', 'it_sleeps'), PAGE + ':3: tests/asyncio/wait.c has no'),
    ('cases --cpython', "a case of CPython's that the list forgets", 'lib/test_x.py',
     lambda old: old + '\n    def test_str(self):\n        pass\n',
     'tests/asyncio/cases.txt:1: lib/test_x.py has Wait.test_str'),
    ('cases --cpython', 'a listed case that CPython has not', 'lib/test_x.py',
     lambda old: old.replace('test_repr', 'test_str'),
     'tests/asyncio/cases.txt:2: lib/test_x.py has no Wait.test_repr'),
]


def write_tree(root):
    for name, text in CLEAN.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    shutil.copy(ROOT / '.clang-format', root / '.clang-format')


def run_check(check, root):
    name, *options = check.split()
    if '--cpython' in options:
        options.append(root)
    if '--library' in options:
        library = root / 'libferry.so'
        subprocess.run(['gcc', '-shared', '-fPIC', f'-I{root}/src', f'-I{root}/include', '-o',
                        library, root / 'src/core/task.c'], check=True)
        options.append(library)
    return subprocess.run([sys.executable, ROOT / 'tools/checks' / f'{name}.py', '--root', root,
                           *options], capture_output=True, text=True)


def result(number, passed, text, output):
    print(f'{"ok" if passed else "not ok"} {number} - {text}')
    if not passed:
        print('\n'.join('# ' + line for line in output.splitlines()))
    return passed


def main():
    checks = list(dict.fromkeys(plant[0] for plant in PLANTED))
    print(f'1..{len(checks) + len(PLANTED)}')
    all_passed = True
    for number, check in enumerate(checks, 1):
        with tempfile.TemporaryDirectory() as folder:
            write_tree(pathlib.Path(folder))
            done = run_check(check, pathlib.Path(folder))
        all_passed &= result(number, done.returncode == 0 and not done.stdout,
                             f'{check}: nothing in a clean tree', done.stdout + done.stderr)
    for number, (check, text, name, change, found) in enumerate(PLANTED, len(checks) + 1):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            write_tree(root)
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(change(path.read_text() if path.exists() else ''))
            done = run_check(check, root)
        passed = done.returncode == 1 and any(line.startswith(found)
                                              for line in done.stdout.splitlines())
        all_passed &= result(number, passed, f'{check}: {text}',
                             f'expected {found}\n' + done.stdout + done.stderr)
    return 0 if all_passed else 1


sys.exit(main())
