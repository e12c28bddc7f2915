#include "tsr-class-list.h"

#include "tsr-error.h"
#include "tsr-file.h"
#include "tsr-geojson-feature.h"
#include "tsr-geojson-read.h"
#include "tsr-i18n.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MAX_LIST (1 << 20) /* bytes of a classes.json; a hundred classes are a few kilobytes */

typedef struct {
  GPtrArray *classes;
  GHashTable *known; /* name -> TsrRegionClass */
} List;

static void
class_free (gpointer data)
{
  TsrRegionClass *class_ = data;
  g_free (class_->name);
  g_free (class_);
}

static void
add (List *list, const char *name, int64_t rgb)
{
  g_autofree char *trimmed = g_strstrip (g_strdup (name));
  TsrRegionClass *class_ = g_hash_table_lookup (list->known, trimmed);
  if (!*trimmed)
    return;
  if (!class_) {
    class_ = g_new (TsrRegionClass, 1);
    *class_ = (TsrRegionClass){g_steal_pointer (&trimmed), -1};
    g_ptr_array_add (list->classes, class_);
    g_hash_table_insert (list->known, class_->name, class_);
  }
  if (class_->rgb < 0)
    class_->rgb = rgb;
}

static bool
add_region (TsrRegion *region, void *data, GError **error)
{
  if (region->class_name)
    add (data, region->class_name, region->rgb);
  tsr_region_free (region);
  return true;
}

/* The text of a small file; NULL for a large one, which is no classes.json. */
static json_t *
load_small (const char *path, GError **error)
{
  int fd = tsr_file_open_regular (path, TSR_ERROR_FAILED, error);
  if (fd < 0)
    return NULL;
  g_autofree char *text = g_malloc (MAX_LIST + 1);
  size_t n = 0;
  ssize_t got = 1;
  while (n <= MAX_LIST && (got = read (fd, text + n, MAX_LIST + 1 - n)) > 0)
    n += (size_t)got;
  close (fd);
  return n <= MAX_LIST ? json_loadb (text, n, 0, NULL) : NULL;
}

/* False if the file is no classes.json. */
static bool
add_path_classes (List *list, const json_t *root)
{
  const json_t *classes = json_object_get (root, "pathClasses");
  if (!json_is_array (classes))
    return false;
  for (size_t i = 0; i < json_array_size (classes); i++) {
    int64_t rgb;
    g_autofree char *name = tsr_geojson_class (json_array_get (classes, i), &rgb);
    /* What is not classified has no name, or, as QuPath 0.3 to 0.5 wrote it, this one. */
    if (name && strcmp (name, "Unclassified") != 0)
      add (list, name, rgb);
  }
  return true;
}

GPtrArray *
tsr_class_list_read (const char *path, const TsrProgress *progress, GError **error)
{
  g_autoptr (GError) cause = NULL;
  json_t *root = load_small (path, &cause);
  if (cause) {
    g_propagate_error (error, g_steal_pointer (&cause));
    return NULL;
  }
  g_autoptr (GPtrArray) classes = g_ptr_array_new_with_free_func (class_free);
  List list = {classes, g_hash_table_new (g_str_hash, g_str_equal)};
  bool ok = (root && add_path_classes (&list, root)) ||
            tsr_geojson_visit (path, add_region, &list, NULL, progress, error);
  g_hash_table_unref (list.known);
  json_decref (root);
  if (ok && classes->len == 0) {
    g_autofree char *shown = g_filename_display_name (path);
    g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED,
                 _ ("“%s” names no class; QuPath keeps a project's in classifiers/classes.json."),
                 shown);
    return NULL;
  }
  return ok ? g_steal_pointer (&classes) : NULL;
}
