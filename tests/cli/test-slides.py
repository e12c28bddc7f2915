"""Whole slides become projects: tiles, names, places, areas, slides that move, and all of it end to end."""

import csv
import json
import contextlib
import os
import sqlite3
import shutil
import signal
import subprocess

import pictures
from tap import Skip, TESSERA, bad, environment, good, main, run, test

SMALL = ['--resolution', '16', '--channel-base', '128', '--channel-max', '8', '--w-dim', '8', '--mapping-layers', '1']
TRAIN = ['--preset', 'quick', *SMALL, '--batch', '4', '--seed', '3', '--kimg', '0.04']


def tissue(x, y):
    """A field of purple left and pink right of x = 160, with some texture; white glass beyond y = 192."""
    if y >= 192:
        return 250, 250, 250
    grain = (x * 7 + y * 13) % 23
    return (140 + grain, 70 + grain, 150 + grain) if x < 160 else (220 - grain, 120 + grain, 170 + grain)


def slide(path, width=320, height=256, pixel=tissue, mpp=0.5):
    pictures.write(path, pictures.tiff(width, height, pixel, mpp))
    return path


def rows_of(project):
    table = project + '.csv'
    good('export', project, '--csv', table)
    with open(table, newline='', encoding='utf-8') as file:
        return list(csv.DictReader(file))


@test
def plain(folder):
    """new --slides lays tiles over the tissue and names them as QuPath does"""
    project = os.path.join(folder, 'p.tessera')
    path = slide(os.path.join(folder, 'case 1.tif'))
    value = good('new', project, '--slides', path, '--tile-size', '32')
    assert (value['tiles'], value['skipped']) == (60, []), value
    one, = value['slides']
    assert (one['slide'], one['format'], one['side'], one['level'], one['grid'], one['tiles']) == ('case 1', 'TIFF', 32, 0, 80, 60), one
    assert abs(one['mpp'] - 0.5) < 1e-6 and abs(one['tile_mpp'] - 0.5) < 1e-6 and one['known'] == one['damaged'] == 0, one
    rows = rows_of(project)
    assert len(rows) == 60
    for i, row in enumerate(rows):
        x, y = i % 10 * 32, i // 10 * 32
        assert row['file'] == f'case 1 [x={x},y={y},w=32,h=32]', row
        assert [row[k] for k in ('slide', 'minx', 'miny', 'width', 'height')] == ['case 1', str(x), str(y), '32', '32'], row
        assert abs(float(row['mpp']) - 0.5) < 1e-6, row


