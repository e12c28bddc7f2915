/* The classes tiles are labelled with. They never leave the file, only the list, since the journal
 * speaks of them. */

#include "tsr-marker.h"
#include "tsr-i18n.h"
#include "tsr-project-private.h"

#include <string.h>

void
tsr_class_free (TsrClass *class_)
{
  if (!class_)
    return;
  g_free (class_->name);
  g_free (class_);
}

GPtrArray *
tsr_project_classes (TsrProject *project)
{
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify)tsr_class_free);
  g_autoptr (TsrStatement) select = tsr_db_prepare (
      project, "SELECT id, name, rgb, key, shape FROM class WHERE active ORDER BY position, id",
      NULL);
  while (tsr_db_step (project, select, NULL) > 0) {
    TsrClass *class_ = g_new0 (TsrClass, 1);
    const char *key = (const char *)sqlite3_column_text (select, 3);
    class_->id = sqlite3_column_int (select, 0);
    class_->name = tsr_db_text (select, 1);
    class_->rgb = (uint32_t)sqlite3_column_int64 (select, 2) & 0xffffff;
    class_->key = key && (g_ascii_isdigit (*key) || g_ascii_islower (*key)) ? *key : 0;
    class_->shape = sqlite3_column_int (select, 4);
    g_ptr_array_add (list, class_);
  }
  return list;
}

/* ---- what a new class gets ---- */

/* The first colour no class has, else -1. */
static int64_t
free_color (const GPtrArray *classes)
{
  for (unsigned i = 0; i < TSR_MARKER_N_COLORS; i++) {
    bool taken = false;
    for (guint k = 0; k < classes->len; k++)
      taken |= ((const TsrClass *)classes->pdata[k])->rgb == tsr_marker_color (i);
    if (!taken)
      return tsr_marker_color (i);
  }
  return -1;
}

/* The first shape no class of this colour has, and none at all while that can be. */
static int32_t
free_shape (const GPtrArray *classes, int64_t rgb)
{
  int32_t free_here = -1;
  for (int32_t shape = 0; shape < TSR_MARKER_N_SHAPES; shape++) {
    bool taken = false, here = false;
    for (guint i = 0; i < classes->len; i++) {
      const TsrClass *class_ = classes->pdata[i];
      taken |= class_->shape == shape;
      here |= class_->shape == shape && class_->rgb == rgb;
    }
    if (!taken)
      return shape;
    if (!here && free_here < 0)
      free_here = shape;
  }
  return MAX (free_here, 0);
}

/* A look no class of the list has; rgb < 0: any colour. */
static void
choose_look (const GPtrArray *classes, int64_t rgb, TsrClass *class_)
{
  if (rgb < 0)
    rgb = free_color (classes);
  if (rgb >= 0) {
    class_->rgb = (uint32_t)rgb;
    class_->shape = free_shape (classes, rgb);
    return;
  }
  g_autofree TsrMarkerLook *taken = g_new (TsrMarkerLook, classes->len);
  for (guint i = 0; i < classes->len; i++) {
    const TsrClass *other = classes->pdata[i];
    taken[i] = (TsrMarkerLook){other->rgb, other->shape};
  }
  unsigned look = tsr_marker_free (taken, classes->len);
  class_->rgb = tsr_marker_color (look);
  class_->shape = (int32_t)tsr_marker_shape (look);
}

static char
free_key (const GPtrArray *classes)
{
  for (const char *key = TSR_CLASS_KEYS; *key; key++) {
    bool taken = false;
    for (guint i = 0; i < classes->len; i++)
      taken |= ((const TsrClass *)classes->pdata[i])->key == *key;
    if (!taken)
      return *key;
  }
  return 0;
}

/* ---- changes ---- */

/* The name's beginning for a sentence, on one line. */
static char *
shown_name (const char *name)
{
  GString *shown = g_string_new (NULL);
  glong length = 0;
  for (const char *at = name; *at && length < 30; at = g_utf8_next_char (at), length++)
    g_string_append_unichar (shown,
                             g_unichar_iscntrl (g_utf8_get_char (at)) ? ' ' : g_utf8_get_char (at));
  if (g_utf8_strlen (name, -1) > length)
    g_string_append (shown, "…");
  return g_string_free (shown, FALSE);
}

/* What keeps a text from being a class's name. A silent change instead (a blank for a line break)
 * would make one of two names. */
typedef enum { FAULT_NONE, FAULT_LONG, FAULT_CONTROL } Fault;

