"""Tiles and areas of each slide and class, as a table and in the report, against sums made from the table of tiles."""

import csv
import os
import re
import shutil
import subprocess

import pictures
from tap import Skip, bad, fixture, fixture_input, good, main, run, test

COLUMNS = ['slide', 'class', 'tiles_labelled', 'tiles_predicted', 'mm2_labelled', 'mm2_predicted', 'slide_tiles', 'slide_mm2']
SIDE = 32


def slides(folder, n, mpp=0.5, size=(160, 128), name='case'):
    """Slides of noise, each with other pixels than the others."""
    paths = []
    for i in range(n):
        path = os.path.join(folder, f'{name} {i + 1}.tif')
        pictures.write(path, pictures.tiff(*size, lambda x, y, i=i: ((x * 7 + y * 13 + i) % 97 + 60, 40, 150), mpp))
        paths.append(path)
    return paths


def project_of(folder, paths, *words):
    """A project with a map, labels, predictions, a tile that is unsure and one that is excluded."""
    project = os.path.join(folder, 'p.tessera')
    tiles = good('new', project, '--slides', *paths, '--tile-size', str(SIDE), '--no-mask', *words)['tiles']
    fixture_input(''.join(f'{i * i % 31} {i % 17}\n' for i in range(tiles)), 'map', project)
    for tile, name in ((0, 'fat'), (1, 'fat'), (5, 'stroma'), (tiles - 1, 'tumour')):
        good('label', project, f'#{tile}', name)
    good('label', project, '#7', '--unsure')
    fixture('exclude', project, '9', '1') # the second has a label
    return project


def read(path):
    with open(path, newline='', encoding='utf-8') as file:
        return list(csv.DictReader(file))


def expected(folder, project, area):
    """By slide and class: tiles and areas, and those of the whole slide, from --csv and what a tile's area is."""
    path = os.path.join(folder, 'tiles.csv')
    good('export', project, '--csv', path)
    rows, found, whole = read(path), {}, {}
    for row in rows:
        whole.setdefault(row['slide'], [0, 0])
        whole[row['slide']][0] += 1
        whole[row['slide']][1] += area
        if row['state'] in ('excluded', 'unsure'):
            continue
        class_, at = (row['label'], 0) if row['label'] else (row['pred'], 1)
        cell = found.setdefault((row['slide'], class_), [0, 0, 0, 0])
        cell[at] += 1
        cell[at + 2] += area
    return found, whole


@test
def sums(folder):
    """--areas has a record for each slide and class, with the sums of the table of tiles; overlapping tiles count as the square of their step"""
    for k, (words, mpp, step) in enumerate((([], 0.5, 32), (['--overlap', '16'], 0.25, 16), (['--mpp', '1'], 0.5, 64))):
        here = os.path.join(folder, str(k))
        os.makedirs(here)
        project, path = project_of(here, slides(here, 3, mpp), *words), os.path.join(here, 'areas.csv')
        found, whole = expected(here, project, (step * mpp) ** 2 * 1e-6)
        value = good('export', project, '--areas', path)
        rows = read(path)
        assert value['areas'] == {'path': path, 'records': 9} and value['failed'] == [], value
        assert list(rows[0]) == COLUMNS and len(rows) == 9
        assert [(r['slide'], r['class']) for r in rows] == [(f'case {s}', c) for s in (1, 2, 3) for c in ('fat', 'stroma', 'tumour')]
        for row in rows:
            cell = found.get((row['slide'], row['class']), [0, 0, 0, 0])
            assert [int(row['tiles_labelled']), int(row['tiles_predicted'])] == cell[:2], (words, row, cell)
            tiles, area = whole[row['slide']]
            assert int(row['slide_tiles']) == tiles
            for key, sum_ in (('mm2_labelled', cell[2]), ('mm2_predicted', cell[3]), ('slide_mm2', area)):
                assert abs(float(row[key]) - sum_) <= 1e-8 * (1e-6 + sum_), (words, key, row, sum_)
        assert sum(int(r['tiles_labelled']) for r in rows) == 3, 'an excluded label counts for no class'
        listed = good('slides', project)['slides'] # the same numbers by the other way
        for row in rows:
            one, = [c for s in listed if s['slide'] == row['slide'] for c in s['classes'] if c['class'] == row['class']]
            assert one['labelled']['tiles'] == int(row['tiles_labelled']) and one['predicted']['tiles'] == int(row['tiles_predicted'])
        assert f'{path}: 9 areas' in run('export', project, '--areas', path).out


