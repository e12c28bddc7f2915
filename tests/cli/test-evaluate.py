"""evaluate against an independent re-implementation in NumPy, on planted clusters."""

import contextlib
import os
import sqlite3
import sys

import pictures
from tap import Skip, bad, fixture, fixture_input, good, main, run, test

try:
    import numpy as np
except ImportError:
    print('1..0 # SKIP python3-numpy is not installed')
    sys.exit(0)

METRICS = ['accuracy', 'balanced_accuracy', 'macro_f1', 'auc', 'classes_found']  # checked by compare
PROBABILITIES = ['log_loss', 'calibration_error']


def project_of(folder, sizes, seed=1, spread=1.0, d=6, map_spread=1.0, noise=0.0):
    """A project with planted W and map: a Gaussian cluster a class, of uneven sizes; noise swaps some tiles' clusters."""
    random = np.random.default_rng(seed)
    source, project = os.path.join(folder, 'tiles'), os.path.join(folder, 'p.tessera')
    truth = np.concatenate([np.full(n, c) for c, n in enumerate(sizes)])
    for c, n in enumerate(sizes):
        for i in range(n):
            pictures.write(os.path.join(source, f'class{c}', f'{i:04}.png'), pictures.noise(4, 1000 * c + i + 1))
    good('new', project, '--tiles', source, '--labels-from-folders')
    cluster = np.where(random.random(len(truth)) < noise, random.integers(0, len(sizes), len(truth)), truth)
    w = (4 * random.normal(size=(len(sizes), d))[cluster] + spread * random.normal(size=(len(truth), d))).astype(np.float32)
    y = (8 * random.normal(size=(len(sizes), 2))[cluster] + map_spread * random.normal(size=(len(truth), 2))).astype(np.float32)
    plant(project, w, y)
    return project, truth, w, y


def plant(project, w, y):
    fixture_input(''.join(' '.join(repr(float(v)) for v in row) + '\n' for row in w), 'vectors', project, str(w.shape[1]))
    fixture_input(''.join('-\n' if np.isnan(row).any() else f'{float(row[0])!r} {float(row[1])!r}\n' for row in y), 'map', project)


def auc(scores, positive):
    """Mann-Whitney, ties half, by all pairs."""
    a, b = scores[positive], scores[~positive]
    if len(a) == 0 or len(b) == 0:
        return np.nan
    return ((a[:, None] > b[None]).sum() + 0.5 * (a[:, None] == b[None]).sum()) / (len(a) * len(b))


def score(points, truth, picks, n_classes):
    """What one run is worth: nearest labelled neighbour, scored on the rest, straight from the definitions."""
    rest = np.setdiff1d(np.arange(len(truth)), picks)
    distance = np.sqrt(((points[rest, None].astype(float) - points[None, picks].astype(float)) ** 2).sum(-1))
    labels = truth[picks]
    predicted, real = labels[distance.argmin(1)], truth[rest]
    scores = np.zeros((len(rest), n_classes))
    for c in np.unique(labels):
        own = distance[:, labels == c].min(1)
        other = distance[:, labels != c].min(1) if (labels != c).any() else None
        scores[:, c] = 1 if other is None else other / (own + other)
    recall, f1 = [], []
    for c in range(n_classes):
        tp, fp, fn = ((predicted == c) & (real == c)).sum(), ((predicted == c) & (real != c)).sum(), \
            ((predicted != c) & (real == c)).sum()
        if tp + fn:
            recall.append(tp / (tp + fn))
        if tp + fp + fn:
            f1.append(2 * tp / (2 * tp + fp + fn))
    if n_classes == 2:
        area = auc(scores[:, 1], real == 1)
    else:
        present = [c for c in range(n_classes) if (real == c).any()]
        area = np.mean([auc(scores[:, c], real == c) for c in present]) if len(present) > 1 else np.nan
    return {'accuracy': (predicted == real).mean(), 'balanced_accuracy': np.mean(recall), 'macro_f1': np.mean(f1), 'auc': area,
            'classes_found': len(np.unique(labels))}


