#!/bin/sh
# Makes the model that ships with the demonstration: draws its tiles, trains on them, and writes data/demo-model.safetensors. Takes an
# hour or two on two cores. usage: tools/train-demo.sh BUILD [KIMG]
set -eu
build=${1:?the build folder}
kimg=${2:-120}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$build/app/tessera" demo "$folder" --headless --untrained
"$build/app/tessera" train "$folder/demo.tessera" --preset quick --w-dim 64 --beta 4 --precision bf16 --seed 1 --kimg "$kimg"
"$build/app/tessera" export "$folder/demo.tessera" --model "$(dirname "$0")/../data/demo-model.safetensors"
