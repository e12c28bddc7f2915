"""Tables, folders and pictures, read back by others' parsers."""

import csv
import os
import re
import shutil
import struct
import subprocess
import time
import xml.etree.ElementTree
import zlib

import pictures
from tap import Skip, bad, fixture_input, fixture, good, main, run, test

COLUMNS = ['tile_id', 'file', 'slide', 'minx', 'miny', 'width', 'height', 'mpp', 'label', 'annotator', 'labelled_at', 'how', 'pred',
           'margin', 'nn_id', 'nn_dist', 'tsne_x', 'tsne_y', 'truth', 'state']
PLACES = [(0, 0), (1, 0), (0, 2), (3, 1), (10, 10), (11, 10), (10, 12), (13, 11), (-20, 5), (-21, 5), (-20, 7), (-23, 6)]


def project_of(folder, planted=True):
    source, project = os.path.join(folder, 'tiles'), os.path.join(folder, 'p.tessera')
    pictures.tiles(source)
    good('new', project, '--tiles', source, '--labels-from-folders')
    if planted:
        fixture_input(''.join(f'{x} {y}\n' for x, y in PLACES), 'map', project)
        for tile, name in ((0, 'fat'), (4, 'stroma'), (8, 'tumour')):
            good('label', project, f'#{tile}', name)
    return project


def table(path):
    with open(path, newline='', encoding='utf-8') as file:
        return list(csv.DictReader(file))


@test
def columns(folder):
    """--csv has the columns of docs/cli.md, and what a plain search says in them"""
    project, path = project_of(folder), os.path.join(folder, 'x.csv')
    value = good('export', project, '--csv', path)
    assert value['csv'] == {'path': path, 'records': 12} and value['rule'] == 'map', value
    rows = table(path)
    expected = COLUMNS[:13] + ['prob_fat', 'prob_stroma', 'prob_tumour'] + COLUMNS[13:]
    assert list(rows[0]) == expected, list(rows[0])
    labelled = {0: 'fat', 4: 'stroma', 8: 'tumour'}
    for i, row in enumerate(rows):
        assert int(row['tile_id']) == i
        assert abs(float(row['tsne_x']) - PLACES[i][0]) < 1e-6 and abs(float(row['tsne_y']) - PLACES[i][1]) < 1e-6
        distance = {t: ((PLACES[i][0] - PLACES[t][0]) ** 2 + (PLACES[i][1] - PLACES[t][1]) ** 2) ** 0.5 for t in labelled}
        nearest = min(distance, key=distance.get)
        others = min(d for t, d in distance.items() if t != nearest)
        margin = (others - distance[nearest]) / (others + distance[nearest])
        assert row['pred'] == labelled[nearest] and int(row['nn_id']) == nearest, row
        assert abs(float(row['nn_dist']) - distance[nearest]) < 1e-4, row
        assert abs(float(row['margin']) - margin) < 1e-4, (row, margin)
        probability = {}
        for t, name in labelled.items():
            rest = min(d for u, d in distance.items() if u != t)
            probability[name] = rest / (distance[t] + rest)
        total = sum(probability.values())
        for name, p in probability.items():
            assert abs(float(row['prob_' + name]) - p / total) < 1e-4, (row, name, p / total)
        assert row['label'] == labelled.get(i, '') and row['state'] == ('labelled' if i in labelled else 'unlabelled')


@test
def without_map(folder):
    """Before there is a map, labels are exported and predictions stay empty"""
    project, path = project_of(folder, planted=False), os.path.join(folder, 'x.csv')
    good('label', project, '#3', 'fat')
    good('export', project, '--csv', path)
    for i, row in enumerate(table(path)):
        assert row['label'] == ('fat' if i == 3 else '') and row['pred'] == row['margin'] == row['tsne_x'] == row['nn_id'] == ''
    bad(1, 'classify', project, says=['p.tessera', 'tessera map'])
    bad(1, 'export', project, '--map', os.path.join(folder, 'x.png'), says=['no map yet'])
    assert not os.path.exists(os.path.join(folder, 'x.png'))


@test
def only(folder):
    """--only takes labelled or unlabelled tiles"""
    project, path = project_of(folder), os.path.join(folder, 'x.csv')
    good('export', project, '--csv', path, '--only', 'labelled')
    assert [row['tile_id'] for row in table(path)] == ['0', '4', '8']
    good('export', project, '--csv', path, '--only', 'unlabelled')
    assert len(table(path)) == 9 and all(row['label'] == '' for row in table(path))


