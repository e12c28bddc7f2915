"""tessera health: estimates, signs, the random check and origins, against plain counts."""

import csv
import math
import os
import random
import sqlite3

import pictures
from tap import bad, fixture_input, good, main, run, test

EACH, CLASSES = 60, ('fat', 'stroma', 'tumour')
SIGNS = ['accuracy', 'labels', 'separates', 'kept', 'picks', 'frechet', 'batch', 'clusters']


def places(seed=1, apart=10.0):
    """A cloud a class, in the order of the tiles."""
    draw = random.Random(seed)
    return [(apart * c + draw.gauss(0, 1), draw.gauss(0, 1), draw.gauss(0, 1), draw.gauss(0, 1)) for c in range(len(CLASSES)) for _ in range(EACH)]


def project_of(folder, points=None, name='p'):
    """Tiles of three classes with vectors and a map, of which the first two numbers are the place."""
    source, project = os.path.join(folder, 'tiles'), os.path.join(folder, name + '.tessera')
    if not os.path.exists(source):
        pictures.tiles(source, each=EACH, size=8)
    good('new', project, '--tiles', source, '--labels-from-folders')
    points = points or places()
    fixture_input(''.join(' '.join(map(repr, p)) + '\n' for p in points), 'vectors', project, '4')
    fixture_input(''.join(f'{p[0]!r} {p[1]!r}\n' for p in points), 'map', project)
    return project, points


def label(folder, project, labels, *options):
    path = os.path.join(folder, 'labels.csv')
    with open(path, 'w', encoding='utf-8') as file:
        file.write('tile_id,label\n' + ''.join(f'{tile},{name}\n' for tile, name in labels.items()))
    return good('label', project, '--from', path, *options)


