"""Labels and predictions to QuPath and back: exported files are held against an independent check of the conventions."""

import contextlib
import csv
import hashlib
import json
import os
import sqlite3
import uuid

import geojson_check
import pictures
from tap import bad, fixture, fixture_input, good, main, run, test

SIZE = 256


def project_id(path):
    with contextlib.closing(sqlite3.connect(path)) as db:
        return db.execute("SELECT value FROM setting WHERE key = 'id'").fetchone()[0]


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
        return {'type': 'FeatureCollection', 'generator': 'Tessera', 'features': list(f)}
    fat = {'name': 'fat', 'color': [1, 2, 3]}

    def tile(**more):
        return {**feature(objectType='tile', classification=fat, **more), 'id': '7c9a1f6e-2a44-5a0e-9a1b-0d2f3a5b6c7e'}
    assert not refuses(whole()) and not refuses(whole(feature(name='unsure'))) and not refuses(whole(feature(name='excluded: a: b')))
    assert not refuses(whole(tile(measurements={'prob_fat': 0.25, 'prob_b': 0.75, 'margin': 0.5}), feature(classification=fat)))
    assert refuses(whole(feature())) and refuses(whole(feature(name='unsure', classification=fat))) and refuses(whole(feature(name='mine')))
    assert refuses(whole(feature(name='excluded: '))) and refuses(whole(feature(name='excluded'), {**feature(name='unsure'), 'id': tile()['id']}))
    assert refuses(whole(tile())) and refuses(whole(tile(measurements={'prob_b': 1}))) and refuses(whole(tile(measurements={'prob_fat': 0.5})))
    assert refuses(whole(tile(measurements={'prob_fat': 1.5, 'prob_b': -0.5}))) and refuses(whole(tile(measurements={'prob_fat': 1}, name='x')))
    assert refuses(whole(tile(measurements={'prob_fat': 1}, isLocked=True))) and refuses(whole(tile(measurements={'prob_fat': 1, 'age': 3})))
    assert refuses(whole(tile(measurements={'prob_fat': 1}), feature(name='excluded, unsure'))), 'a prediction of what is excluded'
    assert not refuses(whole(feature(classification={'name': 'a', 'color': [1, 2, 3]}, isLocked=True)))
    assert refuses([]) and refuses(whole(feature(), feature()))
    assert refuses(whole(feature(square[:-1]))) and refuses(whole(feature([[0, 0], [4.5, 0], [4, 4], [0, 0]])))
    assert refuses(whole(feature([[0, 0], [4, 0], [2, 0], [0, 0]])))
    assert refuses(whole(feature(classification={'name': 'a'}))) and refuses(whole(feature(classification='a')))
    assert refuses(whole(feature(classification={'name': 'a', 'color': [1, 2, 300]})))
    assert refuses(whole(feature(measurements={'a': float('nan')}))) and refuses(whole(feature(measurements={'a': 1})))
    assert refuses(whole(feature(objectType='tile'))) and refuses(whole(feature(objectType='cell')))
    # what QuPath would give up at, or call otherwise
    for name in ('a::b', ':a', ' : ', 'a:b', 'a : b', 'a:'):
        assert refuses(whole(feature(classification={'name': name, 'color': [1, 2, 3]}))), name
    assert not refuses(whole(feature(classification={'name': 'a: b', 'color': [1, 2, 3]})))
    one, other = (feature(classification={'name': 'a', 'color': [1, 2, c]}) for c in (3, 4))
    assert refuses(whole(one, {**other, 'id': tile()['id'], 'geometry': {'type': 'Polygon', 'coordinates': [[[9, 9], [9, 12], [12, 12], [9, 9]]]}}))
    made = geojson_check.qupath_object({'type': 'Feature', 'id': 'PathAnnotationObject', 'geometry': {'type': 'Point', 'coordinates': [1, 2]},
                                        'properties': {'type': 'tile', 'classification': {'names': ['a', 'b'], 'color': []}, 'isLocked': True}})
    assert (made['type'], made['id'], made['class'], made['locked']) == ('tile', None, ('a', 'b'), True), made
    for wrong in ({'classification': {'name': 'a'}}, {'classification': {'name': 'a', 'color': [1, 2]}}, {'classification': {'name': 'a', 'color': 7}},
                  {'name': None}, {'measurements': {'a': None}}, {'classification': ['a']}, {'classification': {'names': ['a:b'], 'color': []}}):
        try:
            geojson_check.qupath_object({**feature(), 'properties': wrong})
        except geojson_check.Refused:
            continue
        raise AssertionError(wrong)


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
        assert value['annotations'] == 5 and value['tiles'] == 23, value
        expected = {}
        for row in rows_of(folder, project):
            if not row['slide']:
                continue
            place = (row['slide'], *(int(row[k]) for k in ('minx', 'miny', 'width', 'height')))
            if row['state'] != 'excluded':
                expected['tile', *place] = row
            if row['label'] or row['state'] in ('unsure', 'excluded'):
                expected['annotation', *place] = row
        for slide, list_ in features.items():
            for feature in list_:
                properties = feature['properties']
                row = expected.pop((properties['objectType'], slide, *geojson_check.rectangle(feature)))
                if properties['objectType'] == 'annotation':
                    assert properties.get('classification', {}).get('name', '') == row['label'], row
                    assert {'unsure': 'unsure', 'excluded': 'excluded'}.get(row['state']) == properties.get('name'), row
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
    found = [f for file in found['files'] for f in geojson_check.check(file['path'])]
    assert {f['id'] for f in found}.isdisjoint({i for _, i in ids})
    name = next(row['file'] for row in rows_of(folder, other) if row['label'])
    space = bytes.fromhex('5d1c0a6e9b3f4e27a8447e0df261c395')

    def expected(own):
        digest = hashlib.sha1(space + own.encode() + b'\0' + name.encode() + b'\0a').digest()[:16]
        return str(uuid.UUID(bytes=digest, version=5))
    own = project_id(other)
    assert uuid.UUID(own) and own != project_id(project)
    assert found[0]['id'] == expected(own), 'made of project, tile and kind, and nothing else'

    def first_id(path, below):
        files = good('export', path, '--geojson', os.path.join(folder, below), '--labels-only')['geojson']['files']
        return next(f['id'] for file in files for f in geojson_check.check(file['path']))
    # a project whose file is renamed, and a copy of it, stay themselves
    renamed = os.path.join(folder, 'another name.tessera')
    os.rename(other, renamed)
    assert first_id(renamed, 'c') == expected(own)
    # an older project goes by its file's name until somebody writes to it, and then has an id of its own
    with contextlib.closing(sqlite3.connect(renamed)) as db, db:
        db.execute("DELETE FROM setting WHERE key = 'id'")
    assert first_id(renamed, 'd') == expected('another name.tessera')
    good('label', renamed, '#1', 'fat')
    late = project_id(renamed)
    assert uuid.UUID(late) and late != own and first_id(renamed, 'e') == expected(late)
    good('label', renamed, '#2', 'fat')
    assert project_id(renamed) == late


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
    assert result.code == 0 and '1 tile without a place on a slide is not' in result.err and '2 slides, 0 labels, 0 predictions' in result.out, str(result)


