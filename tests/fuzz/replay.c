/* Runs a fuzz target without a fuzzer: replay FOLDER NAME. Over FOLDER/seeds/NAME/, each file whole
 * and cut off at every length, and over the inputs packed in FOLDER/corpus/NAME (keep.py). TAP. */

#include "fuzz.h"

#include <gio/gio.h>

/* In memory of its very size, so that a sanitizer sees what is read behind it. */
static void
run (const void *data, gsize n)
{
  g_autofree uint8_t *bytes = g_memdup2 (data, n);
  LLVMFuzzerTestOneInput (bytes, n);
}

static int
replay_seeds (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  int files = 0;
  for (const char *entry; dir && (entry = g_dir_read_name (dir)); files++) {
    g_autofree char *file = g_build_filename (path, entry, NULL), *data = NULL;
    gsize length;
    if (!g_file_get_contents (file, &data, &length, NULL))
      g_error ("cannot read %s", file);
    for (gsize n = 0; n <= length; n++)
      run (data, n);
  }
  return files;
}

static int
replay_corpus (const char *path)
{
  g_autofree char *data = NULL;
  gsize length = 0;
  int inputs = 0;
  if (!g_file_get_contents (path, &data, &length, NULL))
    return 0;
  for (gsize at = 0; at < length; inputs++) {
    uint32_t n;
    g_assert_cmpuint (length - at, >=, sizeof n);
    memcpy (&n, data + at, sizeof n);
    n = GUINT32_FROM_LE (n);
    at += sizeof n;
    g_assert_cmpuint (length - at, >=, n);
    run (data + at, n);
    at += n;
  }
  return inputs;
}

int
main (int argc, char **argv)
{
  if (argc != 3)
    return 2;
  g_autofree char *seeds = g_build_filename (argv[1], "seeds", argv[2], NULL),
                  *corpus = g_build_filename (argv[1], "corpus", argv[2], NULL);
  int whole = replay_seeds (seeds), packed = replay_corpus (corpus);
  g_print ("%s 1 %s: %d seeds at every length, %d inputs of the corpus\n1..1\n",
           whole + packed > 0 ? "ok" : "not ok", argv[2], whole, packed);
  return whole + packed > 0 ? 0 : 1;
}
