/* Runs a fuzz target over the files of a folder that have an ending, and over each of them cut off
 * at every length: replay FOLDER ENDING. TAP. */

#include <gio/gio.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t n);

int
main (int argc, char **argv)
{
  g_autoptr (GDir) dir = argc == 3 ? g_dir_open (argv[1], 0, NULL) : NULL;
  int count = 0;
  for (const char *name; dir && (name = g_dir_read_name (dir));) {
    g_autofree char *path = g_build_filename (argv[1], name, NULL), *data = NULL;
    gsize length;
    if (!g_str_has_suffix (name, argv[2]) || !g_file_get_contents (path, &data, &length, NULL))
      continue;
    for (gsize n = 0; n <= length; n++)
      LLVMFuzzerTestOneInput ((const uint8_t *)data, n);
    g_print ("ok %d %s\n", ++count, name);
  }
  g_print ("1..%d\n", count);
  return count > 0 ? 0 : 1;
}