def is_farthest(points, picks, eligible):
    """Whether every pick but the first is as far from the earlier ones as any eligible point."""
    near = np.full(len(points), np.inf)
    for step, pick in enumerate(picks):
        if step and near[pick] < near[eligible].max() * (1 - 1e-5):
            return False
        near = np.minimum(near, np.sqrt(((points.astype(float) - points[pick].astype(float)) ** 2).sum(1)))
    return True


def compare(value, truth, spaces, n_classes, tolerance=1e-5):
    """Every row of the program's answer against the definitions, from the tiles it says it labelled."""
    assert value['rows'], value
    for row in value['rows']:
        assert set(row) == {'strategy', 'rule', 'space', 'reduction', 'rounds', 'labels', *METRICS, *PROBABILITIES}, row
        runs = [p['tiles'][:row['labels']] for p in value['picks'] if p['strategy'] == row['strategy']]
        assert len(runs) == value['runs'] and all(len(set(run)) == row['labels'] for run in runs), row
        results = [score(spaces[row['rule']], truth, np.array(run), n_classes) for run in runs]
        for metric in METRICS:
            values = np.array([result[metric] for result in results])
            values = values[~np.isnan(values)]
            expected = {'mean': values.mean() if len(values) else None, 'sd': values.std(ddof=1) if len(values) > 1 else None}
            for key, number in expected.items():
                got = row[metric][key]
                assert (got is None) == (number is None), (row, metric, expected)
                assert got is None or abs(got - number) < tolerance, (row['strategy'], row['rule'], row['labels'], metric, got,
                                                                      number)


@test
def classify_after_rename(folder):
    """classify scores by which class a ground truth means, whatever the class is called by now"""
    project, truth, w, y = project_of(folder, [9, 14, 6], seed=5, spread=0.6, map_spread=0.6)
    picks = [0, 3, 10, 14, 24]
    for tile in picks:
        good('label', project, f'#{tile}', f'class{truth[tile]}')
    expected = score(y, truth, np.array(picks), 3)
    for name in (None, 'grasa', 'class2 '):  # the last is nearly another class's name
        if name:
            fixture('rename', project, '1', name.strip() + '!' if name.endswith(' ') else name)
        value = good('classify', project)['metrics']
        for key in METRICS[:4]:
            assert abs(value[key] - expected[key]) < 1e-6, (name, key, value, expected)


@test
def separate(folder):
    """Clusters far apart: every class is found and everything is right"""
    project, truth, w, y = project_of(folder, [40, 40, 40], spread=0.01, map_spread=0.01)
    value = good('evaluate', project, '--labels', '6,12', '--runs', '4', '--rules', 'map,w', '--picks')
    compare(value, truth, {'map': y, 'w': w}, 3)
    for row in value['rows']:
        if row['strategy'] == 'fps':
            assert row['accuracy'] == {'mean': 1.0, 'sd': 0.0} and row['auc']['mean'] == 1.0, row
            assert row['classes_found'] == {'mean': 3.0, 'sd': 0.0}, row


@test
def three_classes(folder):
    """Overlapping clusters of uneven sizes: all rows agree with the definitions"""
    project, truth, w, y = project_of(folder, [120, 60, 20], spread=3, map_spread=5, noise=0.1)
    value = good('evaluate', project, '--labels', '10,20,50', '--runs', '5', '--rules', 'map,w', '--picks')
    assert len(value['rows']) == 12 and value['tiles'] == 200 and value['map'] == 'project', value
    assert [r['labels'] for r in value['rows']] == [10, 20, 50] * 4
    assert [(r['strategy'], r['rule']) for r in value['rows'][::3]] == [('fps', 'map'), ('fps', 'w'), ('random', 'map'), ('random', 'w')]
    compare(value, truth, {'map': y, 'w': w}, 3)
    for picks in value['picks']:
        if picks['strategy'] == 'fps':
            assert is_farthest(y, picks['tiles'], np.arange(200)), picks


@test
def two_classes(folder):
    """Two classes: the AUC is that of the second"""
    project, truth, w, y = project_of(folder, [70, 50], seed=3, spread=4, map_spread=6, noise=0.2)
    value = good('evaluate', project, '--labels', '4,30', '--runs', '6', '--rules', 'map,w', '--picks')
    compare(value, truth, {'map': y, 'w': w}, 2)