@test
def drawings(folder):
    """Annotations that somebody drew, or saved in QuPath, are not replaced because they are called as their slide is"""
    project, out = slide_project(folder), os.path.join(folder, 'out')
    good('label', project, '#0', 'fat')
    files = [file['path'] for file in good('export', project, '--geojson', out)['geojson']['files']]
    good('export', project, '--geojson', out)
    saved = json.dumps({'type': 'FeatureCollection', 'features': as_qupath_writes(geojson_check.check(files[1]))})
    with open(files[1], 'w', encoding='utf-8') as file:
        file.write(saved)
    before = os.stat(files[0]).st_mtime_ns
    bad(1, 'export', project, '--geojson', out, says=[os.path.basename(files[1]), 'another folder'])
    with open(files[1], encoding='utf-8') as file:
        assert file.read() == saved
    assert os.stat(files[0]).st_mtime_ns == before and len(os.listdir(out)) == len(files), os.listdir(out)


def entries(project):
    """How many entries the journal has."""
    with sqlite3.connect(f'file:{project}?mode=ro', uri=True) as connection:
        return connection.execute('SELECT count(*) FROM journal').fetchone()[0]


def colors(features):
    return {f['properties']['classification']['name']: f['properties']['classification']['color']
            for f in features if 'classification' in f['properties']}


