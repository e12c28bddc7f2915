#!/usr/bin/env python3
"""Writes train_r16.safetensors, train_r16_enc.safetensors and train_r16_enc_z.safetensors: five training steps of the reference,
with every input, the losses and the weights before and after; tests/golden/README.md says what happens in which order.

usage: make_train.py           writes the files
       make_train.py --check   recomputes them and compares, and says how far the same steps in float32 stray
Needs python3-torch and python3-numpy.
"""
import os
import sys

import numpy as np
import torch

import reference_stylegan2 as ref
from make_stylegan2 import HERE, as_float32, initial_parameters, metadata
from reference_stylegan2 import Config

STEPS, BATCH, PL_BATCH = 5, 4, 2
LR, BETA2, EPS = 0.002, 0.99, 1e-8
G_INTERVAL, D_INTERVAL = 4, 16
GAMMA, PL_WEIGHT, PL_DECAY, EMA = 10.0, 2.0, 0.01, 0.9
LAMBDA, BETA = 0.1, 1.0

FILES = {'train_r16': (Config(16, 3, 80, 8, 16, 16, 2, 4), 11),
         'train_r16_enc': (Config(16, 3, 80, 8, 16, 16, 2, 4, shared_layers=4), 12),
         'train_r16_enc_z': (Config(16, 3, 80, 8, 12, 16, 2, 4, shared_layers=4, latent='z'), 13)}


class Adam:
    """Adam with beta1 = 0, corrected for a lazy regulariser that comes every `interval` steps: c = interval / (interval + 1), the
    learning rate is lr * c and beta2 is beta2^c. One state serves the main phase and the regulariser's. A tensor without a
    gradient in a phase is left alone there: its second moment and its own step count stay."""

    def __init__(self, interval):
        c = interval / (interval + 1)
        self.lr, self.beta2 = LR * c, BETA2 ** c
        self.v, self.t = {}, {}

    def step(self, p, grads):
        with torch.no_grad():
            for name, g in grads.items():
                self.t[name] = self.t.get(name, 0) + 1
                v = self.beta2 * self.v.get(name, torch.zeros_like(g)) + (1 - self.beta2) * g.square()
                self.v[name] = v
                p[name] -= self.lr * g / ((v / (1 - self.beta2 ** self.t[name])).sqrt() + EPS)


def inputs_of(cfg, rng):
    """Every random input of the run, rounded to float32."""
    image = lambda n: (n, cfg.img_channels, cfg.resolution, cfg.resolution)
    given = {}
    for i in range(STEPS):
        draw = {'z_g': rng.standard_normal((BATCH, cfg.z_dim))}
        if i % G_INTERVAL == 0:
            draw['z_pl'] = rng.standard_normal((PL_BATCH, cfg.z_dim))
            draw['pl_noise'] = rng.standard_normal(image(PL_BATCH))
        draw['z_d'] = rng.standard_normal((BATCH, cfg.z_dim))
        draw['real'] = np.clip(rng.standard_normal(image(BATCH)) * 0.5, -1, 1)
        given.update({'in.%d.%s' % (i, k): as_float32(v) for k, v in draw.items()})
    return given


