"""Labels and predictions to QuPath and back: exported files are held against an independent check of the conventions."""

import csv
import json
import os

import geojson_check
import pictures
from tap import bad, fixture, fixture_input, good, main, run, test

SIZE = 256


def slide_project(folder, slides=('S 1', 'Zweiter "ä"'), columns=4, rows=3, step=SIZE, name='p.tessera'):
    """Tiles named as QuPath names them, two slides of a grid, one tile that is nowhere; a map as a plain function of the tile."""
    source, project = os.path.join(folder, 'tiles'), os.path.join(folder, name)
    if not os.path.exists(source):
        seed = 0
        for slide in slides:
            for j in range(rows):
                for i in range(columns):
                    seed += 1
                    pictures.write(os.path.join(source, f'{slide} [d=2,x={i * step},y={j * step},w={SIZE},h={SIZE}].png'),
                                   pictures.noise(8, seed))
        pictures.write(os.path.join(source, 'zzz nowhere.png'), pictures.noise(8, 999))
    good('new', project, '--tiles', source)
    return project


def plant_map(project, n):
    fixture_input(''.join(f'{i * i % 31} {i}\n' for i in range(n)), 'map', project)


def rows_of(folder, project):
    """What export --csv says, the other way out."""
    path = os.path.join(folder, 'x.csv')
    good('export', project, '--csv', path)
    with open(path, newline='', encoding='utf-8') as file:
        return list(csv.DictReader(file))


def labels(folder, project):
    return {row['file']: row['label'] or row['state'] for row in rows_of(folder, project) if row['label'] or row['state'] == 'unsure'}


@test
def validator(folder):
    """The check itself refuses what breaks a convention"""
    path = os.path.join(folder, 'x.geojson')
    square = [[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]]

    def feature(ring=None, **properties):
        return {'type': 'Feature', 'id': '7c9a1f6e-2a44-5a0e-9a1b-0d2f3a5b6c7d',
                'geometry': {'type': 'Polygon', 'coordinates': [ring or square]},
                'properties': {'objectType': 'annotation', **properties}}

    def refuses(value):
        with open(path, 'w', encoding='utf-8') as file:
            json.dump(value, file)
        try:
            geojson_check.check(path)
        except AssertionError:
            return True
        return False
    def whole(*f):
        return {'type': 'FeatureCollection', 'features': list(f)}
    assert not refuses(whole()) and not refuses(whole(feature()))
    assert not refuses(whole(feature(classification={'name': 'a', 'color': [1, 2, 3]}, isLocked=True)))
    assert refuses([]) and refuses(whole(feature(), feature()))
    assert refuses(whole(feature(square[:-1]))) and refuses(whole(feature([[0, 0], [4.5, 0], [4, 4], [0, 0]])))
    assert refuses(whole(feature([[0, 0], [4, 0], [2, 0], [0, 0]])))
    assert refuses(whole(feature(classification={'name': 'a'}))) and refuses(whole(feature(classification='a')))
    assert refuses(whole(feature(classification={'name': 'a', 'color': [1, 2, 300]})))
    assert refuses(whole(feature(measurements={'a': float('nan')}))) and refuses(whole(feature(measurements={'a': 1})))
    assert refuses(whole(feature(objectType='tile'))) and refuses(whole(feature(objectType='cell')))


