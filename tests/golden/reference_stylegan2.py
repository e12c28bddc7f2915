#!/usr/bin/env python3
"""Plain float64 reference of SS-StyleGAN: StyleGAN2 with an encoder that shares the discriminator's first layers.

Written from the papers (Karras et al. 2019, arXiv 1912.04958; Cohen Hochberg et al. 2022, arXiv 2312.15972) to be read beside
them: functions of a flat dictionary `p` of named tensors, no modules, no shortcuts. It is slow on purpose; the C engine is
tested against the files that make_stylegan2.py and make_train.py write with it.

usage: reference_stylegan2.py FILE...   recomputes every output, loss and gradient in golden files and prints the worst errors.
Needs python3-torch and python3-numpy.
"""
import json
import math
import struct
import sys

import numpy as np
import torch
import torch.nn.functional as F

DTYPE = torch.float64
SQRT2, SQRT_HALF = math.sqrt(2), math.sqrt(0.5)
LOGVAR_BOUND = 6.0
MAPPING_LR = 0.01


# ---------------------------------------------------------------- files

def read_safetensors(path):
    """Returns ({name: numpy array}, metadata)."""
    with open(path, 'rb') as f:
        size, = struct.unpack('<Q', f.read(8))
        header, data = json.loads(f.read(size)), f.read()
    meta = header.pop('__metadata__', {})
    kinds = {'F32': np.float32, 'F64': np.float64}
    return {name: np.frombuffer(data[slice(*t['data_offsets'])], kinds[t['dtype']]).reshape(t['shape'])
            for name, t in header.items()}, meta


def write_safetensors(path, tensors, meta):
    """Tensors become F32, scalars (no dimensions) F64; byte for byte the same file for the same values."""
    header, blobs, at = {'__metadata__': {k: str(v) for k, v in meta.items()}}, [], 0
    for name, t in tensors.items():
        a = np.asarray(t.detach() if isinstance(t, torch.Tensor) else t)
        kind = 'F64' if a.ndim == 0 else 'F32'
        blob = a.astype('<f8' if a.ndim == 0 else '<f4').tobytes()
        header[name] = {'dtype': kind, 'shape': list(a.shape), 'data_offsets': [at, at + len(blob)]}
        blobs.append(blob)
        at += len(blob)
    text = json.dumps(header, separators=(',', ':')).encode()
    text += b' ' * (-len(text) % 8)
    with open(path, 'wb') as f:
        f.write(struct.pack('<Q', len(text)) + text + b''.join(blobs))


# ---------------------------------------------------------------- configuration