@test
def unknown_size(folder):
    """Where the size of a pixel is not known areas stay empty, and tiles are counted; nothing is written without slides"""
    project = project_of(folder, slides(folder, 1) + slides(folder, 1, mpp=0, size=(96, 160), name='unsaid'))
    path = os.path.join(folder, 'areas.csv')
    good('export', project, '--areas', path)
    rows = read(path)
    assert len(rows) == 6
    for row in rows:
        empty = row['slide'] == 'unsaid 1'
        assert all((row[key] == '') == empty for key in ('mm2_labelled', 'mm2_predicted', 'slide_mm2')), row
        assert int(row['slide_tiles']) == (15 if empty else 20)
    assert sum(int(row['tiles_predicted']) for row in rows) == 35 - 3 - 3 # labels, unsure, excluded
    other, source = os.path.join(folder, 'q.tessera'), os.path.join(folder, 'tiles')
    pictures.write(os.path.join(source, 'a.png'), pictures.noise(16, 1))
    good('new', other, '--tiles', source)
    bad(1, 'export', other, '--areas', os.path.join(folder, 'no.csv'), says=['no slides', 'tessera place'])
    assert not os.path.exists(os.path.join(folder, 'no.csv'))
    bad(1, 'export', project, '--areas', os.path.join(folder, 'none', 'x.csv'), says=['x.csv'])


def pages(project, path):
    if not shutil.which('pdftotext'):
        raise Skip('poppler-utils is not installed')
    good('export', project, '--report', path, '--title', 'Ward 3')
    text = subprocess.run(['pdftotext', '-layout', path, '-'], check=True, capture_output=True).stdout.decode()
    return text.split('\f')[:-1]


def words_of(path, page):
    """The words of a page: x, y of both corners and what it says, in points."""
    text = subprocess.run(['pdftotext', '-bbox', '-f', str(page), '-l', str(page), path, '-'], check=True, capture_output=True).stdout.decode()
    found = re.findall(r'<word xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)">(.*?)</word>', text)
    return [(*map(float, word[:4]), word[4]) for word in found]


def number(value):
    return f'{value:.0f}' if value >= 1000 else f'{value:.2f}' if value >= 10 else f'{value:.3f}'


@test
def names_in_the_report(folder):
    """Names that differ in the middle alone are told apart where few classes leave them the room"""
    paths = slides(folder, 1, name='kidney, biopsy A, haematoxylin') + slides(folder, 1, size=(96, 96), name='kidney, biopsy B, haematoxylin')
    _, second = pages(project_of(folder, paths), os.path.join(folder, 'r.pdf'))
    for letter in 'AB':
        assert f'kidney, biopsy {letter}, haematoxylin' in second, second
    assert '2 slides' in second, second


