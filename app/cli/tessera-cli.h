#pragma once
/* The command line: needs no display and never touches GTK. */

#include <stdbool.h>

/** Runs the command argv[1] ("train", "--help", "--version", ...) and returns the exit code: 0
 * done, 1 failed, 2 used wrongly. Returns -1 when argv[1] is no command, so that the window should
 * open (argv[1], if any, is then a project; without a display only one that is there), and also for
 * `demo` without --headless, --json or
 * --help when there is a display: the window then shows the demonstration. Call it first thing in
 * main (); when it returns -1 nothing has been started and no signal is blocked. */
int tessera_cli_main (int argc, char **argv);

/** Whether the environment names a display (X11 or Wayland). It may still refuse to open. */
bool tessera_cli_has_display (void);
