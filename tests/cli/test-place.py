"""Tiles that are files get places on slides: from tables of several programs, and from their names."""

import csv
import json
import os
import sqlite3
import subprocess

import pictures
from tap import Skip, bad, good, main, run, test

W, H, SIDE = 160, 128, 32


def slide(folder, name, shift=0, mpp=0.5):
    path = os.path.join(folder, name)
    pictures.write(path, pictures.tiff(W, H, lambda x, y: ((x * 5 + y + shift) % 200, (y * 3) % 150, (x + y) % 180), mpp))
    return path


def project_of(folder, names):
    """A project of image files called so."""
    project = os.path.join(folder, 'p.tessera')
    for i, name in enumerate(names):
        pictures.write(os.path.join(folder, 'tiles', name), pictures.noise(16, i + 1))
    good('new', project, '--tiles', os.path.join(folder, 'tiles'))
    return project


def table(folder, name, header, *rows):
    path = os.path.join(folder, name)
    with open(path, 'w', newline='', encoding='utf-8') as file:
        csv.writer(file).writerows([header, *rows])
    return path


def places(project):
    """slide, x, y, side_x, side_y of every tile, straight from the file; the file is sound."""
    with sqlite3.connect(project) as db:
        assert db.execute('PRAGMA integrity_check').fetchone() == ('ok',)
        return db.execute('SELECT name, s, x, y, side_x, side_y FROM (SELECT tile.id AS id, tile.name AS name, slide.name AS s, x, y, side_x, side_y '
                          'FROM tile LEFT JOIN slide ON slide.id = tile.slide) ORDER BY id').fetchall()


@test
def from_names(folder):
    """--from-names reads QuPath's names; areas, tables and GeoJSON then know the tiles' places"""
    a, b = slide(folder, 's/a.tif'), slide(folder, 's/deep/b.tif', 7)
    names = ['a [x=0,y=32,w=32,h=32].png', 'a [d=2,x=64,y=0,w=64,h=64].png', 'b [x=96,y=96,w=32,h=32].png', 'plain.png']
    project = project_of(folder, names)
    value = good('place', project, '--from-names', '--slides', os.path.join(folder, 's'))
    assert (value['placed'], value['files'], value['missing']) == (3, 4, []), value
    assert value['slides'] == [{'slide': 'a', 'tiles': 2}, {'slide': 'b', 'tiles': 1}], value
    found = {name: rest for name, *rest in places(project)}
    assert found == {names[0]: ['a', 0, 32, 32, 32], names[1]: ['a', 64, 0, 64, 64], names[2]: ['b', 96, 96, 32, 32],
                     names[3]: [None] * 5}, found
    listed = good('slides', project)['slides']
    assert [(one['slide'], one['file'], one['tiles']) for one in listed] == [('a', a, 2), ('b', b, 1)], listed
    assert abs(listed[0]['other']['mm2'] - (32 * 32 + 64 * 64) * 0.25e-6) < 1e-12, listed
    good('label', project, names[2], 'Tumour')
    out = os.path.join(folder, 'out')
    good('export', project, '--geojson', out)
    with open(os.path.join(out, 'b.geojson'), encoding='utf-8') as file:
        feature, = json.load(file)['features']
    assert sorted(map(tuple, feature['geometry']['coordinates'][0]))[0] == (96, 96), feature
    before = places(project)
    assert good('place', project, '--from-names', '--slides', os.path.join(folder, 's'))['placed'] == 3
    assert places(project) == before
    os.remove(a), os.remove(b) # the project knows them by their names now
    assert good('place', project, '--from-names')['placed'] == 3 and places(project) == before


@test
def from_tables(folder):
    """--from reads Slideflow's, WSInfer's and plain tables; the last word on a tile counts"""
    names = ['case-48-16.png', 'case-80-112.png', 'x/one.png', 'x/two.png']
    path, project = slide(folder, 'case.tif'), project_of(folder, names)
    flow = table(folder, 'flow.csv', ['slide', 'loc_x', 'loc_y'], ['case', 48, 16], ['case', 80, 112], ['case', 16, 16])
    bad(1, 'place', project, '--from', flow, '--slide', path, says=['flow.csv', 'how large'])
    value = good('place', project, '--from', flow, '--slide', path, '--tile-size', '32')
    assert (value['placed'], value['unknown'], value['bad']) == (2, 1, 0), value
    expected = [('case-48-16.png', 'case', 32, 0, 32, 32), ('case-80-112.png', 'case', 64, 96, 32, 32),
                ('x/one.png', None, None, None, None, None), ('x/two.png', None, None, None, None, None)]
    assert places(project) == expected, places(project)
    plain = table(folder, 'other name.csv', ['file', 'minx', 'miny', 'width', 'height'], ['one.png', 1, 2, 30, 20], ['x/two.png', '?', 2, 30, 20])
    value = good('place', project, '--from', plain, '--slide', path) # the only slide: whatever the table is called
    assert (value['placed'], value['bad']) == (1, 1), value
    expected[2] = ('x/one.png', 'case', 1, 2, 30, 20)
    assert places(project) == expected
    both = [table(folder, f'{i}.csv', ['slide', 'file', 'x', 'y', 'w', 'h'], ['case', 'two.png', i, 3, 16, 16]) for i in (5, 6)]
    assert good('place', project, '--from', *both, '--slides', folder)['placed'] == 1
    expected[3] = ('x/two.png', 'case', 6, 3, 16, 16)
    assert places(project) == expected


