#pragma once
/* Another number of threads must not change a bit. A test program that is called with --hash prints
 * the SHA-256 of what it computes; the test calls it so. */

#include <glib.h>
#include <string.h>

/* Runs program (argv[0]) with --hash on 1, 2, 3 and 7 threads. */
static inline void
check_threads (const char *program)
{
  static const char *const threads[] = {"1", "2", "3", "7"};
  g_autofree char *first = NULL;
  for (gsize t = 0; t < G_N_ELEMENTS (threads); t++) {
    g_auto (GStrv) environment =
        g_environ_setenv (g_get_environ (), "TESSERA_THREADS", threads[t], TRUE);
    const char *arguments[] = {program, "--hash", NULL};
    g_autoptr (GError) error = NULL;
    g_autofree char *hash = NULL;
    int status;
    g_assert_true (g_spawn_sync (NULL, (char **)arguments, environment, 0, NULL, NULL, &hash, NULL,
                                 &status, &error));
    g_assert_true (g_spawn_check_wait_status (status, &error));
    g_assert_cmpuint (strlen (hash), ==, 65);
    if (t == 0)
      first = g_steal_pointer (&hash);
    else
      g_assert_cmpstr (hash, ==, first);
  }
}
