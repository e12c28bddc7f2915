#include "tsr-reading.h"

#include "tsr-csv.h"
#include "tsr-error.h"
#include "tsr-file.h"
#include "tsr-i18n.h"
#include "tsr-label-columns.h"
#include "tsr-tile-row.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void
tsr_reading_free (TsrReading *reading)
{
  if (!reading)
    return;
  g_free (reading->label);
  g_free (reading->reader);
  g_ptr_array_unref (reading->classes);
  g_ptr_array_unref (reading->readers);
  g_free (reading);
}

static void
class_free (gpointer data)
{
  TsrReadingClass *class_ = data;
  g_free (class_->name);
  g_free (class_->written);
  g_free (class_);
}

static TsrReading *
empty_reading (uint32_t n)
{
  TsrReading *self = g_new0 (TsrReading, 1);
  self->n = n;
  self->label = g_new (int32_t, (size_t)n + 1);
  self->reader = g_new (int32_t, (size_t)n + 1);
  for (uint32_t i = 0; i < n; i++)
    self->label[i] = self->reader[i] = TSR_LABEL_NONE;
  self->classes = g_ptr_array_new_with_free_func (class_free);
  self->readers = g_ptr_array_new_with_free_func (g_free);
  return self;
}

static int32_t
find_class (TsrReading *self, const char *name)
{
  for (guint i = 0; i < self->classes->len; i++)
    if (strcmp (((TsrReadingClass *)self->classes->pdata[i])->name, name) == 0)
      return (int32_t)i;
  TsrReadingClass *class_ = g_new0 (TsrReadingClass, 1);
  class_->name = g_strdup (name);
  g_ptr_array_add (self->classes, class_);
  return (int32_t)self->classes->len - 1;
}

static int32_t
find_reader (TsrReading *self, const char *name)
{
  guint at;
  if (g_ptr_array_find_with_equal_func (self->readers, name, g_str_equal, &at))
    return (int32_t)at;
  g_ptr_array_add (self->readers, g_strdup (name));
  return (int32_t)self->readers->len - 1;
}

/* ---- a copy of the project ---- */

/* name -> tile + 1; 0 for a name that several tiles have. */
static GHashTable *
index_names (char **names, uint32_t n)
{
  GHashTable *index = g_hash_table_new (g_str_hash, g_str_equal);
  for (uint32_t i = 0; i < n; i++)
    g_hash_table_insert (index, names[i],
                         g_hash_table_contains (index, names[i]) ? NULL : GUINT_TO_POINTER (i + 1));
  return index;
}

/* The other project's labels, tile by tile of its own. */
typedef struct {
  TsrProject *project;
  uint32_t n;
  char **names;
  int32_t *label;
  GHashTable *classes; /* its class id -> index into the reading's classes, + 1 */
} Copy;

static bool
open_copy (Copy *copy, const char *path, TsrReading *reading, GError **error)
{
  copy->project = tsr_project_open (path, TSR_PROJECT_READ_ONLY, error);
  if (!copy->project)
    return false;
  copy->n = tsr_project_n_tiles (copy->project);
  copy->names = tsr_project_tile_names (copy->project);
  copy->label = g_new (int32_t, (size_t)copy->n + 1);
  copy->classes = g_hash_table_new (NULL, NULL);
  g_autoptr (GPtrArray) classes = tsr_project_classes (copy->project);
  for (guint i = 0; i < classes->len; i++) {
    const TsrClass *class_ = classes->pdata[i];
    int32_t at = find_class (reading, class_->name);
    TsrReadingClass *own = reading->classes->pdata[at];
    own->rgb = class_->rgb;
    own->coloured = true;
    g_hash_table_insert (copy->classes, GINT_TO_POINTER (class_->id), GINT_TO_POINTER (at + 1));
  }
  return tsr_project_labels (copy->project, copy->label, NULL, error);
}

