#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""tour_test.py BUILD [NAME…]: runs the tour's programs and looks at what they print. Speaks TAP.

The programs are the real ones and so is the server; what is looked at is counts, order and results,
never time. Where something must happen while a fetch is under way, the page is the server's /gate,
which the test opens once it has seen that something: if it never comes, the test hangs and fails
by its limit.
"""

import collections
import contextlib
import os
import pathlib
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(sys.argv[1]).resolve()
BIN = BUILD / 'examples'
PROGRAMS = [source.stem for source in sorted((ROOT / 'examples').glob('[0-9][0-9]-*.c'))]
LIMIT = 60 * float(os.environ.get('CHECK_SLOWER', '1'))

Done = collections.namedtuple('Done', 'code out err')
tests = []


def test(function):
    tests.append(function)
    return function


class Server:
    """The tour's server, as a child of this test."""

    def __init__(self):
        self.process = subprocess.Popen([BIN / 'tour-server', '--parent', str(os.getpid())],
                                        stdout=subprocess.PIPE, text=True)
        self.base = self.process.stdout.readline().strip()
        assert re.fullmatch(r'http://127\.0\.0\.1:\d+', self.base), self.base

    def get(self, path):
        return urllib.request.urlopen(self.base + path, timeout=LIMIT).read().decode()

    def wait_until_waiting(self, count):
        while int(self.get('/waiting')) < count:
            time.sleep(0.01)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def run(program, *arguments, **options):
    done = subprocess.run([BIN / program, *arguments], stdin=subprocess.DEVNULL, timeout=LIMIT,
                          capture_output=True, text=True, **options)
    return Done(done.returncode, done.stdout, done.stderr)