@test
def coordinates(folder):
    """--coords cuts exactly the tiles that TRIDENT's and CLAM's files, and tables, list"""
    one, two, three = (slide(os.path.join(folder, 's', name)) for name in ('case 1.tif', 'b.ome.tif', 'c.tif'))
    pictures.write(two, pictures.tiff(200, 100, tissue, 0.25))
    pictures.write(three, pictures.tiff(90, 90, tissue, 0.25))
    lists = os.path.join(folder, 'lists')
    os.mkdir(lists)
    with open(os.path.join(lists, 'b.csv'), 'w', encoding='utf-8') as file:
        file.write('minx,miny,width,height\n0,10,40,40\n-20,70,40,40\n')
    project, places = os.path.join(folder, 'p.tessera'), [(64, 32), (0, 192), (300, 240)]
    if not os.environ.get('WRITE_COORDS'):
        with open(os.path.join(lists, 'a.csv'), 'w', encoding='utf-8') as file:
            file.write('slide,minx,miny,width,height\n' + ''.join(f'case 1,{x},{y},64,64\n' for x, y in places))
    else: # the first twice
        flat = [str(n) for place in [*places, places[0]] for n in place]
        subprocess.run([os.environ['WRITE_COORDS'], os.path.join(lists, 'case 1_patches.h5'), '', '64', *flat], check=True, timeout=60)
    value = good('new', project, '--slides', os.path.join(folder, 's'), '--coords', lists, '--tile-size', '32')
    assert value['tiles'] == 5 and [s['file'] for s in value['skipped']] == ['c.tif'] and 'coordinates place no tile on this slide' in value['skipped'][0]['reason'], value
    assert [(s['slide'], s['side'], s['tiles']) for s in value['slides']] == [('b', 40, 2), ('case 1', 64, 3)], value
    assert abs(value['slides'][1]['tile_mpp'] - 1) < 1e-6, value
    found = [(row['slide'], int(row['minx']), int(row['miny']), int(row['width']), int(row['height'])) for row in rows_of(project)]
    assert found == [('b', 0, 10, 40, 40), ('b', -20, 70, 40, 40)] + [('case 1', x, y, 64, 64) for x, y in places], found
    again = good('add', project, '--slides', one, '--coords', *[os.path.join(lists, f) for f in os.listdir(lists) if f != 'b.csv'])
    assert (again['slides'][0]['tiles'], again['slides'][0]['known']) == (0, 3), again
    plain = os.path.join(folder, 'q.tessera')
    bad(2, 'new', plain, '--slides', one, '--coords', lists, '--mpp', '1', says=['--mpp'])
    bad(2, 'new', plain, '--tiles', folder, '--coords', lists, says=['--coords'])
    bad(1, 'new', plain, '--slides', one, '--coords', os.path.join(folder, 'no.h5'), says=['no.h5'])
    bad(1, 'new', plain, '--slides', one, three, '--coords', os.path.join(lists, 'b.csv'), says=['case 1.h5'])
    for name, text, says in (('far.csv', 'minx,miny,width,height\n0,400,40,40\n', 'outside'), ('long.csv', 'minx,miny,width,height\n0,0,40,30\n', 'squares'),
                             ('mixed.csv', 'minx,miny,width,height\n0,0,40,40\n0,0,41,41\n', 'one size'),
                             ('wide.csv', 'minx,miny,width,height\n0,0,20000,20000\n', 'wide.csv')):
        with open(os.path.join(folder, name), 'w', encoding='utf-8') as file:
            file.write(text)
        bad(1, 'new', plain, '--slides', one, '--coords', os.path.join(folder, name), says=[says])
        assert not os.path.exists(plain)
    # a table that does not say how large its tiles are
    sizeless = os.path.join(folder, 'sizeless.csv')
    for head, rows, corners in (('minx,miny', '64,32\n0,192', [(64, 32), (0, 192)]), ('loc_x,loc_y', '64,32\n0,192', [(44, 12), (-20, 172)])):
        with open(sizeless, 'w', encoding='utf-8') as file:
            file.write(head + '\n' + rows + '\n')
        words = ['new', plain, '--slides', one, '--coords', sizeless]
        bad(1, *words, says=['sizeless.csv', '--coords-size'])
        bad(1, *words, '--tile-size', '40', says=['--coords-size']) # that is what a network sees, at any scale
        value = good(*words, '--coords-size', '40', '--tile-size', '20')
        assert [(s['side'], s['tiles']) for s in value['slides']] == [(40, 2)] and abs(value['slides'][0]['tile_mpp'] - 1) < 1e-6, value
        assert [(int(row['minx']), int(row['miny']), int(row['width'])) for row in rows_of(plain)] == [(*c, 40) for c in corners]
        os.unlink(plain)
    value = good('new', plain, '--slides', os.path.join(folder, 's'), '--coords', lists, '--coords-size', '99', '--tile-size', '32')
    assert [s['side'] for s in value['slides']] == [40, 64], 'a table that says it is believed'
    os.unlink(plain)
    bad(2, 'new', plain, '--slides', one, '--coords-size', '40', says=['--coords'])
    bad(2, 'new', plain, '--slides', one, '--coords', sizeless, '--coords-size', '0', says=['--coords-size'])
    far = os.path.join(folder, 'far.csv') # what is wrong, not that there is too little tissue
    bad(1, 'new', plain, '--slides', one, '--coords', far, says=['None of the slides can be cut', 'case 1.tif', 'outside'])


@test
def others_coordinates(folder):
    """Tables that name other slides do not place tiles on the only one, and a broken one of a folder stops nothing"""
    path, lists, project = slide(os.path.join(folder, 'a.tif')), os.path.join(folder, 'lists'), os.path.join(folder, 'p.tessera')
    os.mkdir(lists)
    new = ['new', project, '--slides', path, '--tile-size', '32', '--coords', lists]
    for name, rows in (('b', '64,64,32,32\n'), ('c', '96,96,40,40\n')):
        with open(os.path.join(lists, name + '.csv'), 'w', encoding='utf-8') as file:
            file.write('minx,miny,width,height\n' + rows)
    bad(1, *new, says=['no tile', 'a.h5'])
    assert not os.path.exists(project)
    with open(os.path.join(lists, 'a.csv'), 'w', encoding='utf-8') as file:
        file.write('minx,miny,width,height\n0,0,32,32\n32,0,32,32\n')
    with open(os.path.join(lists, 'broken.h5'), 'wb') as file:
        file.write(b'\x89HDF\r\n\x1a\n')
    result = run(*new)
    assert result.code == 0 and 'broken.h5' in result.err and '2 rows' in result.err, result
    assert [(row['minx'], row['miny']) for row in rows_of(project)] == [('0', '0'), ('32', '0')]
    os.remove(project)
    for name in ('a.csv', 'b.csv', 'broken.h5'):
        os.remove(os.path.join(lists, name))
    assert good(*new)['tiles'] == 1 # of another name, but one slide's