static void
close_copy (Copy *copy)
{
  g_clear_pointer (&copy->classes, g_hash_table_unref);
  g_clear_pointer (&copy->names, g_strfreev);
  g_clear_pointer (&copy->label, g_free);
  g_clear_pointer (&copy->project, tsr_project_close);
}

static void
take_label (TsrReading *self, const Copy *copy, uint32_t from, uint32_t tile)
{
  g_autofree char *annotator = NULL;
  gint64 unix_us;
  TsrHow how;
  int32_t id = copy->label[from];
  self->label[tile] =
      id < 0 ? id : GPOINTER_TO_INT (g_hash_table_lookup (copy->classes, GINT_TO_POINTER (id))) - 1;
  if (tsr_project_label_origin (copy->project, from, &annotator, &unix_us, &how))
    self->reader[tile] = find_reader (self, annotator);
}

static bool
read_copy (TsrReading *self, char **names, const char *path, GError **error)
{
  Copy copy = {0};
  bool ok = open_copy (&copy, path, self, error);
  g_autoptr (GHashTable) index = ok ? index_names (names, self->n) : NULL;
  g_autoptr (GHashTable) others = ok ? index_names (copy.names, copy.n) : NULL;
  for (uint32_t i = 0; ok && i < copy.n; i++) {
    if (copy.label[i] == TSR_LABEL_NONE)
      continue;
    self->labelled++;
    guint same = i < self->n && strcmp (names[i], copy.names[i]) == 0 ? i + 1 : 0;
    bool only = GPOINTER_TO_UINT (g_hash_table_lookup (others, copy.names[i])) == i + 1;
    guint named = only ? GPOINTER_TO_UINT (g_hash_table_lookup (index, copy.names[i])) : 0,
          tile = same ? same : named;
    if (tile > 0)
      take_label (self, &copy, i, tile - 1);
    else
      self->unknown++;
  }
  close_copy (&copy);
  return ok;
}

/* ---- a table ---- */

static void
read_row (TsrReading *self, TsrProject *project, const TsrTileRows *tiles, const TsrCsvRow *row,
          const TsrLabelColumns *columns, const char *annotator)
{
  const char *label = tsr_row_field (row, columns->label),
             *state = tsr_row_field (row, columns->state),
             *reader = tsr_row_field (row, columns->annotator);
  bool unsure = !*label && strcmp (state, "unsure") == 0;
  uint32_t tile;
  if (!*label && !unsure)
    return;
  self->labelled++;
  if (!tsr_tile_rows_find (tiles, project, row, &tile, NULL) || tile >= self->n) {
    self->unknown++;
    return;
  }
  self->label[tile] = unsure ? TSR_LABEL_UNSURE : find_class (self, label);
  self->reader[tile] = find_reader (self, *reader ? reader : annotator);
}

static bool
read_table (TsrReading *self, TsrProject *project, const char *path, const char *annotator,
            GError **error)
{
  g_autoptr (GPtrArray) rows = tsr_csv_read (path, error);
  if (!rows)
    return false;
  const TsrCsvRow *header = rows->pdata[0];
  TsrLabelColumns columns = tsr_label_columns (header);
  TsrTileRows tiles = {0};
  bool ok = tsr_tile_rows_init (&tiles, project, header) && columns.label >= 0;
  for (guint i = 1; ok && i < rows->len; i++)
    read_row (self, project, &tiles, rows->pdata[i], &columns, annotator);
  tsr_tile_rows_clear (&tiles);
  if (!ok) {
    g_autofree char *shown = g_filename_display_name (path);
    g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED,
                 _ ("“%s” needs a column for the tile (“file” or “tile_id”) and one for the "
                    "“label”; export the other reader's labels with “tessera export --csv”, or "
                    "give the other reader's project."),
                 shown);
  }
  return ok;
}

/* ---- classes that two people would call the same ---- */

