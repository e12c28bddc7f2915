"""A very small TAP writer, and how the tests call the program."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import traceback

TESSERA = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else 'tessera'
FIXTURE = os.path.abspath(sys.argv[2]) if len(sys.argv) > 2 else None

_tests = []


class Skip(Exception):
    """Raised by a test that cannot run here; the text says why."""


def test(function):
    """Registers a test; its doc string, or its name, is what TAP says."""
    _tests.append(function)
    return function


def environment(**extra):
    """What the program sees: no display, C locale, and nothing of the user's."""
    env = {k: v for k, v in os.environ.items() if k not in ('DISPLAY', 'WAYLAND_DISPLAY', 'TESSERA_DEVICE')}
    # Drivers' threads put up signal stacks of their own, which the sanitizer would otherwise mistake for its own.
    if 'ASAN_OPTIONS' in env:
        env['ASAN_OPTIONS'] += ':use_sigaltstack=0'
    env.update({'LC_ALL': 'C.UTF-8', 'LANGUAGE': 'C', **extra})
    return env


class Result:
    def __init__(self, code, out, err):
        self.code, self.raw, self.err = code, out, err.decode('utf-8', 'replace')
        self.out = out.decode('utf-8', 'replace')

    @property
    def json(self):
        """The one object on standard output; anything beside it is a failure."""
        value = json.loads(self.raw.decode('utf-8'))
        assert isinstance(value, dict), f'not an object: {self.out[:200]}'
        return value

    def __str__(self):
        return f'exit {self.code}\nstdout: {self.out[:1500]}\nstderr: {self.err[:1500]}'


def mortal(folder):
    """Gives folder to a user without privileges and returns the keywords for run to be that user; root is above permissions."""
    if os.geteuid() != 0:
        return {}
    for root, folders, files in os.walk(folder):
        for name in [root, *folders, *files]:
            os.chown(os.path.join(root, name), 65534, 65534, follow_symlinks=False)
    probe = subprocess.run([TESSERA, '--version'], user=65534, group=65534, extra_groups=[], capture_output=True, cwd='/',
                           check=False, timeout=60)
    if probe.returncode != 0:
        raise Skip('the program cannot be run by another user here')
    return {'user': 65534}


def run(*arguments, cwd=None, env=None, timeout=300, stdout=subprocess.PIPE, user=None):
    """Runs the program; arguments may be bytes."""
    other = {'user': user, 'group': user, 'extra_groups': []} if user else {}
    done = subprocess.run([TESSERA, *arguments], cwd=cwd or ('/' if user else None), env=environment(**(env or {})),
                          timeout=timeout, stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE, check=False, **other)
    return Result(done.returncode, done.stdout or b'', done.stderr)


def good(*arguments, **keywords):
    """Runs the program with --json and returns the object; it must succeed."""
    head = 2 if arguments[0] == 'bench' else 1
    result = run(*arguments[:head], '--json', *arguments[head:], **keywords)
    assert result.code == 0, f'tessera {arguments}: {result}'
    return result.json


def bad(code, *arguments, says=(), **keywords):
    """Runs the program, which must fail with code and one sentence holding every text of says; returns the sentence."""
    result = run(*arguments, **keywords)
    assert result.code == code, f'tessera {arguments} should exit {code}: {result}'
    assert result.out == '', f'a failure prints nothing on stdout: {result}'
    lines = [line for line in result.err.splitlines() if line.startswith('tessera')]
    assert len(lines) == 1, f'one sentence, please: {result}'
    assert lines[0].rstrip().endswith('.'), f'not a sentence: {lines[0]}'
    for text in says:
        assert text in result.err, f'“{text}” is not in: {result}'
    return lines[0]


def fixture_input(text, *arguments):
    """Runs the helper that plants what only a model could make, with text as its input."""
    done = subprocess.run([FIXTURE, *arguments], input=text.encode(), capture_output=True, timeout=300)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def fixture(*arguments):
    """The same without input."""
    return fixture_input('', *arguments)


def main():
    """Runs the registered tests, each in a folder of its own."""
    print(f'1..{len(_tests)}')
    failed = 0
    for number, function in enumerate(_tests, 1):
        name = (function.__doc__ or function.__name__).strip().splitlines()[0].replace('#', '')
        folder, start = tempfile.mkdtemp(prefix='tessera-cli-'), time.monotonic()
        try:
            function(folder)
            print(f'ok {number} - {name}')
        except Skip as reason:
            print(f'ok {number} - {name} # SKIP {reason}')
        except Exception:  # pylint: disable=broad-except
            failed += 1
            print(f'not ok {number} - {name}')
            for line in traceback.format_exc().splitlines():
                print(f'# {line}')
        finally:
            for root, folders, _ in os.walk(folder):
                for sub in folders:
                    path = os.path.join(root, sub)
                    if not os.path.islink(path):
                        os.chmod(path, 0o755)
            shutil.rmtree(folder, ignore_errors=True)
        print(f'# {time.monotonic() - start:.1f} s', flush=True)
    sys.exit(1 if failed else 0)