@test
def in_the_report(folder):
    """The report's second page has a row for each slide, the largest first, with each class's area"""
    paths = slides(folder, 1, size=(64, 64), mpp=4, name='small') + slides(folder, 2, mpp=10, size=(320, 256))
    project, path = project_of(folder, paths), os.path.join(folder, 'r.pdf')
    found, whole = expected(folder, project, 1)
    first, second = pages(project, path)
    assert 'small' not in first and 'case' not in first and 'Ward 3' in first and 'Ward 3' in second
    lines = second.splitlines()
    order = [name for line in lines for name in re.findall(r'^ *((?:case|small) \d)', line)]
    assert order == ['case 1', 'case 2', 'small 1'], second
    mm2 = {'case 1': (32 * 10) ** 2 * 1e-6, 'case 2': (32 * 10) ** 2 * 1e-6, 'small 1': (32 * 4) ** 2 * 1e-6}
    sums = [0] * 5
    for slide in order:
        line, = [line for line in lines if re.match(rf' *{slide}', line)]
        cells = [sum(found.get((slide, c), [0, 0])[:2]) * mm2[slide] for c in ('fat', 'stroma', 'tumour')]
        total = whole[slide][0] * mm2[slide]
        cells += [total - sum(cells), total]
        sums = [a + b for a, b in zip(sums, cells)]
        assert line.split()[2:] == [number(v) for v in cells], (line, cells)
    line, = [line for line in lines if 'All slides' in line]
    assert line.split()[2:] == [number(v) for v in sums], (line, sums)


@test
def never_overflows(folder):
    """However many slides and classes: each slide has its row, on as many pages as it takes, and everything stays inside of them"""
    paths = slides(folder, 61, size=(64, 64), name='a name of a slide that is much longer than its column, and longer')
    paths += slides(folder, 1, mpp=2000, size=(64, 64), name='no pixel is so large') # counts as not said
    project, path = project_of(folder, paths), os.path.join(folder, 'r.pdf')
    for i in range(20):
        good('label', project, f'#{20 + i}', f'another long name of a class {i}')
    _, *areas = pages(project, path)
    shown = [len(re.findall(r'\d+ tiles?\b|no size of a pixel', text)) for text in areas]
    assert sum(shown) == 62 and len(areas) == 3 and shown[0] == shown[1] >= 25, shown
    # Names are cut in their middle: what tells them apart is at their ends. The file says what was cut, too, in no room at all; so
    # what counts is that the ends take the room of letters.
    numbers = []
    for page in range(2, 5):
        words = words_of(path, page)
        for (*_, before), (x0, _, x1, _, word) in zip(words, words[1:]):
            if before.endswith('longer') and re.fullmatch(r'\d+', word):
                assert x1 - x0 >= 3.5 * len(word) and x1 <= 40 + 115, (x0, x1, word)
                numbers.append(int(word))
    assert sorted(numbers) == list(range(1, 62)), numbers
    for number_, text in enumerate(areas, 1):
        assert re.search(r'\b18 more\b', text) and f'{number_} of 3' in text, text
        assert ('All slides' in text and 'the 61 whose area is known' in text) == (number_ == 3), text
        words = words_of(path, 1 + number_)
        assert len(words) > 60
        for x0, y0, x1, y1, word in words:
            assert 39 <= x0 and x1 <= 595 - 39 and 30 <= y0 and y1 <= 842 - 30, (x0, y0, x1, y1, word)
        for i, (x0, y0, x1, y1, word) in enumerate(words): # nothing lies over anything else
            for u0, v0, u1, v1, other in words[:i]:
                across, down = min(x1, u1) - max(x0, u0), min(y1, v1) - max(y0, v0)
                assert across < 0.5 or down < 2.5, (word, other)


@test
def hidden_names(folder):
    """--hide-names: neither table nor report names a slide's file"""
    paths = slides(folder, 2, name='DOE-JANE')
    project, path = project_of(folder, paths, '--hide-names'), os.path.join(folder, 'areas.csv')
    good('export', project, '--areas', path)
    with open(path, encoding='utf-8') as file:
        text = file.read()
    assert 'DOE' not in text and {row['slide'] for row in read(path)} == {'slide 1', 'slide 2'}
    report = ''.join(pages(project, os.path.join(folder, 'r.pdf')))
    assert 'DOE' not in report and 'slide 1' in report and 'slide 2' in report


main()
