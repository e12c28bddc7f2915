#!/usr/bin/python3
"""Holds InceptionV3's features against torchvision's, with random weights, in both variants. TAP; skipped without
python3-torchvision. usage: test_inception.py PROGRAM [IMAGES [BATCH]]   (PROGRAM: inception-features)

The FID variant has no implementation here, so torchvision's is changed the way the published one is: average pooling that does
not count its padding, maximum pooling in the last block, TensorFlow 1's resizing.
"""
import json
import os
import struct
import subprocess
import sys
import tempfile

try:
    import numpy as np
    import torch
    import torch.nn.functional as F
    import torchvision
    from torchvision.models import inception
except ImportError as e:
    print('1..0 # SKIP %s' % e)
    sys.exit(0)

BOUND = 1e-3
DTYPES = {'float32': 'F32', 'uint8': 'U8'}


def save(path, tensors):
    header, at, parts = {}, 0, []
    for name, a in tensors.items():
        a = np.ascontiguousarray(a)
        header[name] = {'dtype': DTYPES[a.dtype.name], 'shape': list(a.shape), 'data_offsets': [at, at + a.nbytes]}
        at += a.nbytes
        parts.append(a.tobytes())
    text = json.dumps(header).encode()
    text += b' ' * (-len(text) % 8)
    with open(path, 'wb') as f:
        f.write(struct.pack('<Q', len(text)) + text + b''.join(parts))


def load(path, name):
    with open(path, 'rb') as f:
        n, = struct.unpack('<Q', f.read(8))
        info = json.loads(f.read(n))[name]
        f.seek(8 + n + info['data_offsets'][0])
        return np.frombuffer(f.read(info['data_offsets'][1] - info['data_offsets'][0]), '<f4').reshape(info['shape'])


def random_network(seed):
    """Random weights, and running statistics that are those of random images times chance, so that every layer's values stay of
    the size that trained ones have and about half of them pass the ReLU."""
    torch.manual_seed(seed)
    net = inception.Inception3(num_classes=10, aux_logits=False, transform_input=False, init_weights=False)
    norms = [m for m in net.modules() if isinstance(m, torch.nn.BatchNorm2d)]
    for m in norms:
        torch.nn.init.uniform_(m.weight, 0.5, 1.5)
        torch.nn.init.normal_(m.bias, 0, 0.3)
        m.momentum = 1.0
    net.train()
    with torch.no_grad():
        net(torch.rand(2, 3, 299, 299) * 2 - 1)
        for m in norms:
            m.running_mean.add_(torch.randn_like(m.running_mean) * 0.2 * m.running_var.sqrt())
            m.running_var.mul_(torch.empty_like(m.running_var).uniform_(0.6, 1.7))
    return net.eval()


def make_fid(net):
    """Changes how blocks pool: their branches use F.avg_pool2d of the module, which stands for itself in each."""
    def inside(x, kernel_size, stride, padding):
        return F.avg_pool2d(x, kernel_size, stride, padding, count_include_pad=False)

    def forward_of(block, pool):
        def forward(x):
            before, inception.F = inception.F, type('F', (), {'avg_pool2d': staticmethod(pool), 'max_pool2d': F.max_pool2d,
                                                             'relu': staticmethod(F.relu)})
            try:
                return type(block).forward(block, x)
            finally:
                inception.F = before
        return forward

    for name, block in net.named_children():
        if name.startswith('Mixed_'):
            pool = inside if name != 'Mixed_7c' else lambda x, kernel_size, stride, padding: F.max_pool2d(x, 3, 1, 1)
            block.forward = forward_of(block, pool)


def resize_tf1(x, size=299):
    """bytes [n,c,h,w] as float64, corners aligned at the top left."""
    def weights(n):
        at = np.arange(size) * (n / size)
        low = np.floor(at).astype(int)
        w = np.zeros((size, n))
        w[np.arange(size), low] += 1 - (at - low)
        w[np.arange(size), np.minimum(low + 1, n - 1)] += at - low
        return torch.tensor(w)
    return weights(x.shape[2]) @ x @ weights(x.shape[3]).T


def expected(net, pixels, fid):
    x = torch.tensor(pixels).permute(0, 3, 1, 2).double()
    x = x.expand(-1, 3, -1, -1)
    if fid:
        x = (resize_tf1(x) - 128) / 128
    else:
        x = F.interpolate(x, size=(299, 299), mode='bilinear', align_corners=False) / 127.5 - 1
    features = []
    hook = net.avgpool.register_forward_hook(lambda module, given, result: features.append(result.flatten(1).clone()))
    with torch.no_grad():
        for one in x.float():
            net(one[None])
    hook.remove()
    return torch.cat(features).numpy()


def images(rng, n, r, c):
    """Some structure, so that blocks pool different things at their edges, and noise."""
    y, x = np.mgrid[0:r, 0:r] / r
    wave = [np.sin(rng.uniform(2, 20) * x + rng.uniform(2, 20) * y + rng.uniform(0, 6)) for _ in range(n * c)]
    values = 128 + 80 * np.array(wave).reshape(n, c, r, r).transpose(0, 2, 3, 1) + 25 * rng.standard_normal((n, r, r, c))
    return np.clip(values, 0, 255).astype(np.uint8)


def run(program, weights, variant, batch, pixels, folder):
    """The program's features, or None."""
    path = lambda name: os.path.join(folder, name)
    save(path('images'), {'pixels': pixels})
    done = subprocess.run([program, weights, variant, str(batch), path('images'), path('result')], stderr=subprocess.PIPE,
                          text=True, check=False)
    print('# ' + done.stderr.strip())
    return load(path('result'), 'features') if done.returncode == 0 else None


def main(program, n=3, batch=2):
    torch.set_num_threads(1)
    rng = np.random.default_rng(1)
    net, hard = random_network(2), images(rng, n, 64, 3)
    cases = [('torchvision', hard), ('fid', hard[:3]), ('fid', images(rng, 3, 320, 1))]
    relative = lambda a, b: np.linalg.norm(a - b) / np.linalg.norm(b)
    references = [expected(net, cases[0][1], False)]
    make_fid(net)
    references += [expected(net, pixels, True) for _, pixels in cases[1:]]
    bad = 0
    print('1..%d' % (len(cases) + 1))
    with tempfile.TemporaryDirectory() as folder:
        weights = os.path.join(folder, 'weights')
        save(weights, {k: v.numpy() for k, v in net.state_dict().items() if v.dtype == torch.float32})
        for i, ((variant, pixels), reference) in enumerate(zip(cases, references)):
            found = run(program, weights, variant, batch, pixels, folder)
            worst = float('inf')
            if found is not None:
                worst = max(relative(f, e) for f, e in zip(found, reference))
                print('# %s, %s: relative error %.2e, of the worst image %.2e; mean feature %.3g, images differ by %.2g' % (
                    variant, pixels.shape, relative(found, reference), worst, np.abs(reference).mean(),
                    relative(reference[0], reference[1])))
            bad += not worst < BOUND
            print('%s %d - variant %s, images of %s' % ('ok' if worst < BOUND else 'not ok', i + 1, variant, pixels.shape))
    apart = relative(references[0][:3], references[1])
    bad += not apart > 10 * BOUND
    print('%s %d - the variants differ (by %.2g)' % ('ok' if apart > 10 * BOUND else 'not ok', len(cases) + 1, apart))
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1], *map(int, sys.argv[2:])))
