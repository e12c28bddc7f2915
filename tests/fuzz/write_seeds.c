/* Writes one file of every format and kind into a folder: the fuzzer's first corpus. */

#include "../image/fixtures.h"

int
main (int argc, char **argv)
{
  if (argc != 2)
    return 2;
  g_autoptr (GPtrArray) fixtures = fixtures_new ();
  for (guint i = 0; i < fixtures->len; i++) {
    const Fixture *fixture = fixtures->pdata[i];
    g_autofree char *path = g_build_filename (argv[1], fixture->name, NULL);
    gsize n;
    const char *bytes = g_bytes_get_data (fixture->bytes, &n);
    g_autoptr (GError) error = NULL;
    if (!g_file_set_contents (path, bytes, (gssize)n, &error)) {
      g_printerr ("%s\n", error->message);
      return 1;
    }
  }
  return 0;
}
