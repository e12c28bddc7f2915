"""Tables, folders and pictures, read back by others' parsers."""

import csv
import os
import re
import shutil
import sqlite3
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
def over_itself(folder):
    """No export takes the place of a project, whatever that is called"""
    project, other = project_of(folder), os.path.join(folder, 'other.tessera')
    named, link = os.path.join(folder, 'study.db'), os.path.join(folder, 'link.csv')
    for path in (other, named):
        shutil.copy(project, path)
    os.symlink(named, link)
    for path, target in ((project, project), (project, other), (named, named), (named, link)):
        with open(target, 'rb') as file:
            before = file.read()
        for option in ('--csv', '--labels', '--report'):
            result = run('export', path, option, target)
            assert result.code == 1 and os.path.basename(target) in result.err and 'another name' in result.err, str(result)
            with open(target, 'rb') as file:
                assert file.read() == before, option


@test
def over_sources(folder):
    """No export takes the place of a tile, a model or another export of the same call"""
    project, links = project_of(folder), os.path.join(folder, 'links')
    tile = os.path.join(folder, 'tiles', sorted(os.listdir(os.path.join(folder, 'tiles')))[0])
    while os.path.isdir(tile):
        tile = os.path.join(tile, sorted(os.listdir(tile))[0])
    os.symlink(os.path.join(folder, 'tiles'), links)
    model, path, link = (os.path.join(folder, name) for name in ('model', 'x.csv', 'y.csv'))
    with open(model, 'w', encoding='utf-8') as file:
        file.write('of a kind that nobody knows')
    with sqlite3.connect(project) as database:
        database.execute('INSERT INTO model VALUES (1, ?, NULL)', (model.encode(),))
    database.close()
    for target in (tile, tile.replace(os.path.join(folder, 'tiles'), links), model):
        with open(target, 'rb') as file:
            before = file.read()
        for option in ('--csv', '--areas', '--map', '--report'):
            if option == '--map' and not target.endswith('.png'):
                continue
            result = run('export', project, option, target)
            assert result.code == 1 and 'belongs to the project' in result.err, str(result)
            with open(target, 'rb') as file:
                assert file.read() == before, option
    os.symlink(path, link)
    for other in (path, os.path.join(folder, '.', 'x.csv'), os.path.join(links, '..', 'x.csv'), link):
        bad(2, 'export', project, '--csv', path, '--labels', other, says=['--csv and --labels'])
    assert not os.path.exists(path)


@test
def labels(folder):
    """--labels has what people said, nothing that is predicted, and comes back as it was"""
    project, path, other = project_of(folder), os.path.join(folder, 'x.csv'), os.path.join(folder, 'other.tessera')
    shutil.copy(project, other)
    good('label', project, '#1', 'fat', '--annotator', 'Ada')
    good('label', project, '#5', '--unsure', '--annotator', 'Ada')
    value = good('export', project, '--labels', path)
    assert value['labels'] == {'path': path, 'records': 5} and 'csv' not in value, value
    rows = table(path)
    assert list(rows[0]) == COLUMNS[:12] + ['state'], list(rows[0])
    assert [(int(row['tile_id']), row['label'], row['state']) for row in rows] == [
        (0, 'fat', 'labelled'), (1, 'fat', 'labelled'), (4, 'stroma', 'labelled'), (5, '', 'unsure'), (8, 'tumour', 'labelled')], rows
    assert rows[1]['annotator'] == 'Ada' and rows[1]['labelled_at']
    good('journal', other, '--revert', '0')
    assert good('label', other, '--from', path)['changed'] >= 2
    good('export', other, '--labels', os.path.join(folder, 'y.csv'))
    again = table(os.path.join(folder, 'y.csv'))
    keep = ('tile_id', 'file', 'label', 'annotator', 'state')
    assert [[row[k] for k in keep] for row in again] == [[row[k] for k in keep] for row in rows], again
    bad(2, 'export', project, says=['--labels FILE'])


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
    # “locale -a” would not list what ./test makes in a folder of its own.
    german = subprocess.run(['locale', 'decimal_point'], capture_output=True, check=False, env={**os.environ, 'LC_ALL': 'de_DE.UTF-8'})
    if german.stdout.strip() != b',':
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
    # what is written beside the pixels may name a patient, and stays
    signed, text = os.path.join(folder, 'tiles', listed[0]['file']), b'tEXtAuthor\0Meier, Hans'
    with open(signed, 'rb') as file:
        plain = file.read()
    with open(signed, 'wb') as file:
        file.write(plain[:33] + struct.pack('>I', len(text) - 4) + text + struct.pack('>I', zlib.crc32(text)) + plain[33:])
    good('export', project, '--folders', out + '2')
    with open(os.path.join(out + '2', listed[0]['path']), 'rb') as copy:
        assert copy.read() == plain