@test
def conventions(folder):
    """Every file keeps the conventions; labels, predictions and numbers are those of the table"""
    project, out = slide_project(folder), os.path.join(folder, 'out')
    n = 25
    plant_map(project, n)
    files = [row['file'] for row in rows_of(folder, project)]
    for tile, name in ((0, 'fat'), (5, 'tumour "x"\\'), (13, 'fat')):
        good('label', project, f'#{tile}', name)
    good('label', project, '#2', '--unsure')
    excluded = files.index('S 1 [d=2,x=768,y=512,w=256,h=256].png')
    fixture('exclude', project, str(excluded))
    for words in ([], ['--geojson-gz'], ['--lock-labels']):
        value = good('export', project, '--geojson', out, *words)['geojson']
        assert value['path'] == out and value['placeless'] == 1 and value['excluded'] == 1, value
        assert {file['slide'] for file in value['files']} == {'S 1', 'Zweiter "ä"'}, value
        features = {file['slide']: geojson_check.check(file['path']) for file in value['files']}
        for file in value['files']:
            kinds = [f['properties']['objectType'] for f in features[file['slide']]]
            assert file['annotations'] == kinds.count('annotation') and file['tiles'] == kinds.count('tile'), file
        assert value['annotations'] == 4 and value['tiles'] == 23, value
        expected = {}
        for row in rows_of(folder, project):
            if not row['slide'] or row['state'] == 'excluded':
                continue
            place = (row['slide'], *(int(row[k]) for k in ('minx', 'miny', 'width', 'height')))
            expected['tile', *place] = row
            if row['label'] or row['state'] == 'unsure':
                expected['annotation', *place] = row
        for slide, list_ in features.items():
            for feature in list_:
                properties = feature['properties']
                row = expected.pop((properties['objectType'], slide, *geojson_check.rectangle(feature)))
                if properties['objectType'] == 'annotation':
                    assert properties.get('classification', {}).get('name', '') == row['label'], row
                    assert ('unsure' if row['state'] == 'unsure' else None) == properties.get('name'), row
                    assert ('isLocked' in properties) == ('--lock-labels' in words)
                    continue
                assert properties['classification']['name'] == row['pred'] and 'isLocked' not in properties, row
                m = properties['measurements']
                assert set(m) == {'prob_fat', 'prob_tumour "x"\\', 'margin', 'nn_distance'}, m
                for key, column in (('prob_fat', 'prob_fat'), ('margin', 'margin'), ('nn_distance', 'nn_dist')):
                    assert abs(m[key] - float(row[column])) < 1e-5 * (1 + abs(m[key])), (m, row)
        assert not expected, expected
    assert sorted(os.listdir(out)) == ['S 1.geojson', 'S 1.geojson.gz', 'Zweiter _ä_.geojson', 'Zweiter _ä_.geojson.gz']


@test
def again(folder):
    """Exported again: the same bytes; an object keeps its id when its class changes, and no two share one"""
    project, out = slide_project(folder), os.path.join(folder, 'out')
    plant_map(project, 25)
    good('label', project, '#0', 'fat')
    good('label', project, '#7', 'stroma')

    def read():
        files = good('export', project, '--geojson', out, '--geojson-gz')['geojson']['files']
        data = [open(file['path'], 'rb').read() for file in files]
        return data, [f for file in files for f in geojson_check.check(file['path'])]
    first, features = read()
    assert read()[0] == first
    ids = {(f['properties']['objectType'], f['id']) for f in features}
    assert len({i for _, i in ids}) == len(features)
    good('label', project, '#0', 'stroma')
    data, later = read()
    assert data != first and {(f['properties']['objectType'], f['id']) for f in later} == ids
    other = slide_project(folder, name='q.tessera')
    good('label', other, '#0', 'fat')
    found = good('export', other, '--geojson', os.path.join(folder, 'b'), '--labels-only')['geojson']
    assert found['tiles'] == 0 and found['annotations'] == 1 and len(found['files']) == 2, found
    assert {f['id'] for file in found['files'] for f in geojson_check.check(file['path'])}.isdisjoint({i for _, i in ids})


@test
def refused(folder):
    """No place, no folder, options without --geojson: one sentence, nothing written"""
    source, project = os.path.join(folder, 't'), os.path.join(folder, 'n.tessera')
    pictures.write(os.path.join(source, 'a.png'), pictures.noise(8, 1))
    good('new', project, '--tiles', source)
    out = os.path.join(folder, 'out')
    bad(1, 'export', project, '--geojson', out, says=['QuPath'])
    assert not os.path.exists(out)
    bad(2, 'export', project, '--csv', out, '--labels-only', says=['--geojson DIR'])
    placed = slide_project(folder)
    with open(out, 'w', encoding='utf-8') as file:
        file.write('x')
    bad(1, 'export', placed, '--geojson', out, says=['out'])
    bad(1, 'export', placed, '--geojson', os.path.join(out, 'deeper'), says=['out'])
    result = run('export', placed, '--geojson', os.path.join(folder, 'o2'))
    assert result.code == 0 and '1 tiles' in result.err and '2 slides, 0 labels, 0 predictions' in result.out, str(result)


main()
