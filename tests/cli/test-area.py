"""Annotations on slides' way in: they limit the tiles, and give them their ground truth."""

import csv
import json
import os

import pictures
from tap import bad, fixture, good, main, run, test

W, H, SIDE = 160, 128, 32


def slide(folder, name):
    path = os.path.join(folder, name)
    pictures.write(path, pictures.tiff(W, H, lambda x, y: ((x * 5 + y) % 200, (y * 3) % 150, (x + y) % 180), 0.5))
    return path


def box(x, y, width, height, name=None, kind='annotation'):
    ring = [[x, y], [x + width, y], [x + width, y + height], [x, y + height], [x, y]]
    properties = {'objectType': kind}
    if name:
        properties['classification'] = {'name': name}
    return {'type': 'Feature', 'geometry': {'type': 'Polygon', 'coordinates': [ring]}, 'properties': properties}


def geojson(folder, name, *features):
    path = os.path.join(folder, name)
    with open(path, 'w', encoding='utf-8') as file:
        json.dump({'type': 'FeatureCollection', 'features': features}, file)
    return path


def rows_of(project):
    table = project + '.csv'
    good('export', project, '--csv', table)
    with open(table, newline='', encoding='utf-8') as file:
        return list(csv.DictReader(file))


def covered(boxes, x, y):
    """How many of a tile's pixels lie in one of the boxes (x, y, width, height), counted one by one."""
    return sum(any(a <= u < a + w and b <= v < b + h for a, b, w, h in boxes)
               for u in range(x, x + SIDE) for v in range(y, y + SIDE)) / SIDE ** 2


def places(boxes, least):
    return [(x, y) for y in range(0, H, SIDE) for x in range(0, W, SIDE) if covered(boxes, x, y) >= least]


@test
def area(folder):
    """--area keeps the tiles whose share inside of all annotations is large enough, whatever file they are in"""
    path = slide(folder, 'case.tif')
    boxes = [(10, 5, 60, 70), (50, 40, 70, 60)]
    both = geojson(folder, 'anything.geojson', *(box(*b) for b in boxes), box(0, 0, W, H, kind='detection'))
    parts = [geojson(folder, f'{i}.geojson', box(*b)) for i, b in enumerate(boxes)]
    for i, (files, options, least) in enumerate((([both], [], 0.5), (parts, [], 0.5), ([both], ['--area-share', '1'], 1),
                                                 (parts, ['--area-share', '0.1'], 0.1), ([both], ['--area-share', '0.001'], 0.001))):
        project = os.path.join(folder, f'{i}.tessera')
        value = good('new', project, '--slides', path, '--tile-size', '32', '--no-mask', '--area', *files, *options)
        expected = places(boxes, least)
        found = [(int(row['minx']), int(row['miny'])) for row in rows_of(project)]
        assert found == expected and 0 < len(found) < 20, (found, expected)
        assert value['slides'][0]['outside'] == 20 - len(expected) and 'truth' not in value['slides'][0], value
    # more of the same slide, later
    value = good('add', project, '--slides', path, '--area', geojson(folder, 'rest.geojson', box(0, 0, W, H)))
    assert (value['added'], value['tiles']) == (20 - len(expected), 20), value
    # where one is named after the only slide, another is about another slide
    named = [geojson(folder, name, box(*b)) for name, b in (('case.geojson', boxes[0]), ('other.geojson', boxes[1]))]
    bad(1, 'new', os.path.join(folder, 'n.tessera'), '--slides', path, '--tile-size', '32', '--no-mask', '--area', *named, says=['other.geojson', 'none'])


@test
def tiles_are_no_area(folder):
    """What export --geojson wrote for unsure and excluded tiles tells of these tiles, and is no area; what was drawn and labelled is"""
    path = slide(folder, 'case.tif')
    source, out = os.path.join(folder, 'source.tessera'), os.path.join(folder, 'out')
    good('new', source, '--slides', path, '--tile-size', '32', '--no-mask')
    good('label', source, '#3', 'Tumour')
    for tile in ('#4', '#5'):
        good('label', source, tile, '--unsure')
    good('label', source, '#6', 'Tumour')
    fixture('exclude', source, '5', '6', '7')
    file = good('export', source, '--geojson', out, '--labels-only')['geojson']['files'][0]['path']
    project = os.path.join(folder, 'labelled.tessera')
    value = good('new', project, '--slides', path, '--tile-size', '32', '--no-mask', '--area', file, '--truth-from-area')
    place = [(int(row['minx']), int(row['miny'])) for row in rows_of(source)][3]
    rows = rows_of(project)
    assert [(int(row['minx']), int(row['miny']), row['truth']) for row in rows] == [(*place, 'Tumour')], rows
    assert value['slides'][0]['outside'] == 19, value
    # such a name over something drawn is an area as any other; without class over a rectangle it is none, and a file of nothing else is refused
    shape = box(0, 0, 70, 40)
    shape['properties']['name'] = 'excluded'
    alone = geojson(folder, 'alone.geojson', shape)
    bad(1, 'new', os.path.join(folder, 'n.tessera'), '--slides', path, '--tile-size', '32', '--no-mask', '--area', alone, says=['alone.geojson', 'no annotation'])
    shape['geometry']['coordinates'][0].insert(1, [35, -5])
    alone = geojson(folder, 'alone.geojson', shape)
    project = os.path.join(folder, 'drawn.tessera')
    good('new', project, '--slides', path, '--tile-size', '32', '--no-mask', '--area', alone)
    assert len(rows_of(project)) == 2


