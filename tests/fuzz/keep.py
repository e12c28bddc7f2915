#!/usr/bin/python3
"""Puts what fuzzing found worth keeping into the repository: keep.py TARGET...

The kept corpus (run.sh) is minimised by libFuzzer (-merge=1) and packed into tests/fuzz/corpus/TARGET, the shortest inputs first, until
40 kB are full; replay.c runs over it. An input is its length, 32 bits, little endian, and its bytes.
"""
import os
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

MOST = 40_000

here = Path(__file__).resolve().parent
build = Path(os.environ.get("FUZZ_BUILD", "/tmp/fuzz-build"))
kept = Path(os.environ.get("FUZZ_KEPT", "/tmp/fuzz-corpora"))


def keep(target):
    with tempfile.TemporaryDirectory() as small:
        subprocess.run([build / f"fuzz_{target}", "-merge=1", "-max_len=1000000", small, kept / target], check=True, capture_output=True,
                       env=dict(os.environ, G_SLICE="always-malloc"))
        inputs = sorted((p.read_bytes() for p in Path(small).iterdir()), key=lambda data: (len(data), data))
    packed = b""
    n = 0
    for data in inputs:
        if len(packed) + 4 + len(data) > MOST:
            break
        packed += struct.pack("<I", len(data)) + data
        n += 1
    (here / "corpus").mkdir(exist_ok=True)
    (here / "corpus" / target).write_bytes(packed)
    print(f"{target}: {n} of {len(inputs)} inputs, {len(packed)} bytes")


for name in sys.argv[1:]:
    keep(name)