@test
def slides_from_names(folder):
    """Tiles named as QuPath names them bring slide and place along"""
    source, path = os.path.join(folder, 'tiles'), os.path.join(folder, 'x.csv')
    for i, name in enumerate(['My slide [d=2,x=1024,y=20480,w=512,h=256].png', 'S [x=1,y=2,w=3,h=4].png', 'odd [x=1].png', 'a.png']):
        pictures.write(os.path.join(source, name), pictures.noise(16, i + 1))
    good('new', os.path.join(folder, 'p.tessera'), '--tiles', source)
    good('export', os.path.join(folder, 'p.tessera'), '--csv', path)
    places = {row['file'][:2]: [row[k] for k in ('slide', 'minx', 'miny', 'width', 'height')] for row in table(path)}
    assert places == {'My': ['My slide', '1024', '20480', '512', '256'], 'S ': ['S', '1', '2', '3', '4'], 'od': [''] * 5, 'a.': [''] * 5}


@test
def some_fail(folder):
    """Of several exports those that can be written are, and --json says which are there and which failed"""
    project, gone = project_of(folder), os.path.join(folder, 'gone')
    path, out, picture = os.path.join(folder, 'x.csv'), os.path.join(folder, 'out'), os.path.join(gone, 'x.png')
    words = ['export', project, '--map', picture, '--csv', path, '--folders', out]
    result = run(*words, '--json')
    value = result.json
    assert result.code == 1 and value['csv'] == {'path': path, 'records': 12} and value['folders']['copied'] == 12, str(result)
    assert 'map' not in value and value['rule'] == 'map' and value['project'] == project, value
    message = value['error']['message']
    assert value['failed'] == [{'what': 'map', 'path': picture, 'kind': 'failed', 'message': message}] and gone in message, value
    assert len(table(path)) == 12 and os.path.exists(os.path.join(out, 'tiles.csv'))
    os.unlink(path)
    result = run(*words)
    assert result.code == 1 and path + ': 12 tiles' in result.out, str(result)
    assert result.err.count('x.png') == 1 and 'new or empty folder' in result.err, f'each failure is said once: {result}'
    assert [f['what'] for f in run(*words, '--json').json['failed']] == ['map', 'folders']
    assert good('export', project, '--csv', path)['failed'] == []
    result = run('export', os.path.join(folder, 'no.tessera'), '--csv', path, '--json')
    assert list(result.json) == ['error'], str(result)


@test
def rule_always(folder):
    """rule is among the keys whatever was asked for"""
    project, model = project_of(folder), os.path.join(folder, 'm.safetensors')
    for words in (['--csv', os.path.join(folder, 'x.csv')], ['--model', model], ['--model', model, '--rule', 'w']):
        result = run('export', project, *words, '--json')
        assert result.json['rule'] == ('w' if 'w' in words else 'map'), str(result)


@test
def locale_free(folder):
    """Numbers have points, whatever the locale"""
    project, path = project_of(folder), os.path.join(folder, 'x.csv')
    good('export', project, '--csv', path)
    with open(path, 'rb') as file:
        plain = file.read()
    available = subprocess.run(['locale', '-a'], capture_output=True, check=False).stdout.decode().split()
    if 'de_DE.utf8' not in available:
        raise Skip('the locale de_DE.UTF-8 is not installed')
    good('export', project, '--csv', path, env={'LC_ALL': 'de_DE.UTF-8'})
    with open(path, 'rb') as file:
        assert file.read() == plain


