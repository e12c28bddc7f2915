"""Benches: the keys that others read, and input files nobody has checked."""

import os
import struct

import pictures
from tap import bad, good, main, run, test


def npy(shape, values=None, descr="'<f4'", order='False', version=1, shape_text=None):
    """A .npy file, put together by hand."""
    text = f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape_text or shape}, }}".encode()
    text += b' ' * (-(len(text) + 11) % 64) + b'\n'
    head = b'\x93NUMPY' + bytes([version, 0]) + (struct.pack('<H', len(text)) if version == 1 else struct.pack('<I', len(text)))
    count = 1
    for side in shape:
        count *= side
    values = values if values is not None else [((i * 2654435761) % 1000) / 1000 for i in range(count)]
    return head + text + struct.pack(f'<{len(values)}f', *values)


def safetensors(name, shape, values):
    import json  # pylint: disable=import-outside-toplevel
    header = json.dumps({name: {'dtype': 'F32', 'shape': shape, 'data_offsets': [0, 4 * len(values)]}}).encode()
    return struct.pack('<Q', len(header)) + header + struct.pack(f'<{len(values)}f', *values)


@test
def tsne(folder):
    """bench tsne reports time by stage, KL divergence, recall and memory"""
    value = good('bench', 'tsne', '-n', '400', '-d', '16')
    assert {'n', 'd', 'total_s', 'stages', 'kl', 'recall', 'peak_memory_bytes'} <= set(value), value
    assert value['n'] == 400 and value['d'] == 16
    assert set(value['stages']) == {'neighbours_s', 'affinities_s', 'initialise_s', 'optimise_s'}
    assert sum(value['stages'].values()) <= value['total_s'] * 1.05 + 0.01, value
    assert 0 < value['kl'] < 3 and 0.95 <= value['recall'] <= 1 and value['peak_memory_bytes'] > 1e6, value
    assert value['recall_rows'] == 400, 'so few are all checked'
    assert good('bench', 'tsne', '-n', '400', '-d', '16')['kl'] == value['kl'], 'same data, same seed, same map'


@test
def tsne_device(folder):
    """bench tsne arranges the map on the device where that is a GPU, says so, and ends no worse"""
    words = ['bench', 'tsne', '-n', '1200', '-d', '8', '--iterations', '60']
    value = good(*words)
    assert value['device'] is None and value['remark'] is None, value
    on_device = good(*words, env={'TESSERA_CPU_AS_GPU': '1'})
    assert on_device['device'] and on_device['remark'] is None, on_device
    assert on_device['kl'] != value['kl'] and abs(on_device['kl'] - value['kl']) < 0.03 * value['kl'], (value['kl'], on_device['kl'])
    assert on_device['recall'] > 0.9999 and on_device['recall_rows'] == 512, on_device
    helped = good(*words, env={'TESSERA_CPU_AS_GPU': '1', 'TESSERA_PROVIDER': 'none'})  # without products there are no neighbours
    assert 'TESSERA_PROVIDER' in helped['remark'] and helped['remark'].endswith('The processors took over.'), helped
    assert helped['device'] and helped['recall'] > 0.9999, helped
    bad(1, *words, '--device', 'no such device', says=['no such device'])


@test
def tsne_umap(folder):
    """bench tsne --method umap reports UMAP's stages, and with --trust how far the map can be trusted"""
    words = ['bench', 'tsne', '-n', '400', '-d', '16', '--method', 'umap']
    value = good(*words, '--trust')
    assert value['umap_neighbours'] == 15 and value['iterations'] == 500 and value['kl'] is None, value
    assert 0.05 < value['kept'] < 1 and 0.9 < value['trustworthiness'] <= 1 and 0.9 < value['continuity'] <= 1, value
    assert good(*words)['kept'] is None
    for method in ('tsne', 'umap'):
        words = ['bench', 'tsne', '-n', '2', '-d', '4', '--method', method, '--trust']
        assert good(*words)['kept'] is None
        assert 'nan' not in run(*words).out, 'two tiles have no strangers'
    bad(2, 'bench', 'tsne', '-n', '400', '--method', 'pca', says=['--method umap'])
    for n, sentence in (('9', 'lowered from 15 to 8'), ('16', None), ('3', 'nothing for UMAP')):
        outcome = run('bench', 'tsne', '-n', n, '-d', '4', '--method', 'umap')
        assert outcome.code == 0 and (sentence in outcome.err if sentence else 'lowered' not in outcome.err), outcome.err


