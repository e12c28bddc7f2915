"""Image files for the tests, made here so that nothing has to be installed; odd ones through PIL where it is there."""

import os
import struct
import zlib

from tap import Skip


def chunk(kind, data):
    return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))


def png(width, height, pixel, depth=8, color=2, extra=b''):
    """A PNG whose pixel at (x, y) is pixel (x, y), as bytes."""
    rows = b''.join(b'\0' + b''.join(bytes(pixel(x, y)) for x in range(width)) for y in range(height))
    head = struct.pack('>IIBBBBB', width, height, depth, color, 0, 0, 0)
    return b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', head) + extra + chunk(b'IDAT', zlib.compress(rows)) + chunk(b'IEND', b'')


def pixels(data):
    """Size and bytes a pixel of a PNG of 8 bits that is not interlaced, and its pixels."""
    at, packed = 8, b''
    while at < len(data):
        length, kind = struct.unpack_from('>I4s', data, at)
        if kind == b'IHDR':
            width, height, depth, colour, _, _, interlaced = struct.unpack_from('>IIBBBBB', data, at + 8)
            assert depth == 8 and not interlaced
        packed += data[at + 8:at + 8 + length] if kind == b'IDAT' else b''
        at += 12 + length
    size = {0: 1, 2: 3, 6: 4}[colour]
    rows, above, out = zlib.decompress(packed), bytes(width * size), b''
    for y in range(height):
        row = bytearray(rows[y * (width * size + 1):][:width * size + 1])
        how = row.pop(0)
        for i, value in enumerate(row):
            left, up, corner = row[i - size] if i >= size else 0, above[i], above[i - size] if i >= size else 0
            paeth = min((abs(left + up - corner - near), k, near) for k, near in enumerate((left, up, corner)))[2]
            row[i] = (value + (0, left, up, (left + up) // 2, paeth)[how]) % 256
        above, out = row, out + row
    return width, height, size, out


def tiff(width, height, pixel, mpp=None, rows=None, lost=()):
    """An uncompressed RGB TIFF whose pixel at (x, y) is pixel (x, y), in strips of so many rows (all), as bytes; strips that are lost lie beyond its end."""
    data = b''.join(bytes(pixel(x, y)) for y in range(height) for x in range(width))
    rows = rows or height
    starts = range(0, height, rows)
    offsets = [0x7fff0000 if i in lost else 8 + y * width * 3 for i, y in enumerate(starts)]
    counts = [min(rows, height - y) * width * 3 for y in starts]
    extra = struct.pack('<3H', 8, 8, 8)
    tags = [(256, 4, 1, width), (257, 4, 1, height), (258, 3, 3, 8 + len(data)), (259, 3, 1, 1), (262, 3, 1, 2), (277, 3, 1, 3), (278, 4, 1, rows),
            (284, 3, 1, 1)]
    for tag, values in ((273, offsets), (279, counts)):
        tags.append((tag, 4, len(values), values[0] if len(values) == 1 else 8 + len(data) + len(extra)))
        extra += b'' if len(values) == 1 else struct.pack(f'<{len(values)}I', *values)
    if mpp:
        at = 8 + len(data) + len(extra)
        tags += [(282, 5, 1, at), (283, 5, 1, at), (296, 3, 1, 3)]
        extra += struct.pack('<2I', round(1e6 / mpp), 100)
    tags.sort()
    directory = struct.pack('<H', len(tags)) + b''.join(struct.pack('<HHII', *tag) for tag in tags) + struct.pack('<I', 0)
    return struct.pack('<2sHI', b'II', 42, 8 + len(data) + len(extra)) + data + extra + directory


def plain(size=32, rgb=(200, 120, 160), height=None):
    return png(size, height or size, lambda x, y: [(c + 3 * x + 5 * y) % 256 for c in rgb])


def noise(size, seed):
    """Different pixels for every seed, without numpy."""
    state = seed * 2654435761 % 2 ** 32 or 1

    def pixel(x, y):
        nonlocal state
        state = (1103515245 * state + 12345) % 2 ** 31
        return (state >> 8) % 256, (state >> 12) % 256, (state >> 16) % 256
    return png(size, size, pixel)


def palette():
    return png(16, 16, lambda x, y: [(x + y) % 4], color=3, extra=chunk(b'PLTE', bytes(range(12))))


def sixteen_bit():
    return png(16, 16, lambda x, y: struct.pack('>HHH', 4096 * x, 4096 * y, 300), depth=16)


def huge():
    """Says 50,000 x 50,000, which would be 7.5 GB, and holds next to nothing."""
    return (b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', 60000, 60000, 8, 2, 0, 0, 0)) +
            chunk(b'IDAT', zlib.compress(b'\0' * 1000)) + chunk(b'IEND', b''))


def write(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'wb') as file:
        file.write(data)


def pil():
    try:
        from PIL import Image  # pylint: disable=import-outside-toplevel
    except ImportError as error:
        raise Skip('python3-pil is not installed') from error
    return Image


def tiles(folder, classes=('fat', 'stroma', 'tumour'), each=4, size=24):
    """One folder a class with a few small tiles, all different."""
    for c, name in enumerate(classes):
        for i in range(each):
            write(os.path.join(folder, name, f'{name}-{i}.png'), noise(size, 100 * c + i + 1))
    return len(classes) * each
