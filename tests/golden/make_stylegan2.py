#!/usr/bin/env python3
"""Writes the small golden files beside it; tests/golden/README.md says what they hold.

usage: make_stylegan2.py           writes the files
       make_stylegan2.py --check   recomputes them, compares with those that stand here, and checks a few gradients of every
                                   loss by finite differences; exit status 1 on any difference
Needs python3-torch and python3-numpy.
"""
import os
import sys

import numpy as np
import torch

import reference_stylegan2 as ref
from reference_stylegan2 import Config

HERE = os.path.dirname(os.path.abspath(__file__))

# file: (configuration, batch, seed). Channel counts differ from each other and from multiples of the vector width on purpose.
FILES = {
    'sg2_r16_rgb_enc': (Config(16, 3, 96, 10, 16, 16, 2, 4, shared_layers=4), 4, 1),
    'sg2_r32_grey_enc': (Config(32, 1, 160, 8, 12, 20, 3, 4, shared_layers=4), 4, 2),
    'sg2_r16_shared_all': (Config(16, 3, 80, 8, 16, 16, 2, 4, shared_layers=7), 8, 3),
    'sg2_r16_shared_none': (Config(16, 3, 80, 8, 16, 16, 2, 2, shared_layers=0), 4, 4),
}
PL = 'loss = mean(2*(len-0.3)^2), len = sqrt(mean_over_layers(sum_w(g^2))), g = d sum(img*pl_noise/res)/dws'


