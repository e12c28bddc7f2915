"""The whole job on real devices, as small as it gets: train, embed, map, suggest, label, add, export, generate, demo."""

import csv
import os
import shutil
import signal
import subprocess

import pictures
from tap import TESSERA, bad, environment, good, main, run, test

SMALL = ['--preset', 'quick', '--resolution', '16', '--channel-base', '128', '--channel-max', '8', '--w-dim', '8',
         '--mapping-layers', '1', '--batch', '4', '--seed', '3']
COLOURS = {'blue': (40, 60, 200), 'green': (40, 200, 60), 'red': (200, 40, 60)}


def coloured(folder, each, seed=0):
    """Tiles that any encoder can tell apart: one colour a class, with some texture."""
    for name, rgb in COLOURS.items():
        for i in range(each):
            data = pictures.png(16, 16, lambda x, y, rgb=rgb, i=i: [min(255, v + (x * 3 + y * (i + seed) % 17) % 40) for v in rgb])
            pictures.write(os.path.join(folder, name, f'{seed}-{i:02}.png'), data)
    return each * len(COLOURS)


def project_of(folder, each=14):
    source, project = os.path.join(folder, 'tiles'), os.path.join(folder, 'p.tessera')
    coloured(source, each)
    good('new', project, '--tiles', source, '--labels-from-folders')
    return project


def reconstructs(folder, project):
    """Every tile is scored by how well the model sees it; the column is listed and exported, and goes with another model."""
    value = good('reconstruct', project, timeout=600)
    assert (value['compared'], value['limit'], value['missing_files']) == (42, 3.5, 0), value
    column = {c['name']: c for c in good('columns', project)['columns']}[value['column']]
    assert column['tiles'] == 42, column
    table = os.path.join(folder, 'scores.csv')
    good('export', project, '--csv', table)
    with open(table, encoding='utf-8', newline='') as file:
        scores = [float(row[value['column']]) for row in csv.DictReader(file)]
    assert len(scores) == 42 and sum(s > 3.5 for s in scores) == value['flagged'], scores
    assert good('reconstruct', project, timeout=600) == value, 'the same again'


@test
def whole(folder):
    """new, train, embed, map, suggest, label, classify, evaluate, export, add, generate"""
    project = project_of(folder)
    value = good('train', project, *SMALL, '--kimg', '0.04', timeout=900)
    assert {'project', 'model', 'step', 'kimg', 'images_per_s', 'elapsed_s', 'losses', 'message'} <= set(value), value
    assert set(value['losses']) == {'g', 'd', 'r1', 'pl', 'nll', 'mse', 'real_sign', 'augment'} and value['memory_bytes'] > 1e5 and os.path.isfile(value['model']), value
    assert value['step'] == 10 and abs(value['kimg'] - 0.04) < 1e-9, value
    embedded = good('embed', project, timeout=600)
    assert embedded['embedded'] == 42 and embedded['tiles_per_s'] > 0 and embedded['map_is_stale'] is False, embedded
    assert (embedded['latent'], embedded['precision']) == ('w', 'f32'), embedded
    without_bf16(project)
    laid = good('map', project)
    assert {'method', 'tiles', 'perplexity', 'iterations', 'exaggeration_iterations', 'kl', 'total_s', 'stages', 'trust', 'known', 'moved', 'earlier_iterations'} <= set(laid), laid
    assert (laid['iterations'], laid['exaggeration_iterations']) == (1000, 250), laid
    assert laid['tiles'] == 42 and laid['perplexity'] <= 41 / 3 + 1e-6, 'the perplexity is clipped'
    for tile in good('suggest', project, '-k', '6')['tiles']:
        good('label', project, f"#{tile['tile']}", tile['file'].split('/')[0])
    assert good('classify', project)['predicted'] == 36
    assert len(good('evaluate', project, '--labels', '3,6', '--runs', '2', '--rules', 'map,w')['rows']) == 8
    assert good('export', project, '--map', os.path.join(folder, 'm.svg'))['map']
    out = os.path.join(folder, 'generated')
    assert good('generate', value['model'], '-n', '3', '--out', out, timeout=600)['generated'] == 3
    assert len(os.listdir(out)) == 3
    bad(1, 'generate', value['model'], '-n', '1', '--out', out, '--seed', '1', says=['generated', 'new or empty'])
    reconstructs(folder, project)
    handed_on(folder, project, value['model'])
    same_map(folder, project)
    joins(folder, project)
    before_training(project)


def without_bf16(project):
    """Where the device does not multiply bf16, the vectors are f32's, which is said, and stay those that are there."""
    plain = {'TESSERA_PROVIDER': 'plain'}
    assert good('embed', project, '--precision', 'bf16', '--only-missing', env=plain, timeout=600)['embedded'] == 0, 'other vectors'
    value = run('embed', project, '--precision', 'bf16', env=plain, timeout=600)
    assert value.code == 0 and 'does not multiply bf16' in value.err, value


