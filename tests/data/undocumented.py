#!/usr/bin/env python3
"""Lists the functions that the headers of engine/ and app/ declare without a doc comment (/** ... */) directly above them, one
comment a function. Exempt are *_get_type and what GLib's G_DECLARE_* and G_DEFINE_* macros make. Fails when there is one, or when
it finds no function at all.

  tests/data/undocumented.py [HEADER...]    default: every header under these folders, those named -private.h too
"""
import pathlib
import re
import sys

TOKEN = re.compile(
    r"""(?P<comment>/\*.*?\*/|//[^\n]*)
      | (?P<directive>^[ \t]*\#(?:/\*.*?\*/|[^\n\\]|\\.)*)
      | (?P<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
      | (?P<word>[A-Za-z_]\w*)
      | (?P<space>\s+)
      | (?P<other>.)""", re.S | re.M | re.X)
MACRO = re.compile(r'G_(DECLARE|DEFINE)_\w+|G_(BEGIN|END)_DECLS')
NO_FUNCTION = {'typedef', 'enum'}


def name_of(words):
    """The function that a declaration (words at its outermost level, '(' for a list) declares, or None."""
    if '(' not in words or words[0] in NO_FUNCTION or '=' in words[:words.index('(')]:
        return None
    while '__attribute__' in words[:words.index('(')]:  # __attribute__ ((...)) in front
        at = words.index('__attribute__')
        words = words[:at] + words[at + 2:]
        if '(' not in words:
            return None
    name = words[words.index('(') - 1] if words.index('(') > 0 else ''
    return name if re.fullmatch(r'[A-Za-z_]\w*', name) else None


def functions(text):
    """Yields (line, name, documented) of each function declared or defined at the file's outermost level."""
    words, depth, above, start, documented = [], 0, False, 0, False
    for m in TOKEN.finditer(text):
        kind, s = m.lastgroup, m.group()
        if kind == 'comment':
            if depth == 0 and not words:
                above = s.startswith('/**') and not s.startswith('/**<')
        elif kind == 'directive':
            above = above and bool(words)
        elif kind == 'space':
            if not words and s.count('\n') > 1:
                above = False
        else:
            if depth == 0 and not words:
                start, documented, above = m.start(), above, False
            if depth == 0 and (s not in ')}' or kind != 'other'):
                words.append(s)
            if kind == 'other':
                depth += (s in '({[') - (s in ')}]')
            name = None
            if depth == 0 and words and MACRO.fullmatch(words[0]) and (s in ');' or 'DECLS' in words[0]):
                words = []
            elif depth == 0 and words == [';']:
                words = []
            elif depth == 0 and (s == ';' or (s == '}' and '(' in words[:words.index('{')])):
                name = name_of(words)
                words = []
            if name and not name.endswith('_get_type'):
                yield text.count('\n', 0, start) + 1, name, documented


def main():
    root = pathlib.Path(__file__).resolve().parents[2]
    headers = [pathlib.Path(a) for a in sys.argv[1:]] or sorted(
        h for folder in ('engine', 'app') for h in (root / folder).rglob('*.h'))
    total = missing = 0
    for header in headers:
        for line, name, documented in functions(header.read_text(encoding='utf-8')):
            total += 1
            if not documented:
                missing += 1
                print('%s:%d: %s' % (header.relative_to(root) if header.is_relative_to(root) else header, line, name))
    print('%d of %d functions have no doc comment' % (missing, total), file=sys.stderr)
    return 1 if missing or not total else 0


if __name__ == '__main__':
    sys.exit(main())