def train(cfg, weights, given):
    """Runs the steps. Returns {name: tensor}: the losses, the running mean of path lengths, the weights at the end, the EMA."""
    p = ref.load_parameters(weights)
    g_opt, d_opt, out = Adam(G_INTERVAL), Adam(D_INTERVAL), {}
    ema = {n: p[n].detach().clone() for n in p if n.startswith('G.')}
    pl_mean = torch.zeros((), dtype=ref.DTYPE)

    def phase(opt, prefixes, loss, gain=1.0):
        opt.step(p, {n: g * gain for n, g in ref.gradients(loss, p, prefixes).items()})

    for i in range(STEPS):
        x = {k.split('.')[2]: torch.tensor(v, dtype=ref.DTYPE) for k, v in given.items() if k.startswith('in.%d.' % i)}
        put = lambda name, value: out.update({'loss.%d.%s' % (i, name): value.detach()})

        loss = ref.loss_gmain(p, cfg, x['z_g'])
        put('Gmain', loss)
        phase(g_opt, ('G.',), loss)

        if i % G_INTERVAL == 0:
            lengths = ref.path_lengths(p, cfg, x['z_pl'], x['pl_noise'])
            pl_mean = pl_mean + PL_DECAY * (lengths.detach().mean() - pl_mean)
            loss = PL_WEIGHT * (lengths - pl_mean).square().mean()
            put('PL', loss)
            out['out.%d.pl_mean' % i] = pl_mean
            phase(g_opt, ('G.',), loss, G_INTERVAL)

        with torch.no_grad():
            w = ref.mapping(p, cfg, x['z_d'])
            fake = ref.generate(p, cfg, w)
        loss = ref.loss_dmain(p, cfg, fake, x['real'])
        put('Dmain', loss)
        if cfg.shared_layers is not None:
            nll, mse = ref.loss_nll(p, cfg, fake, x['z_d'] if cfg.latent == 'z' else w), ref.loss_mse(p, cfg, x['real'])[0]
            put('Enc_nll', nll)
            put('Enc_mse', mse)
            loss = loss + LAMBDA * nll + BETA * mse
        phase(d_opt, ('D.', 'E.'), loss)

        if i % D_INTERVAL == 0:
            loss = ref.loss_r1(p, cfg, x['real'], GAMMA)[0]
            put('R1', loss)
            phase(d_opt, ('D.',), loss, D_INTERVAL)

        for name, average in ema.items():
            now = p[name].detach()
            ema[name] = now + EMA * (average - now) if ref.trainable(name) else now.clone()

    out.update({'final.' + n: t.detach() for n, t in p.items() if ref.trainable(n)})
    out.update({'final.G_ema.' + n[2:]: t for n, t in ema.items() if ref.trainable('G.' + n[2:])})
    return out


def make(cfg, seed):
    weights, rng = initial_parameters(cfg, seed)
    given = inputs_of(cfg, rng)
    meta = {**metadata(cfg, BATCH), 'kind': 'stylegan2_train', 'steps': STEPS, 'pl_batch': PL_BATCH, 'learning_rate': LR,
            'beta1': 0, 'beta2': BETA2, 'eps': EPS, 'g_interval': G_INTERVAL, 'd_interval': D_INTERVAL, 'gamma': GAMMA,
            'pl_weight': PL_WEIGHT, 'pl_decay': PL_DECAY, 'ema': EMA}
    del meta['pl']
    if cfg.shared_layers is not None:
        meta.update({'lambda': LAMBDA, 'beta': BETA})
    return {**weights, **given, **train(cfg, weights, given)}, meta


def float32_strays(cfg, tensors):
    """The same steps in float32: worst relative error of a loss, and of a tensor's total change (and which)."""
    weights = {n: a for n, a in tensors.items() if n[:2] in ('G.', 'D.', 'E.')}
    given = {n: a for n, a in tensors.items() if n.startswith('in.')}
    ref.DTYPE = torch.float32
    try:
        out = train(cfg, weights, given)
    finally:
        ref.DTYPE = torch.float64
    loss = max(ref.relative_error(out[n], tensors[n]) for n in out if n.startswith('loss.'))
    change = {}
    for n in out:
        if n.startswith('final.'):
            start = weights[n[6:].replace('G_ema.', 'G.')].astype(np.float64)
            change[n] = ref.relative_error(np.asarray(out[n], np.float64) - start, np.asarray(tensors[n], np.float64) - start)
    worst = max(change, key=change.get)
    return loss, change[worst], worst


def check(name, cfg, seed):
    tensors, meta = make(cfg, seed)
    stored, stored_meta = ref.read_safetensors(os.path.join(HERE, name + '.safetensors'))
    if set(tensors) != set(stored):
        raise SystemExit('%s: names differ: %s' % (name, sorted(set(tensors) ^ set(stored))))
    errors = {n: ref.relative_error(t, stored[n]) for n, t in tensors.items()}
    worst = max(errors, key=errors.get)
    good = errors[worst] < 1e-6 and stored_meta == {k: str(v) for k, v in meta.items()}
    print('%s %s: %d tensors, worst relative error %.1e (%s); in float32 losses stray %.0e, changes of a tensor %.0e (%s)' %
          (('ok' if good else 'NOT OK', name, len(stored), errors[worst], worst) + float32_strays(cfg, stored)))
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