def handed_on(folder, project, checkpoint):
    """A model without its optimiser's state is smaller, and embeds and generates the same."""
    slim = os.path.join(folder, 'slim.safetensors')
    value = good('export', project, '--model', slim)
    assert value['model'] == {'path': slim} and value['rule'] == 'map', value
    assert os.path.getsize(slim) < os.path.getsize(checkpoint) / 2
    assert good('embed', project, '--model', slim, '--only-missing', timeout=600)['embedded'] == 0, 'it is another model'
    bad(1, 'embed', project, '--encoder', 'newest', says=['slim.safetensors', 'exported', 'newest'])
    newest = ('embed', project, '--encoder', 'newest', '--only-missing')
    assert good(*newest, '--model', checkpoint, timeout=600)['embedded'] == 42, 'both encoders of the checkpoint are one'
    assert good(*newest, timeout=600)['embedded'] == 0
    assert good('embed', project, timeout=600)['embedded'] == 42
    for name, model in (('a', checkpoint), ('b', slim)):
        good('generate', model, '-n', '1', '--out', os.path.join(folder, 'same-' + name), timeout=600)
    images = [open(os.path.join(folder, 'same-' + name, 'generated-000000.png'), 'rb').read() for name in 'ab']
    assert images[0] == images[1]


def same_map(folder, project):
    """The same seed gives the same map, bit for bit, whatever the map before."""
    tables = []
    for name in 'ab':
        good('map', project, '--fresh', '--seed', '5')
        good('export', project, '--csv', os.path.join(folder, name + '.csv'))
        with open(os.path.join(folder, name + '.csv'), 'rb') as file:
            tables.append(file.read())
    assert tables[0] == tables[1]
    kl = {balance: good('map', project, '--fresh', '--seed', '5', '--balance', balance)['kl'] for balance in ('0', '0.5', '1')}
    assert len(set(kl.values())) == 3, f'balanced axes are other neighbours: {kl}'
    assert good('map', project, '--fresh', '--seed', '5')['kl'] == kl['0.5'], 'the default'


def joins(folder, project):
    """Copies of tiles that are there, added later, are embedded and lie where the originals lie; the map stays."""
    def places():
        path = os.path.join(folder, 'places.csv')
        good('export', project, '--csv', path)
        with open(path, newline='', encoding='utf-8') as file:
            return [(row['tsne_x'], row['tsne_y'], row['pred']) for row in csv.DictReader(file)]
    before = places()
    for i, name in enumerate(COLOURS):
        with open(os.path.join(folder, 'tiles', name, '0-03.png'), 'rb') as file:
            pictures.write(os.path.join(folder, 'later', f'{i}.png'), file.read())
    pictures.write(os.path.join(folder, 'later', 'new.png'), pictures.noise(16, 77))
    value = good('add', project, '--tiles', os.path.join(folder, 'later'), timeout=600)
    assert (value['added'], value['embedded'], value['placed'], value['tiles']) == (4, 4, 4, 46), value
    assert value['map_is_stale'] is False, value
    after = places()
    assert after[:42] == before, 'the map has moved'
    for i in range(3):
        assert after[42 + i][:2] == before[14 * i + 3][:2] and after[42 + i][2] == before[14 * i + 3][2], (i, after[42:])


def before_training(project):
    """embed --untrained is the baseline, and says that the map is no longer of these vectors."""
    value = good('embed', project, '--untrained', *SMALL[:SMALL.index('--batch')], timeout=600)
    assert value['embedded'] == 46 and value['map_is_stale'] is True, value
    for words in (['classify'], ['export', '--csv', os.path.join(os.path.dirname(project), 'stale.csv')]):
        result = run(words[0], project, *words[1:], '--json')
        assert result.code == 0 and result.json['map_is_stale'] is True and 'former model' in result.err, str(result)
        assert 'map_is_stale' not in good(words[0], project, *words[1:], '--rule', 'w')
    result = run('evaluate', project, '--labels', '6', '--runs', '2', '--json')
    assert result.code == 0 and result.json['map'] == 'new' and 'another model' in result.err, str(result)
    good('map', project)
    later = os.path.join(os.path.dirname(project), 'latest')
    pictures.write(os.path.join(later, 'one.png'), pictures.noise(16, 78))
    result = run('add', project, '--tiles', later, '--json', timeout=600)  # the vectors are of another model than the project's now
    assert result.code == 0 and 'former model' in result.err, str(result)
    value = result.json
    assert (value['added'], value['embedded'], value['placed'], value['map_is_stale']) == (1, 47, 1, True), value
    bad(2, 'embed', project, '--untrained', '--model', 'x', says=['--untrained', '--model'])
    bad(2, 'embed', project, '--untrained', '--encoder', 'newest', says=['--untrained', '--encoder'])


