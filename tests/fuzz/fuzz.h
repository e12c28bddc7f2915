#pragma once
/* What the fuzz targets share. */

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/** libFuzzer's entry: runs the target on any n bytes; what it finds aborts the program. Returns 0.
 */
int LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t n);

/* A warning of GLib's is a finding, too. */
__attribute__ ((constructor)) static void
fuzz_strict (void)
{
  g_log_set_always_fatal (G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING);
}

/** A file in memory that holds bytes, [n], until the next call; path (static) names it. */
static inline const char *
fuzz_file (const void *bytes, size_t n)
{
  static char path[64];
  static int fd = -1;
  if (fd < 0) {
    fd = memfd_create ("fuzzed", MFD_CLOEXEC);
    snprintf (path, sizeof path, "/proc/self/fd/%d", fd);
  }
  if (fd < 0 || ftruncate (fd, 0) != 0 || pwrite (fd, bytes, n, 0) != (ssize_t)n)
    abort ();
  return path;
}

/** A reader either succeeds without an error or fails with a sentence in UTF-8, which is cleared.
 */
static inline void
fuzz_check (bool ok, GError **error)
{
  if (ok ? *error != NULL
         : !*error || !(*error)->message[0] || !g_utf8_validate ((*error)->message, -1, NULL))
    abort ();
  g_clear_error (error);
}
