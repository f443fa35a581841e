#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""streams_test.py BUILD: runs the examples of streams on more than their memory. Speaks TAP.

The programs are the real ones. What a file or a query would take, if it were held in memory, is
many times what the program may have: its address space is limited, and what it used at most is
what the kernel says.
"""

import os
import pathlib
import re
import resource
import sqlite3
import subprocess
import sys
import tempfile
import traceback

BIN = pathlib.Path(sys.argv[1]).resolve() / 'examples'
LIMIT = 60 * float(os.environ.get('CHECK_SLOWER', '1'))
MIB = 1 << 20
SPACE = 320 * MIB  # of addresses: the stacks and the heaps of a few threads reserve most of it
FILE = 600 * MIB
RESIDENT = 24 * 1024  # KiB

ROWS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT {}) " \
       "SELECT i, 'row ' || i FROM n"


def run(program, *arguments):
    return subprocess.run([BIN / program, *arguments], stdin=subprocess.DEVNULL, timeout=LIMIT,
                          capture_output=True, text=True,
                          preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (SPACE, SPACE)))


def check_memory(out):
    assert int(re.search(r'at most (\d+) KiB of memory', out)[1]) < RESIDENT, out


def a_file_larger_than_memory(folder):
    source = folder / 'large'
    with source.open('wb') as file:  # mostly a hole, which takes no disk
        file.truncate(FILE)
        for at in (0, 65527, 65528, FILE // 2, FILE - 1):
            file.seek(at)
            file.write(b'\n')
    done = run('stream-file', source, '/dev/null')
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f'{FILE} bytes, 5 lines'), done.stdout
    check_memory(done.stdout)


def a_copy_is_exact(folder):
    source, copy = folder / 'source', folder / 'copy'
    for size in (0, 1, 65528, 65529, 5_000_000):
        source.write_bytes(os.urandom(size))
        done = run('stream-file', source, copy)
        assert done.returncode == 0, done.stderr
        assert copy.read_bytes() == source.read_bytes()
        lines = source.read_bytes().count(b'\n')
        assert done.stdout.startswith(f'{size} bytes, {lines} lines'), done.stdout


def errors_of_either_side_are_told(folder):
    source = folder / 'source'
    source.write_bytes(bytes(5_000_000))
    for arguments, error in (((folder / 'nothing', folder / 'copy'), 'No such file or directory'),
                             ((folder, folder / 'copy'), 'Is a directory'),
                             ((source, '/dev/full'), 'No space left on device'),
                             ((source, folder / 'no' / 'way'), 'No such file or directory')):
        done = run('stream-file', *arguments)
        assert (done.returncode, done.stderr) == (1, f'stream-file: {error}\n'), done


def more_rows_than_memory(folder):
    count = 1_000_000
    done = run('stream-rows', ':memory:', ROWS.format(count))
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(
        f'{count} rows, sum {count * (count + 1) // 2}, last "row {count}"\n{count} stepped'), done
    check_memory(done.stdout)


def rows_of_a_table_in_order(folder):
    path = folder / 'table.db'
    with sqlite3.connect(path) as database:
        database.execute('CREATE TABLE t (i INTEGER, s TEXT)')
        database.executemany('INSERT INTO t VALUES (?, ?)',
                             ((i, None if i == 999 else 'x' * (i % 70)) for i in range(1000)))
    done = run('stream-rows', path, 'SELECT i, s FROM t ORDER BY i')
    assert done.stdout.startswith('1000 rows, sum 499500, last ""\n1000 stepped'), done


def who_has_enough_ends_the_query(folder):
    done = run('stream-rows', ':memory:', ROWS.format(10 ** 12), '100')
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith('100 rows, sum 5050, last "row 100"\n'), done.stdout
    stepped = int(re.search(r'(\d+) stepped', done.stdout)[1])
    assert 100 <= stepped <= 100 + 64 + 1, done.stdout


def what_the_database_says_is_told(folder):
    done = run('stream-rows', ':memory:', 'SELECT 1, 2 FROM nobody')
    assert (done.returncode, done.stderr) == (1, 'stream-rows: no such table: nobody\n'), done
    done = run('stream-rows', folder / 'nowhere.db', 'SELECT 1, 2')
    assert (done.returncode, done.stderr) == (
        1, 'stream-rows: unable to open database file\n'), done


TESTS = (a_file_larger_than_memory, a_copy_is_exact, errors_of_either_side_are_told,
         more_rows_than_memory, rows_of_a_table_in_order, who_has_enough_ends_the_query,
         what_the_database_says_is_told)


def main():
    print(f'1..{len(TESTS)}', flush=True)
    failures = 0
    for number, test in enumerate(TESTS, 1):
        passed = True
        with tempfile.TemporaryDirectory() as folder:
            try:
                test(pathlib.Path(folder))
            except Exception:
                traceback.print_exc()
                passed = False
        failures += not passed
        print(f'{"ok" if passed else "not ok"} {number} - {test.__name__}', flush=True)
    return 1 if failures else 0


if __name__ == '__main__':
    sys.exit(main())