@test
def folders_alike(folder):
    """Tiles that are called alike, also but for case, and as another's second name, are all copied"""
    tiles, project, out = (os.path.join(folder, name) for name in ('tiles', 'p.tessera', 'out'))
    names = [f'a/t-{i}.png' for i in range(4, 13)] + ['b/t.png', 'c/t.png', 'd/T.png', 'e/t.png']
    for i, name in enumerate(names):
        pictures.write(os.path.join(tiles, name), pictures.noise(16, i))
    good('new', project, '--tiles', tiles)
    for i in range(len(names)):
        good('label', project, f'#{i}', 'fat')
    assert good('export', project, '--folders', out)['folders']['copied'] == len(names)
    rows = table(os.path.join(out, 'tiles.csv'))
    assert len({row['path'].lower() for row in rows}) == len(names) == len(os.listdir(os.path.join(out, 'fat'))), rows
    for row in rows:
        with open(os.path.join(out, row['path']), 'rb') as copy, open(os.path.join(tiles, row['file']), 'rb') as tile:
            assert copy.read() == tile.read(), row


@test
def cut_tiles(folder):
    """Of a tile that is cut short nobody can say what else is in it: what it shows is written anew"""
    project, out = project_of(folder), os.path.join(folder, 'out')
    cut, text = os.path.join(folder, 'tiles', 'fat', 'fat-1.png'), pictures.chunk(b'tEXt', b'Author\0Meier, Hans')
    with open(cut, 'rb') as file:
        whole = file.read()
    with open(cut, 'wb') as file:
        file.write(whole[:33] + text + whole[33:-12])
    assert good('export', project, '--folders', out)['folders'] == {'path': out, 'copied': 12, 'thumbnails': 0, 'missing': 0}
    assert 'fat/fat-1.png.png' in [row['path'] for row in table(os.path.join(out, 'tiles.csv'))]
    with open(os.path.join(out, 'fat', 'fat-1.png.png'), 'rb') as copy:
        anew = copy.read()
    assert b'Meier' not in anew and pictures.pixels(anew) == pictures.pixels(whole)


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
def full_disk(folder):
    """Where the disk fills up, --folders leaves nothing, and names what was asked for instead of where it was being built"""
    project, disk = project_of(folder), os.path.join(folder, 'disk')
    os.mkdir(disk)
    if os.geteuid() != 0 or subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=32k', 'tessera-test', disk], capture_output=True).returncode != 0:
        raise Skip('only the superuser can mount a small disk')
    try:
        told = bad(1, 'export', project, '--folders', os.path.join(disk, 'out'), says=['disk/out/', 'full'])
        assert '/out.' not in told and os.listdir(disk) == [], (told, os.listdir(disk))
    finally:
        subprocess.run(['umount', disk], check=True)


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
    good('suggest', project, '-k', '2', '--strategy', 'fps')
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


def report_text(project, path, *words):
    value = good('export', project, '--report', path, *words)
    assert value['report'] == {'path': path} and value['failed'] == [], value
    info = subprocess.run(['pdfinfo', path], check=True, capture_output=True).stdout.decode()
    assert re.search(r'Pages:\s+1\b', info) and re.search(r'Page size:.*A4', info), info
    text = subprocess.run(['pdftotext', '-layout', path, '-'], check=True, capture_output=True).stdout.decode()
    return re.sub(r'[ \t]+', ' ', text)


