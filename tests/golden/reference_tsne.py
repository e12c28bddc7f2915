#!/usr/bin/env python3
"""Small golden files for t-SNE, from a plain float64 implementation of van der Maaten & Hinton 2008 over all pairs.

usage: reference_tsne.py               writes tsne_*.safetensors beside it
       reference_tsne.py --check       recomputes and compares; the gradient also by finite differences
       reference_tsne.py --verify F... recomputes P, KL and gradient of other files of the format and prints the errors
Needs python3-numpy (and python3-torch, for the file format's module).
"""
import os
import sys

import numpy as np

from reference_stylegan2 import read_safetensors, relative_error, write_safetensors

HERE = os.path.dirname(os.path.abspath(__file__))

# file: (points, dimensions, perplexity, copies of earlier points, seed)
FILES = {'tsne_160': (160, 12, 15.0, 0, 21), 'tsne_90_copies': (90, 5, 8.0, 10, 22)}


def squared_distances(x):
    return np.square(x[:, None] - x[None]).sum(2)


def conditional(d2, perplexity):
    """Row of p(j|i) from squared distances to the other points, the bandwidth bisected until the entropy is log(perplexity)."""
    low, high, beta = 0.0, np.inf, 1.0
    d2 = d2 - d2.min()
    for _ in range(400):
        p = np.exp(-beta * d2)
        p /= p.sum()
        entropy = -np.sum(p[p > 0] * np.log(p[p > 0]))
        if abs(entropy - np.log(perplexity)) < 1e-13:
            break
        if entropy > np.log(perplexity):
            low, beta = beta, beta * 2 if high == np.inf else (beta + high) / 2
        else:
            high, beta = beta, (beta + low) / 2
    return p


def affinities(x, perplexity):
    """Dense, symmetric, sums to 1."""
    n, d2 = len(x), squared_distances(x)
    p = np.zeros((n, n))
    for i in range(n):
        others = np.arange(n) != i
        p[i, others] = conditional(d2[i, others], perplexity)
    return (p + p.T) / (2 * n)


def kl_of(p, y):
    kernel = 1 / (1 + squared_distances(y))
    np.fill_diagonal(kernel, 0)
    q = kernel / kernel.sum()
    some = p > 0
    return np.sum(p[some] * np.log(p[some] / q[some])), q, kernel


def gradient(p, y):
    """4 sum_j (p - q) kernel (y_i - y_j)."""
    _, q, kernel = kl_of(p, y)
    force = (p - q) * kernel
    return 4 * (force.sum(1)[:, None] * y - force @ y)


def make(n, d, perplexity, copies, seed):
    rng = np.random.RandomState(seed)
    centres = rng.standard_normal((6, d)) * 2
    x = centres[rng.randint(0, 6, n)] + rng.standard_normal((n, d))
    if copies:
        x[n - copies:] = x[:copies]
    x = x.astype(np.float32).astype(np.float64)
    y = (x @ rng.standard_normal((d, 2)) + rng.standard_normal((n, 2))).astype(np.float32).astype(np.float64)
    p = affinities(x, perplexity)
    tensors = {'X': x, 'P': p, 'Y': y, 'kl': np.float64(kl_of(p, y)[0]), 'grad': gradient(p, y)}
    return tensors, {'kind': 'tsne', 'perplexity': perplexity, 'affinities': 'dense, symmetrised (P+P^T)/2n', 'exaggeration': 1}


def errors_of(stored, meta):
    """Worst errors of a file's P, kl and grad against a recomputation from its X, and its P where that is given."""
    x, y, given = [stored[k].astype(np.float64) for k in ('X', 'Y', 'P')]
    p = affinities(x, float(meta['perplexity']))
    return {'P': relative_error(p, given), 'kl': relative_error(kl_of(p, y)[0], stored['kl']),
            'grad': relative_error(gradient(p, y), stored['grad'])}


def check(name, what):
    tensors, meta = make(*what)
    stored, stored_meta = read_safetensors(os.path.join(HERE, name + '.safetensors'))
    worst = max(relative_error(tensors[k], stored[k]) for k in tensors)
    y, p, step, numeric = tensors['Y'].copy(), tensors['P'], 1e-5, 0.0
    for i, k in ((0, 0), (7, 1), (len(y) - 1, 0)):
        values = []
        for sign in (1, -1):
            y[i, k] += sign * step
            values.append(kl_of(p, y)[0])
            y[i, k] -= sign * step
        numeric = max(numeric, abs((values[0] - values[1]) / (2 * step) - tensors['grad'][i, k]))
    good = worst < 1e-6 and numeric < 1e-8 and set(stored) == set(tensors) and \
        stored_meta == {k: str(v) for k, v in meta.items()} and abs(p.sum() - 1) < 1e-12
    print('%s %s: worst relative error %.1e; finite differences %.0e' % ('ok' if good else 'NOT OK', name, worst, numeric))
    return good


def main():
    if sys.argv[1:] == ['--check']:
        return not all([check(*item) for item in FILES.items()])
    if sys.argv[1:2] == ['--verify']:
        for path in sys.argv[2:]:
            print(path, ', '.join('%s %.1e' % item for item in errors_of(*read_safetensors(path)).items()))
        return 0
    if len(sys.argv) > 1:
        print(__doc__, file=sys.stderr)
        return 2
    for name, what in FILES.items():
        path = os.path.join(HERE, name + '.safetensors')
        write_safetensors(path, *make(*what))
        print('%s: %d bytes' % (path, os.path.getsize(path)))
    return 0


if __name__ == '__main__':
    sys.exit(main())
