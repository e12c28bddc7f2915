#!/bin/sh
# compare.sh PROGRAM NAME FILE...: one TAP subtest a golden file; a file that is not on this machine is skipped and named.
program=$1
name=$2
shift 2
n=0
status=0
echo "1..$#"
for file in "$@"; do
  n=$((n + 1))
  title="/golden/$name/$(basename "$file" .safetensors)"
  if [ ! -e "$file" ]; then
    echo "ok $n $title # SKIP $file is not on this machine"
    continue
  fi
  output=$("$program" "$file" 2>&1)
  result=$?
  if [ $result -eq 0 ]; then
    echo "ok $n $title"
  else
    echo "not ok $n $title"
    echo "# exit status $result"
    status=1
  fi
  printf '%s\n' "$output" | tail -n 400 | sed 's/^/# /'
done
exit $status
