#!/usr/bin/env python3
"""Tests tools/packages.sh: what is missing is said, group by group, with what it is for, and installed in one go. TAP. Stand-ins for
dpkg-query, apt-get, id and sudo note how they were called; nothing is installed."""
import os
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..')
LISTS = {'run': '"$build_packages" "$run_packages"', 'test': '"$build_packages" "$run_packages" "$test_packages"'}


def call(script, installed, root=True, without=(), fails=False):
    """Runs script behind packages.sh where only `installed` is installed; returns exit code, what it said and the calls of apt-get."""
    with tempfile.TemporaryDirectory() as folder:
        log = os.path.join(folder, 'log')
        open(log, 'w', encoding='utf-8').close()
        programs = {
            'dpkg-query': 'shift 2; for p in "$@"; do case " $INSTALLED " in *" $p "*) echo "ii  $p" ;; esac; done',
            'apt-get': 'echo "apt-get $*" >>"$LOG"; [ "$1" != install ] || exit $FAILS',
            'id': 'echo ' + ('0' if root else '1000'),
            'sudo': 'echo "sudo $1" >>"$LOG"; exec "$@"'}
        for name, body in programs.items():
            if name not in without:
                path = os.path.join(folder, name)
                with open(path, 'w', encoding='utf-8') as file:
                    file.write('#!/bin/sh\n' + body + '\n')
                os.chmod(path, 0o755)
        for name in ('sh', 'awk', 'sed', 'tr', 'env', 'cat'):
            os.symlink(shutil.which(name), os.path.join(folder, name))
        done = subprocess.run(['sh', '-euc', '. tools/packages.sh; ' + script], cwd=ROOT, capture_output=True, text=True, check=False,
                              env={'PATH': folder, 'LOG': log, 'INSTALLED': ' '.join(installed), 'FAILS': str(int(fails))})
        with open(log, encoding='utf-8') as file:
            return done.returncode, done.stdout + done.stderr, file.read().splitlines()


def groups(lists):
    """[(what for, [package])] as the lists have them."""
    text = call(f"printf '%s\\n' {lists}", [])[1]
    return [(line.split(': ')[0], line.split(': ')[1].split()) for line in text.splitlines()]


def says_each_group():
    """Every group that is missing is named with what it is for and its packages; one apt-get installs them all"""
    for lists in LISTS.values():
        found = groups(lists)
        everything = [package for _, packages in found for package in packages]
        assert len(set(everything)) == len(everything) > 20, 'a package stands in one group'
        code, said, calls = call(f'require_packages {lists}', [])
        assert code == 0, said
        for reason, packages in found:
            assert f'  for {reason}: {" ".join(packages)}\n' in said, (reason, said)
        installs = [line for line in calls if line.startswith('apt-get install')]
        assert len(installs) == 1 and installs[0].split()[-len(everything):] == everything, calls


def says_only_what_is_missing():
    """Groups that are there are not mentioned; of others only what is missing is"""
    found = groups(LISTS['run'])
    kept = found[0][1][0]
    there = [package for _, packages in found[1:] for package in packages] + found[0][1][1:]
    code, said, calls = call(f'require_packages {LISTS["run"]}', there)
    assert code == 0 and f'  for {found[0][0]}: {kept}\n' in said and said.count('  for ') == 1, said
    assert calls[-1].split()[-1] == kept and calls[-1].count(kept) == 1, calls


def nothing_missing():
    """Where everything is there nothing is said and nothing called"""
    code, said, calls = call(f'require_packages {LISTS["run"]}', [p for _, packages in groups(LISTS['run']) for p in packages])
    assert (code, said, calls) == (0, '', []), (code, said, calls)


def not_root():
    """sudo where one is not root; a sentence with the command where there is none"""
    code, said, calls = call(f'require_packages {LISTS["run"]}', [], root=False)
    assert code == 0 and 'password' in said and 'sudo apt-get' in calls and 'sudo env' in calls, (said, calls)
    code, said, calls = call(f'require_packages {LISTS["run"]}', [], root=False, without=['sudo'])
    assert code != 0 and 'As root, run: apt-get install' in said and calls == [], (said, calls)


def failures():
    """A failed installation fails; another system is told what it needs, and for what"""
    code, said, _ = call(f'require_packages {LISTS["run"]}', [], fails=True)
    assert code != 0 and 'failed' in said, said
    code, said, calls = call(f'require_packages {LISTS["run"]}', [], without=['dpkg-query'])
    assert code == 0 and 'not a Debian system' in said and calls == [], said
    assert f'for {groups(LISTS["run"])[0][0]}: ' in said, said


def shellcheck():
    """shellcheck has nothing to say about run, test and packages.sh, where it is installed"""
    if not shutil.which('shellcheck'):
        return 'shellcheck is not installed'
    done = subprocess.run(['shellcheck', '-x', 'run', 'test', 'tools/packages.sh'], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    return None


def main():
    tests = [says_each_group, says_only_what_is_missing, nothing_missing, not_root, failures, shellcheck]
    print(f'1..{len(tests)}')
    failed = 0
    for number, function in enumerate(tests, 1):
        try:
            skipped = function()
            print(f'ok {number} - {function.__doc__}' + (f' # SKIP {skipped}' if skipped else ''))
        except AssertionError as error:
            failed += 1
            print(f'not ok {number} - {function.__doc__}')
            print('# ' + str(error).replace('\n', '\n# '))
    sys.exit(1 if failed else 0)


if __name__ == '__main__':
    main()