static Fault
fault_of (const char *name)
{
  if (g_utf8_strlen (name, -1) > TSR_MAX_CLASS_NAME)
    return FAULT_LONG;
  for (const char *at = name; *at; at = g_utf8_next_char (at)) {
    GUnicodeType type = g_unichar_type (g_utf8_get_char (at));
    if (type == G_UNICODE_CONTROL || type == G_UNICODE_LINE_SEPARATOR ||
        type == G_UNICODE_PARAGRAPH_SEPARATOR)
      return FAULT_CONTROL;
  }
  return FAULT_NONE;
}

/* The trimmed name, or NULL with error if it could not be one, or is taken by a class other than
 * `id`. A name that class `id` has already passes: it may be older than these rules. */
static char *
check_name (TsrProject *project, const char *name, int32_t id, const GPtrArray *classes,
            GError **error)
{
  g_autofree char *trimmed = g_strstrip (g_strdup (name ? name : ""));
  if (!g_utf8_validate (trimmed, -1, NULL)) {
    g_autofree char *shown = tsr_path_display (trimmed);
    g_set_error (
        error, TSR_ERROR, TSR_ERROR_USAGE,
        _ ("The class name “%s” is not UTF-8 text; type it again in a UTF-8 terminal or file."),
        shown);
    return NULL;
  }
  if (*trimmed == '\0') {
    g_set_error (error, TSR_ERROR, TSR_ERROR_USAGE, _ ("A class needs a name; type one."));
    return NULL;
  }
  Fault fault = fault_of (trimmed);
  for (guint i = 0; i < classes->len; i++) {
    const TsrClass *other = classes->pdata[i];
    if (other->id == id && g_strcmp0 (other->name, name) == 0)
      return g_strdup (name);
    if (fault == FAULT_NONE && other->id != id && strcmp (other->name, trimmed) == 0) {
      g_set_error (error, TSR_ERROR, TSR_ERROR_USAGE,
                   _ ("There is a class “%s” already; choose another name, or merge the two."),
                   trimmed);
      return NULL;
    }
  }
  if (fault != FAULT_NONE) {
    g_autofree char *shown = shown_name (trimmed);
    if (fault == FAULT_LONG)
      g_set_error (error, TSR_ERROR, TSR_ERROR_USAGE,
                   _ ("The class name “%s” is longer than %d characters; shorten it."), shown,
                   TSR_MAX_CLASS_NAME);
    else
      g_set_error (error, TSR_ERROR, TSR_ERROR_USAGE,
                   _ ("The class name “%s” has a line break or another control character in it; "
                      "leave that out."),
                   shown);
    return NULL;
  }
  return g_steal_pointer (&trimmed);
}

static bool
check_key (char key, int32_t id, const GPtrArray *classes, GError **error)
{
  if (key != 0 && !(key >= '1' && key <= '9') && !g_ascii_islower (key)) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_USAGE,
                 _ ("A class's key is one of 1 to 9 or a to z; choose one of them."));
    return false;
  }
  for (guint i = 0; key && i < classes->len; i++) {
    const TsrClass *other = classes->pdata[i];
    if (other->id != id && other->key == key) {
      g_set_error (error, TSR_ERROR, TSR_ERROR_USAGE,
                   _ ("Key %c belongs to the class “%s”; choose another key."), key, other->name);
      return false;
    }
  }
  return true;
}

static bool
fail_no_class (int32_t id, GError **error)
{
  g_set_error (error, TSR_ERROR, TSR_ERROR_USAGE,
               _ ("There is no class number %d; it may have been removed meanwhile."), id);
  return false;
}

/* Binds name, rgb, key and shape from parameter `index` on. */
static void
bind_look (TsrStatement *statement, int index, const TsrClass *class_)
{
  sqlite3_bind_text (statement, index, class_->name, -1, SQLITE_TRANSIENT);
  sqlite3_bind_int64 (statement, index + 1, class_->rgb & 0xffffff);
  if (class_->key)
    sqlite3_bind_text (statement, index + 2, &class_->key, 1, SQLITE_TRANSIENT);
  else
    sqlite3_bind_null (statement, index + 2);
  sqlite3_bind_int (statement, index + 3, class_->shape);
}

