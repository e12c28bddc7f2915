#!/usr/bin/env python3
"""Makes the two sets without medicine that docs/results.md measures: digits and textures, a folder a class.

usage: tools/other_sets.py FOLDER

FOLDER/digits: scikit-learn's handwritten digits (needs python3-sklearn), 8 x 8 pixels shown at 32 x 32.
FOLDER/textures: ten textures like those of nature and cloth, drawn here from noise, 200 pictures each at 64 x 64, the same in every run;
scale, direction, colour and light vary within a class as much as between classes, so that the mean colour tells little.
"""

import os
import sys

import numpy as np
from PIL import Image

SIZE = 64
EACH = 200


def noise(rng, size, scale, octaves=4):
    """Fractal noise in -1 ... 1: octaves of random grids, each half as strong and twice as fine, smoothly interpolated."""
    total, weight = np.zeros((size, size)), 0
    for octave in range(octaves):
        cells = max(2, int(round(scale * 2 ** octave)))
        grid = rng.uniform(-1, 1, (cells + 1, cells + 1))
        at = np.linspace(0, cells, size, endpoint=False)
        whole = at.astype(int)
        part = at - whole
        part = part * part * (3 - 2 * part)
        rows = grid[whole] * (1 - part)[:, None] + grid[whole + 1] * part[:, None]
        total += 0.5 ** octave * (rows[:, whole] * (1 - part) + rows[:, whole + 1] * part)
        weight += 0.5 ** octave
    return total / weight


def turned(rng):
    """Coordinates -1 ... 1 of the picture, turned and scaled at random."""
    angle, scale = rng.uniform(0, 2 * np.pi), rng.uniform(0.7, 1.5)
    axis = np.linspace(-1, 1, SIZE)
    x, y = np.meshgrid(axis, axis)
    return scale * (np.cos(angle) * x - np.sin(angle) * y), scale * (np.sin(angle) * x + np.cos(angle) * y)


def cells(rng, count):
    """Distances of each pixel to the nearest and the second nearest of `count` random points, the picture's side being 2."""
    points = rng.uniform(-1.2, 1.2, (count, 2))
    axis = np.linspace(-1, 1, SIZE)
    x, y = np.meshgrid(axis, axis)
    away = np.sort(np.hypot(x[..., None] - points[:, 0], y[..., None] - points[:, 1]), axis=-1)
    return away[..., 0], away[..., 1]


def wood(rng):
    x, y = turned(rng)
    return np.sin(rng.uniform(8, 14) * (x + 0.35 * noise(rng, SIZE, 2)) + 0.4 * y) * 0.7 + 0.3 * noise(rng, SIZE, 16, 2)


def marble(rng):
    x, _ = turned(rng)
    return 1 - 2 * np.abs(np.sin(rng.uniform(3, 5) * x + 4 * noise(rng, SIZE, 3, 5))) ** 0.5


def clouds(rng):
    return np.clip(1.8 * noise(rng, SIZE, rng.uniform(2, 4), 5), -1, 1)


def grass(rng):
    x, y = turned(rng)
    bend = x + 0.25 * noise(rng, SIZE, 3) * y
    return np.sin(rng.uniform(25, 40) * bend + 5 * noise(rng, SIZE, 6)) * (0.6 + 0.4 * noise(rng, SIZE, 8))


def stones(rng):
    near, next_near = cells(rng, rng.integers(18, 40))
    return np.clip(6 * (next_near - near) - 0.6, -1, 1) * 0.8 + 0.2 * noise(rng, SIZE, 20, 2)


def water(rng):
    total = np.zeros((SIZE, SIZE))
    for _ in range(5):
        x, y = turned(rng)
        total += np.sin(rng.uniform(7, 16) * x + 2 * noise(rng, SIZE, 2) + rng.uniform(0, 6))
    return np.tanh(total / 2)


def cloth(rng):
    x, y = turned(rng)
    threads = rng.uniform(20, 32)
    over = np.sign(np.sin(threads * x) * np.sin(threads * y))
    return np.where(over > 0, np.abs(np.sin(threads * x)), -np.abs(np.sin(threads * y))) + 0.2 * noise(rng, SIZE, 8)


def sand(rng):
    return np.clip(0.9 * rng.normal(0, 0.5, (SIZE, SIZE)) + 0.4 * noise(rng, SIZE, 3), -1, 1)


def scales(rng):
    x, y = turned(rng)
    size = rng.uniform(3.5, 5.5)
    row = np.floor(y * size)
    inside = np.hypot((x * size + 0.5 * (row % 2)) % 1 - 0.5, (y * size) % 1)
    return np.where(inside < 0.55, 1 - 2.5 * inside, -0.8) + 0.15 * noise(rng, SIZE, 8)


def bubbles(rng):
    near, _ = cells(rng, rng.integers(10, 22))
    return np.cos(rng.uniform(14, 22) * near) * np.exp(-1.2 * near) + 0.15 * noise(rng, SIZE, 8)


TEXTURES = {f.__name__: f for f in (wood, marble, clouds, grass, stones, water, cloth, sand, scales, bubbles)}


def coloured(rng, value):
    """Two random colours, one dark and one light, mixed by the texture's value; light falls unevenly."""
    dark, light = rng.uniform(0, 120, 3), rng.uniform(120, 255, 3)
    share = np.clip((value + 1) / 2, 0, 1)[..., None]
    shade = 1 + 0.15 * noise(rng, SIZE, 1, 1)[..., None]
    return np.clip((dark * (1 - share) + light * share) * shade + rng.normal(0, 4, (SIZE, SIZE, 3)), 0, 255).astype(np.uint8)


def make_textures(folder):
    for k, (name, draw) in enumerate(TEXTURES.items()):
        os.makedirs(os.path.join(folder, name), exist_ok=True)
        for i in range(EACH):
            rng = np.random.default_rng([k, i])
            Image.fromarray(coloured(rng, draw(rng))).save(os.path.join(folder, name, f'{name}-{i:03d}.png'))


def make_digits(folder):
    try:
        from sklearn.datasets import load_digits
    except ImportError:
        sys.exit('The digits come with scikit-learn: install python3-sklearn first.')
    digits = load_digits()
    for i, (image, digit) in enumerate(zip(digits.images, digits.target)):
        os.makedirs(os.path.join(folder, str(digit)), exist_ok=True)
        picture = Image.fromarray(np.clip(image * 255 / 16, 0, 255).astype(np.uint8))
        picture.resize((32, 32), Image.BICUBIC).save(os.path.join(folder, str(digit), f'{i:04d}.png'))


def main():
    if len(sys.argv) != 2 or sys.argv[1].startswith('-'):
        sys.exit(__doc__)
    make_textures(os.path.join(sys.argv[1], 'textures'))
    make_digits(os.path.join(sys.argv[1], 'digits'))


if __name__ == '__main__':
    main()