@test
def many_classes(folder):
    """Nine classes with two labels: classes not yet seen score 0, and the AUC is still defined"""
    project, truth, w, y = project_of(folder, [14] * 9, seed=4, spread=2, map_spread=3)
    value = good('evaluate', project, '--labels', '1,2,9', '--runs', '3', '--rules', 'map,w', '--picks')
    compare(value, truth, {'map': y, 'w': w}, 9)
    assert value['rows'][0]['classes_found']['mean'] == 1.0


@test
def against_scikit_learn(folder):
    """scikit-learn's metrics agree, where it is installed"""
    try:
        from sklearn import metrics, neighbors  # pylint: disable=import-outside-toplevel
    except ImportError as error:
        raise Skip('python3-sklearn is not installed') from error
    project, truth, _, y = project_of(folder, [60, 50, 40], seed=5, map_spread=6)
    value = good('evaluate', project, '--labels', '25', '--runs', '1', '--picks')
    for row in value['rows']:
        picks = next(p['tiles'] for p in value['picks'] if p['strategy'] == row['strategy'])
        rest = np.setdiff1d(np.arange(len(truth)), picks)
        predicted = neighbors.KNeighborsClassifier(1).fit(y[picks], truth[picks]).predict(y[rest])
        assert abs(row['accuracy']['mean'] - metrics.accuracy_score(truth[rest], predicted)) < 1e-6
        assert abs(row['balanced_accuracy']['mean'] - metrics.balanced_accuracy_score(truth[rest], predicted)) < 1e-6
        assert abs(row['macro_f1']['mean'] - metrics.f1_score(truth[rest], predicted, average='macro')) < 1e-6
        assert row['accuracy']['sd'] is None, 'one run has no deviation'