@test
def report(folder):
    """--report is one page that says what was labelled, predicted and by whom, shows examples, and names no file"""
    if not shutil.which('pdftotext'):
        raise Skip('poppler-utils is not installed')
    project, path = project_of(folder), os.path.join(folder, 'r.pdf')
    good('label', project, '#1', 'fat', '--annotator', 'Ada')
    good('label', project, '#5', '--unsure')
    good('label', project, '#9', 'tumour', '--annotator', 'Ada')
    text = report_text(project, path, '--title', 'Ward 3')
    for line in ('Ward 3', 'Tiles 12, 0 of them excluded', 'Labelled 5, and 1 not assessable', 'fat 2 2', 'tumour 2 2',
                 'Predicted by nearest label in the map', 'too few to say', 'of 5 labels, each left out', 'Model none'):
        assert line in text, (line, text)
    assert 'Ada (2)' in text and '.png' not in text and 'tumour-0' not in text, text
    picture = os.path.join(folder, 'page')
    subprocess.run(['pdftoppm', '-r', '72', '-singlefile', path, picture], check=True)
    with open(picture + '.ppm', 'rb') as file:
        _, _, _, pixels = file.read().split(b'\n', 3)
    seen = {tuple(pixels[i:i + 3]) for i in range(0, len(pixels), 3)}
    for color in COLORS[:3]:
        assert any(sum(abs(a - b) for a, b in zip(color, pixel)) < 12 for pixel in seen), color


@test
def bare_reports(folder):
    """A report of a project without map, labels or classes says what is missing"""
    if not shutil.which('pdftotext'):
        raise Skip('poppler-utils is not installed')
    project = project_of(folder, planted=False)
    text = report_text(project, os.path.join(folder, 'a.pdf'))
    for line in ('There is no map yet.', 'Labelled 0, and 0 not assessable', 'Predictions none', 'Map none', 'p '):
        assert line in text, (line, text)
    good('label', project, '#0', 'x' * 90)
    assert 'xxxxx' in report_text(project, os.path.join(folder, 'b.pdf'))
    for i in range(60):
        good('label', project, f'#{i % 12}', f'class {i}')
    assert 'more classes' in report_text(project, os.path.join(folder, 'c.pdf'))
    bad(1, 'export', project, '--report', os.path.join(folder, 'no', 'd.pdf'), says=['d.pdf'])


GREY, COLORS = (0xb8,) * 3, [(0x00, 0x73, 0xa4), (0xd5, 0x4f, 0x00), (0x00, 0x92, 0x71), (0xcc, 0x9a, 0xc0)]
RAMP = [0x472d7b, 0x3b528b, 0x2c728e, 0x21918c, 0x28ae80, 0x5ec962, 0xaddc30, 0xe8e419]


def ramp(value):
    """The colour of a number between 0 and 1, from the stops."""
    at = min(max(value, 0), 1) * (len(RAMP) - 1)
    k = min(int(at), len(RAMP) - 2)
    return tuple(round((RAMP[k] >> s & 255) * (k + 1 - at) + (RAMP[k + 1] >> s & 255) * (at - k)) for s in (16, 8, 0))


def drawn(project, folder, by):
    """Draws the map and reads it back: the colours of the filled marks on the map, plain grey ones apart, in the order of the tiles;
    how many grey ones; the legend's marks; its ramp; its words (None without pdftotext)."""
    path = os.path.join(folder, 'map.svg')
    good('export', project, '--map', path, '--color-by', by)
    with open(path, encoding='utf-8') as file:
        text = file.read()

    def rgb(percent):
        return tuple(round(float(p.strip(' %')) * 2.55) for p in percent.split(','))
    marks = [(rgb(c), float(x)) for c, x in re.findall(r'<path[^>]*?fill[:=]"?rgb\(([^)]*)\)[^>]*? d="M ([\d.]+)', text)]
    stops = [rgb(c) for c in re.findall(r'stop-color[:=]"?rgb\(([^)]*)\)', text)]
    words = None
    if shutil.which('pdftotext'):
        pdf = os.path.join(folder, 'map.pdf')
        good('export', project, '--map', pdf, '--color-by', by)
        words = subprocess.run(['pdftotext', '-layout', pdf, '-'], check=True, capture_output=True).stdout.decode()
        words = ' '.join(words.split())
    on_map = [c for c, x in marks if x < 922]
    return ([c for c in on_map if c != GREY], on_map.count(GREY), [c for c, x in marks if x >= 922], stops, words)


