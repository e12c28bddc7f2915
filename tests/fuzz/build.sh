#!/bin/sh
# Builds the fuzz targets and their first corpus with clang (not part of the normal build):
#   tests/fuzz/build.sh OUT && OUT/fuzz_image -max_len=20000 -rss_limit_mb=3000 OUT/corpus-image
set -eu
out=${1:?usage: build.sh OUT}
cd "$(dirname "$0")/../.."
mkdir -p "$out/corpus-image"
packages='gio-2.0 gio-unix-2.0 libtiff-4 libjpeg libpng libwebp libwebpdemux libwebpmux'
flags="-g -O1 -std=gnu17 -D_GNU_SOURCE -Iengine/base -Iengine/image $(pkg-config --cflags $packages)"
libraries="$(pkg-config --libs $packages) -lm"
base='engine/base/tsr-error.c engine/base/tsr-file.c engine/base/tsr-parallel.c engine/base/tsr-progress.c engine/base/tsr-random.c'
cc=${CC:-clang-14}
$cc $flags -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined -DFUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION \
  tests/fuzz/fuzz_image.c engine/image/*.c $base $libraries -o "$out/fuzz_image"
$cc $flags tests/fuzz/write_seeds.c tests/image/fixtures*.c engine/image/*.c $base $libraries -o "$out/write_seeds"
"$out/write_seeds" "$out/corpus-image"
