#!/usr/bin/env python3
"""Counts the subtests of what Meson or a TAP producer ran, shows what failed, and adds the counts to a tally file.

usage: count.py TALLY PREFIX meson TESTLOG.json [RETURN_CODE]  the log that `meson test` leaves in meson-logs; a suite is a label
       count.py TALLY LABEL tap COMMAND...                     runs the command and reads its TAP from stdout
       count.py TALLY LABEL failed REASON                      one failure: a build or a suite that could not run
       count.py TALLY total                                    prints `N passed, N failed[, N skipped]`; status 1 on failures

Every TAP subtest counts as one. A crash, a timeout, a bad plan or a test that says nothing counts as a failure, so that a
suite cannot pass by not running.
"""
import json
import re
import subprocess
import sys

SHOWN = 60  # lines of a failing test's output


class Count:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0
        self.notes = []
        self.took = []  # (seconds, name) of each test

    def fail(self, note):
        self.failed += 1
        self.notes.append('FAILED ' + note)

    def skip(self, note):
        self.skipped += 1
        self.notes.append('skipped ' + note)


def count_tap(count, label, text, status):
    """Adds a TAP producer's subtests. status: None, or why the producer did not end well."""
    planned, seen, failed_before = None, 0, count.failed
    for line in text.splitlines():
        plan = re.match(r'1\.\.(\d+)(?:\s*#\s*skip\s*(.*))?', line, re.I)
        result = re.match(r'(ok|not ok)\b\s*(\d*)\s*-?\s*([^#]*)(?:#\s*(\w+)\s*(.*))?', line)
        if plan and planned is None:
            planned = int(plan.group(1))
            if planned == 0:
                count.skip('%s: %s' % (label, plan.group(2) or 'nothing to run'))
        elif result:
            seen += 1
            name, directive = '%s%s' % (label, ' ' + result.group(3).strip()), (result.group(4) or '').lower()
            if result.group(1) == 'ok' and directive == 'skip':
                count.skip('%s: %s' % (name, result.group(5) or 'no reason given'))
            elif result.group(1) == 'ok':
                count.passed += 1
            else:
                count.fail(name)
        elif line.startswith('Bail out!'):
            status = status or line
    if planned is None:
        count.fail('%s: no TAP plan%s' % (label, ', ' + status if status else ''))
    elif seen < planned:
        count.fail('%s: %d of %d subtests did not run%s' % (label, planned - seen, planned, ', ' + status if status else ''))
        count.failed += planned - seen - 1
    elif status and count.failed == failed_before:
        count.fail('%s: %s' % (label, status))
    return count.failed > failed_before


def show(label, output):
    lines = [line for line in output.splitlines() if line.strip() and not line.startswith('ok ')]
    print('---- output of %s%s' % (label, ', last %d lines' % SHOWN if len(lines) > SHOWN else ''))
    print('\n'.join(lines[-SHOWN:]))
    print('----')


def count_meson_test(count, label, test):
    out, result = test.get('stdout', ''), test['result']
    status = None if result in ('OK', 'SKIP', 'FAIL') and test['returncode'] in (0, 1, 77) else \
        '%s, exit status %s' % (result.lower(), test['returncode'])
    if re.search(r'^1\.\.\d+', out, re.M) or re.search(r'^(not )?ok\b', out, re.M):
        bad = count_tap(count, label, out, status or (None if result != 'FAIL' else 'reported failure'))
    elif result == 'OK':
        count.passed += 1
        bad = False
    elif result == 'SKIP' and test['returncode'] == 77:
        count.skip(label)
        bad = False
    elif result == 'SKIP':
        count.fail('%s: said nothing' % label)
        bad = True
    else:
        count.fail('%s: %s, exit status %s' % (label, result.lower(), test['returncode']))
        bad = True
    if bad:
        show(label, out + '\n' + test.get('stderr', ''))


def count_meson(prefix, path, return_code):
    """The counts of each suite in a log of Meson's, by label: PREFIX and the (first) suite of a test."""
    counts = {}
    try:
        with open(path, encoding='utf-8', errors='replace') as f:
            tests = [json.loads(line) for line in f if line.strip()]
    except (OSError, ValueError) as e:
        tests = None
        counts.setdefault(prefix or 'tests', Count()).fail('no test log (%s)' % e)
    if tests == []:
        counts.setdefault(prefix or 'tests', Count()).fail('no test ran')
    for test in tests or []:
        suites, _, name = test['name'].rpartition(' / ')
        label = prefix + suites.split(':')[-1].split('+')[0]
        count = counts.setdefault(label, Count())
        count.took.append((test.get('duration', 0), name))
        count_meson_test(count, '%s/%s' % (label, name), test)
    if return_code and not any(count.failed for count in counts.values()):
        counts.setdefault(prefix or 'tests', Count()).fail('meson test ended with status %s' % return_code)
    return counts


def run_tap(count, label, command):
    try:
        r = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors='replace', timeout=1200)
    except (OSError, subprocess.TimeoutExpired) as e:
        count.fail('%s: %s' % (label, e))
        return
    if count_tap(count, label, r.stdout, None if r.returncode == 0 else 'exit status %d' % r.returncode):
        show(label, r.stdout)


def total(tally):
    passed = failed = skipped = 0
    with open(tally) as f:
        for line in f:
            p, n, s = line.split('\t')[:3]
            passed, failed, skipped = passed + int(p), failed + int(n), skipped + int(s)
    if not passed and not failed:
        failed = 1
    print('%d passed, %d failed%s' % (passed, failed, ', %d skipped' % skipped if skipped else ''))
    return failed > 0


def main():
    if len(sys.argv) == 3 and sys.argv[2] == 'total':
        return total(sys.argv[1])
    if len(sys.argv) < 5 or sys.argv[3] not in ('meson', 'tap', 'failed'):
        print(__doc__, file=sys.stderr)
        return 2
    tally, label, kind, *rest = sys.argv[1:]
    if kind == 'meson':
        counts = count_meson(label, rest[0], int(rest[1]) if len(rest) > 1 else 0)
    else:
        counts = {label: Count()}
        if kind == 'tap':
            run_tap(counts[label], label, rest)
        else:
            counts[label].fail('%s: %s' % (label, ' '.join(rest)))
    for name, count in counts.items():
        for note in count.notes:
            print(note)
        longest = ', '.join('%s %.0f s' % (test, seconds) for seconds, test in sorted(count.took, reverse=True)[:3] if seconds >= 10)
        took = '; %.0f s, the longest: %s' % (sum(seconds for seconds, _ in count.took), longest) if longest else ''
        print('%s: %d ok, %d not ok, %d left out%s' % (name, count.passed, count.failed, count.skipped, took))
        with open(tally, 'a') as f:
            f.write('%d\t%d\t%d\t%s\n' % (count.passed, count.failed, count.skipped, name))
    return any(count.failed for count in counts.values())


if __name__ == '__main__':
    sys.exit(main())