@test
def latent(folder):
    """An encoder of Z is trained, stays one when it is resumed, and embed says that the vectors are its own kind"""
    project = project_of(folder, each=4)
    good('train', project, *SMALL, '--latent', 'z', '--encoder-ema', '0', '--kimg', '0.02', timeout=900)
    good('train', project, '--resume', '--kimg', '0.04', timeout=900)
    bad(1, 'train', project, '--resume', '--channel-base', '256', says=['base 128', 'base 256', 'leave these options out'])
    result = run('embed', project, '--json', timeout=600)
    assert result.code == 0 and result.json['latent'] == 'z' and 'lie in Z' in result.err, str(result)
    assert good('embed', project, '--encoder', 'newest', '--only-missing', timeout=600)['embedded'] == 0, 'there is an average'
    rows = good('evaluate', project, '--labels', '2', '--runs', '1', '--space', 'w,z', '--reduction', 'none', timeout=600)['rows']
    assert {row['space'] for row in rows} == {'w', 'z'} and rows[0]['space'] == 'z', rows
    bad(2, 'train', project, '--encoder-ema', '-1', says=['--encoder-ema', '-1'])
    bad(2, 'train', project, '--latent', 'x', says=['--latent', 'x', 'w', 'z'])


@test
def chosen(folder):
    """A training that chooses its model by reconstruction says which state it took, embeds with it and is resumed from its last"""
    project = project_of(folder, each=4)
    assert good('train', project, *SMALL, '--kimg', '0.02', timeout=900)['chosen_kimg'] is None
    value = good('train', project, *SMALL, '--choose', 'reconstruction', '--kimg', '0.02', timeout=900)
    assert value['model'].endswith('p.model-2.best.safetensors') and value['chosen_kimg'] == 0.02, value
    assert os.path.getsize(value['model']) < os.path.getsize(value['model'].replace('.best', '')) / 2
    assert good('embed', project, timeout=600)['embedded'] == 12
    value = good('train', project, '--resume', '--kimg', '0.04', timeout=900)
    assert value['kimg'] == 0.04 and value['chosen_kimg'] in (0.02, 0.04) and value['model'].endswith('.best.safetensors'), value
    bad(2, 'train', project, '--choose', 'x', says=['--choose', 'x', 'last', 'reconstruction'])


@test
def interrupted(folder):
    """Ctrl+C keeps a checkpoint, --resume goes on from it to the same end"""
    project = project_of(folder)
    process = subprocess.Popen([TESSERA, 'train', project, *SMALL, '--kimg', '40'], env=environment(),
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    for line in process.stderr:
        if 'kimg' in line:
            break
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 1 and out == '' and 'Stopped after' in err and '--resume' in err, (process.returncode, out, err)
    value = good('embed', project, timeout=300)
    assert value['embedded'] == 42, 'the model so far serves'
    done = float(err.split('Stopped after ')[1].split()[0])
    value = good('train', project, *SMALL, '--kimg', str(done + 0.2), '--resume', timeout=600)
    assert value['kimg'] >= done and value['losses']['g'] is not None, value


@test
def lacks(folder):
    """embed without a model and map without vectors say what to do first"""
    project = project_of(folder, each=2)
    bad(1, 'embed', project, says=['p.tessera', 'train'])
    bad(1, 'map', project, says=['p.tessera', 'embed'])
    bad(1, 'train', project, '--resume', *SMALL, says=['p.tessera', '--resume'])
    bad(1, 'train', project, '--encoder-only', *SMALL, says=['p.tessera', '--model'])
    model = os.path.join(os.path.dirname(__file__), '..', '..', 'data', 'demo-model.safetensors')
    bad(2, 'train', project, '--encoder-only', '--generator-reconstructs', '--model', model, says=['frozen generator'])
    bad(1, 'embed', project, '--device', 'no such device', '--untrained', says=['no such device'])


def fps_of(value):
    """Accuracy with 50 labels by farthest point sampling and the map's rule."""
    return next(row['accuracy']['mean'] for row in value['rows']
                if (row['strategy'], row['rule'], row['labels']) == ('fps', 'map', 50))


@test
def demo(folder):
    """demo without a display prints the table, writes the pictures, and the second time starts at once"""
    data = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), 'data')
    shipped = os.path.exists(os.path.join(data, 'demo-model.safetensors'))
    if not shipped:  # any model shows that the command works, if not that the model is good
        data = os.path.join(folder, 'data')
        os.makedirs(os.path.join(folder, 'small'))
        model = good('train', project_of(os.path.join(folder, 'small')), *SMALL, '--kimg', '0.02', timeout=900)['model']
        with open(model, 'rb') as file:
            pictures.write(os.path.join(data, 'demo-model.safetensors'), file.read())
    env = {'TESSERA_DATA_DIR': data, 'XDG_DATA_HOME': folder}
    first = run('demo', env=env, timeout=600)
    place = os.path.join(folder, 'tessera', 'demo')
    assert first.code == 0 and 'no display' in first.err and 'fps' in first.out, str(first)
    assert {'demo.tessera', 'map.png', 'map.svg', 'suggested', 'tiles'} <= set(os.listdir(place)), os.listdir(place)
    assert len(os.listdir(os.path.join(place, 'suggested'))) == 20
    project = os.path.join(place, 'demo.tessera')
    good('label', project, '#0', 'fat')
    second = good('demo', env=env, timeout=60)
    assert len(os.listdir(os.path.join(place, 'suggested'))) == 20, 'those of the first run are gone'
    assert second['fresh'] is False and len(second['rows']) == 6, second
    if shipped:  # the model that comes with the program is worth having: it beats raw pixels
        pixels = good('evaluate', project, '--features', 'pixels', '--labels', '50', '--runs', '5', timeout=300)
        assert fps_of(second) > fps_of(pixels) + 0.05, (fps_of(second), fps_of(pixels))
    assert fps_of(second) > 0.1, second
    assert good('classify', project)['predicted'] > 0, 'the label is still there'
    again = good('demo', '--reset', env=env, timeout=600)
    assert again['fresh'] is True
    bad(1, 'classify', project, says=['no labels'])