def truth(tile):
    return CLASSES[tile // EACH]


def wilson(right, n):
    z, p = 1.959963984540054, right / n
    middle, half = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return max(0, (middle - half) / (1 + z * z / n)), min(1, (middle + half) / (1 + z * z / n))


def nearest(points, tile, among):
    return min((other for other in among if other != tile), key=lambda o: ((points[tile][0] - points[o][0]) ** 2 + (points[tile][1] - points[o][1]) ** 2, o))


def sign(value, name):
    return next(s for s in value['signs'] if s['sign'] == name)


def assert_share(share, right, n):
    assert share['right'] == right and share['tiles'] == n, (share, right, n)
    if n:
        low, high = wilson(right, n)
        assert abs(share['accuracy'] - right / n) < 1e-9 and abs(share['low'] - low) < 1e-6 and abs(share['high'] - high) < 1e-6, share
    else:
        assert share['accuracy'] is None and share['low'] is None, share


@test
def nothing_yet(folder):
    """Without labels, without a map, without anything: nothing can be told, and nothing fails"""
    source, project = os.path.join(folder, 'tiles'), os.path.join(folder, 'bare.tessera')
    pictures.tiles(source)
    good('new', project, '--tiles', source)
    value = good('health', project)
    assert value['verdict'] == 'unknown' and value['left_out']['tiles'] == 0 and value['check'] is None, value
    assert value['coverage']['radius'] is None and value['classes'] == [] and value['discordant'] == [], value
    assert [s['sign'] for s in value['signs']] == SIGNS and {s['state'] for s in value['signs']} == {'unknown'}, value['signs']
    bad(1, 'health', project, '--check', '5', says=['no labels'])
    bad(1, 'health', os.path.join(folder, 'none.tessera'))
    bad(2, 'health', project, '--goal', '20', says=['--goal'])
    bad(2, 'health', project, '--check', '0', says=['--check'])


@test
def left_out(folder):
    """Labels left out are told by the nearest other one on the map; slips are listed"""
    project, points = project_of(folder)
    labels = {tile: truth(tile) for tile in range(0, 3 * EACH, 7)}
    labels[21] = 'tumour'
    label(folder, project, labels)
    value = good('health', project)
    told = {tile: labels[nearest(points, tile, labels)] for tile in labels}
    right = [tile for tile in labels if told[tile] == labels[tile]]
    assert_share(value['left_out'], len(right), len(labels))
    for entry in value['classes']:
        mine = [t for t in labels if labels[t] == entry['name']]
        assert entry['labelled'] == len(mine), entry
        assert_share(entry['left_out'], len([t for t in mine if t in right]), len(mine))
    assert [(d['tile'], d['label'], d['told'], d['stale']) for d in value['discordant']] == [
        (t, labels[t], told[t], False) for t in sorted(labels) if told[t] != labels[t]], value['discordant']
    most = max(list(labels.values()).count(name) for name in CLASSES)
    assert abs(value['majority'] - most / len(labels)) < 1e-9
    assert good('classify', project)['estimate']['right'] == len(right), 'classify says the same'
    width = max(max(p[a] for p in points) - min(p[a] for p in points) for a in (0, 1))
    radius = max(math.dist(p[:2], points[nearest(points, i, labels)][:2]) for i, p in enumerate(points) if i not in labels) / width
    assert abs(value['coverage']['radius'] - radius) < 1e-5 and value['coverage']['radius_after'] < radius and value['coverage']['more'] == 10


@test
def verdicts(folder):
    """Unknown, likely, not yet: by how many labels there are and how many are told"""
    project, _ = project_of(folder)
    label(folder, project, {0: 'fat', 1: 'fat'})
    assert good('health', project)['verdict'] == 'unknown', 'one class only'
    label(folder, project, {tile: truth(tile) for tile in (2, 60, 61, 62, 120, 121, 122)})
    value = good('health', project)
    assert value['verdict'] == 'unknown' and '16' in value['advice'], value
    assert sign(value, 'accuracy')['state'] == 'unknown' and '16' in sign(value, 'accuracy')['found'], value
    assert all(c['lacking'] == (c['labelled'] < 4) for c in value['classes']) and sign(value, 'labels')['state'] == 'look', value
    label(folder, project, {tile: truth(tile) for tile in range(0, 180, 9)})
    value = good('health', project)
    assert value['verdict'] == 'likely' and value['next'] == 'check' and value['goal'] == 0.9, value
    assert sign(value, 'accuracy')['state'] == 'good' and sign(value, 'separates')['state'] == 'good', value['signs']
    value = good('health', project, '--goal', '99')
    assert value['verdict'] == 'unknown' and ' 32 ' in value['advice'], 'so few labels cannot show 99 %'
    # one label a class: none of them can be told by others, which does not say that nothing is right
    alone, _ = project_of(folder, name='alone')
    label(folder, alone, {0: 'fat', 60: truth(60), 120: truth(120)})
    value, text = good('health', alone), run('health', alone)
    assert_share(value['left_out'], 0, 3)
    assert value['verdict'] == 'unknown' and sign(value, 'accuracy')['state'] == 'unknown' and '%' not in value['headline'], value
    assert text.out.startswith('Cannot be told yet') and 'about 0 %' not in text.out, text.out
    # labels that mean nothing: told no better than by guessing
    noise, _ = project_of(folder, name='noise')
    draw = random.Random(3)
    label(folder, noise, {tile: draw.choice(CLASSES) for tile in range(0, 180, 3)})
    value = good('health', noise)
    assert value['verdict'] == 'not-yet' and sign(value, 'accuracy')['state'] == 'bad' and sign(value, 'separates')['state'] == 'bad', value
    text = run('health', noise)
    assert text.code == 0 and text.out.startswith('Not yet') and '[!]' in text.out, text




@test
def check(folder):
    """A random check: what is drawn, its predictions frozen, its answers counted; --goal decides"""
    project, points = project_of(folder)
    labels = {tile: truth(tile) for tile in range(0, 180, 12)}
    labels[24] = 'tumour'
    label(folder, project, labels)
    before = {p['tile']: p['class'] for p in good('classify', project)['predictions']}
    value = good('health', project, '--check', '30')
    drawn = [t['tile'] for t in value['check']['left']]
    assert len(set(drawn)) == 30 and not set(drawn) & set(labels) and value['check']['state'] == 'running', value['check']
    assert value['check']['labels_then'] == len(labels) and value['check']['tiles'] == 0
    assert good('health', project)['check'] == value['check'], 'it is kept'
    tiles = drawn
    given = {t: truth(t) if t != tiles[3] else CLASSES[(t // EACH + 1) % 3] for t in tiles}
    label(folder, project, given, '--check')
    right = [t for t in tiles if before[t] == given[t]]
    value = good('health', project)
    assert value['check']['state'] == 'done' and value['check']['left'] == [] and not value['check']['outdated'], value['check']
    assert_share(value['check'], len(right), 30)
    for entry in value['classes']:
        mine = [t for t in tiles if given[t] == entry['name']]
        assert_share(entry['checked'], len([t for t in mine if t in right]), len(mine))
    low, _ = wilson(len(right), 30)
    good_enough = len(right) / 30 >= 0.9 and low >= 0.8
    assert (value['verdict'] == 'good') == good_enough, value
    assert good('health', project, '--goal', '60')['verdict'] == 'good'
    # other predictions: the check no longer counts
    assert good('health', project, '--rule', 'w')['check']['outdated']
    fixture_input(''.join(f'{p[1]!r} {p[0]!r}\n' for p in points), 'map', project)
    value = good('health', project)
    assert value['check']['outdated'] and value['verdict'] != 'good', value
    # fewer labels than then: nor does it
    other, _ = project_of(folder, name='other')
    label(folder, other, labels)
    left = good('health', other, '--check', '5')['check']['left']
    label(folder, other, {t['tile']: truth(t['tile']) for t in left}, '--check')
    assert not good('health', other)['check']['outdated']
    for tile in list(labels)[:6]:
        good('label', other, f'#{tile}', '--clear')
    assert good('health', other)['check']['outdated']
    # another draw is of other tiles
    again = [t['tile'] for t in good('health', project, '--check', '30')['check']['left']]
    assert not set(again) & set(tiles), 'what is labelled is not drawn again'


@test
def check_frozen(folder):
    """Labels given after the draw do not change what the check is held against; unsure tiles are set aside"""
    project, _ = project_of(folder)
    label(folder, project, {0: 'fat', 1: 'fat', 60: 'stroma', 61: 'stroma'})  # no tumour is known yet
    before = {p['tile']: p['class'] for p in good('classify', project)['predictions']}
    value = good('health', project, '--check', '20')
    tiles = [t['tile'] for t in value['check']['left']]
    label(folder, project, {120: 'tumour', 125: 'tumour'} if 120 not in tiles else {121: 'tumour', 126: 'tumour'})
    good('label', project, f'#{tiles[0]}', '--unsure')
    label(folder, project, {t: truth(t) for t in tiles[1:]}, '--check')
    value = good('health', project)
    assert_share(value['check'], len([t for t in tiles[1:] if before[t] == truth(t)]), 19)
    assert value['check']['set_aside'] == 1 and value['check']['right'] < 19, value['check']


@test
def check_blind(folder):
    """Labels that do not say that they are answers are none; what is exported meanwhile is as blind as the window"""
    project, _ = project_of(folder)
    labels = {tile: truth(tile) for tile in range(0, 180, 12)}
    label(folder, project, labels)
    bad(1, 'label', project, '#1', truth(1), '--check', says=['No check', 'health --check'])
    bad(2, 'label', project, '#1', '--clear', '--check', says=['--check'])
    table = os.path.join(folder, 'out.csv')

    def predicted():
        value = good('export', project, '--csv', table)
        with open(table, encoding='utf-8', newline='') as file:
            rows = list(csv.DictReader(file))
        assert len(rows) == 180
        for row in rows:
            empty = [row[key] == '' for key in ('pred', 'margin', 'nn_id', 'nn_dist', 'prob_fat')]
            assert len(set(empty)) == 1, row
        told = {int(row['tile_id']) for row in rows if row['pred']}
        listed = good('classify', project)
        assert {p['tile'] for p in listed['predictions']} == told - {int(row['tile_id']) for row in rows if row['label']}, listed
        assert listed['hidden_by_check'] == value['hidden_by_check'] == (len(told) < 180)
        return told, {int(row['tile_id']): row['how'] for row in rows if row['how']}

    assert len(predicted()[0]) == 180
    tiles = [t['tile'] for t in good('health', project, '--check', '6')['check']['left']]
    assert predicted()[0] == set(labels), 'while it runs nothing is told of a tile without a label'
    good('label', project, f'#{tiles[0]}', truth(tiles[0]), '--check')
    good('label', project, f'#{tiles[1]}', truth(tiles[1]))
    label(folder, project, {tiles[2]: truth(tiles[2])})
    value = good('health', project)['check']
    assert [t['tile'] for t in value['left']] == tiles[3:], value
    how = predicted()[1]
    assert [how[t] for t in tiles[:3]] == ['check', 'command', 'imported'], how
    with sqlite3.connect(project) as db:  # as the window interrupts it
        db.execute("UPDATE setting SET value = replace (value, 'running', 'paused') WHERE key = 'audit'")
    db.close()
    assert predicted()[0] == set(range(180)) - set(tiles[3:])
    label(folder, project, {t: truth(t) for t in tiles[3:]}, '--check')
    value = good('health', project)['check']
    assert value['state'] == 'done' and value['tiles'] == 4 and value['set_aside'] == 2, value
    assert len(predicted()[0]) == 180


def join(folder, project, name, values):
    path = os.path.join(folder, 'join.csv')
    with open(path, 'w', encoding='utf-8') as file:
        file.write(f'tile_id,{name}\n' + ''.join(f'{tile},{text}\n' for tile, text in enumerate(values)))
    good('columns', project, '--from', path)


def coefficient(points, group):
    """Newman's, on the ten nearest in the vectors."""
    pairs = []
    for i, p in enumerate(points):
        order = sorted((math.dist(p, q), j) for j, q in enumerate(points) if j != i)[:10]
        pairs += [(group[i], group[j]) for _, j in order]
    same = sum(a == b for a, b in pairs) / len(pairs)
    chance = sum((sum(a == g for a, _ in pairs) / len(pairs)) * (sum(b == g for _, b in pairs) / len(pairs)) for g in set(group))
    return same, chance, (same - chance) / (1 - chance)


@test
def origins(folder):
    """A scanner that tiles lie by is bad, one that is dealt out is good; its clusters are named, small ones are not"""
    project, points = project_of(folder)
    label(folder, project, {0: 'fat', 60: 'stroma'})
    apart = ['A' if t < 60 else 'B' if t < 120 else 'C' for t in range(180)]
    mixed = ['X' if t % 2 else 'Y' for t in range(180)]
    join(folder, project, 'scanner', apart)
    value = good('health', project)
    same, chance, r = coefficient(points, apart)
    source = value['origins'][0]
    assert source['column'] == 'scanner', value['origins']
    for key, expected in (('same', same), ('chance', chance), ('coefficient', r)):
        assert abs(source[key] - expected) < 1e-9, (source, key, expected)
    assert sign(value, 'batch')['state'] == 'bad' and sign(value, 'clusters')['state'] == 'look', value['signs']
    assert value['sampled'] == 180
    for cluster in value['clusters']:
        low, _ = wilson(cluster['of_it'], cluster['tiles'])
        assert low >= 0.9 and (low - 1 / 3) / (2 / 3) >= 0.8 and cluster['tiles'] >= 35, cluster
        assert abs(cluster['expected'] - 1 / 3) < 1e-9 and cluster['value'] in 'ABC', cluster
    assert value['clusters'], 'three clouds of sixty'
    join(folder, project, 'scanner', mixed)
    value = good('health', project)
    assert abs(value['origins'][0]['coefficient'] - coefficient(points, mixed)[2]) < 1e-9
    assert sign(value, 'batch')['state'] == 'good' and sign(value, 'clusters')['state'] == 'good' and value['clusters'] == [], value
    # a column that names every tile says nothing of where it comes from, nor does a scale
    join(folder, project, 'scanner', [f'tile {t}' for t in range(180)])
    assert good('health', project)['origins'] == []
    join(folder, project, 'scanner', [str(t / 7) for t in range(180)])
    value = good('health', project)
    assert value['origins'] == [] and sign(value, 'batch')['state'] == 'unknown', value


@test
def picks(folder):
    """Suggestions that are copies of each other look alike, typical ones do not"""
    points = places()
    for tile in range(40, 60):
        points[tile] = points[40]
    project, _ = project_of(folder, points)
    good('suggest', project, '-k', '12')
    assert sign(good('health', project), 'picks')['state'] == 'good'
    with sqlite3.connect(project) as db:
        column = [row[1] for row in db.execute('PRAGMA table_info(suggestion)')]
        assert 'tile' in column, column
        tiles = [row[0] for row in db.execute('SELECT tile FROM suggestion')]
        db.execute('PRAGMA ignore_check_constraints = 1')
        db.execute('PRAGMA foreign_keys = 0')
        for old, new in zip(tiles, range(40, 52)):
            db.execute('UPDATE suggestion SET tile = ? WHERE tile = ?', (new + 100000, old))
        db.execute('UPDATE suggestion SET tile = tile - 100000')
    db.close()
    value = sign(good('health', project), 'picks')
    assert value['state'] == 'bad' and value['value'] == 0 and value['next'] == 'suggest' and value['remedy'], value


@test
def stale(folder):
    """Labels older than the vectors are stale where the others disagree"""
    project, points = project_of(folder)
    labels = {tile: 'tumour' if tile == 20 else truth(tile) for tile in range(0, 180, 10)}
    label(folder, project, labels)
    wrong = [t for t in sorted(labels) if labels[nearest(points, t, labels)] != labels[t]]
    assert 20 in wrong and [(d['tile'], d['stale']) for d in good('health', project)['discordant']] == [(t, False) for t in wrong]
    db = sqlite3.connect(project)
    db.execute("UPDATE setting SET value = CAST(value AS INTEGER) + 3600000000 WHERE key = 'vectors.since'")
    db.commit()
    assert db.total_changes == 1, 'when vectors were made is kept'
    db.close()
    assert [(d['tile'], d['stale']) for d in good('health', project)['discordant']] == [(t, True) for t in wrong]


main()
