"""map on planted vectors: trust against NumPy, like the former map, afresh, continued."""

import csv
import json
import os
import signal
import subprocess
import sys
import time

import pictures
from tap import TESSERA, bad, environment, fixture, fixture_input, good, main, run, test

try:
    import numpy as np
except ImportError:
    print('1..0 # SKIP python3-numpy is not installed')
    sys.exit(0)

N, D, KINDS, K = 160, 5, 4, 10


def vectors(model):
    """Clusters; another model turns them in W and stretches it along other axes."""
    random, turn = np.random.default_rng(1), np.random.default_rng(model)
    w = (9 * random.normal(size=(KINDS, D)))[np.arange(N) % KINDS] + random.normal(size=(N, D))
    return (w @ np.linalg.qr(turn.normal(size=(D, D)))[0] * turn.uniform(0.5, 2, D)).astype(np.float32)


def plant(project, w):
    fixture_input(''.join(' '.join(repr(float(v)) for v in row) + '\n' for row in w), 'vectors', project, str(D))


def project_of(folder):
    source, project = os.path.join(folder, 'tiles'), os.path.join(folder, 'p.tessera')
    for i in range(N):
        pictures.write(os.path.join(source, f'{i:04}.png'), pictures.noise(4, i + 1))
    good('new', project, '--tiles', source)
    plant(project, vectors(1))
    return project


def places(folder, project):
    path = os.path.join(folder, 'places.csv')
    good('export', project, '--csv', path)
    with open(path, newline='', encoding='utf-8') as file:
        return np.array([(float(row['tsne_x']), float(row['tsne_y'])) for row in csv.DictReader(file)])


def ranks(x):
    """Of every j seen from every i, 1 for the nearest; a row's own is 0."""
    distance = ((x[:, None].astype(float) - x[None]) ** 2).sum(-1)
    np.fill_diagonal(distance, -1)
    order = distance.argsort(1, kind='stable')
    rank = np.empty_like(order)
    np.put_along_axis(rank, order, np.arange(N)[None].repeat(N, 0), 1)
    return rank


def check_trust(trust, w, y):
    in_w, on_map = ranks(w), ranks(y)
    near_w, near_map = (in_w >= 1) & (in_w <= K), (on_map >= 1) & (on_map <= K)
    scale = 2 / (N * K * (2 * N - 3 * K - 1))
    assert trust['neighbours'] == K and trust['ranked'] == N and trust['seconds'] >= 0, trust
    # places are printed with as many digits as they have, so that only near ties could differ
    assert abs(trust['kept'] - (near_w & near_map).sum() / (N * K)) < 2e-3, trust
    assert abs(trust['trustworthiness'] - (1 - scale * (in_w[near_map & ~near_w] - K).sum())) < 1e-3, trust
    assert abs(trust['continuity'] - (1 - scale * (on_map[near_w & ~near_map] - K).sum())) < 1e-3, trust


@test
def trust_is_what_it_says(folder):
    """the figures of trust are those of NumPy, for t-SNE and for principal components"""
    project = project_of(folder)
    for words in ([], ['--method', 'pca'], ['--fresh', '--iterations', '60']):
        result = run('map', project, *words, '--json')
        assert result.code == 0, str(result)
        check_trust(result.json['trust'], vectors(1), places(folder, project))
    picture = os.path.join(folder, 'kept.svg')
    assert good('export', project, '--map', picture, '--color-by', 'neighbours')['map'] == {'path': picture}
    bad(1, 'export', project, '--map', picture, '--color-by', 'neighbour', says=['neighbours'])
    shown = run('map', project)
    assert 'Of the 10 nearest tiles in W' in shown.out and 'Trustworthiness 0.' in shown.out, str(shown)
    assert 'Laid out like the map before; the 160 tiles' in shown.out, str(shown)


@test
def like_the_former(folder):
    """after another training the map lies as the one before; --fresh begins anew and repeats itself"""
    project = project_of(folder)
    first = good('map', project)
    assert first['known'] == 0 and first['moved'] is None, first
    before = places(folder, project)
    plant(project, vectors(2))
    second = good('map', project)
    after = places(folder, project)
    moved = np.median(np.hypot(*(after - before).T))
    assert second['known'] == N and abs(second['moved'] - moved) < 1e-3, (second, moved)
    # each kind is nearest to where it was
    was, now = (np.array([y[np.arange(N) % KINDS == k].mean(0) for k in range(KINDS)]) for y in (before, after))
    away = np.hypot(*(now[:, None] - was[None]).transpose(2, 0, 1))
    assert (away.argmin(1) == np.arange(KINDS)).all(), away
    good('map', project, '--fresh', '--seed', '2')
    fresh = places(folder, project)
    good('map', project)
    good('map', project, '--fresh', '--seed', '2')
    assert (places(folder, project) == fresh).all()


@test
def left_off(folder):
    """tiles that are not embedded are not left off the map in silence; excluded ones are nobody's question"""
    project = project_of(folder)
    assert good('map', project)['left_off'] == 0
    more = os.path.join(folder, 'more')
    for i in range(3):
        pictures.write(os.path.join(more, f'{i}.png'), pictures.noise(4, 1000 + i))
    good('add', project, '--tiles', more)
    fixture('exclude', project, str(N + 2))
    shown = run('map', project)
    assert '2 tiles are not embedded yet' in shown.err, str(shown)
    value = good('map', project)
    assert (value['tiles'], value['left_off']) == (N, 2), value


