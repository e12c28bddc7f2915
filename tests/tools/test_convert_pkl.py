#!/usr/bin/env python3
"""Tests tools/convert_pkl.py on pickles shaped like the published ones, on torch.save files, and on files it must refuse. TAP.

The pickles are built by classes that reduce themselves as the published code's do: a call of
torch_utils.persistence._reconstruct_persistent_obj with the source text and the state. Needs python3-torch and python3-numpy.
"""
import os
import pickle
import subprocess
import sys
import tempfile
import types

import numpy as np
import torch

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..')
sys.path.insert(0, os.path.join(ROOT, 'tests', 'golden'))
import reference_stylegan2 as ref  # noqa: E402
from make_stylegan2 import initial_parameters  # noqa: E402

SCRIPT = os.path.join(ROOT, 'tools', 'convert_pkl.py')
CONFIG = ref.Config(32, 3, 160, 8, 12, 20, 3, 4)


def fake_modules():
    """torch_utils.persistence and dnnlib.util, only so that pickle can write their names."""
    persistence, util = types.ModuleType('torch_utils.persistence'), types.ModuleType('dnnlib.util')

    def _reconstruct_persistent_obj(meta):
        raise AssertionError('only a name')

    _reconstruct_persistent_obj.__module__ = 'torch_utils.persistence'
    _reconstruct_persistent_obj.__qualname__ = '_reconstruct_persistent_obj'
    persistence._reconstruct_persistent_obj = _reconstruct_persistent_obj
    util.EasyDict = type('EasyDict', (dict,), {'__module__': 'dnnlib.util', '__qualname__': 'EasyDict'})
    for name, module in (('torch_utils', types.ModuleType('torch_utils')), ('dnnlib', types.ModuleType('dnnlib')),
                         ('torch_utils.persistence', persistence), ('dnnlib.util', util)):
        sys.modules[name] = module
    return persistence, util


PERSISTENCE, UTIL = fake_modules()
EVIL = os.path.join(tempfile.gettempdir(), 'tessera-convert-ran-%d' % os.getpid())
SOURCE = 'open(%r, "w").close()\n' % EVIL


class Module(torch.nn.Module):
    """A persistent module without behaviour."""

    def __reduce__(self):
        state = dict(self.__dict__, _init_args=(), _init_kwargs=UTIL.EasyDict(a=1))
        meta = dict(type='class', version=6, module_src=SOURCE, class_name='Network', state=state)
        return PERSISTENCE._reconstruct_persistent_obj, (meta,), None


def module_of(tensors):
    root = Module()
    for name, array in tensors.items():
        *path, leaf = name.split('.')
        at = root
        for part in path:
            if part not in at._modules:
                at.add_module(part, Module())
            at = at._modules[part]
        value = torch.tensor(array)
        if leaf in ref.BUFFERS:
            at.register_buffer(leaf, value)
        else:
            at.register_parameter(leaf, torch.nn.Parameter(value))
    return root


def split(weights):
    return {net: {n[2:]: a for n, a in weights.items() if n.startswith(net + '.')} for net in ('G', 'D')}


WEIGHTS = split(initial_parameters(CONFIG, 5)[0])
AVERAGE = split(initial_parameters(CONFIG, 6)[0])['G']


class Case:
    """Runs the script in a folder of its own."""

    def __init__(self, folder):
        self.source, self.target = os.path.join(folder, 'in.bin'), os.path.join(folder, 'out.safetensors')

    def run(self):
        if os.path.exists(self.target):
            os.unlink(self.target)
        r = subprocess.run([sys.executable, SCRIPT, self.source, self.target], capture_output=True, text=True, timeout=120)
        assert 'Traceback' not in r.stderr, r.stderr
        return r

    def pickle(self, **nets):
        with open(self.source, 'wb') as f:
            pickle.dump({**nets, 'training_set_kwargs': UTIL.EasyDict(path='x.zip'), 'augment_pipe': Module()}, f)
        return self.run()

    def accepts(self, r, g, average, d, **settings):
        assert r.returncode == 0, r.stderr
        tensors, meta = ref.read_safetensors(self.target)
        want = {'G.' + n: a for n, a in g.items()}
        want.update({'G_ema.' + n: a for n, a in average.items()})
        want.update({'D.' + n: a for n, a in d.items()})
        assert set(tensors) == set(want), set(tensors) ^ set(want)
        for n, a in want.items():
            assert tensors[n].dtype == np.float32 and tensors[n].shape == a.shape and np.array_equal(tensors[n], a), n
        expected = dict(kind='stylegan2', resolution='32', img_channels='3', z_dim='12', w_dim='20', channel_base='160',
                        channel_max='8', mapping_layers='3', **settings)
        assert meta == expected, meta

    def refuses(self, r, words):
        assert r.returncode == 1 and words in r.stderr and r.stderr.count('\n') == 1, (r.returncode, r.stderr)
        assert not os.path.exists(self.target) and len(os.listdir(os.path.dirname(self.target))) == 1


