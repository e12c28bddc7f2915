#!/bin/bash
# Builds the fuzz targets and their first corpora with clang (not part of the normal build; Debian: clang-14):
#   tests/fuzz/build.sh [OUT]     OUT: /tmp/fuzz-build
# run.sh runs them. What has not changed since the last time is not compiled again.
set -euo pipefail
out=${1:-/tmp/fuzz-build}
cd "$(dirname "$0")/../.."
mkdir -p "$out/objects"
targets='safetensors npy info place image bare slide geojson classes csv labels project audit reader vendor companions jp2k'
packages='gio-2.0 gio-unix-2.0 libtiff-4 libjpeg libpng libwebp libwebpdemux libwebpmux libopenjp2 jansson sqlite3 zlib'
folders='base image slide compute model train map project export jobs'
cc=${CC:-clang-14}
flags="-g -O2 -std=gnu17 -D_GNU_SOURCE -DCL_TARGET_OPENCL_VERSION=120 -DFUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION -Iapp/cli -Itests/project -Itests/slide
  $(printf -- '-Iengine/%s ' $folders) $(pkg-config --cflags $packages)"
sanitizers='-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined'
link="$(pkg-config --libs $packages) -lm"
export cc flags sanitizers out

compile() { # compile SOURCE : an object of its name, unless there is one newer than the source and all headers
  local object=$out/objects/${1//\//-}.o
  [ "$object" -nt "$1" ] && [ -z "$(find engine app/cli tests -name '*.h' -newer "$object" -print -quit)" ] && return
  $cc $flags $sanitizers -c "$1" -o "$object"
}
export -f compile

sources=$(ls engine/base/*.c engine/image/*.c engine/slide/*.c engine/project/*.c engine/map/tsr-{trust,sampling,cover,distance,share,metrics}.c engine/jobs/tsr-audit.c \
  engine/model/tsr-{model-config,model-file,parameters}.c engine/train/tsr-orientation.c app/cli/tessera-npy.c \
  engine/export/tsr-{csv,json-stream,geojson-feature,geojson-read,region,outline,outline-overlap,region-tiles,place-table,coords,tile-place,tile-row,column-file,label-columns,label-import,label-table,class-list}.c \
  tests/fuzz/no_device.c tests/project/{fixture,label-script,whole-project}.c tests/slide/slide-fixture.c)
xargs -P 2 -I{} bash -c 'compile {}' <<<"$(for t in $targets; do echo "tests/fuzz/fuzz_$t.c"; done; echo "$sources")"
rm -f "$out/libfuzzed.a"
ar crs "$out/libfuzzed.a" $(for s in $sources; do echo "$out/objects/${s//\//-}.o"; done)
for t in $targets; do
  mkdir -p "$out/corpus-$t"
  $cc -fsanitize=fuzzer,address,undefined "$out/objects/tests-fuzz-fuzz_$t.c.o" "$out/libfuzzed.a" $link -o "$out/fuzz_$t"
done

# The first corpora: seeds that are kept, and what the tests' writers and a script make.
for kind in image slide; do
  fixtures=$(ls tests/image/fixtures*.c) writer=write_seeds
  [ $kind = image ] || fixtures='' writer=write_slide_seeds
  $cc $flags -fsanitize=address,undefined,fuzzer-no-link "tests/fuzz/$writer.c" $fixtures "$out/libfuzzed.a" $link -o "$out/$writer"
  "$out/$writer" "$out/corpus-$kind"
done
for folder in tests/fuzz/seeds/*; do
  cp "$folder"/* "$out/corpus-$(basename "$folder")"
done
for seed in tests/fuzz/seeds/geojson/*; do
  gzip -nc "$seed" >"$out/corpus-geojson/$(basename "$seed").gz"
done
/usr/bin/python3 tests/fuzz/write_seeds.py "$out"