static int32_t
insert_class (TsrProject *project, const char *name, int64_t rgb, GError **error)
{
  g_autoptr (GPtrArray) classes = tsr_project_classes (project);
  g_autofree char *checked = check_name (project, name, -1, classes, error);
  if (!checked)
    return -1;
  TsrClass look = {.name = checked, .key = free_key (classes)};
  choose_look (classes, rgb, &look);
  g_autoptr (TsrStatement) insert =
      tsr_db_prepare (project,
                      "INSERT INTO class (id, position, name, rgb, key, shape, active)"
                      " SELECT coalesce (max (id), 0) + 1, coalesce (max (position), -1) + 1, ?1, "
                      "?2, ?3, ?4, 1 FROM class RETURNING id",
                      error);
  if (insert)
    bind_look (insert, 1, &look);
  if (tsr_db_step (project, insert, error) <= 0)
    return -1;
  int32_t id = sqlite3_column_int (insert, 0);
  return tsr_db_step (project, insert, error) < 0 ? -1 : id;
}

int32_t
tsr_project_add_class (TsrProject *project, const char *name, int64_t rgb, GError **error)
{
  if (!tsr_db_begin (project, error))
    return -1;
  int32_t id = insert_class (project, name, rgb, error);
  return tsr_db_end (project, id > 0, error) ? id : -1;
}

bool
tsr_class_store_look (TsrProject *project, const TsrClass *class_, GError **error)
{
  g_autoptr (GPtrArray) classes = tsr_project_classes (project);
  g_autofree char *name = check_name (project, class_->name, class_->id, classes, error);
  if (!name || !check_key (class_->key, class_->id, classes, error))
    return false;
  g_autoptr (TsrStatement) update = tsr_db_prepare (
      project,
      "UPDATE class SET name = ?2, rgb = ?3, key = ?4, shape = ?5 WHERE id = ?1 AND active", error);
  if (!update)
    return false;
  TsrClass look = *class_;
  look.name = name;
  sqlite3_bind_int (update, 1, class_->id);
  bind_look (update, 2, &look);
  if (!tsr_db_run (project, update, error))
    return false;
  return sqlite3_changes (project->db) == 1 || fail_no_class (class_->id, error);
}

bool
tsr_project_update_class (TsrProject *project, const TsrClass *class_, GError **error)
{
  if (!tsr_db_begin (project, error))
    return false;
  return tsr_db_end (project, tsr_class_store_look (project, class_, error), error);
}

/* ---- for the journal ---- */

char *
tsr_class_name (TsrProject *project, int32_t id)
{
  g_autoptr (TsrStatement) find =
      tsr_db_prepare (project, "SELECT name FROM class WHERE id = ?", NULL);
  if (find)
    sqlite3_bind_int (find, 1, id);
  return tsr_db_step (project, find, NULL) > 0 ? tsr_db_text (find, 0) : NULL;
}

int
tsr_class_is_active (TsrProject *project, int32_t id, GError **error)
{
  g_autoptr (TsrStatement) find =
      tsr_db_prepare (project, "SELECT 1 FROM class WHERE id = ? AND active", error);
  if (find)
    sqlite3_bind_int (find, 1, id);
  return tsr_db_step (project, find, error);
}

/* A name no class of the list has: the class's own, or with a number behind it. */
static char *
unused_name (const char *name, const GPtrArray *classes)
{
  g_autofree char *candidate = g_strdup (name);
  for (unsigned number = 2;; number++) {
    bool taken = false;
    for (guint i = 0; i < classes->len; i++)
      taken |= strcmp (((const TsrClass *)classes->pdata[i])->name, candidate) == 0;
    if (!taken)
      return g_steal_pointer (&candidate);
    g_free (candidate);
    candidate = g_strdup_printf ("%s (%u)", name, number);
  }
}

bool
tsr_class_set_active (TsrProject *project, int32_t id, bool active, GError **error)
{
  g_autoptr (GPtrArray) classes = tsr_project_classes (project);
  g_autofree char *name = tsr_class_name (project, id);
  if (!name)
    return tsr_db_corrupt (project, _ ("the journal speaks of a class that is not there"), error);
  g_autofree char *unused = active ? unused_name (name, classes) : g_strdup (name);
  g_autoptr (TsrStatement) update =
      tsr_db_prepare (project,
                      "UPDATE class SET active = ?2, name = ?3,"
                      " key = CASE WHEN ?2 AND key IN (SELECT key FROM class WHERE active AND id "
                      "<> ?1) THEN NULL ELSE key END WHERE id = ?1",
                      error);
  if (!update)
    return false;
  sqlite3_bind_int (update, 1, id);
  sqlite3_bind_int (update, 2, active);
  sqlite3_bind_text (update, 3, unused, -1, SQLITE_TRANSIENT);
  return tsr_db_run (project, update, error);
}