@contextlib.contextmanager
def started(program, *arguments):
    """The program while it runs, its stdout as lines; killed at the end or at the time limit."""
    with subprocess.Popen([BIN / program, *arguments], stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        timer = threading.Timer(LIMIT, process.kill)
        timer.start()
        try:
            yield process
        finally:
            timer.cancel()
            process.kill()


def lines_to(process, start):
    """Reads lines to the first that starts so, inclusive."""
    lines = []
    for line in process.stdout:
        lines.append(line.strip())
        if lines[-1].startswith(start):
            return lines
    raise AssertionError(f'{start!r} never came; {lines} {process.stderr.read()}')


def rows(out):
    """The timeline's rows: {'loop': '. . .', 'worker 1': '[==]'}"""
    found = re.findall(r'^  (loop|worker \d+) *(.*)$', out, re.MULTILINE)
    assert found and found[0][0] == 'loop', out
    return dict(found)


def source_at(report):
    """The source around the first "examples/file.c:line" of the text."""
    file, line = re.search(r'examples/(\S+\.c):(\d+)', report).groups()
    lines = (ROOT / 'examples' / file).read_text().splitlines()
    return '\n'.join(lines[int(line) - 2:int(line) + 1])


def equal(left, right):
    assert left == right, f'{left!r} is not {right!r}'


def failed_with(done, *sentences):
    """It failed, and each line on stderr is one of the sentences, one after another."""
    assert done.code == 1, done
    lines = done.err.splitlines()
    equal(len(lines), len(sentences))
    for line, sentence in zip(lines, sentences):
        assert re.fullmatch(sentence, line), f'{line!r} is not like {sentence!r}'


@test
def step_1_nothing_ticks_while_the_fetch_blocks():
    with Server() as server, started('01-freeze', server.base + '/gate') as process:
        before = lines_to(process, 'fetch starts')
        server.wait_until_waiting(1)
        time.sleep(0.5)  # room for a tick that must not come
        server.get('/open')
        between = lines_to(process, 'fetch ends')
        after = lines_to(process, 'tick 10')
        rest = process.stdout.read()
        equal(process.wait(), 0)
    assert 'tick 1' in before, before
    equal(between, ['fetch ends: status 200, 17 bytes'])
    ticks = [line for line in before + after if line.startswith('tick')]
    equal(ticks, [f'tick {i}' for i in range(1, 11)])
    equal(list(rows(rest)), ['loop'])
    assert re.search(r'[\[┣].*[\]┫]', rows(rest)['loop']), rest


@test
def step_2_the_ticker_ticks_while_the_fetch_waits():
    with Server() as server, started('02-to-thread', server.base + '/gate') as process:
        lines_to(process, 'fetch starts')
        for _ in range(3):  # the page comes only after these three
            lines_to(process, 'tick')
        server.get('/open')
        out = process.stdout.read()
        equal(process.wait(), 0)
    assert 'fetch ends: status 200, 17 bytes' in out, out
    assert 'tick 10' in out, out
    picture = rows(out)
    equal(list(picture), ['loop', 'worker 1'])
    assert re.fullmatch(r'[.· ]*', picture['loop']), picture
    assert re.fullmatch(r' *([\[┣].*[\]┫]|[#▪])', picture['worker 1']), picture
    assert 'loop held for 0 ms' in out, out


@test
def step_3_results_come_in_the_order_of_the_tasks():
    with Server() as server:
        urls = [f'{server.base}/delay/{0.1 * (7 - i % 7)}/{i * i}' for i in range(30)]
        done = run('03-gather', *urls)
    equal(done.code, 0)
    got = re.findall(r'^ *(\d+)\. +(\d+) bytes after .*: (.*)$', done.out, re.MULTILINE)
    equal(got, [(str(i + 1), str(i * i), urls[i]) for i in range(30)])
    assert '(30 calls, ' in done.out, done.out


@test
def step_3_the_fetches_run_at_the_same_time():
    with Server() as server, started('03-gather', *[server.base + '/gate'] * 5) as process:
        server.wait_until_waiting(5)  # the default executor runs CPUs + 4 at once
        server.get('/open')
        out = process.stdout.read()
        equal(process.wait(), 0)
    assert '(5 calls, at most 5 at once)' in out, out
    equal(list(rows(out)), ['loop'] + [f'worker {i}' for i in range(1, 6)])


def look_at_the_gate(program, most, urls):
    """So many of its fetches are under way at once, and never one more."""
    with Server() as server, started(program, *[server.base + '/gate'] * urls) as process:
        server.wait_until_waiting(most)
        time.sleep(0.3)  # room for one more that must not come
        equal(server.get('/waiting').strip(), str(most))
        server.get('/open')
        out = process.stdout.read()
        equal(process.wait(), 0)
        equal(server.get('/peak').strip(), str(most))
    assert f'({urls} calls, at most {most} at once)' in out, out
    equal(len(re.findall(r'17 bytes after', out)), urls)


@test
def step_4_five_at_once_and_never_six():
    look_at_the_gate('04-executor', most=5, urls=10)


@test
def step_5_arguments_arrive():
    with Server() as server:
        done = run('05-arguments', server.base + '/delay/0.05/10')
    equal(done.code, 0)
    for times in (4, 3, 2):
        assert re.search(rf'asked {times} of {times} times: {times} good, \d+\.\d+ s each, '
                         r'grade A', done.out), done.out
    assert 'localhost has port 80, 99.5 % known (35 characters)' in done.out, done.out
    assert '(9 calls, ' in done.out, done.out


@test
def step_6_all_sizes_are_right():
    with tempfile.TemporaryDirectory() as folder:
        sizes = {'a.txt': 0, 'b.txt': 1, 'c.bin': 200_000, 'd': 65_536, 'e e': 4095}
        for name, size in sizes.items():
            pathlib.Path(folder, name).write_bytes(b'\0' * size)
        pathlib.Path(folder, 'sub').mkdir()
        os.mkfifo(pathlib.Path(folder, 'a-pipe'))  # reading it would never end
        done = run('06-folder', folder)
    equal(done.code, 0)
    got = re.findall(r'^ *(\d+) bytes  (.*)$', done.out, re.MULTILINE)
    equal(got, [(str(size), name) for name, size in sorted(sizes.items())])
    assert f'{sum(sizes.values())} bytes in 5 files' in done.out, done.out
    assert '(5 calls, ' in done.out, done.out


@test
def step_6_many_files_at_once():
    with tempfile.TemporaryDirectory() as folder:
        for i in range(2000):
            pathlib.Path(folder, f'{i:04}').write_bytes(b'x' * i)
        done = run('06-folder', folder)
    equal(done.code, 0)
    assert 'and 1988 more' in done.out, done.out
    assert '1999000 bytes in 2000 files' in done.out, done.out


@test
def step_6_an_unreadable_file_is_named_and_the_others_are_read():
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        pathlib.Path(folder, 'good').write_bytes(b'12345')
        pathlib.Path(folder, 'secret').write_bytes(b'1')
        pathlib.Path(folder, 'secret').chmod(0)
        pathlib.Path(folder, 'gone').symlink_to('/nowhere/at/all')
        program = pathlib.Path(folder, 'program')  # nobody may not look into root's own folders
        program.mkdir()
        shutil.copy(BIN / '06-folder', program)
        as_nobody = {'user': 65534} if os.geteuid() == 0 else {}
        done = run(program / '06-folder', folder, **as_nobody)
    failed_with(done, r'06-folder: cannot read .*/gone: No such file or directory',
                r'06-folder: cannot read .*/secret: Permission denied')
    assert '5 bytes in 1 files' in done.out, done.out


@test
def step_6_a_missing_folder_is_named():
    failed_with(run('06-folder', '/no/such'),
                r'06-folder: cannot open the folder /no/such: No such file or directory')


@test
def step_7_the_rows_are_real_and_the_answers_right():
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as other:
        database = pathlib.Path(other, 'lines.db')
        pathlib.Path(folder, 'one').write_text('if a\nif b\nfor c\n')
        pathlib.Path(folder, 'two').write_text('for d\nfor a very long time\n\nlast')
        os.mkfifo(pathlib.Path(folder, 'a-pipe'))
        done = run('07-database', database, folder)
        with contextlib.closing(sqlite3.connect(database)) as handle:
            written = handle.execute('SELECT file, number, text FROM line ORDER BY 1, 2').fetchall()
    equal(done.code, 0)
    equal(written, [('one', 1, 'if a'), ('one', 2, 'if b'), ('one', 3, 'for c'),
                    ('two', 1, 'for d'), ('two', 2, 'for a very long time'), ('two', 3, ''),
                    ('two', 4, 'last')])
    for line in ('7 rows written', 'lines: 7 in 2 files', 'longest files: two 4, one 3',
                 'longest line: two:2 with 20 characters', 'first words: for, if, last'):
        assert f'  {line}\n' in done.out, (line, done.out)
    assert '(5 calls, ' in done.out, done.out
    assert re.search('[.·]', rows(done.out)['loop']), done.out


@test
def step_7_bad_places_are_named():
    with tempfile.TemporaryDirectory() as folder:
        failed_with(run('07-database', '/no/such/x.db', folder),
                    r'07-database: cannot make the database /no/such/x\.db: unable to open .*')
        failed_with(run('07-database', folder + '/x.db', '/no/such'),
                    r'07-database: cannot open the folder /no/such: No such file or directory')


OLD_AND_MOVED = ('before', 'halfway', 'bridged', 'native')


def pages_of_step_8(out):
    return [(url, int(size)) for size, url in
            re.findall(r'^  after \d+\.\d\d s: (\d+) bytes: (.*)$', out, re.MULTILINE)]


@test
def step_8_old_and_moved_callers_get_the_same():
    for how in OLD_AND_MOVED:
        with Server() as server:
            pages = [(f'{server.base}/delay/0.01/{i * i}', i * i) for i in (0, 1, 40, 900, 300)]
            done = run('08-legacy', how, *[url for url, _ in pages])
            one_by_one = server.get('/peak').strip() == '1'
        equal((done.code, done.err), (0, ''))
        got = pages_of_step_8(done.out)
        if how in ('before', 'halfway'):
            assert one_by_one, how
            equal(got, pages)
        equal(sorted(got), sorted(pages))
        equal('loop held for 0 ms' in done.out, how != 'before')
        equal(list(rows(done.out)) == ['loop'], how == 'before')
        assert f'({10 if how == "native" else 15} calls, ' in done.out, (how, done.out)


@test
def step_8_the_bridged_module_runs_two_calls_at_once():
    with Server() as server:
        gates = [server.base + '/gate'] * 9
        with started('08-legacy', 'bridged', *gates) as process:
            server.wait_until_waiting(9)  # asked by all; now they wait, two of them on workers
            time.sleep(0.3)  # room for a third that must not
            server.get('/open')
            out = process.stdout.read()
            equal(process.wait(), 0)
    equal(pages_of_step_8(out), [(gates[0], 17)] * 9)
    assert re.search(r'\(27 calls, at most [12] at once\)', out), out


@test
def step_8_native_waits_take_no_worker():
    with Server() as server:
        slow, quick = [server.base + '/gate'] * 9, [f'{server.base}/delay/0/{i}' for i in range(9)]
        with started('08-legacy', 'native', *slow, *quick) as process:
            early = [lines_to(process, 'after')[-1] for _ in quick]
            server.wait_until_waiting(9)
            server.get('/open')
            out = process.stdout.read()
            equal(process.wait(), 0)
    equal(sorted(line.split(' s: ')[1] for line in early),
          [f'{i} bytes: {url}' for i, url in enumerate(quick)])
    equal(pages_of_step_8(out), [(server.base + '/gate', 17)] * 9)


@test
def step_8_errors_are_the_old_ones():
    with Server() as server:
        good, missing = server.base + '/delay/0/5', server.base + '/nothing-here'
        for how in OLD_AND_MOVED:
            done = run('08-legacy', how, good, missing, 'http://127.0.0.1:1/', 'https://localhost/')
            equal(done.code, 1)
            equal(sorted(done.err.splitlines()),
                  sorted([f'08-legacy: cannot get {missing}: Protocol error',
                          '08-legacy: cannot get http://127.0.0.1:1/: Connection refused',
                          '08-legacy: cannot get https://localhost/: Invalid argument']))
            equal(pages_of_step_8(done.out), [(good, 5)])


@test
def step_9_increments_are_lost_without_a_lock_and_only_there():
    for count in (100, 2, 1):
        done = run('09-lock', str(count))
        equal((done.code, done.err), (0, ''))
        equal(re.findall(r'^  (.*): (\d+) increments, counter (\d+)$', done.out, re.MULTILINE),
              [('no lock', str(count), '1'), ('ferry_lock', str(count), str(count)),
               ('ferry_threadsafe_lock', str(count), str(count))])
        calls = re.findall(r'\((\d+) calls?, at most (\d+) at once\)', done.out)
        equal([number for number, _ in calls], [str(count)] * 3)
        equal([most for _, most in calls[1:]], ['1', '1'])


@test
def step_10_what_still_runs_and_what_was_forgotten_is_named():
    with Server() as server:
        quick, gate = server.base + '/delay/0/10', server.base + '/gate'
        with started('10-lifecycle', quick, gate) as process:
            before = lines_to(process, 'slow: the one in the queue')
            server.wait_until_waiting(1)
            server.get('/open')
            out, err = process.communicate()
            equal((process.returncode, err), (0, ''))
            equal(server.get('/peak').strip(), '1')
    kept, shutdown, running, queued = before
    equal(kept, 'kept: 10 bytes')
    equal(shutdown, 'slow: shutdown says "Connection timed out"')
    assert re.match(r'slow: still running: fetch_url, from \S+, for \d+\.\d s', running), running
    assert 'ferry_executor_submit(slow, fetch_url, url, &pages[0])' in source_at(running), running
    equal(queued, 'slow: the one in the queue says "Operation canceled"')
    equal(re.findall(r'^  (\w+): (\d+) bytes$', out, re.MULTILINE),
          [('slow', '17'), ('forgotten', '10')])
    assert '(3 calls, ' in out, out
    reports = re.findall(r'debug mode: (.*):\n *"(\w+)", made at (.*)', out)
    equal([report[:2] for report in reports],
          [('an executor was never shut down (calls that run: 0, queued: 0)', 'forgotten')])
    assert '.name = "forgotten"' in source_at(reports[0][2]), reports


@test
def step_11_three_at_once_and_never_four():
    look_at_the_gate('11-semaphore', most=3, urls=12)


@test
def step_12_a_limit_runs_out_and_a_cancelled_session_logs_out():
    with Server() as server:
        quick, gate = server.base + '/delay/0/10', server.base + '/gate'
        with started('12-timeout', quick, gate) as process:
            before = lines_to(process, 'session: has ended')
            late = [line for line in before if line.startswith('not there within 0.2 s')]
            if not late:
                lines_to(process, 'not there within 0.2 s')
            server.get('/open')  # only now can the slow page come
            out, err = process.communicate()
            equal((process.returncode, err), (0, ''))
    equal(before[0], 'in time: 10 bytes')
    equal([line for line in before if line.startswith('session: ')],
          ['session: a wait says "Operation canceled"',
           'session: log out: the fetch did not start', 'session: now in a shield',
           'session: log out: done', 'session: has ended: Operation canceled'])
    assert 'late: 17 bytes' in out, out
    assert '(3 calls, ' in out, out  # the log-out without a shield never ran


@test
def step_13_the_producer_waits_for_room():
    with Server() as server, started('13-queue', *[server.base + '/gate'] * 12) as process:
        before = lines_to(process, 'producer: put 7')  # three are being fetched, four are queued
        server.wait_until_waiting(3)
        time.sleep(0.3)  # room for a fourth fetch, and for an eighth put
        equal(server.get('/waiting').strip(), '3')
        server.get('/open')
        out = process.stdout.read()
        equal(process.wait(), 0)
        equal(server.get('/peak').strip(), '3')
    equal(before, [f'producer: put {i}' for i in range(1, 8)])
    assert out.index('17 bytes') < out.index('producer: put 8'), out
    assert '(12 calls, at most 3 at once)' in out, out


@test
def step_13_each_page_is_fetched_once_and_the_consumers_go_home():
    with Server() as server:
        urls = [f'{server.base}/delay/0/{i}' for i in range(40)]
        done = run('13-queue', *urls)
    equal((done.code, done.err), (0, ''))
    equal(re.findall(r'producer: put (\d+)', done.out), [str(i) for i in range(1, 41)])
    got = re.findall(r'^  consumer ([123]): (\d+) bytes: (.*)$', done.out, re.MULTILINE)
    equal(sorted((int(size), url) for _, size, url in got), list(enumerate(urls)))
    of_each = collections.Counter(number for number, _, _ in got)
    ends = re.findall(r'^  consumer (\d): ends after (\d+) pages$', done.out, re.MULTILINE)
    equal(sorted(ends), [(number, str(of_each[number])) for number in '123'])


@test
def a_page_that_cannot_be_had_is_one_sentence():
    with Server() as server:
        missing = server.base + '/nothing-here'
        refused = r'cannot fetch http://127\.0\.0\.1:1/: .*[Cc]onnect.*'
        absent = rf'cannot fetch {missing}: .*404.*'
        for program in ('01-freeze', '02-to-thread'):
            failed_with(run(program, 'http://127.0.0.1:1/'), f'{program}: {refused}')
            failed_with(run(program, missing), f'{program}: {absent}')
        for program in ('03-gather', '04-executor', '11-semaphore'):
            done = run(program, server.base + '/delay/0/5', 'http://127.0.0.1:1/', missing)
            failed_with(done, f'{program}: {refused}', f'{program}: {absent}')
            assert '1.       5 bytes' in done.out, done.out
        done = run('05-arguments', missing)
        failed_with(done, rf'05-arguments: {missing} did not answer well every time')
        equal(done.out.count('asked 1 of '), 3)
        equal(done.out.count('grade B'), 3)
        done = run('10-lifecycle', missing, 'http://127.0.0.1:1/')
        failed_with(done, f'10-lifecycle: {absent}', f'10-lifecycle: {refused}',
                    f'10-lifecycle: {absent}')
        done = run('12-timeout', missing, 'http://127.0.0.1:1/')
        failed_with(done, f'12-timeout: {absent}', f'12-timeout: {refused}')
        done = run('13-queue', server.base + '/delay/0/5', *[missing] * 9)
        failed_with(done, *[f'13-queue: {absent}'] * 9)
        assert ': 5 bytes: ' in done.out, done.out


def interrupted(program, at_gate, urls):
    """(stdout, stderr) of a program that gets SIGINT when so many fetches are under way."""
    with Server() as server, started(program, *[server.base + '/gate'] * urls) as process:
        server.wait_until_waiting(at_gate)
        process.send_signal(signal.SIGINT)
        status = pathlib.Path(f'/proc/{process.pid}/status')
        while re.search(r'^(Shd|Sig)Pnd:.*[1-9a-f]', status.read_text(), re.MULTILINE):
            time.sleep(0.01)
        time.sleep(0.3)  # it was delivered; now room for the loop to go round
        server.get('/open')
        out, err = process.communicate()
        equal(process.returncode, 1)
        equal(server.get('/peak').strip(), str(at_gate))
    return out, err


@test
def ctrl_c_lets_the_running_fetches_end_and_starts_no_more():
    out, err = interrupted('04-executor', at_gate=5, urls=20)
    equal(len(re.findall(r'17 bytes after', out)), 5)
    equal(err.splitlines(), ['04-executor: the fetch did not start'] * 15)

    out, err = interrupted('11-semaphore', at_gate=3, urls=20)
    equal(len(re.findall(r'17 bytes after', out)), 3)
    equal({line.rsplit(':', 3)[0] for line in err.splitlines()},
          {'11-semaphore: cancelled before its turn'})
    equal(len(err.splitlines()), 17)

    out, err = interrupted('13-queue', at_gate=3, urls=20)
    pages = re.findall(r'^  consumer \d: 17 bytes', out, re.MULTILINE)
    ends = re.findall(r'^  consumer \d: ends', out, re.MULTILINE)
    assert len(pages) >= 3 and len(ends) == 3, out
    assert 'producer: put 20' not in out, out


@test
def wrong_usage_is_answered_with_the_usage():
    equal(len(PROGRAMS), 13)
    for program in PROGRAMS:
        done = run(program)
        equal(done.code, 2)
        assert done.err.startswith(f'usage: {program} '), done
    for arguments in (['09-lock', '0'], ['09-lock', 'many'], ['08-legacy', 'after', 'http://a/'],
                      ['08-legacy', 'bridged']):
        equal(run(*arguments).code, 2)


def tour(**environment):
    clean = {k: v for k, v in os.environ.items() if k not in ('URLS', 'DIR')}
    return subprocess.run([ROOT / 'examples/tour.sh', BUILD], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=LIMIT,
                          env={**clean, 'TOUR_FAST': '1', **environment})


def is_gone(base):
    try:
        urllib.request.urlopen(base + '/peak', timeout=LIMIT)
    except OSError:
        return True
    return False


@test
def the_whole_tour():
    with tempfile.TemporaryDirectory() as scratch:
        done = tour(TMPDIR=scratch, LC_ALL='C')
        equal(os.listdir(scratch), [])
    equal((done.returncode, done.stderr), (0, ''))
    headings = re.findall(r'^(\d+)\. .*\(examples/(.*)\)$', done.stdout, re.MULTILINE)
    equal(headings, [(str(i), program + '.c') for i, program in enumerate(PROGRAMS, 1)])
    assert done.stdout.isascii(), 'not plain ASCII in the C locale'
    assert max(map(len, done.stdout.splitlines())) <= 100, 'wider than 100 columns'
    assert is_gone(re.search(r'http://127\.0\.0\.1:\d+', done.stdout)[0]), 'the server is there'


@test
def the_tour_draws_in_unicode_where_it_can():
    done = tour(LC_ALL='C.UTF-8')
    equal((done.returncode, done.stderr), (0, ''))
    assert '┣' in done.stdout and '·' in done.stdout, done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 100, 'wider than 100 columns'


@test
def the_tour_takes_real_pages_and_folders():
    with Server() as server, tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, 'my-file').write_text('hello\n')
        urls = [server.base + '/delay/0/11', server.base + '/delay/0.01/222']
        done = tour(URLS=' '.join(urls), DIR=folder)
    equal((done.returncode, done.stderr), (0, ''))
    equal(len(re.findall(r'^ +\d+\. +\d+ bytes after .*', done.stdout, re.MULTILINE)), 2 + 10 + 10)
    assert '6 bytes  my-file' in done.stdout, done.stdout
    assert 'own server' not in done.stdout, done.stdout


