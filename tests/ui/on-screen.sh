#!/bin/sh
# Runs a program on a screen, a session bus and settings of its own, so that tests of windows run side by side, and what a window
# shows does not depend on the machine: software drawing (and no libEGL, which is unloaded before leaks are reported), no portals,
# settings in memory; warnings are fatal.
# usage: tests/ui/on-screen.sh WIDTHxHEIGHT PROGRAM [ARGUMENT...]
set -eu
size=${1:?the size of the screen, such as 1280x720}
shift
own=$(mktemp -d "${TMPDIR:-/tmp}/tessera-screen.XXXXXX")
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || :; rm -rf "$own"' EXIT
trap 'exit 143' TERM INT HUP

# The server says which display it found free, when it is ready: no two ever wait for the same one.
mkfifo "$own/display"
Xvfb -displayfd 3 -screen 0 "${size}x24" -nolisten tcp -noreset 3>"$own/display" >"$own/server.log" 2>&1 &
server=$!
read -r display <"$own/display" || {
  echo "Bail out! Xvfb did not start: $(cat "$own/server.log")"
  exit 1
}

mkdir -m 700 "$own/config" "$own/data" "$own/state" "$own/run"
export DISPLAY=":$display" XDG_CONFIG_HOME="$own/config" XDG_DATA_HOME="$own/data" XDG_STATE_HOME="$own/state" XDG_RUNTIME_DIR="$own/run" \
  G_DEBUG=gc-friendly,fatal-warnings GSETTINGS_BACKEND=memory GTK_A11Y=test GTK_USE_PORTAL=0 ADW_DISABLE_PORTAL=1 NO_AT_BRIDGE=1 \
  GDK_BACKEND=x11 GSK_RENDERER=cairo GDK_DEBUG=gl-disable
# Even an empty GTK_THEME would have libadwaita leave its style out.
unset GTK_THEME WAYLAND_DISPLAY DBUS_SESSION_BUS_ADDRESS
dbus-run-session -- "$@"
