#!/bin/bash
# Validates what is not code: desktop entry, store page, file type, icons, window templates, Flatpak manifest, translations, menus,
# comments in headers, links in documents. TAP.
# Each check runs the tool that the desktops use; what a check prints is shown when it fails.
cd "$(dirname "$0")/../.." || exit 1
id=io.github.tessera_annotator.Tessera
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
shopt -s nullglob
n=0
bad=0

check() { # check NAME COMMAND... : one subtest
  local name=$1
  shift
  n=$((n + 1))
  if "$@" >"$scratch/out" 2>&1; then
    echo "ok $n $name"
  else
    echo "not ok $n $name"
    bad=$((bad + 1))
    sed 's/^/# /' "$scratch/out"
  fi
}

# ---- desktop entry, store page: as translated, the way they are installed
languages=$(grep -v '^#' po/LINGUAS)
desktop_entry() {
  msgfmt --desktop --template="data/$id.desktop.in" -d po -o "$scratch/$id.desktop" && desktop-file-validate "$scratch/$id.desktop" &&
    { ! desktop-file-validate --warn-kde "$scratch/$id.desktop" | grep .; }
}
metainfo() {
  msgfmt --xml --template="data/$id.metainfo.xml.in" -d po -o "$scratch/$id.metainfo.xml" &&
    appstreamcli validate --no-net --explain "$scratch/$id.metainfo.xml"
}
version_agrees() { # the newest release on the store page is the version of the build
  local v
  v=$(sed -n "s/^ *version: '\(.*\)',/\1/p" meson.build | head -1)
  grep -o '<release version="[^"]*"' "data/$id.metainfo.xml.in" | head -1 | grep -F "\"$v\"" || { echo "meson.build says $v"; false; }
}
check "desktop entry" desktop_entry
check "store page" metainfo
check "store page names this version" version_agrees
check "file type" xmllint --noout "data/$id.xml"

# ---- icons: well-formed, square, no outside references, of the two kinds
icon() {
  xmllint --noout "$1" && ! grep -nE 'href="(http|file|/)|<image|<script|<text' "$1" || return 1
  /usr/bin/python3 -c '
import sys, xml.etree.ElementTree as e
r = e.parse(sys.argv[1]).getroot()
w, h = r.get("width"), r.get("height")
box = (r.get("viewBox") or "0 0 %s %s" % (w, h)).split()
assert r.tag.endswith("svg") and w == h == sys.argv[2] and box == ["0", "0", w, h], (w, h, box)' "$1" "$2"
}
check "icon in colour" icon "icons/hicolor/scalable/apps/$id.svg" 128
check "symbolic icon" icon "icons/hicolor/symbolic/apps/$id-symbolic.svg" 16
for f in icons/hicolor/*/*/*-symbolic.svg ui/icons/*/*/*.svg ui/icons/*/*/*/*.svg ui/icons/*.svg; do
  case $f in *"/$id-symbolic.svg") continue ;; esac
  check "$f" icon "$f" 16
done

# ---- window templates and resource lists
for f in ui/*.ui ui/*.xml app/*/*.ui app/*/*.gresource.xml; do
  check "$f is well formed" xmllint --noout "$f"
done
resources_exist() { # every file a resource list names is there (beside it, or in ui/ and icons/)
  local list file missing=0
  for list in ui/*.gresource.xml app/*/*.gresource.xml app/*.gresource.xml; do
    for file in $(sed -n 's/.*<file[^>]*>\([^<]*\)<.*/\1/p' "$list"); do
      [ -e "$(dirname "$list")/$file" ] || [ -e "ui/$file" ] || [ -e "icons/$file" ] || [ -e "$file" ] || [ -e "data/$file" ] ||
        { echo "$list names $file"; missing=1; }
    done
  done
  return $missing
}
check "resource lists name files that exist" resources_exist