class Init:
    """Random tensors of sizes that a half-trained network might have: no bias, strength or style is trivial."""

    def __init__(self, cfg, seed):
        self.cfg, self.rng, self.p = cfg, np.random.RandomState(seed), {}

    def normal(self, *shape, sd=1.0, mean=0.0):
        return mean + sd * self.rng.standard_normal(shape)

    def put(self, name, value):
        self.p[name] = np.asarray(value, np.float64).astype(np.float32)

    def layer(self, name, *shape, bias=True, lr=1.0, bias_mean=0.0):
        self.put(name + '.weight', self.normal(*shape, sd=1 / lr))
        if bias:
            self.put(name + '.bias', self.normal(shape[0], sd=0.2 / lr, mean=bias_mean))

    def filter(self, name):
        f = np.outer([1, 3, 3, 1], [1, 3, 3, 1]) / 64
        self.put(name + '.resample_filter', f)

    def generator(self):
        cfg = self.cfg
        for res in cfg.resolutions:
            b, c = 'G.synthesis.b%d' % res, cfg.channels(res)
            before = cfg.channels(res // 2) if res > 4 else c
            if res == 4:
                self.put(b + '.const', self.normal(c, 4, 4))
            self.filter(b)
            for conv in ('conv0', 'conv1') if res > 4 else ('conv1',):
                name, inputs = b + '.' + conv, before if conv == 'conv0' else c
                self.layer(name, c, inputs, 3, 3)
                self.put(name + '.noise_strength', 0.15 + 0.1 * self.rng.rand())
                self.filter(name)
                self.put(name + '.noise_const', self.normal(res, res))
                self.layer(name + '.affine', inputs, cfg.w_dim, bias_mean=1)
            self.layer(b + '.torgb', cfg.img_channels, c, 1, 1)
            self.layer(b + '.torgb.affine', c, cfg.w_dim, bias_mean=1)
        self.put('G.mapping.w_avg', self.normal(cfg.w_dim, sd=0.1))
        for i in range(cfg.mapping_layers):
            self.layer('G.mapping.fc%d' % i, cfg.w_dim, cfg.z_dim if i == 0 else cfg.w_dim, lr=ref.MAPPING_LR)

    def critic_layer(self, prefix, layer):
        """One layer as the encoder counts them, with the skip that belongs to a conv1. prefix: 'D' or 'E'."""
        cfg, (block, part) = self.cfg, layer.split('.')
        res, name = int(block[1:]), '%s.%s' % (prefix, layer)
        c, c4 = cfg.channels(res), cfg.channels(4)
        if part == 'fromrgb':
            self.layer(name, c, cfg.img_channels, 1, 1)
        elif part == 'conv0':
            self.layer(name, c, c, 3, 3)
        elif part == 'conv1':
            self.layer(name, cfg.channels(res // 2), c, 3, 3)
            self.layer('%s.%s.skip' % (prefix, block), cfg.channels(res // 2), c, 1, 1, bias=False)
        elif part == 'conv':
            self.layer(name, c4, c4 + (prefix == 'D'), 3, 3)
        elif part == 'fc':
            self.layer(name, c4, c4 * 16)
        else:
            self.layer(name, 1, c4)
        if prefix == 'D' and part in ('fromrgb', 'conv0', 'conv1', 'conv'):
            self.filter(name)
            if part == 'conv1':
                self.filter('D.%s.skip' % block)

    def critics(self):
        cfg = self.cfg
        for layer in cfg.d_layers:
            if layer.endswith('conv0'):
                self.filter('D.' + layer.split('.')[0])
            self.critic_layer('D', layer)
        if cfg.shared_layers is None:
            return
        for layer in cfg.d_layers[cfg.shared_layers:-1]:
            self.critic_layer('E', layer)
        self.layer('E.out_mean', cfg.latent_dim, cfg.channels(4))
        self.layer('E.out_logvar', cfg.latent_dim, cfg.channels(4))
        for part in ('weight', 'bias'):  # large enough that the bound on the log-variance bends it
            self.p['E.out_logvar.' + part] *= 5


def initial_parameters(cfg, seed):
    """({name: float32 array}, the random state that follows)."""
    init = Init(cfg, seed)
    init.generator()
    init.critics()
    for name in init.p:
        if name.endswith('noise_strength'):
            init.p[name] = init.p[name].reshape(())
    return init.p, init.rng


def as_float32(a):
    return np.asarray(a).astype(np.float32)


def make(cfg, batch, seed):
    """Everything of one file: ({name: array}, metadata)."""
    weights, rng = initial_parameters(cfg, seed)
    shape = (batch, cfg.img_channels, cfg.resolution, cfg.resolution)
    inputs = {'in.z': as_float32(rng.standard_normal((batch, cfg.z_dim))),
              'in.real': as_float32(np.clip(rng.standard_normal(shape) * 0.5, -1, 1)),
              'in.pl_noise': as_float32(rng.standard_normal(shape))}
    p = ref.load_parameters(weights)
    outputs = ref.compute(p, cfg, *[torch.tensor(a, dtype=ref.DTYPE) for a in inputs.values()])
    return {**weights, **inputs, **outputs}, metadata(cfg, batch)


def metadata(cfg, batch):
    meta = {'kind': 'stylegan2', 'resolution': cfg.resolution, 'channel_base': cfg.channel_base, 'channel_max': cfg.channel_max,
            'z_dim': cfg.z_dim, 'w_dim': cfg.w_dim, 'mapping_layers': cfg.mapping_layers, 'batch': batch,
            'mbstd_group': cfg.mbstd_group, 'noise': 'const', 'real_range': '[-1,1]', 'layout': 'NCHW', 'pl': PL,
            'computed': 'float64 with weights rounded to float32', 'img_channels': cfg.img_channels}
    if cfg.shared_layers is not None:
        meta.update(encoder=1, shared_layers=cfg.shared_layers, logvar_bound=6)
    if cfg.latent != 'w':
        meta.update(latent=cfg.latent)
    return meta


# ---------------------------------------------------------------- checks

def difference_of(tensors, stored):
    """Worst relative error over all tensors and its name; names must be the same."""
    if set(tensors) != set(stored):
        raise SystemExit('names differ: %s' % sorted(set(tensors) ^ set(stored)))
    errors = {n: ref.relative_error(t, stored[n]) for n, t in tensors.items()}
    worst = max(errors, key=errors.get)
    return errors[worst], worst


def losses_of(p, cfg, inputs):
    """{name of the loss in grad.NAME.*: function of no arguments}, with what the loss holds constant computed once."""
    z, real, pl_noise = inputs
    with torch.no_grad():
        w = ref.mapping(p, cfg, z)
        fake = ref.generate(p, cfg, w)
    losses = {'Gmain': lambda: ref.loss_gmain(p, cfg, z), 'Dmain': lambda: ref.loss_dmain(p, cfg, fake, real),
              'R1': lambda: ref.loss_r1(p, cfg, real)[0], 'PL': lambda: ref.loss_pl(p, cfg, z, pl_noise)[0]}
    if cfg.shared_layers is not None:
        losses['Enc_nll'] = lambda: ref.loss_nll(p, cfg, fake, w)
        losses['Enc_mse'] = lambda: ref.loss_mse(p, cfg, real)[0]
    return losses


def finite_differences(tensors, cfg, seed, step=1e-6, each=8):
    """Worst |numeric - analytic| / (|analytic| + 1e-3 * largest of the tensor + 1e-7) over `each` random weights of every loss."""
    p = ref.load_parameters({n: np.asarray(t) for n, t in tensors.items() if n[:2] in ('G.', 'D.', 'E.')})
    inputs = [torch.tensor(np.asarray(tensors['in.' + n]), dtype=ref.DTYPE) for n in ('z', 'real', 'pl_noise')]
    rng, worst = np.random.RandomState(seed), {}
    for key, loss in losses_of(p, cfg, inputs).items():
        names = [n for n in tensors if n.startswith('grad.%s.' % key)]
        worst[key] = 0.0
        for pick in rng.choice(len(names), each, replace=False):
            weight, grad = p[names[pick].split('.', 2)[2]], torch.as_tensor(tensors[names[pick]])
            at = rng.randint(weight.numel())
            values = []
            for sign in (1, -1):
                with torch.no_grad():
                    weight.reshape(-1)[at] += sign * step
                values.append(float(loss()))
                with torch.no_grad():
                    weight.reshape(-1)[at] -= sign * step
            numeric, analytic = (values[0] - values[1]) / (2 * step), float(grad.reshape(-1)[at])
            error = abs(numeric - analytic) / (abs(analytic) + 1e-3 * float(grad.abs().max()) + 1e-7)
            worst[key] = max(worst[key], error)
    return worst


def check(name, cfg, batch, seed):
    tensors, meta = make(cfg, batch, seed)
    stored, stored_meta = ref.read_safetensors(os.path.join(HERE, name + '.safetensors'))
    error, where = difference_of(tensors, stored)
    numeric = finite_differences(tensors, cfg, seed)
    good = error < 1e-6 and stored_meta == {k: str(v) for k, v in meta.items()} and max(numeric.values()) < 1e-3
    print('%s %s: %d tensors, worst relative error %.1e (%s); finite differences: %s' %
          ('ok' if good else 'NOT OK', name, len(stored), error, where,
           ', '.join('%s %.0e' % item for item in numeric.items())))
    return good


def main():
    if sys.argv[1:] == ['--check']:
        return not all([check(name, *what) for name, what in FILES.items()])
    if len(sys.argv) > 1:
        print(__doc__, file=sys.stderr)
        return 2
    for name, what in FILES.items():
        path = os.path.join(HERE, name + '.safetensors')
        ref.write_safetensors(path, *make(*what))
        print('%s: %d bytes' % (path, os.path.getsize(path)))
    return 0


if __name__ == '__main__':
    sys.exit(main())
