#!/bin/sh
# Takes the documentation's pictures from the real window: tests/ui/screenshots.sh BUILD OUT [PROJECT [SECONDS]]. BUILD is the
# build folder, OUT where the pictures go (docs). Without PROJECT a synthetic one is made; SECONDS of a real training are shown,
# counted from its first step. Quality is measured every six minutes or so: 1200 show a line of it. Kernels come from the caller's
# XDG_CACHE_HOME if it is set. SIZE=2560x1440 makes larger pictures. Needs xvfb and xdotool.
set -eu
build=${1:?the build folder}
out=${2:?where the pictures go}
size=${SIZE:-1280x720}
# with the shipped model, which measures quality
export TESSERA_DATA_DIR="${TESSERA_DATA_DIR:-$(cd "$(dirname "$0")/../../data" && pwd)}"
TESSERA_WINDOW_SIZE=$size exec "$(dirname "$0")/on-screen.sh" "$size" "$build/tests/ui/window/window-screenshots" "$out" "${3-}" "${4-0}"