FILES = {'.tessera-demonstration', 'demo.tessera', 'tiles'}


def listed(folder):
    """What is in a folder, leaving out what SQLite keeps beside a project."""
    return {name for name in os.listdir(folder) if not name.endswith(('-wal', '-shm'))}


@test
def demo_elsewhere(folder):
    """demo DIR leaves a folder alone that has other files in it; a demonstration of its own is completed, and made anew whole"""
    pictures.write(os.path.join(folder, 'data', 'demo-model.safetensors'), b'never read')
    env = {'TESSERA_DATA_DIR': os.path.join(folder, 'data')}
    users = {'tiles/a.png': pictures.noise(64, 1), 'map.png': b'precious', 'demo.tessera': b'precious too'}
    for names in (['tiles/a.png'], ['map.png'], ['demo.tessera'], list(users)):
        place = os.path.join(folder, 'user' + str(len(os.listdir(folder))))
        for name in names:
            pictures.write(os.path.join(place, name), users[name])
        for words in ([], ['--reset'], ['--untrained'], ['--reset', '--untrained']):
            bad(1, 'demo', place, '--headless', *words, env=env, says=['“' + place + '”', 'new or empty folder'])
        assert listed(place) == {name.split('/')[0] for name in names}, os.listdir(place)
        for name in names:
            with open(os.path.join(place, name), 'rb') as file:
                assert file.read() == users[name], name
    place = os.path.join(folder, 'demo')
    value = good('demo', place, '--untrained', timeout=600)
    assert value == {'project': os.path.join(place, 'demo.tessera'), 'fresh': True, 'files': []}, value
    assert listed(place) == FILES, os.listdir(place)
    assert good('demo', place, '--untrained')['fresh'] is False
    for name in ('demo.tessera', 'demo.tessera-wal', 'demo.tessera-shm', 'tiles/fat/fat_00007.png'):  # as if it had been interrupted
        if os.path.exists(os.path.join(place, name)):
            os.unlink(os.path.join(place, name))
    assert good('demo', place, '--untrained', timeout=600)['fresh'] is True
    assert os.path.exists(os.path.join(place, 'tiles', 'fat', 'fat_00007.png'))
    away = os.path.join(folder, 'away')  # a copy among somebody's files makes their folder no demonstration's
    pictures.write(os.path.join(away, 'map.png'), b'precious')
    shutil.copy(os.path.join(place, 'demo.tessera'), away)
    for words in ([], ['--reset']):
        bad(1, 'demo', away, '--headless', *words, env=env, says=['new or empty folder'])
    assert listed(away) == {'map.png', 'demo.tessera'}, os.listdir(away)
    os.unlink(os.path.join(place, '.tessera-demonstration'))  # as earlier versions made it
    for name in ('map.png', 'map.svg', 'suggested/01-x.png', 'demo-model.safetensors'):
        pictures.write(os.path.join(place, name), b'of a former run')
    assert good('demo', place, '--reset', '--untrained', timeout=600)['fresh'] is True
    assert listed(place) == FILES, os.listdir(place)


main()