@test
def tsne_iterations(folder):
    """--iterations counts those after the early exaggeration; help names the default that is used, JSON says both numbers"""
    for command in ('map', 'evaluate', 'bench tsne'):
        text = ' '.join(run(*command.split(), '--help').out.split())
        assert 'after 250 exaggerated ones (default 750)' in text, f'{command}: {text}'
    for words, after in (([], 750), (['--iterations', '20'], 20)):
        value = good('bench', 'tsne', '-n', '60', '-d', '4', *words)
        assert (value['iterations'], value['exaggeration_iterations']) == (250 + after, 250), value
    value = good('bench', 'tsne', '-n', '3', '-d', '4')
    assert (value['iterations'], value['exaggeration_iterations']) == (0, 0), 'three points need none'


@test
def tsne_perplexity(folder):
    """a perplexity that few points cannot have is lowered, and a sentence says so"""
    for words, sentence in ((['-n', '40'], 'lowered from 30 to 13'), (['-n', '92'], None),
                            (['-n', '3'], 'principal components'), (['-n', '4'], 'lowered from 30 to 1,'),
                            (['-n', '400', '--perplexity', '1000'], 'lowered from 1000 to 133'),
                            (['-n', '40', '--perplexity', '20'], 'lowered from 20 to 13'),
                            (['-n', '40', '--perplexity', '13'], None)):
        outcome = run('bench', 'tsne', '-d', '4', *words)
        assert outcome.code == 0, outcome.err
        assert sentence in outcome.err if sentence else 'lowered' not in outcome.err, outcome.err
        few = words == ['-n', '3']
        assert all((word in outcome.out) != few for word in ('recall', 'KL', 'perplexity')) and 'nan' not in outcome.out, outcome.out
    assert good('bench', 'tsne', '-n', '3', '-d', '4')['kl'] is None


@test
def tsne_input(folder):
    """--input takes .npy of three format versions and .safetensors, and -n the first rows"""
    values = [((i * 2654435761) % 997) / 997 for i in range(90 * 5)]
    answers = []
    for name, data in (('a.npy', npy((90, 5), values)), ('b.npy', npy((90, 5), values, version=2)),
                       ('c.npy', npy((90, 5), values, version=3)), ('d.safetensors', safetensors('x', [90, 5], values)),
                       ('e.npy', npy((90, 5), values, shape_text='(90, 5,)'))):
        pictures.write(os.path.join(folder, name), data)
        value = good('bench', 'tsne', '--input', os.path.join(folder, name))
        assert (value['n'], value['d']) == (90, 5), value
        answers.append(value['kl'])
    assert len(set(answers)) == 1, answers
    assert good('bench', 'tsne', '--input', os.path.join(folder, 'a.npy'), '-n', '40')['n'] == 40


@test
def tsne_bad_input(folder):
    """Arrays of another type, order, rank or size, and files that are none: a sentence"""
    whole = npy((10, 4))
    cases = {'double': npy((10, 4), descr="'<f8'"), 'big': npy((10, 4), descr="'>f4'"), 'fortran': npy((10, 4), order='True'),
             'one': npy((40,)), 'three': npy((2, 5, 4)), 'cut': whole[:-4], 'long': whole + b'\0' * 4, 'odd': whole[:-1],
             'header': whole[:30], 'magic': b'NUMPY' + whole[5:], 'empty': b'', 'version': whole[:6] + b'\x09' + whole[7:],
             'none': npy((0, 4)), 'negative': npy((1,), shape_text='(-1, 4)'), 'object': npy((10, 4), descr="'|O'"),
             'huge': npy((1,), shape_text='(4611686018427387904, 4)'), 'words': npy((1,), shape_text='(a, b)')}
    for name, data in cases.items():
        path = os.path.join(folder, name + '.npy')
        pictures.write(path, data)
        bad(1, 'bench', 'tsne', '--input', path, says=[name + '.npy', 'no numbers' if name == 'none' else 'Give a .npy'])
    pictures.write(os.path.join(folder, 'nan.npy'), npy((10, 4), [float('nan')] + [0.5] * 39))
    bad(1, 'bench', 'tsne', '--input', os.path.join(folder, 'nan.npy'), says=['nan.npy', 'finite', 'row 1 of 10', 'Leave such rows out'])
    pictures.write(os.path.join(folder, 'v.safetensors'), safetensors('x', [10], [0.0] * 10))
    bad(1, 'bench', 'tsne', '--input', os.path.join(folder, 'v.safetensors'), says=['v.safetensors', 'two dimensions'])
    bad(1, 'bench', 'tsne', '--input', os.path.join(folder, 'gone.npy'), says=['gone.npy'])


