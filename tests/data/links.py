#!/usr/bin/env python3
"""Names links of the documents that lead nowhere: to a file that is not there, or to a heading that no document has.

usage: links.py FILE.md...
"""
import os
import re
import sys


def anchors(path):
    """The names that a page's headings get on GitHub."""
    with open(path, encoding='utf-8') as file:
        text = re.sub(r'^(```.*?^```|    .*?$)', '', file.read(), flags=re.S | re.M)
    names = set()
    for heading in re.findall(r'^#+ +(.*)$', text, flags=re.M):
        heading = re.sub(r'\[([^\]]*)\]\([^)]*\)', r'\1', heading.lower())
        name = re.sub(r'[^\w\- ]', '', heading).replace(' ', '-')
        names.add(name if name not in names else f'{name}-1')
    return names


def main():
    wrong = []
    for document in sys.argv[1:]:
        with open(document, encoding='utf-8') as file:
            text = file.read()
        for link in re.findall(r'\]\(([^)\s]+)\)', text):
            if re.match(r'[a-z]+:', link):
                continue
            name, _, anchor = link.partition('#')
            path = os.path.normpath(os.path.join(os.path.dirname(document), name)) if name else document
            if not os.path.exists(path):
                wrong.append(f'{document}: {link}: there is no such file')
            elif anchor and anchor not in anchors(path):
                wrong.append(f'{document}: {link}: there is no such heading')
    for line in wrong:
        print(line)
    return 1 if wrong else 0


sys.exit(main())