@test
def sizes(folder):
    """--mpp, --micrometres, --overlap, --tissue and --no-mask say which tiles; names tell the downsample"""
    path = slide(os.path.join(folder, 's.tif'))
    cases = [(['--mpp', '1'], 15, 64, 'd=2,'), (['--micrometres', '32'], 15, 64, 'd=2,'), (['--no-mask'], 80, 32, ''),
             (['--tissue', '0'], 80, 32, ''), (['--overlap', '16'], 19 * 11, 32, ''), (['--saturation', '200'], None, 32, '')]
    for i, (options, tiles, side, d) in enumerate(cases):
        project = os.path.join(folder, f'{i}.tessera')
        arguments = ('new', project, '--slides', path, '--tile-size', '32', *options)
        if tiles is None:
            bad(1, *arguments, says=['--tissue', '--no-mask'])
            assert not os.path.exists(project)
            continue
        value = good(*arguments)
        assert value['slides'][0]['side'] == side, value
        if '--overlap' not in options:
            assert value['tiles'] == tiles, (options, value)
        else: # rows half over the glass have half their area in tissue
            assert tiles <= value['tiles'] <= tiles + 19, value
        assert rows_of(project)[1]['file'].startswith(f's [{d}x='), rows_of(project)[1]


@test
def unknown_mpp(folder):
    """A size in micrometres of a slide that does not say is not guessed: the slide is left out, by a sentence that names the option; if no other is there, nothing is made"""
    project = os.path.join(folder, 'p.tessera')
    known, silent = slide(os.path.join(folder, 'a.tif')), slide(os.path.join(folder, 'b.tif'), mpp=None)
    other = slide(os.path.join(folder, 'c.tif'), mpp=None)
    for size in (['--mpp', '0.5'], ['--micrometres', '16']):
        bad(1, 'new', project, '--slides', silent, '--tile-size', '32', *size, says=['b.tif', '--slide-mpp'])
        assert not os.path.exists(project)
        bad(1, 'new', project, '--slides', silent, other, '--tile-size', '32', *size, says=['b.tif” and 1 more do not say'])
        one = os.path.join(folder, size[0] + '.tessera')
        value = good('new', one, '--slides', silent, known, other, '--tile-size', '32', *size)
        assert [s['slide'] for s in value['slides']] == ['a'] and value['tiles'] == 60, value
        assert [s['file'] for s in value['skipped']] == ['b.tif', 'c.tif'], value
        assert all(s['reason'].startswith('It does not say how many micrometres') and '--slide-mpp' in s['reason'] for s in value['skipped']), value
    value = good('new', project, '--slides', known, silent, '--tile-size', '32', '--mpp', '1', '--slide-mpp', '0.25')
    assert [one['side'] for one in value['slides']] == [64, 128], 'only the slide that does not say is taken at its word'
    listed = good('slides', project)['slides']
    assert [one['mpp_given'] for one in listed] == [False, True] and listed[1]['mpp'] == 0.25, listed
    other = os.path.join(folder, 'q.tessera')
    value = good('new', other, '--slides', silent, '--tile-size', '32')
    assert value['slides'][0]['mpp'] is None
    assert rows_of(other)[0]['mpp'] == ''
    one, = good('slides', other)['slides']
    assert one['mpp'] is None and one['other'] == {'tiles': 60, 'mm2': None}, one
    bad(1, 'slides', project, '--slide', 'a', '--slide-mpp', '0.5', says=['a', '--slide-mpp'])
    one, = good('slides', other, '--slide-mpp', '0.5')['slides']
    assert one['mpp'] == 0.5 and abs(one['other']['mm2'] - 60 * (32 * 0.0005) ** 2) < 1e-9, one
    assert float(rows_of(other)[0]['mpp']) == 0.5


