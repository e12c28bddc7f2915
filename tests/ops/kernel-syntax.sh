#!/bin/sh
# Checks every kernel file as a strict OpenCL 1.2 compiler sees it, for several vector widths and for the defines listed in
# kernel-defines.txt, and that it is embedded in the program; TAP. usage: kernel-syntax.sh OPENCL-FOLDER
folder=$1
variants=$(dirname "$0")/kernel-defines.txt
n=0

report () { # status, description, log
  n=$((n + 1))
  if [ "$1" = 0 ]; then
    echo "ok $n $2"
  else
    echo "not ok $n $2"
    echo "$3" | sed 's/^/# /'
  fi
}

check () { # file, defines
  flags=
  for define in $2; do
    flags="$flags -D$define"
  done
  for v in 1 4 16; do
    # shellcheck disable=SC2086 # flags are several words
    log=$(cat "$folder/common.cl" "$folder/$1" | "$clang" -x cl -cl-std=CL1.2 -Xclang -finclude-default-header -Wall -Werror \
      -Wno-unused-function -I "$folder" -DV=$v $flags -fsyntax-only - 2>&1)
    report $? "$1 V=$v $2" "$log"
  done
}

clang=$(command -v clang-14 || command -v clang)
for path in "$folder"/*.cl "$folder"/*.clh; do
  file=$(basename "$path")
  grep -q "<file>$file</file>" "$folder/opencl.gresource.xml"
  report $? "$file is embedded" "add it to opencl.gresource.xml"
  case $file in common.cl | *.clh) continue ;; esac # what others include is checked with them
  [ -z "$clang" ] && continue
  if grep -q "^$file\b" "$variants"; then
    while read -r name defines; do
      [ "$name" = "$file" ] && check "$file" "$defines"
    done <"$variants"
  else
    check "$file" ""
  fi
done
if [ -z "$clang" ]; then
  n=$((n + 1))
  echo "ok $n # SKIP no clang: the syntax of the kernels was not checked"
fi
echo "1..$n"