@test
def goes_on(folder):
    """--continue adds iterations to the map that is there"""
    project = project_of(folder)
    bad(1, 'map', project, '--continue', says=['p.tessera', 'no map yet'])
    short = good('map', project, '--iterations', '50', '--perplexity', '12')
    more = good('map', project, '--continue', '--iterations', '300')
    assert (more['earlier_iterations'], more['iterations'], more['exaggeration_iterations']) == (300, 300, 0), more
    assert more['perplexity'] == short['perplexity'] == 12 and more['kl'] < short['kl'], (short, more)
    assert good('map', project, '--continue', '--iterations', '10')['earlier_iterations'] == 600
    check_trust(good('map', project, '--continue', '--iterations', '10')['trust'], vectors(1), places(folder, project))
    plant(project, vectors(2)[:, ::-1])
    for words in (['--fresh'], ['--method', 'pca'], ['--exaggeration', '3'], ['--balance', '0']):
        bad(2, 'map', project, '--continue', *words, says=['--continue', words[0]])



def forming(project, *words):
    """A long map of which there is something to keep: the progress line is past the neighbours."""
    process = subprocess.Popen([TESSERA, 'map', project, '--iterations', '100000', '--json', *words], env=environment(),
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    heard = []
    for line in process.stderr:
        heard.append(line)
        if 'Arranging the map' in line:
            break
    time.sleep(0.5)  # a layout is there every ten iterations, of which one takes a fraction of a millisecond
    return process, heard


@test
def stopped(folder):
    """Ctrl+C keeps a map that forms as it is, which can be continued; twice, or at a map that does not form, gives it up"""
    project = project_of(folder)
    for method in ('umap', 'tsne'):
        process, heard = forming(project, '--method', method)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0, (heard, err)
        value = json.loads(out)
        assert value['stopped'] and 0 < value['iterations'] < 100000 and value['tiles'] == N, value
        assert 'Keeping what there is' in err, err
    y = places(folder, project)
    more = good('map', project, '--continue', '--iterations', '20')
    assert more['earlier_iterations'] == value['iterations'] and not more['stopped'], more
    y = places(folder, project)
    process, heard = forming(project, '--method', 'tsne', '--fresh')
    os.kill(process.pid, signal.SIGSTOP)  # so that the second comes before it has ended
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGTERM)
    os.kill(process.pid, signal.SIGCONT)
    out, err = process.communicate(timeout=60)
    if process.returncode == 0:  # the map was stored between the two
        assert json.loads(out)['stopped'], out
    else:
        assert (places(folder, project) == y).all() and json.loads(out)['error']['kind'] == 'cancelled', (out, err)


@test
def umap(folder):
    """--method umap lays out, begins like the former map, takes new neighbours, is not continued, and repeats itself"""
    project = project_of(folder)
    first = good('map', project, '--method', 'umap')
    assert first['umap_neighbours'] == 15 and first['iterations'] == 500 and first['exaggeration_iterations'] == 0, first
    assert first['perplexity'] is None and first['kl'] is None and first['method'] == 'umap', first
    y = places(folder, project)
    check_trust(first['trust'], vectors(1), y)
    assert first['trust']['trustworthiness'] > 0.9, first
    # each kind by itself
    centre = np.array([y[np.arange(N) % KINDS == k].mean(0) for k in range(KINDS)])
    assert (np.hypot(*(y[:, None] - centre[None]).transpose(2, 0, 1)).argmin(1) == np.arange(N) % KINDS).all()
    again = good('map', project, '--method', 'umap', '--fresh')
    assert (places(folder, project) == y).all() and again['known'] == 0, again
    like = good('map', project, '--method', 'umap', '--seed', '3', '--iterations', '40')
    assert like['known'] == N and like['iterations'] == 40 and like['moved'] < 8, like
    few = good('map', project, '--method', 'umap', '--fresh', '--neighbours', '4', '--min-dist', '0.5')
    assert few['umap_neighbours'] == 4 and (places(folder, project) != y).any(), few
    bad(1, 'map', project, '--continue', says=['p.tessera', 'not one of t-SNE'])
    shown = run('map', project, '--method', 'umap')
    assert '160 tiles on the map, 15 neighbours, 500 epochs' in shown.out, str(shown)
    bad(2, 'map', project, '--method', 'umap', '--min-dist', '0', says=['--min-dist'])
    bad(2, 'map', project, '--method', 'umap', '--neighbours', '0', says=['--neighbours'])


@test
def few(folder):
    """fewer than four tiles have a map of principal components, which is said, and nothing to continue"""
    source, project = os.path.join(folder, 'tiles'), os.path.join(folder, 'p.tessera')
    for i in range(3):
        pictures.write(os.path.join(source, f'{i}.png'), pictures.noise(4, i + 1))
    good('new', project, '--tiles', source)
    plant(project, vectors(1)[:3])
    outcome = run('map', project)
    assert outcome.code == 0 and 'principal components' in outcome.err, outcome.err
    assert 'perplexity' not in outcome.out and 'KL' not in outcome.out, outcome.out
    assert '% of the tiles the one nearest in W is nearest on the map.' in outcome.out and 'the 1 nearest' not in outcome.out, outcome.out
    value = good('map', project)
    assert value['kl'] is None and value['perplexity'] == 0 and value['trust']['neighbours'] == 1, value
    bad(1, 'map', project, '--continue', says=['p.tessera', 'fewer than four tiles'])
    outcome = run('map', project, '--method', 'umap')
    assert outcome.code == 0 and 'nothing for UMAP' in outcome.err, outcome.err


main()