@test
def classify(folder):
    """bench classify reports medians and 99th percentiles, the time to choose in the plane, and of the linear rule elsewhere"""
    value = good('bench', 'classify', '-n', '20000', '-k', '50')
    assert value['linear'] is None and set(value['suggest']) == {'fps', 'fps-dense', 'kmeans'}, value
    assert all(value['suggest'][s][key] > 0 for s in value['suggest'] for key in ('first_s', 'more_s')), value
    other = good('bench', 'classify', '-n', '2000', '-k', '20', '-d', '24')
    assert value['linear_processor'] is None and 0 < other['linear_processor']['median_s'], (value, other)
    assert other['suggest'] is None and 0 < other['linear']['median_s'] <= other['linear']['p99_s'], other
    assert {'n', 'k', 'label', 'clear', 'peak_memory_bytes'} <= set(value), value
    for key in ('label', 'clear'):
        assert 0 < value[key]['median_s'] <= value[key]['p99_s'], value
    bad(2, 'bench', 'classify', '-n', '10', '-k', '11', says=['-k 11', '10'])
    text = run('bench', 'classify', '-n', '1000', '-k', '5')
    assert text.code == 0 and 'median' in text.out


@test
def whole_bytes(folder):
    """Bytes are whole numbers in every kind's JSON"""
    small = [*SMALL, '--batch', '4', '--steps', '1']
    env = {'TMPDIR': folder}
    if 'ASAN_OPTIONS' in os.environ:  # the leak checker's tracer does not get past the driver's threads at exit
        env['ASAN_OPTIONS'] = os.environ['ASAN_OPTIONS'] + ':use_sigaltstack=0:detect_leaks=0'
    for words in (['classify', '-n', '1000', '-k', '5'], ['tsne', '-n', '40', '-d', '4'], ['draw', '-n', '1000'],
                  ['embed', '-n', '8', '--size', '16', *SMALL], ['train', '--no-operations', *small]):
        value = good('bench', *words, timeout=900, env=env)
        for key in {'peak_memory_bytes', 'device_bytes'} & set(value):
            assert isinstance(value[key], int) and value[key] > 1e6 * (key != 'device_bytes'), (words, key, value[key])


SMALL = ['--resolution', '16', '--channel-base', '128', '--channel-max', '8', '--w-dim', '8', '--mapping-layers', '1']


@test
def train(folder):
    """bench train reports speed, counted FLOPs, the ceiling of the same run, memory and operations"""
    value = good('bench', 'train', *SMALL, '--batch', '4', '--steps', '4', timeout=900)
    assert {'ceiling', 'convolutions', 'images_per_s', 'gflop_per_s', 'ceiling_gflop_per_s', 'ratio', 'peak_memory_bytes', 'seconds', 'steps', 'batch',
            'resolution', 'precision', 'device', 'provider', 'operations', 'gflop_per_image', 'plan_s', 'device_bytes'} <= set(value)
    assert abs(value['images_per_s'] * value['seconds'] - 16) < 0.1, value
    assert abs(value['gflop_per_image'] * value['images_per_s'] - value['gflop_per_s']) < 0.01 * value['gflop_per_s'], value
    assert 0 < value['gflop_per_s'] < value['ceiling_gflop_per_s'] and value['peak_memory_bytes'] > value['device_bytes'], value
    assert len(value['operations']) > 15
    seconds = [entry['seconds'] for entry in value['operations']]
    assert seconds == sorted(seconds, reverse=True) and abs(sum(entry['share'] for entry in value['operations']) - 1) < 1e-6
    rates = {d: [row['gflop_per_s'] for row in value['convolutions'] if row['direction'] == d] for d in ('forward', 'by_data', 'by_weight')}
    assert set(value['ceiling']) == set(rates) and all(len(rate) == 4 for rate in rates.values()), value
    mean = lambda rate: len(rate) / sum(1 / x for x in rate)
    assert all(abs(value['ceiling'][d] - mean(rates[d])) < 1e-3 * mean(rates[d]) for d in rates), value
    assert abs(value['ceiling_gflop_per_s'] - mean(sum(rates.values(), []))) < 1e-3 * value['ceiling_gflop_per_s'], value
    bad(2, 'bench', 'train', '--resolution', '48', says=['resolution', 'power of two'])


@test
def train_flops(folder):
    """bench train counts what the convolutions of its configuration take, by hand: 16 px, 3 channels, 8 everywhere, batch 4"""
    value = good('bench', 'train', *SMALL, '--batch', '4', '--steps', '1', timeout=900)
    for row in value['operations']:
        if row['name'] != 'conv forward 3x3, 8 to 8 at 16x16':
            continue
        # G's last and D's first convolution: G, D and E steps look at 4 images 4 times there and through D twice more, R1 goes
        # through D twice, and path length through G twice with half the batch, every fourth step.
        images = 16 * 6 * 4 + 2 * 4 + 4 * 2 * 2
        counted = row['gflop_per_s'] * row['seconds'] * 1e9
        assert abs(counted - images * 2 * 9 * 8 * 8 * 16 * 16) < 1e-3 * counted, (row, counted / (2 * 9 * 8 * 8 * 16 * 16), images)
        return
    raise AssertionError([row['name'] for row in value['operations']])


