"""Stain normalisation from the command line: chosen, shown, used by training and embedding, told from what was there before."""

import os

import pictures
from tap import bad, good, main, run, test

SMALL = ['--resolution', '16', '--channel-base', '128', '--channel-max', '8', '--w-dim', '8', '--mapping-layers', '1']
TRAIN = ['--preset', 'quick', *SMALL, '--batch', '4', '--seed', '3', '--kimg', '0.04']


def stained(shift):
    """Two stains by Beer's law, in amounts that change over the picture; a fifth of it has one only, a fifth the other."""
    def pixel(x, y):
        k = (x * 7 + y * 3) % 30
        a, b = (0 if k < 6 else 0.8 + k / 30), (0 if k >= 24 else 1.2 + (x * 3 + y * 11) % 31 / 40)
        return [int(240 * 2.718281828 ** -(a * p + b * q)) for p, q in ((0.65 + shift, 0.15), (0.70, 0.95), (0.29, 0.25 + shift))]
    return pixel


def project_of(folder, *slides):
    project = os.path.join(folder, 'p.tessera')
    paths = []
    for i, shift in enumerate(slides):
        paths.append(os.path.join(folder, f's{i}.tif'))
        pictures.write(paths[-1], pictures.tiff(192, 128, stained(shift), 0.5))
    good('new', project, '--slides', *paths, '--tile-size', '32', '--no-mask')
    return project


@test
def chosen(folder):
    """normalise says how tiles are normalised, and each slide's stain"""
    project = project_of(folder, 0, 0.1)
    value = good('normalise', project)
    assert (value['method'], value['reference'], value['slides'], value['vectors_are_stale']) == ('none', None, [], False), value
    value = good('normalise', project, '--method', 'macenko')
    assert value['method'] == 'macenko' and [one['slide'] for one in value['slides']] == ['s0', 's1'], value
    first, second = (one['stain']['stains'] for one in value['slides'])
    assert first != second and all(one['problem'] is None for one in value['slides']), value
    # the first slide's stains are known: (0.65, 0.70, 0.29) and (0.15, 0.95, 0.25), as unit vectors
    for found, true in zip(first, ((0.6511, 0.7012, 0.2905), (0.1509, 0.9560, 0.2516))):
        assert all(abs(a - b) < 0.02 for a, b in zip(found, true)), value
    assert good('normalise', project) == value
    value = good('normalise', project, '--method', 'none')
    assert (value['method'], value['slides']) == ('none', []) == (good('normalise', project)['method'], []), value


@test
def over_sources(folder):
    """--preview takes the place of no tile and of no reference"""
    tiles, project = os.path.join(folder, 'tiles'), os.path.join(folder, 'p.tessera')
    os.mkdir(tiles)
    tile, other = os.path.join(tiles, 't.png'), os.path.join(folder, 'r.png')
    for path in (tile, other):
        pictures.write(path, pictures.png(64, 64, stained(0.05)))
    good('new', project, '--tiles', tiles)
    with open(tile, 'rb') as file:
        before = file.read()
    bad(1, 'normalise', project, '--preview', tile, says=['t.png', 'belongs to the project'])
    bad(2, 'normalise', project, '--method', 'macenko', '--reference', other, '--preview', other, says=['--preview', '--reference'])
    for path in (tile, other):
        with open(path, 'rb') as file:
            assert file.read() == before


@test
def reference(folder):
    """--reference takes an image's stains; one that has none is refused, and nothing changes"""
    project = project_of(folder, 0)
    tile, white = os.path.join(folder, 'r.png'), os.path.join(folder, 'white.png')
    pictures.write(tile, pictures.png(64, 64, stained(0.05)))
    pictures.write(white, pictures.png(64, 64, lambda x, y: (255, 255, 255)))
    for method in ('macenko', 'reinhard'):
        value = good('normalise', project, '--method', method, '--reference', tile)
        assert value['reference']['method'] == method, value
        bad(1, 'normalise', project, '--method', method, '--reference', white, says=['white.png'])
        bad(1, 'normalise', project, '--method', method, '--reference', tile + '.no', says=['r.png.no'])
        assert good('normalise', project) == value
    bad(2, 'normalise', project, '--reference', tile, says=['--method'])
    bad(2, 'normalise', project, '--preview-tiles', '3', says=['--preview'])
    bad(2, 'normalise', project, '--method', 'vahadane', says=['macenko'])


@test
def preview(folder):
    """--preview writes the pairs, with and without a method, and what it cannot write ends in a sentence"""
    project = project_of(folder, 0)
    out = os.path.join(folder, 'sheet.png')
    value = good('normalise', project, '--method', 'reinhard', '--preview', out, '--preview-tiles', '6')
    assert value['preview_tiles'] == 6 and value['preview'] == out, value
    with open(out, 'rb') as file:
        head = file.read(24)
    assert head[:8] == b'\x89PNG\r\n\x1a\n'
    assert (int.from_bytes(head[16:20], 'big'), int.from_bytes(head[20:24], 'big')) == (12 + 4 * (64 + 16), 12 + 2 * 44), head
    assert good('normalise', project, '--preview', out)['preview_tiles'] == 24
    bad(1, 'normalise', project, '--preview', os.path.join(folder, 'no', 'sheet.png'), says=['sheet.png'])


@test
def grey(folder):
    """Tiles without stains are refused with the reason, and nothing changes"""
    tiles, project = os.path.join(folder, 't'), os.path.join(folder, 'p.tessera')
    os.mkdir(tiles)
    for i in range(4):
        pictures.write(os.path.join(tiles, f'{i}.png'), pictures.png(32, 32, lambda x, y: [40 + (x * y + i) % 150] * 3))
    good('new', project, '--tiles', tiles)
    bad(1, 'normalise', project, '--method', 'macenko', says=['no colour'])
    assert good('normalise', project)['method'] == 'none'


@test
def used(folder):
    """Training and embedding get normalised tiles; vectors, model and project are told from each other"""
    project = project_of(folder, 0)
    good('train', project, *TRAIN)
    plain = good('embed', project)
    assert plain['remark'] is None, plain
    value = good('normalise', project, '--method', 'macenko')
    assert value['vectors_are_stale'] is True, value
    assert good('map', project, '--method', 'pca')['vectors_are_stale'] is True
    value = good('embed', project, '--only-missing')
    assert value['embedded'] == plain['embedded'] == 24 and value['map_is_stale'] is True, value
    assert 'as they were scanned' in value['remark'] and 'macenko' in value['remark'], value
    assert good('normalise', project)['vectors_are_stale'] is False
    assert good('embed', project, '--only-missing')['embedded'] == 0
    # a slide that joins gets its own stain, and only its tiles are embedded
    late = os.path.join(folder, 'late.tif')
    pictures.write(late, pictures.tiff(96, 64, stained(0.1), 0.5))
    value = good('add', project, '--slides', late)
    assert (value['added'], value['embedded']) == (6, 6), value
    value = good('normalise', project)
    assert [one['slide'] for one in value['slides']] == ['s0', 'late'] and value['slides'][1]['stain'], value
    # a model that is trained on them remembers
    good('train', project, *TRAIN)
    assert good('embed', project)['remark'] is None
    good('normalise', project, '--method', 'none')
    remark = good('embed', project)['remark']
    assert 'normalised (macenko), and the project\'s are as they were scanned' in remark, remark
    result = run('train', project, *TRAIN, '--resume')
    assert result.code == 0 and 'normalised (macenko)' in result.err, result


main()
