# Debian packages that Tessera needs, each list with its reason, and the function that installs what is missing.
# Sourced by ./run and ./test; holds no command that runs by itself.

# What compiles the program: compiler, build system, headers of every library.
build_packages="gcc libc6-dev meson ninja-build pkg-config gettext libglib2.0-dev libglib2.0-dev-bin
  libgtk-4-dev libadwaita-1-dev libcairo2-dev libpango1.0-dev ocl-icd-opencl-dev opencl-headers libclblast-dev libdnnl-dev
  libsqlite3-dev libjansson-dev libtiff-dev libjpeg-dev libpng-dev libwebp-dev libopenslide-dev"

# What the program needs at run time besides the libraries: an OpenCL driver that needs no GPU (it links its kernels with
# binutils), icons, a font, the SVG loader, accessibility.
run_packages="pocl-opencl-icd binutils adwaita-icon-theme librsvg2-common fonts-cantarell fontconfig at-spi2-core"

# What the tests need: a display without a screen, a session bus, clicks and keys, validators, the compiler that checks the
# kernels' syntax, locales with a decimal comma, what the evaluation and the exports are checked with.
test_packages="python3 python3-numpy python3-pil poppler-utils xvfb xauth xdotool dbus dbus-x11 desktop-file-utils appstream libxml2-utils sqlite3 clang locales"

# missing_packages PACKAGE... : prints those that are not installed.
missing_packages() {
  dpkg-query -W -f='${db:Status-Abbrev} ${Package}\n' "$@" 2>/dev/null |
    awk -v want="$*" '$1 == "ii" { have[$2] = 1 }
      END { n = split(want, w, /[ \n]+/); for (i = 1; i <= n; i++) if (w[i] != "" && !(w[i] in have)) print w[i] }'
}

# require_packages REASON PACKAGE... : installs what is missing and says what and why first. Fails with one sentence.
require_packages() {
  reason=$1
  shift
  if ! command -v dpkg-query >/dev/null 2>&1; then
    echo "This is not a Debian system: install the equivalents of these packages $reason yourself: $*" >&2
    return 0
  fi
  missing=$(missing_packages "$@" | tr '\n' ' ')
  [ -n "${missing% }" ] || return 0
  echo "These Debian packages are missing and will be installed $reason:"
  echo "  $missing"
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
