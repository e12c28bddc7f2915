#!/usr/bin/env python3
"""Makes a language that no one speaks: pseudo_locale.py SOURCES OUT [long] writes OUT/qps/LC_MESSAGES/tessera.mo, in which every text is
its own translation in brackets and with accents, “⟦Ópéñ…⟧”. What a window then shows without brackets was never translated.
With long every vowel stands twice: about as much longer as German can be."""
import os
import re
import subprocess
import sys

ACCENTS = dict(zip('aceinouyACEINOUY', 'áçéíñóúýÁÇÉÍÑÓÚÝ'))
LONG = {letter: accent * (2 if letter in 'aeiou' else 1) for letter, accent in ACCENTS.items()}
# What stays: formats, markup, entities and escapes.
KEPT = re.compile(r'%(?:\d+\$)?[-+#0]*(?:\d+|\*)?(?:\.(?:\d+|\*))?(?:hh|h|ll|l|z|j|t)?[a-zA-Z%]|<[^<>]*>|&\w+;')


def pseudo(text, letters):
    """text with accents and brackets; a final line end stays at the end, as msgfmt wants it."""
    body = text.rstrip('\n')
    parts, at = [], 0
    for kept in KEPT.finditer(body):
        parts += [body[at:kept.start()].translate(letters), kept[0]]
        at = kept.end()
    return '⟦' + ''.join(parts) + body[at:].translate(letters) + '⟧' + text[len(body):]


def quoted(text):
    return '"' + text.replace('\\', '\\\\').replace('"', '\\"').replace('\n', '\\n').replace('\t', '\\t') + '"'


def unquoted(line):
    escapes = {'n': '\n', 't': '\t'}
    return re.sub(r'\\(.)', lambda m: escapes.get(m[1], m[1]), line[line.index('"') + 1:line.rindex('"')])


def entries(template):
    """The texts of a template, each {'msgctxt', 'msgid', 'msgid_plural'}, the header left out."""
    for block in re.split(r'\n\n+', template):
        entry, key = {}, None
        for line in block.splitlines():
            if line.startswith('#') or not line:
                continue
            if not line.startswith('"'):
                key = line.split(' ', 1)[0]
                entry[key] = ''
            entry[key] += unquoted(line)
        if entry.get('msgid'):
            yield entry


def main(sources, out, length=''):
    letters = str.maketrans(LONG if length == 'long' else ACCENTS)
    template = subprocess.run([os.path.join(sources, 'tools/update-po.sh'), '--template'], check=True, stdout=subprocess.PIPE).stdout.decode()
    lines = ['msgid ""', 'msgstr ""', r'"Content-Type: text/plain; charset=UTF-8\n"',
             r'"Plural-Forms: nplurals=2; plural=(n != 1);\n"', '']
    for entry in entries(template):
        if 'msgctxt' in entry:
            lines.append('msgctxt ' + quoted(entry['msgctxt']))
        lines.append('msgid ' + quoted(entry['msgid']))
        if 'msgid_plural' in entry:
            lines += ['msgid_plural ' + quoted(entry['msgid_plural']), 'msgstr[0] ' + quoted(pseudo(entry['msgid'], letters)),
                      'msgstr[1] ' + quoted(pseudo(entry['msgid_plural'], letters))]
        else:
            lines.append('msgstr ' + quoted(pseudo(entry['msgid'], letters)))
        lines.append('')
    folder = os.path.join(out, 'qps', 'LC_MESSAGES')
    os.makedirs(folder, exist_ok=True)
    subprocess.run(['msgfmt', '-o', os.path.join(folder, 'tessera.mo'), '-'], check=True, input='\n'.join(lines).encode())


main(*sys.argv[1:])
