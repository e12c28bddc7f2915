/* libFuzzer target: the INI file of a Hamamatsu slide, in a folder where a pipe lies. Whatever the
 * file says, it is refused only if a line names that pipe, and nothing waits for it. Built by
 * tests/fuzz/build.sh. */

#include "fuzz.h"
#include "tsr-slide-companions.h"

#include <glib/gstdio.h>
#include <sys/stat.h>

#define PIPE "pipe"

/* The folder of this run, made at the first call and removed at the end of the program. */
static char *folder, *ini, *pipe_;

static void
remove_folder (void)
{
  g_unlink (ini);
  g_unlink (pipe_);
  g_rmdir (folder);
}

static void
make_folder (void)
{
  folder = g_dir_make_tmp ("fuzz-companions-XXXXXX", NULL);
  if (!folder)
    abort ();
  ini = g_build_filename (folder, "slide.vms", NULL);
  pipe_ = g_build_filename (folder, PIPE, NULL);
  if (mkfifo (pipe_, 0600) != 0)
    abort ();
  atexit (remove_folder);
}

int
LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t n)
{
  GError *error = NULL;
  if (!folder)
    make_folder ();
  FILE *file = fopen (ini, "wb");
  if (!file || fwrite (bytes, 1, n, file) != n || fclose (file) != 0)
    abort ();
  bool ok = tsr_slide_check_companions (ini, &error);
  fuzz_check (ok, &error);
  if (!ok && !memmem (bytes, n, PIPE, strlen (PIPE)) && !memmem (bytes, n, "/", 1))
    abort ();
  return 0;
}