def assert_on_ramp(colors, values):
    assert len(colors) == len(values), (len(colors), values)
    for color, value in zip(colors, values):
        assert all(abs(a - b) <= 2 for a, b in zip(color, ramp(value))), (color, ramp(value), value)


def coloured_project(folder):
    """15 tiles, 14 of them in the table, one excluded, three labelled, one of them wrongly."""
    source, project = os.path.join(folder, 'tiles'), os.path.join(folder, 'p.tessera')
    pictures.tiles(source, each=5, size=6)
    good('new', project, '--tiles', source, '--labels-from-folders')
    fixture_input(''.join(f'{i * i % 31} {i}\n' for i in range(15)), 'map', project)
    for tile, name in ((0, 'fat'), (5, 'stroma'), (12, 'fat')):
        good('label', project, f'#{tile}', name)
    fixture('exclude', project, '14')
    path = os.path.join(folder, 'table.csv')
    with open(path, 'w', encoding='utf-8') as file:
        file.write('tile_id,slide,depth,margin\n')
        file.writelines(f'{i},{"AB"[i > 8] if i else ""},{i / 2 + 1},C\n' for i in range(14) if i != 4)
        file.write('14,B,100,C\n')
    good('columns', project, '--from', path)
    return project


def said(words, *texts):
    for text in texts:
        assert words is None or text in words, (text, words)


@test
def colour_by_label(folder):
    """--color-by label fills what is labelled and leaves the rest grey; nothing is said of predictions"""
    marks, grey, legend, stops, words = drawn(coloured_project(folder), folder, 'label')
    assert marks == [COLORS[0], COLORS[1], COLORS[0]] and grey == 11 and stops == [], (marks, grey)
    assert legend == COLORS[:3] + [GREY], legend
    said(words, 'Labels fat 2 labelled stroma 1 labelled tumour 0 labelled not labelled')
    assert words is None or 'predicted' not in words, words


@test
def colour_by_certainty(folder):
    """--color-by margin and distance put the table's numbers on a scale, and grey while they say nothing"""
    project = coloured_project(folder)
    good('export', project, '--csv', os.path.join(folder, 'x.csv'))
    rows = [row for row in table(os.path.join(folder, 'x.csv')) if row['state'] != 'excluded']
    margins, distances = [[float(row[k]) if row['pred'] else None for row in rows] for k in ('margin', 'nn_dist')]
    assert None not in margins and len(set(margins)) > 3
    marks, grey, _, stops, words = drawn(project, folder, 'margin')
    assert_on_ramp(marks, margins)
    assert grey == 0
    assert_on_ramp(stops, [k / (len(stops) - 1) for k in range(len(stops))])
    said(words, 'Certainty', 'could be either certain')
    marks, _, _, stops, words = drawn(project, folder, 'distance')
    assert_on_ramp(marks, [d / max(distances) for d in distances])
    assert len(stops) > 7
    said(words, 'Distance to its label', f'at a label {max(distances):.3g} away')
    good('label', project, '#5', '--clear')
    marks, grey, legend, _, words = drawn(project, folder, 'margin')
    assert marks == [] and grey == 14 and legend == [GREY], 'with labels of one class only nothing is more certain than the rest'
    said(words, 'not classified 14 tiles')