@test
def the_tour_says_which_steps_failed():
    done = tour(URLS='http://127.0.0.1:1/', DIR='/no/such')
    equal(done.returncode, 1)
    bad = [f'{int(program[:2])} ({program})' for program in PROGRAMS
           if program not in ('08-legacy', '09-lock')]  # which need no URL and no folder
    equal(done.stderr.splitlines()[-1],
          f'tour: {len(bad)} of {len(PROGRAMS)} steps failed: {", ".join(bad)}')
    assert 'tour: step 6 (06-folder) failed with exit code 1' in done.stderr, done.stderr


@test
def the_server_ends_even_when_the_tour_is_killed():
    process = subprocess.Popen([ROOT / 'examples/tour.sh', BUILD], stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, text=True, start_new_session=True)
    base = re.search(r'http://127\.0\.0\.1:\d+', process.stdout.readline())[0]
    assert not is_gone(base)
    process.send_signal(signal.SIGKILL)
    process.wait()
    while not is_gone(base):
        time.sleep(0.01)
    process.stdout.close()


def within_limit(function):
    """Runs a test in a child, so that one that hangs or dies is one that failed."""
    child = os.fork()
    if child == 0:
        signal.alarm(int(LIMIT))
        try:
            function()
        except BaseException:  # noqa: the child says what happened and ends
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0


def main():
    chosen = [t for t in tests if len(sys.argv) == 2 or t.__name__ in sys.argv[2:]]
    print(f'1..{len(chosen)}', flush=True)
    failures = 0
    for number, function in enumerate(chosen, 1):
        passed = within_limit(function)
        failures += not passed
        print(f'{"ok" if passed else "not ok"} {number} - {function.__name__}', flush=True)
    return 1 if failures else 0


if __name__ == '__main__':
    sys.exit(main())
