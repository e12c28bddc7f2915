#!/bin/sh
# The committed golden files against the reference that made them, as TAP.
cd "$(dirname "$0")" || exit 1
n=0
status=0
echo 1..3
for script in make_stylegan2.py make_train.py reference_tsne.py; do
  n=$((n + 1))
  if output=$(/usr/bin/python3 "$script" --check 2>&1); then
    echo "ok $n $script"
  else
    echo "not ok $n $script"
    status=1
  fi
  printf '%s\n' "$output" | sed 's/^/# /'
done
exit $status
