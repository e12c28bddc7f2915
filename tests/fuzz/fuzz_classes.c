/* libFuzzer target: lists of classes, QuPath's classes.json or a GeoJSON file's. Every name is
 * there once, and is none of nothing. Built by tests/fuzz/build.sh. */

#include "fuzz.h"
#include "tsr-class-list.h"

int
LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t n)
{
  GError *error = NULL;
  g_autoptr (GPtrArray) classes = tsr_class_list_read (fuzz_file (bytes, n), NULL, &error);
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  fuzz_check (classes != NULL, &error);
  for (guint i = 0; classes && i < classes->len; i++) {
    TsrRegionClass *class_ = classes->pdata[i];
    if (!*class_->name || !g_utf8_validate (class_->name, -1, NULL) || class_->rgb < -1 ||
        class_->rgb > 0xffffff || !g_hash_table_add (names, class_->name))
      abort ();
  }
  if (classes && classes->len == 0)
    abort ();
  return 0;
}
