#!/usr/bin/env python3
"""Converts a published StyleGAN2-ADA (PyTorch) network into a model file for Tessera.

usage: convert_pkl.py NETWORK.pkl MODEL.safetensors
       convert_pkl.py STATE.pt MODEL.safetensors

NETWORK.pkl is a snapshot of the stylegan2-ada-pytorch code. Such a pickle carries Python source that its own loader would run;
this script reads only the tensors and plain values and runs nothing, so it needs neither that code nor trust in the file.
STATE.pt is a torch.save of {'G': state_dict, 'D': state_dict, 'G_ema': state_dict}, or of one flat dictionary whose names
carry those prefixes ('G.synthesis.b4.const', ...). Where G or G_ema is missing the other one stands in for it.

The model file holds G., G_ema. and D. tensors as F32 and the configuration in its metadata. It has no encoder: train one with
`tessera train PROJECT --encoder-only`. Needs python3-torch and python3-numpy. Exit status: 0 done, 1 failed, 2 wrong usage.
"""
import collections
import io
import json
import math
import os
import pickle
import re
import struct
import sys

import torch

MAPPING_LR = 0.01


class Refused(Exception):
    """One sentence for the user: what is wrong with the file."""


# ---------------------------------------------------------------- reading without running anything

class Inert:
    """Stands for any object of the pickle: keeps its attributes, has no behaviour."""

    def __init__(self, *args, **kwargs):
        pass

    def __setstate__(self, state):
        if isinstance(state, dict):
            self.__dict__.update(state)

    def __call__(self, *args, **kwargs):
        return Inert()

    def append(self, item):
        pass

    def extend(self, items):
        pass

    def __setitem__(self, key, value):
        pass


class Attributes(dict):
    """A dictionary whose pickled state, if any, is more of its items."""

    def __setstate__(self, state):
        self.update(state or {})


def rebuild_persistent(meta):
    """The published code would run meta['module_src'] here; its state is all we want."""
    obj = Inert()
    obj.__setstate__(meta.get('state'))
    return obj


def rebuild_storage(blob):
    return torch.load(io.BytesIO(blob), map_location='cpu', weights_only=True)


ALLOWED = {
    ('collections', 'OrderedDict'): collections.OrderedDict,
    ('torch._utils', '_rebuild_tensor_v2'): torch._utils._rebuild_tensor_v2,
    ('torch._utils', '_rebuild_parameter'): torch._utils._rebuild_parameter,
    ('torch.storage', '_load_from_bytes'): rebuild_storage,
    ('torch', 'Size'): torch.Size,
    ('torch_utils.persistence', '_reconstruct_persistent_obj'): rebuild_persistent,
    ('dnnlib.util', 'EasyDict'): Attributes,
    ('dnnlib', 'EasyDict'): Attributes,
}


class SafeUnpickler(pickle.Unpickler):
    """Knows tensors and containers; everything else becomes inert."""

    def find_class(self, module, name):
        if module.startswith('dnnlib.tflib'):
            raise Refused('is a TensorFlow network; convert it to a PyTorch pickle first, with legacy.py of the '
                          'stylegan2-ada-pytorch code')
        return ALLOWED.get((module, name), Inert)


def state_of(module, prefix=''):
    """The state dictionary of an inert torch module."""
    attributes, tensors = getattr(module, '__dict__', {}), {}
    for kind in ('_parameters', '_buffers'):
        for name, tensor in (attributes.get(kind) or {}).items():
            if isinstance(tensor, torch.Tensor):
                tensors[prefix + name] = tensor
    for name, child in (attributes.get('_modules') or {}).items():
        tensors.update(state_of(child, prefix + name + '.'))
    return tensors


def read_pickle(path):
    """({'G': tensors, ...}, {name of a setting: value})."""
    with open(path, 'rb') as f:
        data = SafeUnpickler(f).load()
    if not isinstance(data, dict) or not any(k in data for k in ('G', 'G_ema')):
        raise Refused('is a pickle, but not a StyleGAN2-ADA snapshot: it has no generator named G or G_ema')
    nets = {k: state_of(data[k]) for k in ('G', 'G_ema', 'D') if isinstance(data.get(k), Inert)}
    settings = {}
    epilogue = getattr(data.get('D'), '_modules', {}).get('b4') if 'D' in nets else None
    mbstd = (getattr(epilogue, '_modules', None) or {}).get('mbstd')
    if isinstance(getattr(mbstd, 'group_size', None), int):
        settings['mbstd_group'] = mbstd.group_size
    generator = data.get('G_ema') or data.get('G')
    mapping = (getattr(generator, '_modules', None) or {}).get('mapping')
    fc0 = (getattr(mapping, '_modules', None) or {}).get('fc0')
    if isinstance(getattr(fc0, 'bias_gain', None), (int, float)):
        settings['mapping_lr'] = float(fc0.bias_gain)
    return nets, settings


