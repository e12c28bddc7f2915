#!/usr/bin/env python3
"""Finds sentences of the engine and the window that would reach a user in English only: errors whose text is not marked for translation, marked texts
that xgettext cannot read because a macro is inside, fractions that the engine's thread would print with a point, and operations on files that have no
sentence. Run from the project's root."""
import os
import re
import sys

# Where a sentence for the user begins: the first string of the call is one, and every other string of several words.
CALLS = re.compile(r'\b(g_set_error|g_set_error_literal|g_error_new|g_error_new_literal|g_prefix_error|g_propagate_prefixed_error'
                   r'|tsr_image_refuse|tsr_db_corrupt|tsr_json_stream_refuse|tsr_skip_file|damaged|usage|wrong_dtype)\s*\(')
MARKS = re.compile(r'\b(_|N_|TSR_STAGE|g_dngettext)\s*\(')
STRING = re.compile(r'"(?:\\.|[^"\\\n])*"')
FILE_ERRORS = re.compile(r'\b(?:tsr_file_set_errno|tsr_file_set_cause)\s*\([^;"]*?"([^"]*)"|\bfail \(self, "([^"]*)"')
FRACTION = re.compile(r'%[-+ 0#]*\d*(?:\.[\d*]+)?[efg]\b')
WORDS = re.compile(r'[^\W\d_]{2,}.* [^\W\d_]{2,}')

# What stays English, by its file and first words, and why.
ALLOWED = {
    ('engine/compute/tsr-cl-error.c', 'Cannot %s on'): 'which call of OpenCL failed: for a report, not for the user',
    ('engine/compute/tsr-exec.c', 'The value “%s”'): 'a fault of the program',
    ('engine/compute/tsr-exec.c', 'bound to'): 'a fault of the program',
    ('engine/compute/tsr-exec.c', 'not bound'): 'a fault of the program',
    ('engine/compute/tsr-kernel-cache.c', 'The kernel file'): 'a fault of the program',
    ('engine/compute/tsr-native.c', '“%s” cannot run'): 'a fault of the program',
    ('engine/compute/tsr-provider.c', 'The operation'): 'what a library says of an operation: for a report',
    ('engine/compute/tsr-provider.c', 'A convolution'): 'a fault of the program',
    ('engine/compute/tsr-provider.c', 'A matrix product'): 'a fault of the program',
}


def call_end(text, at):
    """Where the parenthesis that is open at `at` closes."""
    depth, i = 1, at
    while depth:
        string = STRING.match(text, i)
        if string:
            i = string.end()
            continue
        depth += {'(': 1, ')': -1}.get(text[i], 0)
        i += 1
    return i


def without_comments(text):
    return re.sub(r'/\*.*?\*/', lambda m: re.sub(r'[^\n]', ' ', m[0]), text, flags=re.S)


def sources(*folders):
    for folder in folders:
        for path, _, names in os.walk(folder):
            for name in sorted(names):
                if name.endswith(('.c', '.h')):
                    with open(os.path.join(path, name), encoding='utf-8') as file:
                        yield os.path.join(path, name), without_comments(file.read())


def unmarked(text):
    """Offset and text of every sentence in an error's call that no mark encloses."""
    for call in CALLS.finditer(text):
        if text[text.rfind('\n', 0, call.start()) + 1:call.start()].startswith('#define'):
            continue
        end, first = call_end(text, call.end()), True
        marked = [(m.start(), call_end(text, m.end())) for m in MARKS.finditer(text, call.end(), end)]
        strings = [s for s in STRING.finditer(text, call.end(), end)]
        for string in strings:
            inside = any(a <= string.start() < b for a, b in marked)
            whole = call[1].startswith('g_') and first and '%' in string[0]
            if not inside and (whole or WORDS.search(string[0])):
                yield string.start(), string[0][1:-1]
            first = False


def main():
    faults, used = [], set()
    for path, text in sources('engine', 'app/map', 'app/slide', 'app/window'): # the command line speaks English
        for at, sentence in unmarked(text):
            allowed = next((key for key in ALLOWED if key[0] == path and sentence.startswith(key[1])), None)
            if allowed:
                used.add(allowed)
                continue
            faults.append('%s:%d: not marked for translation, _ ("..."): %s' % (path, text.count('\n', 0, at) + 1, sentence))
        for mark in MARKS.finditer(text):
            inside = STRING.sub('', text[mark.end():call_end(text, mark.end())])
            if re.search(r'\b(?:G_GU?INT\w*_(?:FORMAT|MODIFIER)|G_G?SS?IZE_FORMAT|PRI\w+|G_STRINGIFY)\b', inside):
                faults.append('%s:%d: xgettext cannot read a macro inside a marked text' % (path, text.count('\n', 0, mark.start()) + 1))
            said = ''.join(s[0][1:-1] for s in STRING.finditer(text, mark.end(), call_end(text, mark.end())))
            if path.startswith('engine/') and FRACTION.search(re.sub(r'%[-+ 0#]*\d*\.0f', '', said)):
                faults.append('%s:%d: a fraction in a sentence is a %%s of tsr-number.h: %s' % (path, text.count('\n', 0, mark.start()) + 1, said))
    for key in sorted(set(ALLOWED) - used):
        faults.append('tests/data/unmarked.py allows what is not there (any more): %s: %s' % key)
    with open('engine/base/tsr-file.c', encoding='utf-8') as file:
        known = set(re.findall(r'\{"([^"]*)",\s*N_ \(', file.read()))
    for path, text in sources('engine', 'app'):
        for call in FILE_ERRORS.finditer(text):
            operation = call[1] or call[2]
            if operation not in known:
                faults.append('%s:%d: tsr-file.c has no sentence for “%s”' % (path, text.count('\n', 0, call.start()) + 1, operation))
    print('\n'.join(faults))
    return 1 if faults else 0


sys.exit(main())