/* What is left of a name when case, blanks and the ways to write an accent are not looked at. */
static char *
fold_name (const char *name)
{
  g_autofree char *composed = g_utf8_normalize (name, -1, G_NORMALIZE_ALL_COMPOSE);
  g_autofree char *lower = g_utf8_casefold (composed ? composed : name, -1);
  GString *folded = g_string_new (NULL);
  bool blank = false;
  for (const char *at = lower; *at; at = g_utf8_next_char (at)) {
    gunichar c = g_utf8_get_char (at);
    if (g_unichar_isspace (c)) {
      blank = folded->len > 0;
      continue;
    }
    if (blank)
      g_string_append_c (folded, ' ');
    blank = false;
    g_string_append_unichar (folded, c);
  }
  return g_string_free (folded, FALSE);
}

/* folded name -> index + 1; 0 where several classes are alike. */
static void
note_alike (GHashTable *index, const char *name, guint at)
{
  char *folded = fold_name (name);
  guint value = g_hash_table_contains (index, folded) ? 0 : at + 1;
  g_hash_table_insert (index, folded, GUINT_TO_POINTER (value));
}

/* “tumour” of the one is “Tumour” of the other, or their agreement would be that of their spelling.
 * Somebody who labels with both means two things by them. */
static void
match_classes (TsrReading *self, TsrProject *project)
{
  g_autoptr (GPtrArray) own = tsr_project_classes (project);
  g_autofree bool *used = g_new0 (bool, self->classes->len + 1);
  g_autoptr (GHashTable) here = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GHashTable) there = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < own->len; i++)
    note_alike (here, ((TsrClass *)own->pdata[i])->name, i);
  for (uint32_t i = 0; i < self->n; i++)
    if (self->label[i] >= 0)
      used[self->label[i]] = true;
  for (guint i = 0; i < self->classes->len; i++)
    if (used[i])
      note_alike (there, ((TsrReadingClass *)self->classes->pdata[i])->name, i);
  for (guint i = 0; i < self->classes->len; i++) {
    TsrReadingClass *class_ = self->classes->pdata[i];
    g_autofree char *folded = fold_name (class_->name);
    guint at = GPOINTER_TO_UINT (g_hash_table_lookup (here, folded));
    if (at == 0 || GPOINTER_TO_UINT (g_hash_table_lookup (there, folded)) != i + 1)
      continue;
    const char *name = ((TsrClass *)own->pdata[at - 1])->name;
    if (strcmp (name, class_->name) == 0)
      continue;
    class_->written = class_->name;
    class_->name = g_strdup (name);
  }
}

/* ---- either ---- */

static bool
is_project (int fd)
{
  static const char magic[] = "SQLite format 3";
  char head[sizeof magic] = "";
  return pread (fd, head, sizeof head, 0) == (ssize_t)sizeof head &&
         memcmp (head, magic, sizeof magic) == 0;
}

/* Read as somebody else's, a project would agree with itself in everything. */
static bool
check_other (TsrProject *project, const char *path, int fd, GError **error)
{
  struct stat other, own;
  if (fstat (fd, &other) != 0 || stat (tsr_project_path (project), &own) != 0 ||
      other.st_dev != own.st_dev || other.st_ino != own.st_ino)
    return true;
  g_autofree char *shown = g_filename_display_name (path);
  g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED,
               _ ("“%s” is this project itself; choose the other reader's copy of it."), shown);
  return false;
}

TsrReading *
tsr_reading_new (TsrProject *project, const char *path, const char *annotator, GError **error)
{
  uint32_t n = tsr_project_n_tiles (project);
  int fd = tsr_file_open_regular (path, TSR_ERROR_FAILED, error);
  if (fd < 0)
    return NULL;
  bool copy = is_project (fd), other = check_other (project, path, fd, error);
  close (fd);
  if (!other)
    return NULL;
  g_autoptr (TsrReading) self = empty_reading (n);
  g_auto (GStrv) names = tsr_project_tile_names (project);
  bool ok = copy ? read_copy (self, names, path, error)
                 : read_table (self, project, path, annotator, error);
  if (ok)
    match_classes (self, project);
  return ok ? g_steal_pointer (&self) : NULL;
}