@test
def folders(folder):
    """--folders copies every tile, unchanged, into its class's folder, with a list beside"""
    project, out = project_of(folder), os.path.join(folder, 'out')
    good('label', project, '#9', '--unsure')
    fixture('exclude', project, '10')
    value = good('export', project, '--folders', out)
    assert value['folders'] == {'path': out, 'copied': 10, 'thumbnails': 0, 'missing': 0}, value
    listed = table(os.path.join(out, 'tiles.csv'))
    assert len(listed) == 10
    for row in listed:
        i = int(row['tile_id'])
        name = ('fat', 'stroma', 'tumour')[i // 4]
        assert row['class'] == name and row['path'].startswith(name + '/'), row
        assert row['state'] == ('labelled' if i in (0, 4, 8) else 'predicted'), row
        with open(os.path.join(out, row['path']), 'rb') as copy, open(os.path.join(folder, 'tiles', row['file']), 'rb') as tile:
            assert copy.read() == tile.read()
    assert sum(len(files) for _, _, files in os.walk(out)) == 11
    bad(1, 'export', project, '--folders', out, says=['out', 'empty'])


@test
def folder_names(folder):
    """Class names that no folder can have become ones that it can, and never meet"""
    project, out = project_of(folder, planted=False), os.path.join(folder, 'out')
    for i, name in enumerate(['a/b', 'a_b', 'A_b', '..', 'tiles.csv', 'x' * 300]):
        if name == 'x' * 300 and run('label', project, f'#{i}', name).code != 0:
            continue
        good('label', project, f'#{i}', name)
    count = good('export', project, '--folders', out, '--only', 'labelled')['folders']['copied']
    assert count >= 5
    filled = [name for name in os.listdir(out) if os.path.isdir(os.path.join(out, name)) and os.listdir(os.path.join(out, name))]
    assert len(filled) == count and len({name.lower() for name in filled}) == count, filled
    assert sorted(os.listdir(folder)) == ['out', 'p.tessera', 'tiles'] or not os.path.exists(os.path.join(folder, 'b'))


@test
def gone_tiles(folder):
    """A tile whose file is gone is exported as its thumbnail, and counted"""
    project, out = project_of(folder), os.path.join(folder, 'out')
    os.unlink(os.path.join(folder, 'tiles', 'fat', 'fat-1.png'))
    value = good('export', project, '--folders', out)
    assert value['folders']['copied'] == 11 and value['folders']['thumbnails'] == 1, value
    with open(os.path.join(out, 'fat', 'fat-1.png.thumbnail.png'), 'rb') as file:
        assert file.read(8) == b'\x89PNG\r\n\x1a\n'


def read_png(path):
    """Checks every chunk of a PNG and returns width, height and the unfiltered length."""
    with open(path, 'rb') as file:
        data = file.read()
    assert data[:8] == b'\x89PNG\r\n\x1a\n'
    at, pixels, size = 8, b'', None
    while at < len(data):
        length, kind = struct.unpack('>I4s', data[at:at + 8])
        body = data[at + 8:at + 8 + length]
        assert struct.unpack('>I', data[at + 8 + length:at + 12 + length])[0] == zlib.crc32(kind + body)
        if kind == b'IHDR':
            size = struct.unpack('>II', body[:8])
        if kind == b'IDAT':
            pixels += body
        at += 12 + length
    return size, zlib.decompress(pixels)


@test
def png(folder):
    """--map F.png is a whole PNG with more than one colour"""
    project, path = project_of(folder), os.path.join(folder, 'map.png')
    good('suggest', project, '-k', '2')
    value = good('export', project, '--map', path)
    assert value['map'] == {'path': path}
    (width, height), pixels = read_png(path)
    assert width >= 1000 and height >= 700 and len(set(pixels[i:i + 3] for i in range(0, len(pixels), 997))) > 3


@test
def svg(folder):
    """--map F.svg is well-formed SVG"""
    project, path = project_of(folder), os.path.join(folder, 'map.svg')
    good('export', project, '--map', path, '--title', 'A <title> & "more"')
    root = xml.etree.ElementTree.parse(path).getroot()
    assert root.tag == '{http://www.w3.org/2000/svg}svg' and root.get('width'), root.attrib
    assert len(list(root.iter('{http://www.w3.org/2000/svg}path'))) > 12
    if shutil.which('xmllint'):
        subprocess.run(['xmllint', '--noout', path], check=True)


@test
def pdf(folder):
    """--map F.pdf is a PDF of one page whose cross-references are right"""
    project, path = project_of(folder), os.path.join(folder, 'map.pdf')
    good('export', project, '--map', path)
    with open(path, 'rb') as file:
        data = file.read()
    assert data.startswith(b'%PDF-1.') and data.rstrip().endswith(b'%%EOF')
    start = int(re.findall(rb'startxref\s+(\d+)', data)[-1])
    assert data[start:].startswith(b'xref') or b'/XRef' in data[start:start + 300]
    if shutil.which('pdfinfo'):
        text = subprocess.run(['pdfinfo', path], check=True, capture_output=True).stdout.decode()
        assert re.search(r'Pages:\s+1\b', text), text


@test
def truth_colours(folder):
    """--color-by truth draws another picture"""
    project, a, b = project_of(folder), os.path.join(folder, 'a.png'), os.path.join(folder, 'b.png')
    good('export', project, '--map', a)
    good('export', project, '--map', b, '--color-by', 'truth')
    assert read_png(a)[1] != read_png(b)[1]


@test
def odd_maps(folder):
    """Maps of one place, of a line, with tiles that have no place"""
    for name, places in (('one', ['1 1\n'] * 12), ('line', [f'{i} 0\n' for i in range(12)]), ('some', ['-\n'] * 11 + ['3 4\n']),
                         ('far', [f'{1e30 * i} {-1e30 * i}\n' for i in range(12)])):
        sub = os.path.join(folder, name)
        os.mkdir(sub)
        project = project_of(sub, planted=False)
        fixture_input(''.join(places), 'map', project)
        good('label', project, '#11', 'fat')
        for ending in ('png', 'svg', 'pdf'):
            good('export', project, '--map', os.path.join(sub, 'map.' + ending))
        assert good('classify', project)['predicted'] == (0 if name == 'some' else 11)


@test
def classify(folder):
    """classify reports counts, predictions and, where the truth is known, how good they are"""
    project = project_of(folder)
    value = good('classify', project)
    assert {'project', 'rule', 'tiles', 'classes', 'predicted', 'mean_margin', 'predictions', 'metrics'} <= set(value)
    assert value['predicted'] == 9 and value['metrics']['accuracy'] == 1.0 and value['metrics']['auc'] == 1.0, value
    assert value['classes'] == [{'name': n, 'labelled': 1, 'predicted': 3} for n in ('fat', 'stroma', 'tumour')]
    assert {tuple(sorted(p)) for p in value['predictions']} == {('class', 'distance', 'file', 'follows', 'margin', 'tile')}
    bad(1, 'classify', project, '--rule', 'w', says=['tessera embed'])


def check_suggestions(value, places, labelled, unsure, excluded):
    """Farthest point sampling on from labelled and unsure tiles, radii from the labelled alone, by a plain search."""
    def apart(i, j):
        return ((places[i][0] - places[j][0]) ** 2 + (places[i][1] - places[j][1]) ** 2) ** 0.5

    def radius():
        return max(min(apart(i, t) for t in covered) for i in range(12) if i not in unsure | excluded)

    seen, covered = labelled | unsure, set(labelled)
    assert abs(value['radius'] - radius()) < 1e-4, value
    for tile in value['tiles']:
        i = tile['tile']
        near = {j: min(apart(j, t) for t in seen) for j in range(12) if j not in excluded}
        assert i not in seen | excluded and near[i] >= max(near.values()) - 1e-6, (tile, near)
        seen, covered = seen | {i}, covered | {i}
        assert abs(tile['radius_after'] - radius()) < 1e-4, tile


@test
def suggestions_from_unsure(folder):
    """suggest goes on from unsure tiles too, as the window does, and counts coverage from labels alone"""
    project, places = project_of(folder), list(PLACES)
    places[2], places[3] = (60, 0), (61, 0)
    fixture_input(''.join(f'{x} {y}\n' for x, y in places), 'map', project)
    assert good('suggest', project, '-k', '1')['tiles'][0]['tile'] == 3
    good('label', project, '#3', '--unsure')
    fixture('exclude', project, '11')
    value = good('suggest', project, '-k', '4')
    assert value['tiles'][0]['tile'] != 2, f'the tile beside the unsure one can wait: {value}'
    check_suggestions(value, places, {0, 4, 8}, {3}, {11})
    assert {tile['tile'] for tile in good('suggest', project, '-k', '12', '--strategy', 'random')['tiles']} == {1, 2, 5, 6, 7, 9, 10}


@test
def suggestions(folder):
    """suggest goes on from the labels: farthest point sampling by a plain search agrees"""
    project = project_of(folder)
    check_suggestions(good('suggest', project, '-k', '4'), PLACES, {0, 4, 8}, set(), set())
    picks = [good('suggest', project, '-k', '4', '--strategy', 'random', '--seed', str(s))['tiles'] for s in (1, 1, 2, 3, 4)]
    assert picks[0] == picks[1] and any(p != picks[0] for p in picks[2:])


@test
def quick(folder):
    """A thousand tiles are exported in a few seconds in every form"""
    source, project = os.path.join(folder, 'tiles'), os.path.join(folder, 'p.tessera')
    pictures.tiles(source, each=333, size=6)
    good('new', project, '--tiles', source, '--labels-from-folders')
    fixture_input(''.join(f'{i % 37} {i % 41}\n' for i in range(999)), 'map', project)
    good('label', project, '#0', 'fat')
    began = time.monotonic()
    good('export', project, '--csv', os.path.join(folder, 'x.csv'), '--map', os.path.join(folder, 'x.svg'), '--folders',
         os.path.join(folder, 'out'))
    assert time.monotonic() - began < 20


main()
