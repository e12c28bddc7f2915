#!/bin/sh
# Brings po/ up to date with the sources: lists the files with text to translate in po/POTFILES and merges new texts into every
# translation, untranslated. `--list` only prints the files, `--template` only the template. Needs gettext.
set -eu
cd "$(dirname "$0")/.."

files_with_text() {
  {
    grep -rlE '\b(_|N_|C_|NC_|TSR_STAGE|ngettext|g_dngettext|g_dpgettext2?) ?\(' --include='*.c' app engine || :
    grep -rlE 'translatable="(yes|true|1)"' --include='*.ui' app ui || :
    ls data/*.desktop.in data/*.metainfo.xml.in
  } 2>/dev/null | LC_ALL=C sort -u
}

if [ "${1-}" = --list ]; then
  files_with_text
  exit 0
fi

template() { # template FILE : of the files named on standard input
  xgettext --from-code=UTF-8 --add-comments=Translators --keyword=_ --keyword=N_ --keyword=C_:1c,2 --keyword=NC_:1c,2 --keyword=TSR_STAGE \
    --keyword=g_dcgettext:2 --keyword=g_dngettext:2,3 --keyword=g_dpgettext2:2c,3 --files-from=- --package-name=tessera -o "$1"
}
if [ "${1-}" = --template ]; then
  files_with_text | template -
  exit 0
fi

pot=$(mktemp)
trap 'rm -f "$pot"' EXIT
{
  grep '^#' po/POTFILES
  files_with_text
} >po/POTFILES.new
mv po/POTFILES.new po/POTFILES
grep -v '^#' po/POTFILES | template "$pot"
for language in $(grep -v '^#' po/LINGUAS); do
  msgmerge --quiet --no-fuzzy-matching --add-location=file --no-wrap -o "po/$language.po" "po/$language.po" "$pot"
  sed -i '/^"POT-Creation-Date:/d; /^"Report-Msgid-Bugs-To:/d' "po/$language.po"
  msgattrib --no-obsolete --no-wrap -o "po/$language.po" "po/$language.po"
  printf '%s: ' "$language"
  msgfmt --statistics -o /dev/null "po/$language.po" 2>&1 | tail -1
done