# ---- Flatpak manifest
manifest() {
  /usr/bin/python3 - "flatpak/$id.json" "$id" <<'P'
import json, re, sys

def no_duplicates(pairs):
    keys = [k for k, _ in pairs]
    assert len(keys) == len(set(keys)), 'duplicate keys: %s' % keys
    return dict(pairs)

m = json.load(open(sys.argv[1]), object_pairs_hook=no_duplicates)
assert m['id'] == sys.argv[2] and m['runtime'] == 'org.gnome.Platform' and m['sdk'] == 'org.gnome.Sdk', 'identity'
assert re.fullmatch(r'\d+', m['runtime-version']) and m['command'] == 'tessera', 'runtime or command'
assert not [a for a in m['finish-args'] if a.startswith('--share=network')], 'the program needs no network'
names = [x['name'] for x in m['modules']]
assert len(set(names)) == len(names) and names[-1] == 'tessera', names
for need in ('opencl-headers', 'clblast', 'onednn', 'pocl', 'jansson', 'openslide', 'hdf5'):
    assert need in names, 'no module ' + need
assert '-Dhdf5=enabled' in m['modules'][-1]['config-opts'], 'coordinates of TRIDENT and CLAM would be refused'
for x in m['modules'][:-1]:
    assert x['buildsystem'] in ('meson', 'cmake-ninja', 'autotools', 'simple'), x['name']
    # elsewhere on 64 bits CMake's own choice is lib64, where neither pkg-config nor the program looks
    assert x['buildsystem'] != 'cmake-ninja' or '-DCMAKE_INSTALL_LIBDIR=lib' in x['config-opts'], x['name'] + ': libraries in lib64'
    for s in x['sources']:
        assert s['type'] != 'archive' or re.fullmatch(r'[0-9a-f]{64}', s['sha256']), x['name'] + ': an archive without its checksum'
        assert s['type'] != 'git' or re.fullmatch(r'[0-9a-f]{40}', s['commit']), x['name'] + ': git without a commit'
P
}
check "Flatpak manifest" manifest
if command -v flatpak-builder >/dev/null; then
  check "Flatpak manifest, as flatpak-builder reads it" sh -c "flatpak-builder --show-manifest flatpak/$id.json >/dev/null"
fi

# ---- translations
potfiles_complete() { # every file with translatable text is listed, every listed file exists
  grep -v '^#' po/POTFILES | grep . | sort >"$scratch/listed"
  tools/update-po.sh --list | sort -u >"$scratch/found"
  if comm -13 "$scratch/listed" "$scratch/found" | grep .; then
    echo "holds text to translate but is not in po/POTFILES; run tools/update-po.sh"
    return 1
  fi
  local f missing=0
  while read -r f; do [ -e "$f" ] || { echo "po/POTFILES names $f, which does not exist"; missing=1; }; done <"$scratch/listed"
  return $missing
}
complete() { # complete LANGUAGE : syntax, formats, plural forms, and every text of the sources translated, none fuzzy
  msgfmt -c --check-accelerators=_ -o /dev/null "po/$1.po" || return 1
  tools/update-po.sh --template >"$scratch/all.pot" 2>/dev/null || return 1
  msgcmp "po/$1.po" "$scratch/all.pot"
}
check "every file with text is listed for translation" potfiles_complete
check "every error of the engine and the window is marked for translation" /usr/bin/python3 tests/data/unmarked.py
for language in $languages; do
  check "translation $language is complete" complete "$language"
done
# shellcheck disable=SC2086 # a list on purpose
check "no two entries of a menu answer to one letter" /usr/bin/python3 tests/data/mnemonics.py en $languages

# ---- scripts
for f in run test .ci/run tools/*.sh tests/*/*.sh tests/*.sh; do
  check "$f parses" bash -n "$f"
done
for f in tools/*.py tests/*.py tests/*/*.py; do
  check "$f parses" /usr/bin/python3 -c 'import ast, sys; ast.parse(open(sys.argv[1], encoding="utf-8").read())' "$f"
done

# ---- promises of the layout
no_gtk_in_engine() { ! grep -rnE '#include *<(gtk|gdk|adwaita)' engine; }
check "the engine includes no GTK" no_gtk_in_engine
check "every public function has a doc comment" /usr/bin/python3 tests/data/undocumented.py
check "every link of the documents leads somewhere" /usr/bin/python3 tests/data/links.py *.md docs/*.md tests/*.md

echo "1..$n"
[ "$bad" -eq 0 ]
