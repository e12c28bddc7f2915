/* Runs a fuzz target without a fuzzer: replay FOLDER NAME. Over FOLDER/seeds/NAME, each file whole
 * and cut off at every length, and over FOLDER/corpus/NAME, each file whole. TAP. */

#include "fuzz.h"

#include <gio/gio.h>

static int
replay (const char *folder, const char *kind, const char *name, bool cut)
{
  g_autofree char *path = g_build_filename (folder, kind, name, NULL);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  int files = 0;
  for (const char *entry; dir && (entry = g_dir_read_name (dir)); files++) {
    g_autofree char *file = g_build_filename (path, entry, NULL), *data = NULL;
    gsize length;
    if (!g_file_get_contents (file, &data, &length, NULL))
      g_error ("cannot read %s", file);
    g_print ("# %s\n", entry);
    for (gsize n = cut ? 0 : length; n <= length; n++) {
      /* of its very size, so that a sanitizer sees what is read behind it */
      g_autofree uint8_t *bytes = g_memdup2 (data, n);
      LLVMFuzzerTestOneInput (bytes, n);
    }
  }
  return files;
}

int
main (int argc, char **argv)
{
  if (argc != 3)
    return 2;
  int seeds = replay (argv[1], "seeds", argv[2], true);
  int corpus = replay (argv[1], "corpus", argv[2], false);
  g_print ("%s 1 %s: %d seeds at every length, %d other inputs\n1..1\n",
           seeds + corpus > 0 ? "ok" : "not ok", argv[2], seeds, corpus);
  return seeds + corpus > 0 ? 0 : 1;
}