@test
def colour_by_truth(folder):
    """--color-by truth and right draw the truth's classes, and where label or prediction agrees with it"""
    project = coloured_project(folder)
    good('export', project, '--csv', os.path.join(folder, 'x.csv'))
    marks, grey, _, _, words = drawn(project, folder, 'truth')
    assert marks == [COLORS[i // 5] for i in range(14)] and grey == 0, marks
    said(words, 'Ground truth fat 5 tiles stroma 5 tiles tumour 4 tiles')
    rows = [row for row in table(os.path.join(folder, 'x.csv')) if row['state'] != 'excluded']
    wrong = [(row['label'] or row['pred']) != row['truth'] for row in rows]
    marks, grey, legend, _, words = drawn(project, folder, 'right')
    assert marks == [COLORS[w] for w in wrong] and grey == 0 and wrong[12], marks
    assert legend == COLORS[:2]
    said(words, f'Right or wrong right {wrong.count(False)} tiles wrong {wrong.count(True)} tiles')
    bare = os.path.join(folder, 'bare.tessera')
    good('new', bare, '--tiles', os.path.join(folder, 'tiles'))
    for by in ('truth', 'right'):
        bad(1, 'export', bare, '--map', os.path.join(folder, 'x.png'), '--color-by', by, says=['bare.tessera', 'ground truth'])


@test
def colour_by_column(folder):
    """--color-by a joined column draws its categories, or its numbers on a scale with its range, with a legend that says so"""
    project = coloured_project(folder)
    marks, grey, legend, stops, words = drawn(project, folder, 'slide')
    assert marks == [COLORS[i > 8] for i in range(14) if i not in (0, 4)] and grey == 2 and stops == [], marks
    assert legend == COLORS[:2] + [GREY], legend
    said(words, 'slide A 7 tiles B 5 tiles not in the table 2 tiles')
    marks, grey, legend, stops, words = drawn(project, folder, 'column:depth')
    assert_on_ramp(marks, [i / 2 / 99 for i in range(14) if i != 4])
    assert grey == 1 and legend == [GREY] and len(stops) > 7
    said(words, 'depth 1 100 not in the table 1 tile')
    assert drawn(project, folder, 'margin')[3] and drawn(project, folder, 'column:margin')[3] == [], 'a column that is called like a choice'
    path = os.path.join(folder, 'x.png')
    for by in ('depths', 'column:', 'column:prediction'):
        bad(1, 'export', project, '--map', path, '--color-by', by, says=['p.tessera', 'prediction, label, margin', 'tessera columns'])
    assert not os.path.exists(path)


@test
def colour_by_many_values(folder):
    """Of a column's values the twelve most frequent have a look of their own; the others share the grey and are counted"""
    project, path = coloured_project(folder), os.path.join(folder, 'many.csv')
    with open(path, 'w', encoding='utf-8') as file:
        file.write('tile_id,scanner\n' + ''.join(f'{i},S{max(i, 1):02}\n' for i in range(15)))
    good('columns', project, '--from', path)
    marks, grey, legend, _, words = drawn(project, folder, 'scanner')
    assert len(marks) == 13 and len(set(marks)) == 12 and marks[0] == marks[1] == COLORS[0] and grey == 1, marks
    assert len(legend) == 13 and legend[12] == GREY
    said(words, 'S12 1 tile 2 other values 1 tile')


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
    assert {tuple(sorted(p)) for p in value['predictions']} == {('class', 'distance', 'file', 'follows', 'margin', 'probability', 'tile')}
    assert value['discordant'] == [] and value['estimate']['labels'] == 3 and value['estimate']['right'] == 0, value
    bad(1, 'classify', project, '--rule', 'w', says=['tessera embed'])
    for tile, name in ((1, 'fat'), (2, 'fat'), (5, 'stroma'), (6, 'stroma'), (3, 'stroma')):
        good('label', project, f'#{tile}', name)
    value = good('classify', project)
    assert value['discordant'] == [{'tile': 3, 'file': 'fat/fat-3.png', 'label': 'stroma', 'told': 'fat'}], value
    estimate = value['estimate']  # of eight labels the tumour is alone and the slip is told wrongly
    assert (estimate['labels'], estimate['right'], estimate['accuracy']) == (8, 6, 0.75), estimate
    assert 0.4 < estimate['low'] < 0.75 < estimate['high'] < 0.95, estimate
    assert '1 label is not what the others say' in run('classify', project).out


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
    assert good('suggest', project, '-k', '1', '--strategy', 'fps')['tiles'][0]['tile'] == 3
    good('label', project, '#3', '--unsure')
    fixture('exclude', project, '11')
    value = good('suggest', project, '-k', '4', '--strategy', 'fps')
    assert value['tiles'][0]['tile'] != 2, f'the tile beside the unsure one can wait: {value}'
    check_suggestions(value, places, {0, 4, 8}, {3}, {11})
    assert {tile['tile'] for tile in good('suggest', project, '-k', '12', '--strategy', 'random')['tiles']} == {1, 2, 5, 6, 7, 9, 10}


@test
def suggestions(folder):
    """suggest goes on from the labels: farthest point sampling by a plain search agrees"""
    project = project_of(folder)
    check_suggestions(good('suggest', project, '-k', '4', '--strategy', 'fps'), PLACES, {0, 4, 8}, set(), set())
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