def read_state_dicts(path):
    data = torch.load(path, map_location='cpu', weights_only=True)
    if not isinstance(data, dict):
        raise Refused('holds no dictionary of tensors')
    nets = collections.defaultdict(dict)
    for name, value in data.items():
        if isinstance(value, dict):
            nets[name].update(value)
        elif isinstance(value, torch.Tensor) and '.' in name:
            net, rest = name.split('.', 1)
            nets[net][rest] = value
    return {k: nets[k] for k in ('G', 'G_ema', 'D') if k in nets}, {}


def looks_like_torch_save(path):
    """A zip archive, or the old format: a pickled magic number, pickled protocol and system information."""
    with open(path, 'rb') as f:
        start = f.read(16)
    return start[:4] == b'PK\x03\x04' or start[2:].startswith(b'\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19')


def read_networks(path):
    if os.path.getsize(path) == 0:
        raise Refused('is empty')
    try:
        return read_state_dicts(path) if looks_like_torch_save(path) else read_pickle(path)
    except (pickle.UnpicklingError, EOFError, RuntimeError, ValueError, TypeError, KeyError, IndexError, AttributeError,
            ImportError, MemoryError, OverflowError, UnicodeDecodeError) as e:
        raise Refused('cannot be read as a pickle or a torch.save file (%s); is the download complete?' % (e or type(e).__name__))


# ---------------------------------------------------------------- understanding