@test
def truth(folder):
    """The class that covers most of a tile is its ground truth, if that is enough; evaluate works on it"""
    path = slide(folder, 'case.tif')
    boxes = {'Tumour': [(0, 0, 70, H)], 'Stroma': [(60, 0, 60, H), (100, 0, 20, H)]}
    file = geojson(folder, 'case.geojson', *(box(*b, name) for name, list_ in boxes.items() for b in list_),
                   box(0, 0, W, H, 'Ignored', kind='detection'), box(120, 0, 10, 20))

    def expected(x, y, least):
        shares = {name: covered(list_, x, y) for name, list_ in boxes.items()}
        name = max(shares, key=shares.get)
        return name if shares[name] >= least else ''
    for i, (least, options) in enumerate(((0.5, ['--truth', file]), (0.9, ['--truth', file, '--area-share', '0.9']),
                                          (0.5, ['--area', file, '--truth-from-area']))):
        project = os.path.join(folder, f'{i}.tessera')
        value = good('new', project, '--slides', path, '--tile-size', '32', '--no-mask', *options)
        rows = rows_of(project)
        assert len(rows) == (16 if '--area' in options else 20), rows
        for row in rows:
            assert row['truth'] == expected(int(row['minx']), int(row['miny']), least), row
        assert value['slides'][0]['truth'] == sum(row['truth'] != '' for row in rows), value
        assert value['classes'] == ['Tumour', 'Stroma'], value
    value = good('evaluate', os.path.join(folder, '0.tessera'), '--features', 'pixels', '--labels', '4', '--runs', '2')
    assert value['project'], value
    # a slide that is there gets its truth by being added again
    project = os.path.join(folder, 'late.tessera')
    good('new', project, '--slides', path, '--tile-size', '32', '--no-mask')
    value = good('add', project, '--slides', path, '--truth', file)
    assert (value['added'], value['slides'][0]['truth'], value['classes']) == (0, 16, ['Tumour', 'Stroma']), value
    assert [row['truth'] for row in rows_of(project)] == [row['truth'] for row in rows_of(os.path.join(folder, '0.tessera'))]


@test
def names(folder):
    """A file is about the slide it is named after; one that is about none is refused before anything is made"""
    slides = [slide(folder, name) for name in ('a.tif', 'b.ome.tif', 'c.d.tif')]
    project = os.path.join(folder, 'p.tessera')
    new = ['new', project, '--slides', *slides, '--tile-size', '32', '--no-mask']
    files = [geojson(folder, 'b.geojson', box(0, 0, 32, 32, 'B')), geojson(folder, 'c.d.geojson', box(32, 32, 64, 32, 'C'))]
    other = geojson(folder, 'e.geojson', box(0, 0, 9, 9))
    for option in ('--area', '--truth'):
        bad(1, *new, option, *files, other, says=['e.geojson', 'a.geojson'])
        assert not os.path.exists(project)
    result = run(*new, '--area', *files, '--truth-from-area')
    # the slides have the same bytes: they are one slide, which is found by each of its names
    assert result.code == 0, result
    os.remove(project)
    for i, path in enumerate(slides):
        pictures.write(path, pictures.tiff(W, H, lambda x, y, i=i: ((x * 5 + y + i) % 200, (y * 3) % 150, x), 0.5))
    value = good(*new, '--area', *files, '--truth-from-area')
    assert [(one['slide'], one['tiles'], one['outside'], one['truth']) for one in value['slides']] == [
        ('a', 20, None, None), ('b', 1, 19, 1), ('c.d', 2, 18, 2)], value
    assert [row['truth'] for row in rows_of(project)] == [''] * 20 + ['B', 'C', 'C']


@test
def refused(folder):
    """Broken files, files without areas, areas without tiles and options that make no sense end in a sentence, and no project"""
    path, project = slide(folder, 'a.tif'), os.path.join(folder, 'p.tessera')
    new = ['new', project, '--slides', path, '--tile-size', '32', '--no-mask']
    file = geojson(folder, 'a.geojson', box(0, 0, W, H))
    broken, empty = os.path.join(folder, 'broken.geojson'), geojson(folder, 'empty.geojson')
    pictures.write(broken, b'{"type": "FeatureCollection", "features": [')
    far = geojson(folder, 'far.geojson', box(5000, 5000, 10, 10))
    for option in ('--area', '--truth'):
        bad(1, *new, option, broken, says=['broken.geojson'])
        bad(1, *new, option, empty, says=['empty.geojson', 'no annotation'])
        bad(1, *new, option, os.path.join(folder, 'none.geojson'), says=['none.geojson'])
    bad(1, *new, '--area', far, says=['--area-share'])
    bad(2, *new, '--truth-from-area', says=['--area'])
    bad(2, *new, '--area', file, '--truth', file, '--truth-from-area', says=['--truth-from-area'])
    bad(2, *new, '--area-share', '0.5', says=['--area'])
    bad(2, *new, '--area', file, '--area-share', '0', says=['--area-share'])
    bad(2, 'new', project, '--tiles', folder, '--area', file, says=['--slides'])
    assert not os.path.exists(project)


main()