@test
def refused(folder):
    """What is said of slides that give no tile names the file once, without its folder, says why, and what to do"""
    project, source = os.path.join(folder, 'p.tessera'), os.path.join(folder, 'ward 7')
    empty, also = os.path.join(folder, 'empty'), os.path.join(folder, 'also')
    os.mkdir(empty)
    os.mkdir(also)
    bad(1, 'new', project, '--slides', empty, says=[f'no slide in the folder “{empty}”;'])
    bad(1, 'new', project, '--slides', empty, also, says=[f'“{empty}”, nor in the other folder;'])
    small = slide(os.path.join(source, 'small.tif'), 20, 12)
    for options in (['--no-mask'], []):
        line = bad(1, 'new', project, '--slides', small, '--tile-size', '32', *options, says=['small: a tile of 32 x 32', '(20 x 12)'])
        assert 'as large as a tile' in line and 'tissue' not in line, line
    good_one, broken, torn = (slide(os.path.join(source, name)) for name in ('a.tif', 'broken.tif', 'torn.tif'))
    with open(broken, 'wb') as file:
        file.write(b'II*\0\x10\0\0\0')
    pictures.write(torn, pictures.tiff(320, 256, tissue, 0.5, lost=[0]))
    result = run('new', project, '--slides', good_one, broken, torn, '--tile-size', '32', '--no-mask')
    assert result.code == 0 and 'ward 7' not in result.err and result.err.count('broken.tif') == 1 and 'torn: ' in result.err, result
    assert 'Skipped broken.tif: The TIFF file' in result.err and 'stay out: ' in result.err, result
    lost = os.path.join(folder, 'q.tessera')
    line = bad(1, 'new', lost, '--slides', torn, '--tile-size', '32', '--no-mask', says=['No tile of the slides can be read; of “torn”: ', 'copy'])
    assert 'ward 7' not in line, line