@test
def groups(folder):
    """--group-by gives the accuracy within each value of a column, or each slide of the tiles' names, mean of the runs that left any"""
    project, truth, w, y = project_of(folder, [30, 20, 10], seed=8, spread=2, map_spread=4, noise=0.2)
    of = np.array(['north', 'south', '', 'one'])[np.arange(60) % 3]
    of[7] = 'one'
    table = os.path.join(folder, 't.csv')
    pictures.write(table, ('tile_id,ward,score\n' + ''.join(f'{i},{of[i]},{i}\n' for i in range(60))).encode())
    good('columns', project, '--from', table)
    value = good('evaluate', project, '--labels', '5,40', '--runs', '4', '--strategies', 'fps,random,kmeans', '--rounds', '1,2', '--picks',
                 '--group-by', 'ward')
    assert len(value['rows']) == 12, len(value['rows'])
    for row in value['rows']:
        sums = {}
        for picks in value['picks']:
            if picks['strategy'] != row['strategy'] or picks['rounds'] not in (None, row['rounds']):
                continue
            if picks['rounds'] is not None and len(picks['tiles']) != row['labels']:
                continue
            chosen = np.array(picks['tiles'][:row['labels']])
            rest = np.setdiff1d(np.arange(60), chosen)
            nearest = ((y[rest, None].astype(float) - y[None, chosen].astype(float)) ** 2).sum(-1).argmin(1)
            right = truth[chosen][nearest] == truth[rest]
            for name in ('north', 'south', 'one'):
                own = of[rest] == name
                if own.any():
                    sums.setdefault(name, []).append(right[own].mean())
        assert [g['name'] for g in row['groups']] == ['north', 'south', 'one'], row['groups']
        for group in row['groups']:
            expected = np.mean(sums[group['name']]) if group['name'] in sums else None
            assert (group['accuracy'] is None) == (expected is None), (row, sums)
            assert expected is None or abs(group['accuracy'] - expected) < 1e-6, (row, group, expected)
        known = [g['accuracy'] for g in row['groups'] if g['accuracy'] is not None]
        assert abs(row['group_accuracy'] - np.mean(known)) < 1e-6, row
        for key in ('groups', 'group_accuracy'):
            del row[key]
    text = run('evaluate', project, '--labels', '5', '--group-by', 'ward')
    assert text.code == 0 and 'groups' in text.out and 'worst' in text.out, text
    listed = [line.split() for line in text.out.splitlines() if line.split()[1:] and line.split()[-1] in ('north', 'south', 'one') and len(line.split()) == 2]
    assert {'north', 'south'} <= {name for _, name in listed}, text.out
    rows = len(listed) // len({name for _, name in listed}) # of each row its groups, the worst first
    for i in range(rows):
        part = [float(share) for share, _ in listed[i * len(listed) // rows:(i + 1) * len(listed) // rows]]
        assert part == sorted(part), listed
    bad(1, 'evaluate', project, '--group-by', 'score', says=['numbers', 'score'])
    bad(1, 'evaluate', project, '--group-by', 'slide', says=['slide'])
    bad(1, 'evaluate', project, '--group-by', 'nothing', says=['nothing', 'columns'])


@test
def groups_by_slide(folder):
    """--group-by slide takes the slide that QuPath's tile names tell"""
    source, project = os.path.join(folder, 'tiles'), os.path.join(folder, 'p.tessera')
    for i in range(24):
        name = f'{"ab"[i % 2]} [x={i * 8},y=0,w=8,h=8].png'
        pictures.write(os.path.join(source, 'cd'[i // 12], name), pictures.noise(4, i + 1))
    good('new', project, '--tiles', source, '--labels-from-folders')
    random = np.random.default_rng(1)
    plant(project, random.normal(size=(24, 4)).astype(np.float32), random.normal(size=(24, 2)).astype(np.float32))
    value = good('evaluate', project, '--labels', '4', '--runs', '2', '--group-by', 'slide')
    for row in value['rows']:
        assert [g['name'] for g in row['groups']] == ['a', 'b'] and all(0 <= g['accuracy'] <= 1 for g in row['groups']), row


@test
def left_out(folder):
    """Excluded tiles, tiles without a place and tiles without ground truth neither answer nor count"""
    project, truth, w, y = project_of(folder, [40, 40], seed=6, map_spread=5)
    pictures.write(os.path.join(folder, 'more', 'loose.png'), pictures.noise(4, 9999))
    y[3] = np.nan
    plant(project, w, y)
    fixture('exclude', project, '5', '50')
    value = good('evaluate', project, '--labels', '10', '--runs', '3', '--picks')
    assert value['tiles'] == 77, value
    kept = np.setdiff1d(np.arange(80), [3, 5, 50])
    number = {int(tile): i for i, tile in enumerate(kept)}
    for picks in value['picks']:
        picks['tiles'] = [number[tile] for tile in picks['tiles']]
    compare(value, truth[kept], {'map': y[kept]}, 2)


@test
def seeds(folder):
    """The same call gives the same answer; runs differ in their first pick; run r does not depend on how many runs there are"""
    project, _, _, _ = project_of(folder, [60, 60], seed=7)
    words = ['evaluate', project, '--labels', '5,10', '--picks', '--runs']
    first, second, fewer = good(*words, '6'), good(*words, '6'), good(*words, '2')
    assert first == second
    picks = {(p['strategy'], p['run']): p['tiles'] for p in first['picks']}
    assert len({tiles[0] for (s, _), tiles in picks.items() if s == 'fps'}) > 1
    assert len({tuple(tiles) for (s, _), tiles in picks.items() if s == 'random'}) == 6
    assert all(picks[p['strategy'], p['run']] == p['tiles'] for p in fewer['picks'])


@test
def any_order(folder):
    """Numbers of labels in any order, the same twice, come back as asked"""
    project, truth, _, y = project_of(folder, [30, 30], seed=8, map_spread=4)
    value = good('evaluate', project, '--labels', '20,5,20', '--runs', '2', '--strategies', 'random', '--picks')
    assert [row['labels'] for row in value['rows']] == [20, 5, 20] and value['rows'][0] == value['rows'][2]
    compare(value, truth, {'map': y}, 2)


ALL_STRATEGIES = 'fps,random,fps-dense,kmeans,margin,mix'
ALL_RULES = 'map,w,knn,spread,linear'


@test
def strategies_and_rules(folder):
    """Every strategy with every rule: rows in order, picks as many as labels, those of margin by rule; the answer repeats"""
    project, truth, w, y = project_of(folder, [50, 40, 30], seed=11, spread=2, map_spread=4)
    words = ['evaluate', project, '--labels', '6,15', '--runs', '2', '--rounds', '1,3', '--strategies', ALL_STRATEGIES,
             '--rules', ALL_RULES, '--picks']
    value = good(*words)
    assert value == good(*words)
    assert [(r['strategy'], r['rule'], r['rounds'], r['labels']) for r in value['rows']] == \
        [(s, r, n, k) for s in ALL_STRATEGIES.split(',') for r in ALL_RULES.split(',') for n in (1, 3) for k in (6, 15)]
    for row in value['rows']:
        assert 0.4 < row['accuracy']['mean'] <= 1 and row['space'] == 'w' and row['reduction'] == 'tsne', row
        assert 0 < row['log_loss']['mean'] < 2 and 0 <= row['calibration_error']['mean'] < 0.6, row
    for picks in value['picks']:
        assert len(set(picks['tiles'])) == len(picks['tiles']) and picks['reduction'] == 'tsne', picks
        assert (picks['rule'] is not None) == (picks['strategy'] in ('margin', 'mix')), picks
        assert picks['rounds'] is None if picks['strategy'] in ('fps', 'random', 'fps-dense') else picks['rounds'] in (1, 3), picks
    for rule in ('map', 'w'):  # whatever chose the tiles, what they are worth follows from the definitions
        for strategy in ('kmeans', 'margin', 'mix'):
            for row in (r for r in value['rows'] if (r['strategy'], r['rule']) == (strategy, rule)):
                runs = [p['tiles'] for p in value['picks'] if p['strategy'] == strategy and p['rounds'] == row['rounds'] and
                        p['rule'] in (None, rule) and len(p['tiles']) == row['labels']]
                assert len(runs) == 2, row
                expected = np.mean([score(y if rule == 'map' else w, truth, np.array(run), 3)['accuracy'] for run in runs])
                assert abs(row['accuracy']['mean'] - expected) < 1e-6, row


@test
def margin_rounds(folder):
    """With rounds, margin's later picks are those whose margin was least, by the definition of the rule map"""
    project, truth, _, y = project_of(folder, [60, 60], seed=12, map_spread=8)
    value = good('evaluate', project, '--labels', '9', '--runs', '1', '--rounds', '9', '--strategies', 'margin', '--picks')
    tiles = value['picks'][0]['tiles']
    for words, said in ((['margin'], True), (['fps,mix', '--rounds', '1'], True), (['mix', '--rounds', '1,3'], False), (['fps,kmeans'], False)):
        outcome = run('evaluate', project, '--labels', '9', '--runs', '1', '--strategies', *words)
        assert outcome.code == 0 and ('as kmeans does' in outcome.err) == said, (words, outcome)
    for rounds, said in (('9', False), ('10', True)):
        outcome = run('evaluate', project, '--labels', '9', '--runs', '1', '--strategies', 'fps', '--rounds', rounds)
        assert outcome.code == 0 and ('9 labels are given one at a time' in outcome.err) == said, (rounds, outcome)
    for k in range(1, 9):
        given, rest = np.array(tiles[:k]), np.setdiff1d(np.arange(120), tiles[:k])
        if len(set(truth[given])) < 2:
            continue
        distance = np.sqrt(((y[rest, None].astype(float) - y[None, given].astype(float)) ** 2).sum(-1))
        a, b = (distance[:, truth[given] == c].min(1) for c in (0, 1))
        margin = np.abs(a - b) / (a + b)
        assert margin[list(rest).index(tiles[k])] < margin.min() + 1e-6, (k, tiles)


@test
def reductions(folder):
    """--reduction: none is W itself, pca, umap and tsne are maps made here unless the project's is of that kind; z is refused"""
    project, truth, w, _ = project_of(folder, [40, 40, 40], seed=13, spread=1.5)
    value = good('evaluate', project, '--labels', '9', '--runs', '2', '--reduction', 'none,pca,umap,tsne', '--rules', 'map,w', '--space', 'w')
    assert [r['reduction'] for r in value['rows']] == ['tsne'] * 4 + ['umap'] * 4 + ['pca'] * 4 + ['none'] * 4, value
    rows = {(r['reduction'], r['strategy'], r['rule']): r['accuracy'] for r in value['rows']}
    assert rows['none', 'fps', 'map'] == rows['none', 'fps', 'w'], 'without a reduction the map is W'
    value = good('evaluate', project, '--labels', '9', '--runs', '2', '--reduction', 'none', '--picks')
    compare(value, truth, {'map': w}, 3)
    for picks in value['picks']:
        assert picks['strategy'] != 'fps' or is_farthest(w, picks['tiles'], np.arange(120)), picks
    bad(2, 'evaluate', project, '--labels', '9', '--space', 'w,z', says=['p.tessera', 'trained in W', '--space w', '--latent z'])
    bad(2, 'evaluate', project, '--labels', '9', '--space', 'w', '--features', 'pixels', says=['--space', '--features pixels'])
    model = os.path.join(folder, 'z.safetensors')  # a model that says its encoder was trained in Z
    header = b'{"__metadata__":{"latent":"z"}}'
    with open(model, 'wb') as file:
        file.write(len(header).to_bytes(8, 'little') + header)
    with contextlib.closing(sqlite3.connect(project)) as database, database:
        database.execute('INSERT OR REPLACE INTO model VALUES (1, ?, NULL)', (os.fsencode(model),))
    words = ['evaluate', project, '--labels', '9', '--runs', '1']
    assert {row['space'] for row in good(*words, '--space', 'z')['rows'] + good(*words)['rows']} == {'z'}
    bad(1, *words, '--space', 'w', says=['z.safetensors'])  # that file has no mapping network
    bad(2, 'evaluate', project, '--labels', '9', '--reduction', 'pca', '--method', 'pca', says=['--reduction', '--method'])


@test
def suggestions(folder):
    """suggest by every strategy, in the map and in W: new tiles each time, never labelled, unsure or excluded ones"""
    project, truth, w, y = project_of(folder, [30, 30, 20], seed=14, spread=2, map_spread=4)
    y[7] = np.nan
    plant(project, w, y)
    for tile in (0, 31, 65, 12):
        good('label', project, f'#{tile}', f'class{truth[tile]}')
    good('label', project, '#3', '--unsure')
    fixture('exclude', project, '5', '50')
    for strategy in ALL_STRATEGIES.split(','):
        for place in ('map', 'w'):
            for rule in ('map', 'linear'):
                words = ['suggest', project, '-k', '8', '--strategy', strategy, '--in', place, '--rule', rule]
                value = good(*words)
                assert value == good(*words), 'the same again'
                tiles = [tile['tile'] for tile in value['tiles']]
                assert len(set(tiles)) == 8 and not set(tiles) & {0, 31, 65, 12, 3, 5, 50}, (strategy, place, tiles)
                assert 7 not in tiles or place == 'w' or strategy == 'random', (strategy, tiles)
                radii = [tile['radius_after'] for tile in value['tiles']]
                assert (None in radii) == (strategy == 'random'), radii
                if strategy != 'random':
                    points = y if place == 'map' else w
                    taking_part = np.setdiff1d(np.arange(80), [3, 5, 50, 7] if place == 'map' else [3, 5, 50])
                    sources = [0, 31, 65, 12, *tiles]
                    distance = np.sqrt(((points[taking_part, None].astype(float) - points[None, sources].astype(float)) ** 2).sum(-1))
                    assert abs(distance.min(1).max() - radii[-1]) < 1e-4, (strategy, place)
    assert len(good('suggest', project, '-k', '500', '--strategy', 'fps-dense')['tiles']) == 80 - 8


@test
def classify_rules(folder):
    """classify by every rule: a class, a label to show for it and a probability no greater than the labels vouch for"""
    project, truth, _, _ = project_of(folder, [30, 30, 30], seed=15, spread=0.3, map_spread=0.5)
    picks = [0, 4, 33, 38, 61, 70]
    for tile in picks:
        good('label', project, f'#{tile}', f'class{truth[tile]}')
    for rule in ALL_RULES.split(','):
        value = good('classify', project, '--rule', rule)
        assert value['rule'] == rule and value['predicted'] == 84 and 1 / 20 <= value['temperature'] <= 20, value
        assert value['metrics']['accuracy'] > 0.95, (rule, value['metrics'])
        for entry in value['predictions']:
            assert truth[entry['follows']] == int(entry['class'][-1]) and entry['follows'] in picks, entry
            assert 1 / 3 < entry['probability'] <= 7 / 8 + 1e-6 and 0 <= entry['margin'] <= 1, entry
    bad(2, 'classify', project, '--rule', 'forest', says=['--rule', 'linear'])


@test
def nothing_stored(folder):
    """evaluate leaves labels, suggestions and map alone and does not look at labels"""
    project, _, _, _ = project_of(folder, [30, 30], seed=9)
    before = good('evaluate', project, '--labels', '5', '--runs', '2')
    good('label', project, '#0', 'class1')
    good('export', project, '--csv', os.path.join(folder, 'a.csv'))
    after = good('evaluate', project, '--labels', '5', '--runs', '2', '--remap', '--iterations', '50')
    assert after['map'] == 'every run'
    good('export', project, '--csv', os.path.join(folder, 'b.csv'))
    with open(os.path.join(folder, 'a.csv'), 'rb') as a, open(os.path.join(folder, 'b.csv'), 'rb') as b:
        assert a.read() == b.read()
    assert good('evaluate', project, '--labels', '5', '--runs', '2') == before


@test
def own_map(folder):
    """With a map option, or without a stored map, the map is made here from W; far clusters in W stay right"""
    project, _, w, y = project_of(folder, [40, 40, 40], seed=10, spread=0.05, map_spread=50)
    value = good('evaluate', project, '--labels', '12', '--runs', '3', '--strategies', 'fps', '--seed', '1')
    assert value['map'] == 'new' and value['rows'][0]['accuracy']['mean'] > 0.99, value
    stored = good('evaluate', project, '--labels', '12', '--runs', '3', '--strategies', 'fps')
    assert stored['map'] == 'project' and stored['rows'][0]['accuracy']['mean'] < 0.9, 'the stored map is a poor one'
    pca = good('evaluate', project, '--labels', '12', '--runs', '3', '--method', 'pca')
    assert pca['map'] == 'new'


@test
def pixels(folder):
    """--features pixels needs no model; classes of different colour are right, and the answer says what it is"""
    source, project = os.path.join(folder, 'tiles'), os.path.join(folder, 'p.tessera')
    for c, rgb in enumerate([(220, 30, 30), (30, 220, 30), (30, 30, 220)]):
        for i in range(25):
            data = pictures.png(12, 12, lambda x, y, rgb=rgb, i=i: [max(0, min(255, v + (x * 7 + y * 3 + i * 5) % 20)) for v in rgb])
            pictures.write(os.path.join(source, f'class{c}', f'{i}.png'), data)
    good('new', project, '--tiles', source, '--labels-from-folders')
    value = good('evaluate', project, '--features', 'pixels', '--labels', '9', '--runs', '3', '--rules', 'map,w')
    assert value['features'] == 'pixels' and value['map'] == 'new', value
    for row in value['rows']:
        if row['strategy'] == 'fps':
            assert row['accuracy']['mean'] > 0.99, row
    bad(1, 'evaluate', project, '--labels', '9', says=['tessera embed'])


@test
def lacks(folder):
    """No ground truth, or too many labels: a sentence"""
    source, project = os.path.join(folder, 'tiles'), os.path.join(folder, 'p.tessera')
    pictures.tiles(source)
    good('new', project, '--tiles', source)
    bad(1, 'evaluate', project, says=['p.tessera', 'ground truth', '--labels-from-folders'])
    sub = os.path.join(folder, 'sub')
    os.mkdir(sub)
    project, _, _, _ = project_of(sub, [6, 6])
    bad(1, 'evaluate', project, '--labels', '12', says=['12', 'fewer'])
    result = run('evaluate', project, '--labels', '12', '--json')
    assert result.code == 1 and result.json['error']['kind'] == 'failed', str(result)
    assert good('evaluate', project, '--labels', '11', '--runs', '2')['rows'][0]['auc']['mean'] is None


@test
def table(folder):
    """Without --json a table for people comes out, a line a row"""
    project, _, _, _ = project_of(folder, [30, 30])
    result = run('evaluate', project, '--labels', '5,10', '--runs', '3')
    assert result.code == 0, str(result)
    rows = [line for line in result.out.splitlines() if line.startswith(('fps', 'random'))]
    assert len(rows) == 4 and all('±' in line for line in rows), result.out


main()