class Config:
    """What the networks look like; everything a file's metadata says."""

    def __init__(self, resolution, img_channels=3, channel_base=512, channel_max=32, z_dim=48, w_dim=48,
                 mapping_layers=4, mbstd_group=4, shared_layers=None, latent='w'):
        self.resolution, self.img_channels = resolution, img_channels
        self.channel_base, self.channel_max = channel_base, channel_max
        self.z_dim, self.w_dim, self.mapping_layers = z_dim, w_dim, mapping_layers
        self.mbstd_group = mbstd_group
        self.shared_layers = shared_layers  # None: no encoder
        self.latent = latent  # what the encoder's mean is: w, or the z that the mapping network takes

    @classmethod
    def from_metadata(cls, meta):
        return cls(int(meta['resolution']), int(meta.get('img_channels', 3)), int(meta['channel_base']),
                   int(meta['channel_max']), int(meta['z_dim']), int(meta['w_dim']), int(meta['mapping_layers']),
                   int(meta['mbstd_group']), int(meta['shared_layers']) if meta.get('encoder') == '1' else None,
                   meta.get('latent', 'w'))

    def channels(self, res):
        return min(self.channel_base // res, self.channel_max)

    @property
    def resolutions(self):
        """4, 8, ... resolution."""
        return [2 ** i for i in range(2, int(math.log2(self.resolution)) + 1)]

    @property
    def latent_dim(self):
        return self.z_dim if self.latent == 'z' else self.w_dim

    @property
    def num_ws(self):
        """One w for each modulated layer; a block's toRGB reads the w of the next block's first layer."""
        return 2 * len(self.resolutions)

    @property
    def d_layers(self):
        """Discriminator layers as the encoder counts them: names in order from the image to the logit."""
        names = ['b%d.fromrgb' % self.resolution]
        for res in reversed(self.resolutions[1:]):
            names += ['b%d.conv0' % res, 'b%d.conv1' % res]
        return names + ['b4.conv', 'b4.fc', 'b4.out']

    def encoder_owner(self, layer):
        """'D' where the encoder uses the discriminator's layer, 'E' where it has its own. A block's skip goes with conv1."""
        return 'D' if self.d_layers.index(layer.replace('.skip', '.conv1')) < self.shared_layers else 'E'


# ---------------------------------------------------------------- parts

def act(x, bias, gain=SQRT2):
    """Leaky ReLU of slope 0.2 after the bias, times the gain that keeps the variance."""
    return F.leaky_relu(x + bias.reshape([1, -1] + [1] * (x.ndim - 2)), 0.2) * gain


def linear(p, name, x, lr=1.0):
    """Fully connected layer with equalised learning rate."""
    weight = p[name + '.weight']
    return x @ (weight * (lr / math.sqrt(weight.shape[1]))).t() + p[name + '.bias'] * lr


def fir(x, pad, gain=1.0, down=1, up=1):
    """upfirdn with [1,3,3,1]/8 in both directions. pad = (before, after), the same for rows and columns."""
    n, c, h, w = x.shape
    if up == 2:
        x = torch.stack([x, torch.zeros_like(x)], -1).reshape(n, c, h, 2 * w)
        x = torch.stack([x, torch.zeros_like(x)], -2).reshape(n, c, 2 * h, 2 * w)
    x = F.pad(x, [pad[0], pad[1], pad[0], pad[1]])
    f = torch.tensor([1, 3, 3, 1], dtype=x.dtype) / 8 * math.sqrt(gain)
    x = F.conv2d(x, f.reshape(1, 1, 4, 1).expand(c, 1, 4, 1), groups=c)
    x = F.conv2d(x, f.reshape(1, 1, 1, 4).expand(c, 1, 1, 4), groups=c)
    return x[:, :, ::down, ::down]


def mapping(p, cfg, z):
    """z -> w. z is first brought to unit second moment."""
    x = z * torch.rsqrt(z.square().mean(1, keepdim=True) + 1e-8)
    for i in range(cfg.mapping_layers):
        x = F.leaky_relu(linear(p, 'G.mapping.fc%d' % i, x, MAPPING_LR), 0.2) * SQRT2
    return x


def modulated(p, name, x, w, upsample=False):
    """3x3 modulated convolution with demodulation, noise, bias and activation. Scaling the input by the style and the output by
    the demodulation factor equals per-sample weights."""
    weight, style = p[name + '.weight'], linear(p, name + '.affine', w)
    demod = torch.rsqrt(style.square() @ weight.square().sum([2, 3]).t() + 1e-8)
    x = x * style[:, :, None, None]
    if upsample:
        x = fir(F.conv_transpose2d(x, weight.transpose(0, 1), stride=2), (1, 1), gain=4)
    else:
        x = F.conv2d(x, weight, padding=1)
    x = x * demod[:, :, None, None] + p[name + '.noise_const'] * p[name + '.noise_strength']
    return act(x, p[name + '.bias'])


def to_rgb(p, name, x, w):
    """1x1 modulated convolution to image channels, not demodulated."""
    weight = p[name + '.weight']
    style = linear(p, name + '.affine', w) / math.sqrt(weight.shape[1])
    return F.conv2d(x * style[:, :, None, None], weight) + p[name + '.bias'][None, :, None, None]


def synthesis(p, cfg, ws):
    """ws [N, num_ws, w_dim] -> images [N, C, R, R], noise from the noise_const buffers."""
    img = None
    for i, res in enumerate(cfg.resolutions):
        name = 'G.synthesis.b%d' % res
        if i == 0:
            x = p[name + '.const'].expand(ws.shape[0], -1, -1, -1)
            x = modulated(p, name + '.conv1', x, ws[:, 0])
        else:
            x = modulated(p, name + '.conv0', x, ws[:, 2 * i - 1], upsample=True)
            x = modulated(p, name + '.conv1', x, ws[:, 2 * i])
            img = fir(img, (2, 1), gain=4, up=2)
        rgb = to_rgb(p, name + '.torgb', x, ws[:, 2 * i + 1])
        img = rgb if img is None else img + rgb
    return img


def generate(p, cfg, w):
    """One w a sample for all layers."""
    return synthesis(p, cfg, w[:, None].expand(-1, cfg.num_ws, -1))


def equalised_conv(p, name, x, down=1):
    weight = p[name + '.weight'] / math.sqrt(p[name + '.weight'][0].numel())
    if down == 1:
        return F.conv2d(x, weight, padding=weight.shape[2] // 2)
    if weight.shape[2] == 1:
        return F.conv2d(fir(x, (1, 1), down=2), weight)
    return F.conv2d(fir(x, (2, 2)), weight, stride=2)


def minibatch_std(x, group):
    """One more channel: the standard deviation over the group's members, averaged over channels and pixels. The members of a
    group are strided through the batch: sample g * (N / group) + i is member g of group i."""
    n, c, h, w = x.shape
    y = x.reshape(group, n // group, c, h, w)
    y = (y - y.mean(0)).square().mean(0)
    y = (y + 1e-8).sqrt().mean([1, 2, 3])
    return torch.cat([x, y.repeat(group).reshape(n, 1, 1, 1).expand(n, 1, h, w)], 1)


def trunk(p, cfg, img, owner, group):
    """The discriminator up to b4.fc's output. owner(layer) gives the prefix 'D' or 'E' of each layer's tensors; group is that of
    the minibatch standard deviation, or 0 where that channel does not exist."""
    name = lambda layer: owner(layer) + '.' + layer
    layer = name('b%d.fromrgb' % cfg.resolution)
    x = act(equalised_conv(p, layer, img), p[layer + '.bias'])
    for res in reversed(cfg.resolutions[1:]):
        skip, conv0, conv1 = [name('b%d.%s' % (res, s)) for s in ('skip', 'conv0', 'conv1')]
        y = equalised_conv(p, skip, x, down=2) * SQRT_HALF
        x = act(equalised_conv(p, conv0, x), p[conv0 + '.bias'])
        x = act(equalised_conv(p, conv1, x, down=2), p[conv1 + '.bias'], SQRT2 * SQRT_HALF) + y
    if group:
        x = minibatch_std(x, group)
    conv, fc = name('b4.conv'), name('b4.fc')
    x = act(equalised_conv(p, conv, x), p[conv + '.bias'])
    return F.leaky_relu(linear(p, fc, x.flatten(1)), 0.2) * SQRT2


def discriminate(p, cfg, img):
    """Logits [N, 1]."""
    group = min(cfg.mbstd_group, img.shape[0])
    return linear(p, 'D.b4.out', trunk(p, cfg, img, lambda layer: 'D', group))


def encode(p, cfg, img):
    """Mean and bounded log-variance [N, w_dim] of P(w | img). Sharing b4.conv means feeding it a minibatch channel: with groups of
    one, so that a tile's vector does not depend on its batch."""
    group = 1 if cfg.encoder_owner('b4.conv') == 'D' else 0
    x = trunk(p, cfg, img, cfg.encoder_owner, group)
    raw = linear(p, 'E.out_logvar', x)
    return linear(p, 'E.out_mean', x), LOGVAR_BOUND * torch.tanh(raw / LOGVAR_BOUND)


# ---------------------------------------------------------------- losses

def loss_gmain(p, cfg, z):
    return F.softplus(-discriminate(p, cfg, generate(p, cfg, mapping(p, cfg, z)))).mean()


def loss_dmain(p, cfg, fake, real):
    return F.softplus(discriminate(p, cfg, fake)).mean() + F.softplus(-discriminate(p, cfg, real)).mean()


def loss_r1(p, cfg, real, gamma=10.0):
    """Returns the loss and the image gradient it penalises."""
    real = real.detach().requires_grad_()
    grad, = torch.autograd.grad(discriminate(p, cfg, real).sum(), real, create_graph=True)
    return gamma / 2 * grad.square().sum([1, 2, 3]).mean(), grad


def path_lengths(p, cfg, z, noise):
    ws = mapping(p, cfg, z)[:, None].expand(-1, cfg.num_ws, -1)
    ws = ws * torch.ones_like(ws)  # a tensor of its own, so that every layer's w has its gradient
    img = synthesis(p, cfg, ws)
    grad, = torch.autograd.grad((img * noise / cfg.resolution).sum(), ws, create_graph=True)
    return grad.square().sum(2).mean(1).sqrt()


def loss_pl(p, cfg, z, noise, mean=0.3, weight=2.0):
    """Returns the loss and the lengths; the running mean is a constant."""
    lengths = path_lengths(p, cfg, z, noise)
    return (weight * (lengths - mean).square()).mean(), lengths


def loss_nll(p, cfg, x, w):
    """Mean over the batch of -log P(w | x), summed over the dimensions of w; x and w are constants (eq. 2 of the paper). For an
    encoder of Z, w is the z that x was made of."""
    mean, logvar = encode(p, cfg, x.detach())
    terms = 0.5 * math.log(2 * math.pi) + 0.5 * logvar + 0.5 * (w.detach() - mean).square() * torch.exp(-logvar)
    return terms.sum(1).mean()


def loss_mse(p, cfg, real):
    """Returns the reconstruction loss and the reconstruction."""
    mean = encode(p, cfg, real)[0]
    recon = generate(p, cfg, mapping(p, cfg, mean) if cfg.latent == 'z' else mean)
    return (real - recon).square().mean(), recon


# ---------------------------------------------------------------- everything a golden file holds

BUFFERS = ('resample_filter', 'noise_const', 'w_avg')


def trainable(name):
    return name.split('.')[0] in 'GDE' and name.split('.')[-1] not in BUFFERS


def gradients(loss, p, prefixes):
    """{name: gradient} of the trainable tensors with one of the prefixes; those that the loss does not reach are left out."""
    names = [n for n in p if trainable(n) and n.startswith(prefixes)]
    grads = torch.autograd.grad(loss, [p[n] for n in names], allow_unused=True)
    return {n: g for n, g in zip(names, grads) if g is not None}


def compute(p, cfg, z, real, pl_noise):
    """All outputs, losses and gradients, in the order in which they are written."""
    out = {}

    def add(loss, name, prefixes, key):
        out['loss.' + name] = loss
        out.update({'grad.%s.%s' % (key, n): g for n, g in gradients(loss, p, prefixes).items()})

    w = mapping(p, cfg, z)
    fake = generate(p, cfg, w)
    out['out.w'], out['out.fake'] = w, fake
    out['out.logits_fake'] = discriminate(p, cfg, fake)
    add(loss_gmain(p, cfg, z), 'Gmain', ('G.', 'D.'), 'Gmain')
    out['out.logits_real'] = discriminate(p, cfg, real)
    add(loss_dmain(p, cfg, fake.detach(), real), 'Dmain', ('D.',), 'Dmain')
    r1, out['out.r1_image_grad'] = loss_r1(p, cfg, real)
    add(r1, 'R1_gamma10', ('D.',), 'R1')
    pl, out['out.pl_lengths'] = loss_pl(p, cfg, z, pl_noise)
    add(pl, 'PL_mean0.3_weight2', ('G.',), 'PL')
    if cfg.shared_layers is not None:
        out['out.enc_mean_fake'], out['out.enc_logvar_fake'] = encode(p, cfg, fake)
        out['out.enc_mean_real'], out['out.enc_logvar_real'] = encode(p, cfg, real)
        add(loss_nll(p, cfg, fake, w), 'Enc_nll', ('E.', 'D.'), 'Enc_nll')
        mse, out['out.recon'] = loss_mse(p, cfg, real)
        add(mse, 'Enc_mse', ('E.', 'D.'), 'Enc_mse')
    return {k: v.detach() for k, v in out.items()}


def load_parameters(tensors):
    return {n: torch.tensor(a, dtype=DTYPE, requires_grad=trainable(n)) for n, a in tensors.items() if n[:2] in ('G.', 'D.', 'E.')}


def relative_error(ours, theirs):
    """Norm of the difference over the norm of what the file says."""
    a, b = np.asarray(ours, np.float64), np.asarray(theirs, np.float64)
    return float(np.linalg.norm(a - b) / max(np.linalg.norm(b), 1e-30))


def verify(path):
    """Recomputes a file from its weights and inputs. Returns (worst error, its name, number of tensors compared)."""
    tensors, meta = read_safetensors(path)
    cfg, p = Config.from_metadata(meta), load_parameters(tensors)
    inputs = [torch.tensor(tensors['in.' + n], dtype=DTYPE) for n in ('z', 'real', 'pl_noise')]
    ours = compute(p, cfg, *inputs)
    expected = {n for n in tensors if n.split('.')[0] in ('out', 'loss', 'grad')}
    if expected != set(ours):
        raise SystemExit('%s: names differ: %s' % (path, sorted(expected ^ set(ours))))
    errors = {n: relative_error(ours[n], tensors[n]) for n in expected}
    worst = max(errors, key=errors.get)
    return errors[worst], worst, len(errors)


def main():
    failed = False
    for path in sys.argv[1:]:
        error, name, count = verify(path)
        failed |= not error < 1e-6
        print('%s: %d tensors, worst relative error %.2e (%s)' % (path, count, error, name))
    return failed


if __name__ == '__main__':
    sys.exit(main())
