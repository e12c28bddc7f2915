# Debian packages that Tessera needs, in groups, each with its reason, and the function that installs what is missing.
# Sourced by ./run and ./test; holds no command that runs by itself. A group is a line "what it is for: package ..."; what it is
# for is what the user reads before anything is installed.
# shellcheck shell=sh disable=SC2034 # the lists are used by who sources this

# What compiles the program.
build_packages="the compiler and the build: gcc libc6-dev meson ninja-build pkg-config
translated texts: gettext
the window: libglib2.0-dev libglib2.0-dev-bin libgtk-4-dev libadwaita-1-dev
pictures of the map: libcairo2-dev libpango1.0-dev
computing, on a graphics card or the processor: ocl-icd-opencl-dev opencl-headers libclblast-dev libdnnl-dev
project files, JSON, compressed GeoJSON: libsqlite3-dev libjansson-dev zlib1g-dev
reading images and slides, writing pictures: libtiff-dev libjpeg-dev libpng-dev libwebp-dev libopenslide-dev libopenjp2-7-dev
reading coordinates of TRIDENT and CLAM: libhdf5-dev"

# What the program needs at run time besides the libraries. The driver links its kernels with binutils.
run_packages="an OpenCL driver that needs no graphics card: pocl-opencl-icd binutils
icons and a font for the window: adwaita-icon-theme librsvg2-common fonts-cantarell fontconfig
assistive technology: at-spi2-core"

# What the tests need.
test_packages="the tests' own programs: python3 python3-numpy python3-pil
windows without a screen, with a session bus, clicks and keys: xvfb xauth xdotool dbus dbus-x11
checking what is exported: poppler-utils sqlite3
checking desktop files, the store page and templates: desktop-file-utils appstream libxml2-utils
checking the kernels' syntax: clang
languages with a decimal comma: locales"

# missing_packages PACKAGE... : prints those that are not installed.
missing_packages() {
  dpkg-query -W -f='${db:Status-Abbrev} ${Package}\n' "$@" 2>/dev/null |
    awk -v want="$*" '$1 == "ii" { have[$2] = 1 }
      END { n = split(want, w, /[ \n]+/); for (i = 1; i <= n; i++) if (w[i] != "" && !(w[i] in have)) print w[i] }'
}

# require_packages LIST... : says which packages of the lists are missing and what each group of them is for, then installs them in
# one go. Fails with one sentence.
require_packages() {
  groups=$(printf '%s\n' "$@")
  if ! command -v dpkg-query >/dev/null 2>&1; then
    echo "This is not a Debian system: install the equivalents of these packages yourself:" >&2
    printf '%s\n' "$groups" | sed 's/^/  for /' >&2
    return 0
  fi
  # shellcheck disable=SC2046 # a list on purpose
  missing=$(missing_packages $(printf '%s\n' "$groups" | sed 's/.*: //') | tr '\n' ' ')
  [ -n "${missing% }" ] || return 0
  echo "These Debian packages are missing and will be installed:"
  printf '%s\n' "$groups" | while IFS= read -r group; do
    here=
    for package in ${group#*: }; do
      case " $missing" in *" $package "*) here="$here $package" ;; esac
    done
    [ -z "$here" ] || echo "  for ${group%%: *}:$here"
  done
  as_root=
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null 2>&1; then
      echo "Neither root nor sudo is at hand. As root, run: apt-get install --no-install-recommends $missing" >&2
      return 1
    fi
    as_root=sudo
    echo "(sudo may ask for your password)"
  fi
  $as_root apt-get update -q || echo "The package lists could not be refreshed; trying with those at hand." >&2
  # shellcheck disable=SC2086 # a list on purpose
  if ! $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing; then
    echo "Installing the packages failed; see the messages above." >&2
    return 1
  fi
}
