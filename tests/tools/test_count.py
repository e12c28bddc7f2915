#!/usr/bin/env python3
"""Tests tests/count.py, on which the verdict of ./test rests: nothing that did not pass may count as passed. TAP."""
import json
import os
import subprocess
import sys
import tempfile

COUNT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'count.py')

# name: (stdout, Meson's result, exit status, expected (passed, failed, skipped))
RUNS = {
    'all pass': ('1..2\nok 1 /a\nok 2 /b\n', 'OK', 0, (2, 0, 0)),
    'plan at the end': ('ok 1 /a\nok 2 /b\n1..2\n', 'OK', 0, (2, 0, 0)),
    'one fails': ('1..2\nok 1 /a\nnot ok 2 /b\n', 'FAIL', 1, (1, 1, 0)),
    'failure whatever the status': ('1..1\nnot ok 1 /a\n', 'OK', 0, (0, 1, 0)),
    'skipped with its reason': ('1..2\nok 1 /a # SKIP no data\nok 2 /b\n', 'OK', 0, (1, 0, 1)),
    'a failure marked as skipped': ('1..1\nnot ok 1 /a # SKIP no\n', 'FAIL', 1, (0, 1, 0)),
    'a failure marked as to do': ('1..1\nnot ok 1 /a # TODO later\n', 'OK', 0, (0, 1, 0)),
    'crash in the middle': ('1..4\nok 1 /a\n', 'ERROR', -11, (1, 3, 0)),
    'crash after the last': ('1..1\nok 1 /a\n', 'ERROR', -6, (1, 1, 0)),
    'leak found at the end': ('1..1\nok 1 /a\n', 'ERROR', 1, (1, 1, 0)),
    'timeout': ('1..3\nok 1 /a\n', 'TIMEOUT', -15, (1, 2, 0)),
    'no plan': ('ok 1 /a\n', 'OK', 0, (1, 1, 0)),
    'nothing said': ('', 'SKIP', 0, (0, 1, 0)),
    'nothing planned': ('1..0 # SKIP no display\n', 'SKIP', 0, (0, 0, 1)),
    'bail out': ('1..2\nok 1 /a\nBail out! broken\n', 'ERROR', -6, (1, 1, 0)),
    'plain program passes': ('', 'OK', 0, (1, 0, 0)),
    'plain program fails': ('', 'FAIL', 1, (0, 1, 0)),
    'plain program skips': ('', 'SKIP', 77, (0, 0, 1)),
}


def counted(folder, arguments):
    """Runs count.py with a fresh tally and returns the three numbers it wrote."""
    tally = os.path.join(folder, 'tally')
    open(tally, 'w').close()
    r = subprocess.run([sys.executable, COUNT, tally, 'x', *arguments], capture_output=True, text=True, timeout=60)
    with open(tally) as f:
        lines = f.read().splitlines()
    assert lines, r.stdout + r.stderr
    numbers = tuple(sum(int(line.split('\t')[i]) for line in lines) for i in range(3))
    assert (r.returncode != 0) == (numbers[1] > 0), 'the exit status does not follow the failures'
    return numbers


def through_meson(folder, runs, status):
    log = os.path.join(folder, 'log.json')
    with open(log, 'w') as f:
        for i, (out, result, code, _) in enumerate(runs):
            f.write(json.dumps({'name': 'p:%s / t%d' % (('a', 'b+again')[i % 2], i), 'stdout': out, 'result': result, 'returncode': code}) + '\n')
    return counted(folder, ['meson', log, str(status)])


def check_runs(folder):
    for name, run in RUNS.items():
        yield 'meson: ' + name, through_meson(folder, [run], 0), run[3]
    every = list(RUNS.values())
    yield 'meson: all together', through_meson(folder, every, 1), tuple(sum(r[3][i] for r in every) for i in range(3))
    yield 'meson: no test ran', through_meson(folder, [], 0), (0, 1, 0)
    yield 'meson: no log', counted(folder, ['meson', os.path.join(folder, 'none.json')]), (0, 1, 0)
    yield 'meson: bad status without a failure', through_meson(folder, [RUNS['all pass']], 1), (2, 1, 0)
    yield 'tap: passes', counted(folder, ['tap', 'printf', '1..1\\nok 1 a\\n']), (1, 0, 0)
    yield 'tap: bad status', counted(folder, ['tap', 'sh', '-c', 'echo 1..1; echo ok 1; exit 3']), (1, 1, 0)
    yield 'tap: no such program', counted(folder, ['tap', os.path.join(folder, 'none')]), (0, 1, 0)
    yield 'one failure', counted(folder, ['failed', 'it did not compile']), (0, 1, 0)


def totals(folder):
    tally = os.path.join(folder, 'tally')
    for lines, text, status in (('3\t0\t0\ta\n4\t0\t0\tb\n', '7 passed, 0 failed\n', 0), ('3\t1\t2\ta\n', '3 passed, 1 failed, 2 skipped\n', 1),
                                ('', '0 passed, 1 failed\n', 1)):
        with open(tally, 'w') as f:
            f.write(lines)
        r = subprocess.run([sys.executable, COUNT, tally, 'total'], capture_output=True, text=True, timeout=60)
        yield 'total: ' + text.strip(), (r.stdout, r.returncode), (text, status)


def main():
    n = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for check in (check_runs, totals):
            for name, got, expected in check(folder):
                n += 1
                good = got == expected
                failed += not good
                print('%s %d /tools/count/%s' % ('ok' if good else 'not ok', n, name))
                if not good:
                    print('# got %s, expected %s' % (got, expected))
    print('1..%d' % n)
    return failed > 0


if __name__ == '__main__':
    sys.exit(main())