def test_published_pickle(case):
    d = module_of(WEIGHTS['D'])
    d.b4.add_module('mbstd', Module())
    d.b4.mbstd.group_size = 4
    r = case.pickle(G=module_of(WEIGHTS['G']), G_ema=module_of(AVERAGE), D=d)
    case.accepts(r, WEIGHTS['G'], AVERAGE, WEIGHTS['D'], mbstd_group='4')
    assert not os.path.exists(EVIL), 'the source in the pickle was run'


def test_only_the_average(case):
    r = case.pickle(G_ema=module_of(AVERAGE), D=module_of(WEIGHTS['D']))
    case.accepts(r, AVERAGE, AVERAGE, WEIGHTS['D'])


def test_half_precision(case):
    half = {n: a.astype(np.float16) for n, a in AVERAGE.items()}
    r = case.pickle(G_ema=module_of(half), D=module_of(WEIGHTS['D']))
    single = {n: a.astype(np.float32) for n, a in half.items()}
    case.accepts(r, single, single, WEIGHTS['D'])


def test_state_dicts(case):
    nets = {'G': module_of(WEIGHTS['G']).state_dict(), 'G_ema': module_of(AVERAGE).state_dict(),
            'D': module_of(WEIGHTS['D']).state_dict()}
    flat = {'%s.%s' % (net, n): t for net, tensors in nets.items() for n, t in tensors.items()}
    for data in (nets, flat):
        for zipped in (True, False):
            torch.save(data, case.source, _use_new_zipfile_serialization=zipped)
            case.accepts(case.run(), WEIGHTS['G'], AVERAGE, WEIGHTS['D'])


def test_malicious_pickles(case):
    class Evil:
        def __reduce__(self):
            return os.system, ('touch ' + EVIL,)

    case.pickle(G=module_of(WEIGHTS['G']), D=module_of(WEIGHTS['D']), extra=Evil())
    assert not os.path.exists(EVIL)
    torch.save({'G': {'a': Evil()}}, case.source)
    case.refuses(case.run(), 'cannot be read')
    assert not os.path.exists(EVIL)


def test_refusals(case):
    g, d = module_of(WEIGHTS['G']), module_of(WEIGHTS['D'])
    without = lambda tensors, *names: {n: a for n, a in tensors.items() if n not in names}
    case.refuses(case.pickle(G=g), 'no discriminator')
    case.refuses(case.pickle(D=d), 'no generator')
    case.refuses(case.pickle(G=module_of(without(WEIGHTS['G'], 'synthesis.b16.conv0.bias')), D=d), 'lacks G.synthesis.b16.conv0.bias')
    case.refuses(case.pickle(G=g, D=module_of(without(WEIGHTS['D'], 'b16.skip.weight'))), 'lacks D.b16.skip.weight')
    case.refuses(case.pickle(G=g, D=module_of({**WEIGHTS['D'], 'b4.fc.bias': np.zeros(3, 'f4')})), 'shape')
    case.refuses(case.pickle(G=g, D=module_of({**WEIGHTS['D'], 'b4.fc.bias': np.full(8, np.nan, 'f4')})), 'not finite')
    case.refuses(case.pickle(G=g, D=module_of({**WEIGHTS['D'], 'mapping.embed.weight': np.zeros((3, 3), 'f4')})), 'conditioned')
    case.refuses(case.pickle(G=g, D=module_of({**WEIGHTS['D'], 'b32.resample_filter': np.ones((4, 4), 'f4')})), 'filter')
    case.refuses(case.pickle(G=module_of({'synthesis.L0.weight': np.zeros((3, 3), 'f4')}), D=d), 'StyleGAN3')


def test_damaged_files(case):
    case.pickle(G=module_of(WEIGHTS['G']), D=module_of(WEIGHTS['D']))
    whole = open(case.source, 'rb').read()
    for data, words in ((b'', 'is empty'), (whole[:len(whole) // 2], 'cannot be read'), (b'hello', 'cannot be read'),
                        (bytes(64), 'cannot be read'), (pickle.dumps([1, 2]), 'not a StyleGAN2-ADA snapshot'),
                        (b'PK\x03\x04' + bytes(60), 'cannot be read')):
        with open(case.source, 'wb') as f:
            f.write(data)
        case.refuses(case.run(), words)
    os.unlink(case.source)
    r = case.run()
    assert r.returncode == 1 and 'No such file' in r.stderr, r.stderr


def main():
    tests = [(n, f) for n, f in globals().items() if n.startswith('test_')]
    print('1..%d' % len(tests))
    failed = 0
    for i, (name, test) in enumerate(tests, 1):
        with tempfile.TemporaryDirectory() as folder:
            try:
                test(Case(folder))
                print('ok %d /tools/convert_pkl/%s' % (i, name[5:]))
            except Exception as e:  # the next test must run whatever this one did
                failed += 1
                print('not ok %d /tools/convert_pkl/%s' % (i, name[5:]))
                print('# %s: %s' % (type(e).__name__, str(e).replace('\n', '\n# ')))
    return failed > 0


if __name__ == '__main__':
    sys.exit(main())