@test
def round_trip(folder):
    """Export, then import into a fresh project: exactly the same labels and colours, also where tiles overlap"""
    for step in (SIZE, SIZE // 2):
        here = os.path.join(folder, str(step))
        project, out = slide_project(here, step=step), os.path.join(here, 'out')
        plant_map(project, 25)
        for i in range(0, 24, 2):
            good('label', project, f'#{i}', ['fat', 'tumour, "x" ä', 'stroma'][i // 2 % 3])
        good('label', project, '#3', '--unsure')
        for words in ([], ['--geojson-gz', '--lock-labels'], ['--labels-only']):
            files = [file['path'] for file in good('export', project, '--geojson', out, *words)['geojson']['files']]
            features = [f for path in files for f in geojson_check.check(path)]
            other = slide_project(here, step=step, name=f'q{len(words)}.tessera')
            before = entries(other)
            value = good('label', other, '--geojson', *files)
            assert value['labelled'] == value['changed'] == 13 and value['bad_classes'] == [], value
            assert labels(here, other) == labels(here, project) and len(labels(here, other)) == 13
            assert entries(other) == before + 1, 'one entry in the journal'
            assert {row['how'] for row in rows_of(here, other) if row['label']} == {'imported'}
            again = good('export', other, '--geojson', os.path.join(here, 'b'))['geojson']['files']
            assert colors(f for file in again for f in geojson_check.check(file['path'])) == colors(features)
            value = good('label', other, '--geojson', *files)
            assert value['changed'] == 0 and value['new_classes'] == [] and entries(other) == before + 1, value
            os.unlink(other)


def as_qupath_writes(features):
    """The same objects as QuPath 0.7 would write them: an array, classes by their parts, colours as it knows them."""
    written = []
    for feature in features:
        made = geojson_check.qupath_object(feature)
        properties = {'objectType': made['type']}
        if made['name']:
            properties['name'] = made['name']
        if made['class']:
            names = {'name': made['class'][0]} if len(made['class']) == 1 else {'names': list(made['class'])}
            properties['classification'] = {**names, 'color': list(made['color'])}
        if made['locked']:
            properties['isLocked'] = True
        if made['metadata']:
            properties['metadata'] = made['metadata']
        if made['measurements']:
            properties['measurements'] = made['measurements']
        written.append({'type': 'Feature', 'id': str(made['id']), 'geometry': feature['geometry'], 'properties': properties})
    return written


@test
def whose(folder):
    """Who gave a label comes back with it, each reader an entry, all of them one act; not where the class was changed in QuPath, nor against --annotator"""
    project, out = slide_project(folder), os.path.join(folder, 'out')
    plant_map(project, 25)
    said = {0: ('fat', 'Ada'), 1: ('a:b', 'Ben "B" ä'), 2: ('fat', 'Ada'), 3: (None, 'Ben "B" ä'), 4: ('stroma', 'Ada')}
    for tile, (name, who) in said.items():
        good('label', project, f'#{tile}', *([name] if name else ['--unsure']), '--annotator', who)
    files = [file['path'] for file in good('export', project, '--geojson', out)['geojson']['files']]
    back = []
    for path in files:
        features = as_qupath_writes(geojson_check.check(path))
        for feature in features:
            properties = feature['properties']
            if 'metadata' in properties:
                assert properties['objectType'] == 'annotation' and properties['metadata']['how'] == 'command', properties
                assert properties['metadata']['labelled_at'].endswith('Z')
            if properties.get('classification', {}).get('name') == 'stroma' and properties['objectType'] == 'annotation':
                properties['classification'] = {'name': 'glands', 'color': [1, 2, 3]}
        back.append(os.path.join(folder, os.path.basename(path)))
        with open(back[-1], 'w', encoding='utf-8') as file:
            json.dump(features, file)
    other = slide_project(folder, name='other.tessera')
    before = entries(other)
    assert good('label', other, '--geojson', *back)['changed'] == 5
    rows = {int(row['tile_id']): row for row in rows_of(folder, other) if row['state'] in ('labelled', 'unsure')}
    own = good('journal', other)['entries'][0]['annotator']
    assert {tile: row['annotator'] for tile, row in rows.items()} == {tile: own if tile == 4 else who for tile, (_, who) in said.items()}, rows
    assert rows[4]['label'] == 'glands' and own not in ('Ada', 'Ben "B" ä')
    assert entries(other) == before + 3
    third = slide_project(folder, name='third.tessera')
    good('label', third, '--geojson', *back, '--annotator', 'Cy')
    assert {row['annotator'] for row in rows_of(folder, third) if row['state'] in ('labelled', 'unsure')} == {'Cy'}


@test
def through_qupath(folder):
    """Labels come back from QuPath as they were, also in classes that it calls otherwise: it cuts names at colons"""
    project, out = slide_project(folder), os.path.join(folder, 'out')
    plant_map(project, 25)
    names = ['Tumor: Positive', 'a:b', 'c : d', ':e', 'f::g', '::']
    for i in range(12):
        good('label', project, f'#{2 * i}', names[i % len(names)])
    files = [file['path'] for file in good('export', project, '--geojson', out)['geojson']['files']]
    back, found = [], set()
    for path in files:
        features = geojson_check.check(path)
        found |= set(colors(features))
        back.append(write(folder, os.path.basename(path), as_qupath_writes(features)))
    assert found == {'Tumor: Positive', 'a: b', 'c: d', 'e', 'f: g', '--'}, found
    before, n = labels(folder, project), entries(project)
    value = good('label', project, '--geojson', *back)
    assert (value['labelled'], value['changed'], value['new_classes']) == (12, 0, []), value
    assert labels(folder, project) == before and entries(project) == n
    other = slide_project(folder, name='q.tessera')
    assert sorted(good('label', other, '--geojson', *back)['new_classes']) == sorted(found)


@test
def excluded(folder):
    """What is excluded travels: its annotation has no class, and comes back excluded and with its label, by itself and for no other tile"""
    for step in (SIZE, SIZE // 2):
        here = os.path.join(folder, str(step))
        project, out = slide_project(here, step=step), os.path.join(here, 'out')
        plant_map(project, 25)
        for tile, name in ((0, 'fat'), (1, 'fat'), (2, 'a: b, "c" ä'), (12, 'stroma'), (13, 'unsure')):
            good('label', project, f'#{tile}', name)
        for tile in ('#4', '#5'):
            good('label', project, tile, '--unsure')
        gone = [1, 2, 5, 7, 13, 20]
        fixture('exclude', project, *map(str, gone))
        for words in ([], ['--labels-only', '--geojson-gz']):
            value = good('export', project, '--geojson', out, *words)['geojson']
            assert value['excluded'] == 6 and value['annotations'] == 9 and value['tiles'] == (0 if words else 18), value
            files = [file['path'] for file in value['files']]
            named = [f['properties']['name'] for path in files for f in geojson_check.check(path) if 'name' in f['properties']]
            assert sorted(named) == sorted(['excluded', 'excluded', 'excluded, unsure', 'excluded: fat', 'excluded: a: b, "c" ä',
                                            'excluded: unsure', 'unsure']), named
            other = slide_project(here, step=step, name=f'q{len(words)}.tessera')
            before = entries(other)
            result = good('label', other, '--geojson', *files)
            assert (result['labelled'], result['changed'], result['excluded'], result['bad_classes']) == (7, 7, 6, []), result
            assert entries(other) == before + 2
            newest = good('journal', other)['entries'][:2]
            assert [(e['action'], e['how'], e['tiles']) for e in newest] == [('exclude', 'imported', 6), ('label', 'imported', 7)], newest

            def kept(path):
                return [(row['file'], row['label'], row['state'], bool(row['annotator'])) for row in rows_of(here, path)]
            assert kept(other) == kept(project)
            again = good('export', other, '--geojson', os.path.join(here, 'b'), '--labels-only')['geojson']
            assert again['excluded'] == 6 and again['annotations'] == 9
            result = good('label', other, '--geojson', *files)
            assert result['changed'] == result['excluded'] == 0 and entries(other) == before + 2, result
            os.unlink(other)
    # Drawn over several tiles such a name says nothing, and what is drawn does not label a tile that is excluded.
    project = slide_project(folder)
    path = write(folder, 'S 1.geojson', drawn(([box(0, 0, 512, 256)], {'name': 'excluded'}), ([box(0, 0, 256, 256)], {'name': 'excluded'}),
                                              ([box(0, 0, 1024, 768)], {'classification': {'name': 'fat', 'color': [1, 2, 3]}})))
    result = good('label', project, '--geojson', path)
    assert (result['labelled'], result['excluded']) == (11, 1), result


@test
def excluded_classes(folder):
    """An excluded tile's class leaves under the name that QuPath gives it, as every other: no class comes back as two"""
    project, out = slide_project(folder), os.path.join(folder, 'out')
    good('label', project, '#0', 'a:b')
    good('label', project, '#1', 'a:b')
    fixture('exclude', project, '1')
    files = [file['path'] for file in good('export', project, '--geojson', out)['geojson']['files']]
    named = [f['properties']['name'] for path in files for f in geojson_check.check(path) if 'name' in f['properties']]
    assert named == ['excluded: a: b'], named
    other = slide_project(folder, name='q.tessera')
    assert good('label', other, '--geojson', *files)['new_classes'] == ['a: b']
    good('label', project, '#1', '--clear')
    result = good('label', project, '--geojson', *files)
    assert result['changed'] == 1 and result['new_classes'] == [], result


@test
def says_why(folder):
    """Annotations that label no tile: why, and what to do; broken ones are counted in a sentence, too"""
    project = slide_project(folder)
    fat = {'classification': {'name': 'fat', 'color': [1, 2, 3]}}
    point = {'type': 'Feature', 'geometry': {'type': 'Point', 'coordinates': [1, 2]}, 'properties': fat}
    for value, part in ((drawn(), 'no annotation that has an area'),
                        ({'type': 'FeatureCollection', 'features': [point]}, 'no annotation that has an area'),
                        (drawn(([box(0, 0, 900, 900)], {}), ([box(0, 0, 900, 900)], {'classification': {'name': 'Ignore*'}})), 'has a class that could label'),
                        (drawn(([box(90000, 0, 900, 900)], fat)), 'No tile lies far enough inside'),
                        (drawn(([box(0, 0, 900, 900)], fat), ([[[0, 0], [1, 1]]], fat)), '1 object of “S 1.geojson” was left out')):
        path = write(folder, 'S 1.geojson', value)
        result = run('label', project, '--geojson', path)
        assert result.code == 0 and part in result.err and '“S 1.geojson”' in result.err, str(result)
        assert part in good('label', project, '--geojson', path)['files'][0]['remark']
    path = write(folder, 'S 1.geojson', drawn(([box(0, 0, 900, 900)], fat)))
    assert good('label', project, '--geojson', path)['files'][0]['remark'] is None


@test
def all_or_none(folder):
    """One file that cannot be put in its place: none is, and nothing is left lying about"""
    project, out = slide_project(folder), os.path.join(folder, 'out')
    good('label', project, '#0', 'fat')
    os.makedirs(os.path.join(out, 'Zweiter _ä_.geojson', 'a folder')) # no file takes its place
    result = run('export', project, '--geojson', out, '--json')
    assert result.code == 1 and 'Zweiter' in result.json['error']['message'] and 'geojson' not in result.json, str(result)
    assert os.listdir(out) == ['Zweiter _ä_.geojson']


def drawn(*features):
    return {'type': 'FeatureCollection', 'features': [
        {'type': 'Feature', 'id': i, 'geometry': {'type': 'Polygon', 'coordinates': rings},
         'properties': {'objectType': 'annotation', **properties}} for i, (rings, properties) in enumerate(features)]}


def box(x, y, width, height):
    return [[x, y], [x + width, y], [x + width, y + height], [x, y + height], [x, y]]


def write(folder, name, value):
    path = os.path.join(folder, name)
    with open(path, 'w', encoding='utf-8') as file:
        json.dump(value, file)
    return path


@test
def annotations(folder):
    """Drawn annotations label the tiles they cover, by share, the larger of two; holes, colours, other objects"""
    project = slide_project(folder)
    # Tiles are 256 wide: tumour covers columns 0 and 1 of row 0 whole and 2 by 0.6, with a hole that takes 0.6 of column 1.
    tumour = [box(0, 0, 512 + 154, 256), box(256, 0, 154, 256)]
    stroma = [box(512 + 128, 0, 500, 250)]
    value = drawn((tumour, {'classification': {'name': 'Tumour', 'color': [1, 2, 3]}}), (stroma, {'classification': 'Stroma'}),
                  ([box(0, 256, 256, 200)], {'classification': {'names': ['A', 'B'], 'color': [9, 9, 9, 255]}}),
                  ([box(0, 512, 1024, 256)], {}), ([box(0, 512, 1024, 256)], {'objectType': 'tile', 'classification': 'No'}))
    value['features'].append({'type': 'Feature', 'geometry': {'type': 'Point', 'coordinates': [1, 2]}, 'properties': {}})
    path = write(folder, 'S 1.svs.geojson', value)
    result = good('label', project, '--geojson', path)
    assert result['files'] == [{'path': path, 'slide': 'S 1', 'features': 6, 'annotations': 4, 'no_area': 1, 'broken': 0, 'tiles': 4, 'remark': None}]
    assert result['new_classes'] == ['Tumour', 'Stroma', 'A: B'], result

    def cells(name):
        return {(int(row['minx']) // SIZE, int(row['miny']) // SIZE) for row in rows_of(folder, project) if row['label'] == name}
    assert cells('Tumour') == {(0, 0), (2, 0)} and cells('Stroma') == {(3, 0)} and cells('A: B') == {(0, 1)}
    assert {row['slide'] for row in rows_of(folder, project) if row['label']} == {'S 1'}
    files = good('export', project, '--geojson', os.path.join(folder, 'o'))['geojson']['files']
    found = colors(f for file in files for f in geojson_check.check(file['path']))
    assert found['Tumour'] == [1, 2, 3] and found['A: B'] == [9, 9, 9], found
    result = good('label', project, '--geojson', path, '--share', '0.9')
    assert result['labelled'] == 2 and result['changed'] == 0, result
    result = good('label', project, '--geojson', path, '--share', '0.3')
    assert result['labelled'] == 5 and result['changed'] == 1 and cells('Tumour') == {(0, 0), (1, 0), (2, 0)}, result
    other = write(folder, 'x.geojson', drawn(([box(0, 0, 256, 256)], {'classification': 'New'}),
                                             ([box(768, 512, 256, 256)], {'classification': 'New'})))
    bad(1, 'label', project, '--geojson', other, says=['x.geojson', '--slide', 'S 1'])
    result = good('label', project, '--geojson', other, '--slide', 'S 1', '--keep')
    assert result['labelled'] == 2 and result['changed'] == 1 and cells('New') == {(3, 2)}, result


@test
def whole_slides(folder):
    """Regions of slides go out and come back too, overlapping ones; a hidden name is in no file"""
    path = os.path.join(folder, 'Jane Doe.tif')
    pictures.write(path, pictures.tiff(192, 128, lambda x, y: (140 + (x * 7 + y * 13) % 23, 70, 150), 0.5))
    for hide in ([], ['--hide-names']):
        project, other = (os.path.join(folder, name + '.tessera') for name in ('p' + str(len(hide)), 'q' + str(len(hide))))
        for name in (project, other):
            good('new', name, '--slides', path, '--tile-size', '32', '--overlap', '16', *hide)
        for i in range(0, 20, 3):
            good('label', project, f'#{i}', ['fat', 'stroma'][i % 2])
        exported = good('export', project, '--geojson', os.path.join(folder, 'o' + str(len(hide))))['geojson']
        name = 'slide 1' if hide else 'Jane Doe'
        assert [file['slide'] for file in exported['files']] == [name] and exported['annotations'] == 7, exported
        file = exported['files'][0]['path']
        assert os.path.basename(file) == name + '.geojson' and len(geojson_check.check(file)) == 7
        with open(file, 'rb') as content:
            assert b'Jane' not in content.read()
        value = good('label', other, '--geojson', file)
        assert value['changed'] == 7 and labels(folder, other) == labels(folder, project), value


@test
def hostile(folder):
    """Files that are broken: one sentence that names them, nothing labelled; odd class names are listed"""
    project = slide_project(folder)
    fine = write(folder, 'Zweiter _ä_.geojson', drawn(([box(0, 0, 256, 256)], {'classification': 'Fine'})))
    for text in ('', '{', '[' * 1000, '{"features":[{}', '[1]', '{"type":"FeatureCollection"}', 'x'):
        path = os.path.join(folder, 'S 1.geojson')
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)
        bad(1, 'label', project, '--geojson', fine, path, says=['S 1.geojson'])
    assert labels(folder, project) == {}
    # several that cannot be used: each has its sentence
    other = write(folder, 'nobody.geojson', drawn(([box(0, 0, 9, 9)], {'classification': 'New'})))
    result = run('label', '--json', project, '--geojson', path, fine, other)
    assert result.code == 1 and [one['file'] for one in result.json['skipped']] == [path, other], str(result)
    assert '2 of 3 files' in result.json['error']['message'] and labels(folder, project) == {}, str(result)
    bad(1, 'label', project, '--geojson', os.path.join(folder, 'none', 'S 1.geojson'), says=['none'])
    huge = [[[0, 0], [1e300, 0], [1e300, 1e300]]]
    path = write(folder, 'S 1.geojson', drawn((huge, {'classification': 'Huge'}),
                                              ([box(0, 0, 256, 256)], {'classification': 'x' * 101}),
                                              ([box(256, 0, 256, 256)], {'classification': 'a\nb'}),
                                              ([box(512, 0, 256, 256)], {'classification': ' Fine '})))
    result = good('label', project, '--geojson', path)
    assert [entry['class'] for entry in result['bad_classes']] == ['x' * 101, 'a\nb'] and result['files'][0]['broken'] == 1, result
    assert result['changed'] == 1 and list(labels(folder, project).values()) == ['Fine']


@test
def usage(folder):
    """Options that do not go together: exit 2"""
    project = slide_project(folder)
    bad(2, 'label', project, '#0', 'fat', '--share', '0.2', says=['--geojson'])
    bad(2, 'label', project, '#0', 'fat', 'more', says=['Give PROJECT'])
    bad(2, 'label', project, '--geojson', 'a', '--from', 'b', says=['--geojson'])
    bad(2, 'label', project, '--geojson', 'a', '--clear', says=['--geojson'])
    bad(2, 'label', project, '--geojson', 'a', 'b', '--slide', 'S 1', says=['one by one'])
    bad(2, 'label', project, '--geojson', 'a', '--share', '0', says=['--share'])


main()
