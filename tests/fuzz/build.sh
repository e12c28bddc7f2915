#!/bin/sh
# Builds the fuzz targets and their first corpora with clang (not part of the normal build):
#   tests/fuzz/build.sh OUT && OUT/fuzz_image -max_len=20000 -rss_limit_mb=3000 OUT/corpus-image
#   OUT/fuzz_slide -max_len=120000 -rss_limit_mb=3000 OUT/corpus-slide
#   OUT/fuzz_geojson -max_len=8192 -dict=tests/fuzz/geojson.dict OUT/corpus-geojson
#   OUT/fuzz_csv -max_len=4096 OUT/corpus-csv
set -eu
out=${1:?usage: build.sh OUT}
cd "$(dirname "$0")/../.."
mkdir -p "$out/corpus-image" "$out/corpus-slide" "$out/corpus-geojson" "$out/corpus-csv"
packages='gio-2.0 gio-unix-2.0 libtiff-4 libjpeg libpng libwebp libwebpdemux libwebpmux libopenjp2 jansson'
flags="-g -O1 -std=gnu17 -D_GNU_SOURCE -Iengine/base -Iengine/image -Iengine/slide $(pkg-config --cflags $packages)"
libraries="$(pkg-config --libs $packages) -lm"
base='engine/base/tsr-error.c engine/base/tsr-file.c engine/base/tsr-parallel.c engine/base/tsr-progress.c engine/base/tsr-random.c'
sanitizers='-fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined -DFUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION'
cc=${CC:-clang-14}
$cc $flags $sanitizers tests/fuzz/fuzz_image.c engine/image/*.c $base $libraries -o "$out/fuzz_image"
$cc $flags $sanitizers tests/fuzz/fuzz_slide.c engine/slide/*.c engine/image/*.c $base $libraries -o "$out/fuzz_slide"
$cc $flags tests/fuzz/write_seeds.c tests/image/fixtures*.c engine/image/*.c $base $libraries -o "$out/write_seeds"
"$out/write_seeds" "$out/corpus-image"
$cc $flags $(pkg-config --cflags openslide) tests/fuzz/write_slide_seeds.c tests/slide/slide-fixture.c engine/slide/*.c engine/image/*.c $base \
  $libraries $(pkg-config --libs openslide) -o "$out/write_slide_seeds"
"$out/write_slide_seeds" "$out/corpus-slide"
tables='glib-2.0 gio-2.0 gio-unix-2.0 jansson zlib'
export="$(for name in csv json-stream geojson-feature geojson-read region outline outline-overlap region-tiles place-table tile-place; do
  echo "engine/export/tsr-$name.c"
done)"
$cc $flags -Iengine/export $(pkg-config --cflags $tables) $sanitizers tests/fuzz/fuzz_geojson.c $export $base $(pkg-config --libs $tables) -lm \
  -o "$out/fuzz_geojson"
$cc $flags -Iengine/export $(pkg-config --cflags $tables) $sanitizers tests/fuzz/fuzz_csv.c $export $base $(pkg-config --libs $tables) -lm \
  -o "$out/fuzz_csv"
cp tests/fuzz/seeds/*.geojson "$out/corpus-geojson"
for seed in tests/fuzz/seeds/*.geojson; do gzip -nc "$seed" >"$out/corpus-geojson/$(basename "$seed").gz"; done
cp tests/fuzz/seeds/*.csv "$out/corpus-csv"