def channel_settings(channels):
    """(base, max) such that channels at resolution r are min(base // r, max). channels: {resolution: count}."""
    top = max(channels.values())
    base = max([c * r for r, c in channels.items() if c < top] or [top * max(channels)])
    if any(min(base // r, top) != c for r, c in channels.items()):
        raise Refused('has channel counts %s, which no channel base and maximum describe' % channels)
    return base, top


def configuration(g, d):
    """The metadata that the shapes imply."""
    blocks = sorted(int(m.group(1)) for m in (re.fullmatch(r'synthesis\.b(\d+)\.torgb\.weight', n) for n in g) if m)
    if not blocks or 'synthesis.b4.const' not in g:
        raise Refused('has no StyleGAN2 synthesis network (StyleGAN3 and other families are not supported)')
    resolution = blocks[-1]
    if blocks != [2 ** i for i in range(2, int(math.log2(resolution)) + 1)]:
        raise Refused('has generator blocks %s; expected every power of two from 4' % blocks)
    if any(n.startswith('mapping.embed') for n in g) or any(n.startswith('mapping.') for n in d):
        raise Refused('is conditioned on class labels; only unconditional networks can be used')
    layers = sum(re.fullmatch(r'mapping\.fc\d+\.weight', n) is not None for n in g)
    if not layers or any('mapping.fc%d.weight' % i not in g for i in range(layers)):
        raise Refused('has no complete mapping network')
    base, top = channel_settings({r: g['synthesis.b%d.conv1.weight' % r].shape[0] for r in blocks})
    return {'resolution': resolution, 'img_channels': g['synthesis.b4.torgb.weight'].shape[0],
            'z_dim': g['mapping.fc0.weight'].shape[1], 'w_dim': g['mapping.fc0.weight'].shape[0],
            'channel_base': base, 'channel_max': top, 'mapping_layers': layers}


def expected_shapes(c):
    """({name: shape} of G, the same of D), buffers left out."""
    ch = lambda r: min(c['channel_base'] // r, c['channel_max'])
    g, d, blocks = {}, {}, [2 ** i for i in range(2, int(math.log2(c['resolution'])) + 1)]
    for i in range(c['mapping_layers']):
        g['mapping.fc%d.weight' % i] = (c['w_dim'], c['w_dim'] if i else c['z_dim'])
        g['mapping.fc%d.bias' % i] = (c['w_dim'],)
    g['mapping.w_avg'] = (c['w_dim'],)
    g['synthesis.b4.const'] = (ch(4), 4, 4)
    for r in blocks:
        for layer, inputs in (('conv0', ch(r // 2)), ('conv1', ch(r)), ('torgb', ch(r))):
            if r == 4 and layer == 'conv0':
                continue
            name, rgb = 'synthesis.b%d.%s' % (r, layer), layer == 'torgb'
            outputs, k = (c['img_channels'], 1) if rgb else (ch(r), 3)
            g[name + '.weight'], g[name + '.bias'] = (outputs, inputs, k, k), (outputs,)
            g[name + '.affine.weight'], g[name + '.affine.bias'] = (inputs, c['w_dim']), (inputs,)
            if not rgb:
                g[name + '.noise_strength'], g[name + '.noise_const'] = (), (r, r)
        if r > 4:
            name, half = 'b%d.' % r, ch(r // 2)
            d[name + 'conv0.weight'], d[name + 'conv0.bias'] = (ch(r), ch(r), 3, 3), (ch(r),)
            d[name + 'conv1.weight'], d[name + 'conv1.bias'] = (half, ch(r), 3, 3), (half,)
            d[name + 'skip.weight'] = (half, ch(r), 1, 1)
    top, c4 = c['resolution'], ch(4)
    d['b%d.fromrgb.weight' % top], d['b%d.fromrgb.bias' % top] = (ch(top), c['img_channels'], 1, 1), (ch(top),)
    d['b4.conv.weight'], d['b4.conv.bias'] = (c4, c4 + 1, 3, 3), (c4,)
    d['b4.fc.weight'], d['b4.fc.bias'] = (c4, 16 * c4), (c4,)
    d['b4.out.weight'], d['b4.out.bias'] = (1, c4), (1,)
    return g, d


def check_shapes(net, tensors, expected):
    for name, shape in expected.items():
        if name not in tensors:
            raise Refused('lacks %s.%s, which the StyleGAN2 skip generator and residual discriminator have' % (net, name))
        if tuple(tensors[name].shape) != shape:
            raise Refused('has %s.%s of shape %s; expected %s' % (net, name, list(tensors[name].shape), list(shape)))
        if not torch.isfinite(tensors[name].float()).all():
            raise Refused('has values in %s.%s that are not finite' % (net, name))
    for name in tensors:
        if name not in expected and not name.endswith('resample_filter'):
            raise Refused('has %s.%s, which a StyleGAN2 skip generator or residual discriminator does not have' % (net, name))


def check_filters(net, tensors):
    want = torch.tensor([1., 3., 3., 1.])
    want = want.outer(want) / 64
    for name, t in tensors.items():
        if name.endswith('resample_filter') and (t.shape != want.shape or not torch.allclose(t.float(), want, atol=1e-6)):
            raise Refused('uses a resampling filter other than [1, 3, 3, 1] (%s.%s)' % (net, name))


# ---------------------------------------------------------------- writing

def write_safetensors(path, tensors, meta):
    header, blobs, at = {'__metadata__': {k: str(v) for k, v in meta.items()}}, [], 0
    for name, tensor in tensors.items():
        blob = tensor.detach().float().contiguous().numpy().astype('<f4').tobytes()
        header[name] = {'dtype': 'F32', 'shape': list(tensor.shape), 'data_offsets': [at, at + len(blob)]}
        blobs.append(blob)
        at += len(blob)
    text = json.dumps(header, separators=(',', ':')).encode()
    text += b' ' * (-len(text) % 8)
    part = '%s.%d.part' % (path, os.getpid())
    try:
        with open(part, 'wb') as f:
            f.write(struct.pack('<Q', len(text)) + text)
            f.writelines(blobs)
            f.flush()
            os.fsync(f.fileno())
        os.replace(part, path)
    finally:
        if os.path.exists(part):
            os.unlink(part)


def convert(source, target):
    nets, settings = read_networks(source)
    if 'G' not in nets and 'G_ema' not in nets:
        raise Refused('has no generator named G or G_ema')
    if 'D' not in nets:
        raise Refused('has no discriminator named D, whose layers the encoder shares')
    if abs(settings.pop('mapping_lr', MAPPING_LR) - MAPPING_LR) > 1e-9:
        raise Refused('has a mapping network with a learning-rate multiplier other than 0.01')
    average = nets.get('G_ema', nets.get('G'))
    meta = {'kind': 'stylegan2', **configuration(average, nets['D']), **settings}
    if meta['img_channels'] not in (1, 3):
        raise Refused('makes images of %d channels; only grey (1) and RGB (3) can be used' % meta['img_channels'])
    if not 16 <= meta['resolution'] <= 1024:
        raise Refused('has resolution %d; supported are 16 to 1024' % meta['resolution'])
    expected_g, expected_d = expected_shapes(meta)
    out = {}
    for net, tensors, expected in (('G', nets.get('G', average), expected_g), ('G_ema', average, expected_g),
                                   ('D', nets['D'], expected_d)):
        check_shapes(net, tensors, expected)
        check_filters(net, tensors)
        out.update({'%s.%s' % (net, n): t for n, t in tensors.items()})
    write_safetensors(target, out, meta)
    return meta, len(out)


def main():
    if len(sys.argv) != 3 or sys.argv[1].startswith('-'):
        print(__doc__, file=sys.stdout if '--help' in sys.argv else sys.stderr)
        return 0 if '--help' in sys.argv else 2
    source, target = sys.argv[1:]
    try:
        meta, count = convert(source, target)
    except Refused as e:
        print('%s %s.' % (source, e), file=sys.stderr)
        return 1
    except OSError as e:
        print('%s: %s.' % (e.filename or source, e.strerror), file=sys.stderr)
        return 1
    print('%s: %d tensors, %s' % (target, count, ', '.join('%s %s' % item for item in meta.items())))
    return 0


if __name__ == '__main__':
    sys.exit(main())
