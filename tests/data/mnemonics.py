#!/usr/bin/env python3
"""Says where two entries of one menu answer to the same letter: mnemonics.py LANGUAGE... ; "en" is the sources' own.

Sections of a menu open together, so they count as one; a submenu is a menu of its own.
"""
import collections
import gettext
import glob
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree


def texts_of(language):
    """A function that translates into the language of po/LANGUAGE.po."""
    if language == 'en':
        return lambda text: text
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(['msgfmt', '-o', folder + '/texts.mo', 'po/%s.po' % language], check=True)
        with open(folder + '/texts.mo', 'rb') as texts:
            return gettext.GNUTranslations(texts).gettext


def label_of(item):
    for attribute in item.findall('attribute'):
        if attribute.get('name') == 'label':
            return attribute.text, attribute.get('translatable') in ('yes', 'true', '1')
    return None, False


def entries_of(menu):
    """The entries that open together, and below them the submenus."""
    entries, submenus = [], []
    for child in menu:
        if child.tag == 'section':
            more, below = entries_of(child)
            entries += more
            submenus += below
        elif child.tag in ('item', 'submenu'):
            entries.append(label_of(child))
            if child.tag == 'submenu':
                submenus.append(child)
    return entries, submenus


def letters_of(entries, translate):
    """Which texts answer to which letter."""
    letters = collections.defaultdict(list)
    for text, translatable in entries:
        shown = translate(text) if text and translatable else text
        at = shown.find('_') if shown else -1
        if at >= 0:
            letters[shown[at + 1].casefold()].append(shown)
    return letters


def main():
    wrong = 0
    for language in sys.argv[1:]:
        translate = texts_of(language)
        for path in sorted(glob.glob('ui/*.ui') + glob.glob('app/*/*.ui')):
            menus = list(ElementTree.parse(path).getroot().findall('menu'))
            while menus:
                entries, submenus = entries_of(menus.pop())
                menus += submenus
                for letter, shown in letters_of(entries, translate).items():
                    if not (letter.isascii() and letter.isalnum()) or len(shown) > 1:
                        print('%s, %s: “%s” stands for %s' % (language, path, letter, ', '.join('“%s”' % s for s in shown)))
                        wrong += 1
    sys.exit(1 if wrong else 0)


main()