@test
def from_coordinates(folder):
    """--from reads the HDF5 files of TRIDENT and CLAM, the slide by the file's word or its name"""
    if not os.environ.get('WRITE_COORDS'):
        raise Skip('built without HDF5')
    names = ['case-32-0.png', 'case-64-96.png', 'other.png']
    path, project = slide(folder, 'case.tif'), project_of(folder, names)
    sized, plain, wrong = (os.path.join(folder, name) for name in ('x.h5', 'case_patches.h5', 'wrong.h5'))
    for file, *what in ((sized, 'case', 32, 32, 0, 0, 0), (plain, '', 0, 64, 96), (wrong, 'case', 32, 160, 0)):
        subprocess.run([os.environ['WRITE_COORDS'], file, *map(str, what)], check=True, timeout=60)
    value = good('place', project, '--from', sized, '--slide', path)
    assert (value['placed'], value['unknown'], value['bad']) == (1, 1, 0), value
    bad(1, 'place', project, '--from', plain, '--slide', path, says=['case_patches.h5', 'how large'])
    assert good('place', project, '--from', plain, '--slide', path, '--tile-size', '16')['placed'] == 1
    expected = [('case-32-0.png', 'case', 32, 0, 32, 32), ('case-64-96.png', 'case', 64, 96, 16, 16), ('other.png', None, None, None, None, None)]
    assert places(project) == expected, places(project)
    bad(1, 'place', project, '--from', wrong, '--slide', path, says=['wrong.h5', 'about a tile'])
    with open(wrong, 'r+b') as file:
        file.truncate(100)
    bad(1, 'place', project, '--from', wrong, '--slide', path, says=['wrong.h5', 'damaged'])
    assert places(project) == expected


@test
def missing(folder):
    """Slides whose files nobody knows are named, and their tiles stay; others are placed"""
    names = ['a [x=0,y=32,w=32,h=32].png', 'b [x=96,y=96,w=32,h=32].png']
    a, project = slide(folder, 'a.tif', mpp=None), project_of(folder, names)
    bad(1, 'place', project, '--from-names', says=['a', '--slides'])
    result = run('place', project, '--from-names', '--slide', a, '--slide-mpp', '0.25')
    assert result.code == 0 and 'b: its file is not known' in result.err, result
    assert [row[1] for row in places(project)] == ['a', None]
    one, = good('slides', project)['slides']
    assert (one['mpp'], one['mpp_given']) == (0.25, True), one


@test
def refused(folder):
    """What makes no sense ends in a sentence, and the project is as it was"""
    names = ['a [x=0,y=32,w=32,h=32].png', 'b [x=960,y=960,w=32,h=32].png', 'c.png']
    a, b, project = slide(folder, 'a.tif'), slide(folder, 'b.tif', 3), project_of(folder, names)
    before = places(project)
    header = ['file', 'slide', 'minx', 'miny', 'width', 'height']
    far = table(folder, 'far.csv', header, ['c.png', 'a', W, 0, 8, 8])
    strange = table(folder, 'strange.csv', header, ['d.png', 'a', 0, 0, 8, 8], ['e.png', 'a', 0, 0, 8, 8])
    none = table(folder, 'none.csv', ['file', 'score'], ['c.png', 1])
    nonsense = table(folder, 'nonsense.csv', header, ['c.png', 'a', 'NaN', 0, 8, 8], ['c.png', 'a', 0, 0, 0, 8])
    text = os.path.join(folder, 'text.tif')
    pictures.write(text, b'no slide')
    bad(1, 'place', project, '--from', far, '--slide', a, says=['outside', '160 x 128'])
    bad(1, 'place', project, '--from', strange, '--slide', a, says=['strange.csv', 'd.png'])
    bad(1, 'place', project, '--from', none, '--slide', a, says=['none.csv', 'minx'])
    bad(1, 'place', project, '--from', nonsense, '--slide', a, says=['nonsense.csv'])
    bad(1, 'place', project, '--from', os.path.join(folder, 'no.csv'), '--slide', a, says=['no.csv'])
    bad(1, 'place', project, '--from-names', '--slide', b, says=['outside'])
    bad(1, 'place', project, '--from', table(folder, 'c.csv', header, ['c.png', 'text', 0, 0, 8, 8]), '--slide', text, says=['text.tif'])
    bad(2, 'place', project, says=['--from-names'])
    bad(2, 'place', project, '--from', far, '--from-names', says=['--from-names'])
    bad(2, 'place', project, '--from-names', '--tile-size', '8', says=['--tile-size'])
    assert places(project) == before and good('slides', project)['slides'] == []
    # a project of slides alone has nothing to place
    regions = os.path.join(folder, 'r.tessera')
    good('new', regions, '--slides', a, '--tile-size', '32', '--no-mask')
    before = places(regions)
    bad(1, 'place', regions, '--from', far, '--slide', a, says=['cut from slides'])
    assert places(regions) == before


main()