@test
def damaged(folder):
    """A damaged part of a slide costs its own tiles, counted and with the reason, and no others; also on a slide with one level, where it leaves a hole in the overview"""
    path, project = os.path.join(folder, 's.tif'), os.path.join(folder, 'p.tessera')
    for lost in ([], [1], [0, 2]):
        pictures.write(path, pictures.tiff(320, 256, tissue, 0.5, rows=64, lost=lost))
        for options in ([], ['--no-mask']):
            result = run('new', project, '--slides', path, '--tile-size', '32', '--json', *options)
            assert result.code == 0, result
            one, = result.json['slides']
            assert (one['tiles'], one['damaged']) == ((80 if options else 60) - 20 * len(lost), 20 * len(lost)), (lost, one)
            assert ('cannot be read and stay out: A part' in result.err) == bool(lost), result
            assert sorted({row['miny'] for row in rows_of(project)} & {str(32 * i) for i in range(6)}) == sorted(str(32 * i) for i in range(6) if i // 2 not in lost)
            os.remove(project)
    pictures.write(path, pictures.tiff(320, 256, tissue, 0.5, rows=64, lost=[1]))
    result = run('new', project, '--slides', path, '--tile-size', '32', '--hide-names')
    assert 'slide 1: 20 tiles cannot be read' in result.err and 's.tif' not in result.err, 'what is said of a slide that joins does not name its file'
    os.remove(project)
    pictures.write(path, pictures.tiff(320, 256, tissue, 0.5, rows=64, lost=range(4)))
    bad(1, 'new', project, '--slides', path, '--tile-size', '32', says=['Skipped s.tif: ', 'None of the slides can be cut'])


@test
def of_others(folder):
    """Annotations and coordinates of a slide that cannot be cut are not taken for the only other one's, and stop nothing"""
    one, broken, silent = (os.path.join(folder, 's', name) for name in ('a.tif', 'broken.svs', 'silent.tif'))
    slide(one)
    slide(silent, mpp=None)
    pictures.write(broken, b'II*\0\x10\0\0\0')
    pictures.write(os.path.join(folder, 's', 'a.png'), pictures.plain(100))
    area = '{"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [[[0, 0], [64, 0], [64, 64], [0, 64], [0, 0]]]}, ' \
        '"properties": {"objectType": "annotation", "classification": {"name": "Tumor"}}}'
    for name in ('a', 'broken', 'silent', 'any'):
        with open(os.path.join(folder, name + '.geojson'), 'w', encoding='utf-8') as file:
            file.write(area)
        with open(os.path.join(folder, name + '.csv'), 'w', encoding='utf-8') as file:
            file.write('minx,miny,width,height\n64,64,32,32\n')
    project = os.path.join(folder, 'p.tessera')
    for slides in ([one, broken], [one, silent], [os.path.join(folder, 's')]):
        new = ['new', project, '--slides', *slides, '--tile-size', '32']
        other = os.path.join(folder, 'silent' if slides[-1] == silent else 'broken')
        value = good(*new, '--mpp', '0.5', '--truth', other + '.geojson')
        assert [s['truth'] for s in value['slides']] == [None], value
        os.remove(project)
        value = good(*new, '--mpp', '0.5', '--area', other + '.geojson', os.path.join(folder, 'a.geojson'), '--truth-from-area')
        assert [(s['tiles'], s['truth']) for s in value['slides']] == [(4, 4)], value
        os.remove(project)
        bad(1, *new, '--mpp', '0.5', '--area', os.path.join(folder, 'any.geojson'), says=['any.geojson” is named after none'])
        if slides[-1] != silent: # its size in micrometres is not asked for where coordinates say places
            value = good(*new, '--coords', other + '.csv', os.path.join(folder, 'a.csv'))
            assert [(s['slide'], s['tiles']) for s in value['slides']] == [('a', 1)], value
            os.remove(project)
            bad(1, *new, '--coords', other + '.csv', says=['coordinates place no tile on this slide'])
    for option in ('--area', '--truth'):
        bad(1, 'new', project, '--slides', one, '--tile-size', '32', option, folder, says=[f'“{folder}” is a folder; {option} takes'])
    os.remove(silent)
    os.remove(broken)
    good('new', project, '--slides', os.path.join(folder, 's'), '--tile-size', '32', '--area', os.path.join(folder, 'any.geojson'))


@test
def same_and_long(folder):
    """A copy of a slide is no second slide, and a name as long as a file's can be does not stop an export"""
    path, project, out = os.path.join(folder, 's', 'z' * 240 + '.tif'), os.path.join(folder, 'p.tessera'), os.path.join(folder, 'out')
    slide(path)
    shutil.copy(path, os.path.join(folder, 's', 'a copy.tif'))
    result = run('new', project, '--slides', os.path.join(folder, 's'), '--tile-size', '32')
    assert result.code == 0 and '60 tiles of 1 slide,' in result.out, result
    os.remove(project)
    good('new', project, '--slides', path, '--tile-size', '32')
    assert good('export', project, '--geojson', out, '--geojson-gz')['geojson']['files'][0]['slide'] == 'z' * 240
    assert os.listdir(out) == ['z' * 230 + '.geojson.gz']


@test
def folders(folder):
    """A folder means the slides in it; what is broken, or a mere picture, is listed and stops nothing"""
    source, project = os.path.join(folder, 'slides'), os.path.join(folder, 'p.tessera')
    slide(os.path.join(source, 's10.tif'))
    slide(os.path.join(source, 's9.tif'), pixel=lambda x, y: tissue(y, x))
    slide(os.path.join(source, 'sub', 'deep.tif'), pixel=lambda x, y: tissue(319 - x, y))
    pictures.write(os.path.join(source, 'label.png'), pictures.plain(200))
    pictures.write(os.path.join(source, 'notes.txt'), b'nothing')
    with open(os.path.join(source, 's9.tif'), 'rb') as file:
        pictures.write(os.path.join(source, 'cut.tif'), file.read()[:2000])
    value = good('new', project, '--slides', source, '--tile-size', '32')
    assert [one['slide'] for one in value['slides']] == ['s9', 's10', 'deep'], value
    assert sorted(one['file'] for one in value['skipped']) == ['cut.tif', 'label.png', 'notes.txt'], value['skipped']
    assert all(one['reason'].endswith('.') for one in value['skipped']), value['skipped']
    again = good('add', project, '--slides', source)
    assert again['added'] == 0 and again['tiles'] == value['tiles'], again
    assert [one['known'] for one in again['slides']] == [one['tiles'] for one in value['slides']], 'cut as before, without asking'
    # a project among its slides is none of them, and is not even looked at
    within = os.path.join(source, 'within.tessera')
    assert [one['slide'] for one in good('new', within, '--slides', source, '--tile-size', '32')['slides']] == ['s9', 's10', 'deep']
    again = good('add', within, '--slides', source)
    assert again['added'] == 0 and sorted(one['file'] for one in again['skipped']) == ['cut.tif', 'label.png', 'notes.txt'], again
    bad(1, 'new', project + '2', '--slides', within, says=['within.tessera', 'It is a Tessera project'])
    bad(1, 'new', project + '2', '--slides', os.path.join(source, 'notes.txt'), says=['notes.txt'])
    bad(1, 'new', project + '2', '--slides', os.path.join(folder, 'none.tif'), says=['none.tif'])
    # all are refused: each has its sentence
    several = [os.path.join(source, 'notes.txt'), os.path.join(folder, 'none.tif'), os.path.join(source, 'cut.tif')]
    result = run('new', '--json', project + '2', '--slides', *several)
    assert result.code == 1 and [one['file'] for one in result.json['skipped']] == ['notes.txt', 'none.tif', 'cut.tif'], str(result)
    assert all(one['reason'].endswith('.') for one in result.json['skipped']) and 'error' in result.json, str(result)
    result = run('new', project + '2', '--slides', *several)
    assert [line.split(':')[0] for line in result.err.splitlines() if line.startswith('Skipped')] == [
        'Skipped notes.txt', 'Skipped none.tif', 'Skipped cut.tif'], str(result)

    def kept():
        with contextlib.closing(sqlite3.connect(project)) as db:
            return [row[0] for row in db.execute('SELECT file FROM skipped ORDER BY rowid')]
    assert sorted(kept()) == ['cut.tif', 'label.png', 'notes.txt'], 'to be looked at in the window'
    good('add', project, '--slides', os.path.join(source, 's9.tif'), several[1])
    assert kept() == ['none.tif'], kept()
    good('add', project, '--slides', os.path.join(source, 's9.tif'))
    assert kept() == []
    good('add', project, '--slides', os.path.join(source, 's9.tif'), several[0], '--hide-names')
    assert kept() == [], 'names of slides are in no such project'
    os.mkdir(os.path.join(folder, 'empty'))
    bad(1, 'new', project + '2', '--slides', os.path.join(folder, 'empty'), says=['--slides'])
    assert not os.path.exists(project + '2')
    value = good('new', project + '2', '--slides', os.path.join(source, 's9.tif'), os.path.join(source, 'label.png'), '--tile-size',
                 '32', '--no-mask', '--slides', os.path.join(source, 'sub'))
    assert [one['slide'] for one in value['slides']] == ['s9', 'label', 'deep'], 'a picture that is named is taken'


@test
def usage(folder):
    """Options that exclude each other are told apart by one sentence"""
    project, path = os.path.join(folder, 'p.tessera'), slide(os.path.join(folder, 's.tif'))
    pictures.tiles(os.path.join(folder, 'tiles'))
    bad(2, 'new', project, '--tiles', folder, '--slides', path, says=['--tiles', '--slides'])
    bad(2, 'new', project, '--tiles', os.path.join(folder, 'tiles'), '--mpp', '1', says=['--mpp', '--slides'])
    bad(2, 'new', project, '--slides', path, '--labels-from-folders', says=['--labels-from-folders'])
    bad(2, 'new', project, '--slides', path, '--mpp', '1', '--micrometres', '30', says=['--mpp', '--micrometres'])
    bad(2, 'new', project, '--slides', path, '--overlap', '64', says=['--overlap', '--tile-size'])
    bad(2, 'new', project, '--slides', path, '--no-mask', '--brightness', '9', says=['--no-mask', '--brightness'])
    bad(2, 'new', project, '--slides', says=['--slides'])
    bad(2, 'new', '--slides', path, project, says=['missing'])
    assert not os.path.exists(project)
    good('new', project, '--tiles', os.path.join(folder, 'tiles'))
    assert good('slides', project)['slides'] == []
    bad(2, 'relink', project, says=['--slide', '--folder'])
    bad(2, 'relink', project, path, says=['--slide', '--folder'])
    bad(2, 'relink', project, '--slide', 's', says=['--slide', '--folder'])
    bad(1, 'relink', project, path, '--slide', 's', says=['s', 'tessera slides'])
    bad(1, 'slides', project, '--slide', 's', says=['tessera slides'])


@test
def areas(folder):
    """Tiles and mm2 by class are what the table says, overlapping tiles counted by the step between them"""
    project = os.path.join(folder, 'p.tessera')
    first = slide(os.path.join(folder, 'a.tif'))
    second = slide(os.path.join(folder, 'b.tif'), pixel=lambda x, y: tissue(x, y + 30), mpp=0.25)
    good('new', project, '--slides', first, second, '--tile-size', '32', '--overlap', '8')
    before = rows_of(project)
    good('label', project, '#0', 'purple')
    good('label', project, '#8', 'pink')
    good('label', project, f'#{len(before) - 1}', 'pink')
    good('embed', project, '--untrained', *SMALL, timeout=600)
    good('map', project)
    rows = rows_of(project)
    step = {'a': 24 * 0.5e-3, 'b': 24 * 0.25e-3}
    value = good('slides', project)
    assert [one['slide'] for one in value['slides']] == ['a', 'b'] and all(one['present'] for one in value['slides'])
    for one in value['slides']:
        mine = [row for row in rows if row['slide'] == one['slide']]
        assert one['tiles'] == len(mine) and one['other']['tiles'] == 0, one
        assert [c['class'] for c in one['classes']] == ['purple', 'pink']
        for c in one['classes']:
            labelled = sum(row['label'] == c['class'] for row in mine)
            predicted = sum(row['label'] == '' and row['pred'] == c['class'] for row in mine)
            for found, tiles in ((c['labelled'], labelled), (c['predicted'], predicted)):
                assert found['tiles'] == tiles and abs(found['mm2'] - tiles * step[one['slide']] ** 2) < 1e-7, (c, tiles)
    # another cut of the slide, of another size, does not change what the first one's labels cover
    good('add', project, '--slides', first, '--tile-size', '64', '--overlap', '0')
    again = good('slides', project)['slides'][0]
    for c, former in zip(again['classes'], value['slides'][0]['classes']):
        assert c['labelled'] == former['labelled'], (c, former)
    text = run('slides', project)
    assert text.code == 0 and 'a: TIFF, 320 x 256, 0.5 um a pixel' in text.out and 'mm²' in text.out, str(text)


@test
def hidden_names(folder):
    """--hide-names: no name of a slide in what is shown and exported"""
    project = os.path.join(folder, 'p.tessera')
    secret = 'DOE-JANE'
    paths = [slide(os.path.join(folder, f'{secret}-{i}.tif'), pixel=lambda x, y, i=i: tissue(x, y + 16 * i)) for i in range(3)]
    value = good('new', project, '--slides', paths[0], '--tile-size', '32', '--hide-names')
    assert value['slides'][0]['slide'] == 'slide 1'
    good('label', project, '#0', 'purple')
    good('add', project, '--slides', paths[1])
    results = [run('slides', project, '--json'), run('slides', project), run('add', project, '--slides', paths[2]),
               run('export', project, '--csv', os.path.join(folder, 'o.csv'), '--folders', os.path.join(folder, 'o'), '--json')]
    assert all(result.code == 0 and secret not in result.out + result.err for result in results), [str(r) for r in results]
    assert results[0].json['slides'][1]['slide'] == 'slide 2' and results[0].json['slides'][1]['file'] is None
    for root, _, files in os.walk(os.path.join(folder, 'o')):
        assert not [name for name in files if secret in name], files
    for name in ('o.csv', 'o/tiles.csv'):
        with open(os.path.join(folder, name), encoding='utf-8') as file:
            text = file.read()
        assert secret not in text and 'slide 1 [x=0,y=0,w=32,h=32]' in text, text[:300]
    other = os.path.join(folder, 'q.tessera') # later is not too late
    good('new', other, '--slides', paths[0], '--tile-size', '32')
    assert secret in rows_of(other)[0]['file']
    good('add', other, '--slides', paths[1], '--hide-names')
    assert [one['slide'] for one in good('slides', other)['slides']] == ['slide 1', 'slide 2']
    assert rows_of(other)[0]['file'] == 'slide 1 [x=0,y=0,w=32,h=32]'


@test
def moved(folder):
    """A slide that has gone: work goes on with thumbnails; relink finds it, and takes no other"""
    project, away = os.path.join(folder, 'p.tessera'), os.path.join(folder, 'far', 'away', 'x.tif')
    paths = [slide(os.path.join(folder, f's{i}.tif'), pixel=lambda x, y, i=i: tissue(x, y + 16 * i)) for i in range(2)]
    good('new', project, '--slides', *paths, '--tile-size', '32')
    embedded = good('embed', project, '--untrained', *SMALL, timeout=600)
    assert embedded['missing_files'] == 0
    os.makedirs(os.path.dirname(away))
    os.rename(paths[0], away)
    embedded = good('embed', project, '--untrained', *SMALL, timeout=600)
    assert embedded['missing_files'] == 60, embedded
    good('map', project)
    for tile in ('#0', '#70'):
        good('label', project, tile, 'purple')
    value = good('export', project, '--folders', os.path.join(folder, 'o'), '--only', 'labelled')['folders']
    assert (value['copied'], value['thumbnails'], value['missing']) == (1, 1, 0), value
    assert [one['present'] for one in good('slides', project)['slides']] == [False, True]
    assert 'tessera relink' in run('slides', project).out
    bad(1, 'relink', project, paths[1], '--slide', 's0', says=['s1.tif', 's0', 'fingerprint'])
    bad(1, 'relink', project, os.path.join(folder, 'none'), '--slide', 's0', says=['none'])
    assert good('relink', project, '--slide', 's0', away) == {'project': project, 'found': 1, 'missing': []}
    assert good('embed', project, '--untrained', *SMALL, timeout=600)['missing_files'] == 0
    os.rename(away, away + '2')
    assert good('relink', project, '--folder', os.path.join(folder, 'o')) == {'project': project, 'found': 0, 'missing': ['s0']}
    assert good('relink', project, '--folder', folder) == {'project': project, 'found': 1, 'missing': []}
    assert good('slides', project)['slides'][0]['file'] == away + '2'


@test
def joins(folder):
    """A slide added later is embedded and placed on the map, which stays"""
    project = os.path.join(folder, 'p.tessera')
    paths = [slide(os.path.join(folder, f's{i}.tif'), pixel=lambda x, y, i=i: tissue(x, y + 16 * i)) for i in range(2)]
    good('new', project, '--slides', paths[0], '--tile-size', '32')
    good('train', project, *TRAIN, timeout=900)
    good('embed', project, timeout=600)
    good('map', project)
    before = rows_of(project)
    value = good('add', project, '--slides', paths[1], timeout=600)
    n = value['slides'][0]['tiles']
    assert n > 0 and (value['added'], value['embedded'], value['placed']) == (n, n, n), value
    after = rows_of(project)
    assert after[:len(before)] == before and all(row['tsne_x'] for row in after)


@test
def interrupted(folder):
    """Ctrl+C while a slide is cut: a sentence, exit 1, no half project"""
    project = os.path.join(folder, 'p.tessera')
    path = slide(os.path.join(folder, 's.tif'), 640, 480, lambda x, y: tissue(x % 320, y % 192))
    process = subprocess.Popen([TESSERA, 'new', project, '--slides', path, '--tile-size', '2'], env=environment(),
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    while b'Reading tiles' not in process.stderr.readline():
        assert process.poll() is None, 'it was too fast to be interrupted'
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 1 and b'Stopping' in err and out == b'', (process.returncode, out, err)
    assert sorted(os.listdir(folder)) == ['s.tif'], os.listdir(folder)


@test
def real(folder):
    """Every slide there is: new, train, embed, map, label, classify, export, areas by class"""
    source = os.environ.get('TESSERA_SLIDES', '')
    names = sorted(os.listdir(source)) if os.path.isdir(source) else []
    if not names:
        raise Skip('no slides: set TESSERA_SLIDES to a folder of some')
    project = os.path.join(folder, 'p.tessera')
    value = good('new', project, '--slides', source, '--tile-size', '64', '--mpp', '0.5', '--slide-mpp', '0.5')
    assert len(value['slides']) == len(names) and value['skipped'] == [] and value['tiles'] > 0, value
    good('train', project, *TRAIN, timeout=900)
    embedded = good('embed', project, timeout=900)
    assert embedded['embedded'] == value['tiles'] and embedded['missing_files'] == 0, embedded
    assert good('map', project, timeout=900)['tiles'] == value['tiles']
    for i, tile in enumerate(good('suggest', project, '-k', '6')['tiles']):
        good('label', project, f"#{tile['tile']}", 'even' if i % 2 else 'odd')
    assert good('classify', project)['predicted'] == value['tiles'] - 6
    rows = rows_of(project)
    assert {row['slide'] for row in rows} == {one['slide'] for one in value['slides']}
    out = good('export', project, '--folders', os.path.join(folder, 'o'), '--only', 'labelled')['folders']
    assert (out['copied'], out['thumbnails'], out['missing']) == (6, 0, 0), out
    listed = good('slides', project)['slides']
    assert sum(c['labelled']['tiles'] + c['predicted']['tiles'] for one in listed for c in one['classes']) == value['tiles']
    copy = os.path.join(folder, 'copy')
    shutil.copytree(source, copy)
    assert good('add', project, '--slides', copy, '--slide-mpp', '0.5', timeout=900)['added'] == 0, 'copies are the same slides'
    assert json.dumps(good('slides', project)['slides']) == json.dumps(listed)


main()