@test
def train_without_bf16(folder):
    """bench train says what it computed in: without bf16 in the processor, f32"""
    words, old = ['bench', 'train', *SMALL, '--batch', '4', '--steps', '1', '--no-operations', '--precision', 'bf16'], {'ONEDNN_MAX_CPU_ISA': 'AVX2'}
    text = run(*words, timeout=900, env=old)
    assert text.code == 0 and 'bf16 was asked for' in text.out and ' f32: ' in text.out, text
    assert good(*words, timeout=900, env=old)['precision'] == 'f32'

@test
def embed(folder):
    """bench embed reports tiles a second and leaves nothing behind"""
    value = good('bench', 'embed', '-n', '30', '--size', '16', *SMALL, timeout=900, env={'TMPDIR': folder})
    assert {'n', 'size', 'tiles_per_s', 'tiles_per_s_cold', 'peak_memory_bytes'} <= set(value) and value['n'] == 30, value
    assert value['tiles_per_s'] > 0 and os.listdir(folder) == [], os.listdir(folder)


@test
def embed_looks_first(folder):
    """bench embed looks for the model and the device before it makes the folder of its tiles (which cannot be made here)"""
    for words in (['--model', os.path.join(folder, 'lost.safetensors')], ['--device', 'lost']):
        bad(1, 'bench', 'embed', '-n', '30', '--size', '16', *SMALL, *words, says=['lost'], env={'TMPDIR': '/nowhere'})

@test
def draw(folder):
    """bench draw works without a display and says so"""
    value = good('bench', 'draw', '-n', '20000')
    assert value['window'] is False and value['n'] == 20000, value
    for key in ('index', 'raster', 'raster_near', 'recolour', 'hover', 'lasso'):
        assert 0 <= value[key]['median_s'] <= value[key]['p99_s'] <= value[key]['worst_s'], value


@test
def slide(folder):
    """bench import reads a slide's tiles beside OpenSlide, or by itself where OpenSlide does not know the file"""
    path = os.path.join(folder, 'image.png')
    pictures.write(path, pictures.plain(200, height=150))
    value = good('bench', 'import', path, '--tile-size', '32', '--overlap', '16', '--rounds', '1', '-n', '500')
    assert value['tiles'] == 11 * 8 and value['n'] == 500 and value['side'] == 32 and value['level'] == 0, value
    for key in ('mask', 'thumbnail', 'encoder'):
        assert value[f'{key}_tiles_per_s'] > 0 and value[f'ratio_{key}'] is None, value
    assert value['openslide_tiles_per_s'] is None and value['openslide_mask_tiles_per_s'] is None, value
    assert value['peak_memory_bytes'] > 1e6 and value['threads'] >= 1, value
    bad(1, 'bench', 'import', path, '--tile-size', '300', says=['too small'])
    bad(2, 'bench', 'import', path, '--mpp', '0.5', says=['--slide-mpp'])
    assert good('bench', 'import', path, '--mpp', '0.5', '--slide-mpp', '0.25', '--rounds', '1')['side'] == 128
    bad(1, 'bench', 'import', os.path.join(folder, 'missing.svs'), says=['does not exist'])


@test
def slide_view(folder):
    """bench slide needs a window and says so"""
    path = os.path.join(folder, 'image.png')
    pictures.write(path, pictures.plain(200, height=150))
    bad(1, 'bench', 'slide', path, says=['no display'])
    bad(2, 'bench', 'slide')


@test
def lab(folder):
    """bench lab reports pictures a second of a walk with the shipped model"""
    data = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'data')
    value = good('bench', 'lab', '-n', '50', '--frames', '5', timeout=900, env={'TESSERA_DATA_DIR': data})
    assert (value['n'], value['frames'], value['size']) == (50, 5, 64), value
    assert 0 < value['median_s'] <= value['p99_s'] and value['processor_s'] > 0 and value['peak_memory_bytes'] > 1e6, value
    assert abs(value['frames_per_s'] * value['median_s'] - 1) < 1e-3, value
    good('bench', 'lab', '-n', '1', '--frames', '2', timeout=900, env={'TESSERA_DATA_DIR': data})
    bad(1, 'bench', 'lab', '--model', os.path.join(folder, 'none.safetensors'), says=['none.safetensors'])


@test
def too_large(folder):
    """More than the memory holds: a sentence, not a crash"""
    for words in (['bench', 'classify', '-n', '100000000', '-d', '65536', '-k', '1'],
                  ['bench', 'tsne', '-n', '100000000', '-d', '65536']):
        bad(1, *words, says=['memory'])


main()
