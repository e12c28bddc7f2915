#!/usr/bin/python3
"""Writes quality-values.h: the measures of feature vectors that make_sets of test-measures.c draws too, in double.
usage: make_quality.py > quality-values.h   (needs python3-numpy)"""
import numpy as np

# n, m, d, seed; equal n and m where the kernel distance is wanted, which then has one subset only
CASES = ((40, 40, 1, 1), (50, 60, 5, 2), (30, 30, 16, 3), (12, 15, 40, 4), (64, 64, 33, 5), (9, 9, 70, 6), (200, 150, 20, 7))


def vectors(n, d, seed, generated):
    """Integers from a hash, correlated between dimensions, over powers of two: the same floats everywhere."""
    def bits(i, j):
        h = (seed * 73856093) ^ (i * 19349663) ^ (j * 83492791) ^ (generated * 40503)
        h = (h * 2654435761) % 2 ** 32
        h ^= h >> 15
        return (h * 2246822519 % 2 ** 32) >> 16
    x = np.empty((n, d))
    for i in range(n):
        for j in range(d):
            k = bits(i, j) + 2 * bits(i, (j * 7 + 3) % d) + (3 - generated) * bits(i, 1000) + 9000 * generated * (j % 3)
            x[i, j] = k / 2 ** (16 + j % 4)
    return x


def frechet(x, y):
    """The trace of the root as the sum of a product's singular values, and as published, by eigenvalues."""
    a, b = (x - x.mean(0)) / np.sqrt(len(x) - 1), (y - y.mean(0)) / np.sqrt(len(y) - 1)
    c1, c2 = a.T @ a, b.T @ b
    root = np.linalg.svd(a @ b.T, compute_uv=False).sum()
    values, v = np.linalg.eigh(c1)
    half = v @ np.diag(np.sqrt(np.maximum(values, 0))) @ v.T
    published = np.sqrt(np.maximum(np.linalg.eigvalsh(half @ c2 @ half), 0)).sum()
    assert abs(root - published) < 1e-5 * (1 + root), (root, published)
    return ((x.mean(0) - y.mean(0)) ** 2).sum() + np.trace(c1) + np.trace(c2) - 2 * root


def kid(x, y):
    kernel = lambda a, b: (a @ b.T / x.shape[1] + 1) ** 3
    within = lambda a: (kernel(a, a).sum() - np.trace(kernel(a, a))) / (len(a) * (len(a) - 1))
    return within(x) + within(y) - 2 * kernel(x, y).mean()


def covered(centres, points, k=3):
    distances = lambda a, b: np.sqrt(((a[:, None] - b[None]) ** 2).sum(2))
    radii = np.sort(distances(centres, centres), 1)[:, k]  # the first is the vector itself
    return (distances(points, centres) <= radii).any(1).mean()


print("/* Written by make_quality.py with numpy; do not edit. */\n")
print("static const Case cases[] = {")
for n, m, d, seed in CASES:
    real, generated = vectors(n, d, seed, 0), vectors(m, d, seed, 1)
    assert (real == real.astype(np.float32)).all() and (generated == generated.astype(np.float32)).all()
    print("  {%d, %d, %d, %d, %.17g, %s, %.17g, %.17g}," % (
        n, m, d, seed, frechet(real, generated), "%.17g" % kid(real, generated) if n == m else "NAN",
        covered(real, generated), covered(generated, real)))
print("};")
