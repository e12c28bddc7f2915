#include "tessera-session-private.h"

#include <math.h>
#include <string.h>

guint tessera_session_signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (TesseraSession, tessera_session, G_TYPE_OBJECT)

/* Labels made by `tessera label` or another window show within this many milliseconds. */
#define POLL_MS 700

static void
tessera_session_dispose (GObject *object)
{
  tessera_session_close (TESSERA_SESSION (object));
  G_OBJECT_CLASS (tessera_session_parent_class)->dispose (object);
}

static void
tessera_session_finalize (GObject *object)
{
  TesseraSession *self = TESSERA_SESSION (object);
  g_free (self->path);
  g_clear_pointer (&self->contents, tessera_contents_unref);
  g_free (self->label);
  g_free (self->excluded);
  g_free (self->predictions);
  g_clear_pointer (&self->colours, g_bytes_unref);
  g_clear_pointer (&self->example, tessera_example_unref);
  g_clear_pointer (&self->preview, g_bytes_unref);
  g_free (self->truth_classes);
  g_free (self->annotator);
  tessera_session_take_dispute (self, NULL);
  g_clear_pointer (&self->classes, g_ptr_array_unref);
  g_clear_pointer (&self->queue, g_array_unref);
  g_clear_pointer (&self->recent, g_array_unref);
  g_clear_pointer (&self->recent_shown, g_array_unref);
  g_clear_pointer (&self->neighbours, g_array_unref);
  g_clear_pointer (&self->near_labels, g_array_unref);
  g_hash_table_unref (self->settings);
  tessera_counts_free (self->counts);
  tsr_audit_free (self->audit);
  g_clear_pointer (&self->first, tessera_reply_free);
  g_array_unref (self->selection);
  g_ptr_array_unref (self->edits);
  g_ptr_array_unref (self->undone_edits);
  g_clear_pointer (&self->former_classes, g_ptr_array_unref);
  g_queue_free_full (self->waiting, (GDestroyNotify)tessera_request_free);
  G_OBJECT_CLASS (tessera_session_parent_class)->finalize (object);
}

static void
tessera_session_class_init (TesseraSessionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  object_class->dispose = tessera_session_dispose;
  object_class->finalize = tessera_session_finalize;

  static const struct {
    int id;
    const char *name;
  } plain[] = {
      {SIGNAL_OPENED, "opened"},
      {SIGNAL_LABELS, "labels-changed"},
      {SIGNAL_CLASSES, "classes-changed"},
      {SIGNAL_SELECTION, "selection-changed"},
      {SIGNAL_MAP, "map-changed"},
      {SIGNAL_SUGGESTIONS, "suggestions-changed"},
      {SIGNAL_DETAILS, "details-changed"},
      {SIGNAL_COVERAGE, "coverage-changed"},
      {SIGNAL_SETTINGS, "settings-changed"},
      {SIGNAL_EXAMPLE, "example-changed"},
      {SIGNAL_AUDIT, "audit-changed"},
  };
  GType type = G_TYPE_FROM_CLASS (klass);
  for (guint i = 0; i < G_N_ELEMENTS (plain); i++)
    tessera_session_signals[plain[i].id] =
        g_signal_new (plain[i].name, type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  tessera_session_signals[SIGNAL_FAILED] = g_signal_new ("failed", type, G_SIGNAL_RUN_LAST, 0, NULL,
                                                         NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  tessera_session_signals[SIGNAL_ACT] = g_signal_new ("act-done", type, G_SIGNAL_RUN_LAST, 0, NULL,
                                                      NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  tessera_session_signals[SIGNAL_TOAST] =
      g_signal_new ("toast", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2,
                    G_TYPE_STRING, G_TYPE_UINT);
}

static void
tessera_session_init (TesseraSession *self)
{
  self->current = TESSERA_NO_TILE;
  self->details_tile = TESSERA_NO_TILE;
  self->map_width = -1;
  self->selection = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  self->queue = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  self->recent = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  self->recent_shown = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  self->classes = g_ptr_array_new_with_free_func ((GDestroyNotify)tsr_class_free);
  self->settings = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->counts = tessera_counts_new (0, NULL, NULL, NULL, NULL, NULL);
  self->waiting = g_queue_new ();
  self->edits = g_ptr_array_new_with_free_func (tessera_class_edit_free);
  self->undone_edits = g_ptr_array_new_with_free_func (tessera_class_edit_free);
}

static gboolean
poll_cb (gpointer data)
{
  TesseraSession *self = data;
  if (!self->polling && self->in_flight == NULL && self->contents != NULL) {
    self->polling = TRUE;
    tessera_desk_send (self->desk, tessera_request_new (TESSERA_REQUEST_POLL));
  }
  return G_SOURCE_CONTINUE;
}

TesseraSession *
tessera_session_new (const char *path)
{
  g_return_val_if_fail (path != NULL, NULL);
  TesseraSession *self = g_object_new (TESSERA_TYPE_SESSION, NULL);
  self->path = g_strdup (path);
  self->desk = tessera_desk_new (path, tessera_session_reply_cb, self);
  self->opening = TRUE;
  tessera_desk_send (self->desk, tessera_request_new (TESSERA_REQUEST_OPEN));
  self->poll_source = g_timeout_add (POLL_MS, poll_cb, self);
  return self;
}

/* Acts still waiting were typed by the user: they are sent before the desk closes, as far as the
 * tiles they are about are known; only those meant for a tile not yet shown are dropped. */
static void
flush_waiting (TesseraSession *self)
{
  TesseraRequest *request;
  while ((request = g_queue_pop_head (self->waiting)) != NULL) {
    gboolean needs_tiles = request->kind == TESSERA_REQUEST_LABEL ||
                           request->kind == TESSERA_REQUEST_EXCLUDE ||
                           request->kind == TESSERA_REQUEST_SKIP;
    if ((needs_tiles && request->tiles == NULL) ||
        (!needs_tiles && !tessera_session_prepare_classes (self, request)))
      tessera_request_free (request);
    else
      tessera_desk_send (self->desk, request);
  }
}

void
tessera_session_close (TesseraSession *self)
{
  g_return_if_fail (TESSERA_IS_SESSION (self));
  g_clear_handle_id (&self->poll_source, g_source_remove);
  if (self->desk != NULL) {
    flush_waiting (self);
    g_clear_pointer (&self->desk, tessera_desk_free);
  }
  g_clear_pointer (&self->in_flight, tessera_request_free);
}

const char *
tessera_session_get_path (TesseraSession *self)
{
  g_return_val_if_fail (TESSERA_IS_SESSION (self), NULL);
  return self->path;
}

char *
tessera_session_dup_title (TesseraSession *self)
{
  g_return_val_if_fail (TESSERA_IS_SESSION (self), NULL);
  const char *title = tessera_session_get_setting (self, "title", NULL);
  if (title != NULL && *title != '\0')
    return g_strdup (title);
  g_autofree char *base = g_path_get_basename (self->path);
  if (g_str_has_suffix (base, ".tessera"))
    base[strlen (base) - strlen (".tessera")] = '\0';
  return g_filename_display_name (base);
}

gboolean
tessera_session_is_open (TesseraSession *self)
{
  g_return_val_if_fail (TESSERA_IS_SESSION (self), FALSE);
  return self->desk != NULL && self->contents != NULL;
}

void
tessera_session_toast (TesseraSession *self, const char *text, gboolean offer_undo)
{
  g_signal_emit (self, tessera_session_signals[SIGNAL_TOAST], 0, text,
                 offer_undo ? self->n_acts : 0);
}

void
tessera_session_say (TesseraSession *self, const char *text)
{
  g_signal_emit (self, tessera_session_signals[SIGNAL_ACT], 0, text);
}

void
tessera_session_reload (TesseraSession *self)
{
  g_return_if_fail (TESSERA_IS_SESSION (self));
  if (self->desk != NULL)
    tessera_desk_send (self->desk, tessera_request_new (TESSERA_REQUEST_RELOAD));
}

void
tessera_session_set_map_preview (TesseraSession *self, GBytes *y)
{
  g_return_if_fail (TESSERA_IS_SESSION (self));
  g_clear_pointer (&self->preview, g_bytes_unref);
  self->map_width = -1;
  if (y != NULL && self->contents != NULL &&
      g_bytes_get_size (y) == (gsize)self->contents->n * 2 * sizeof (float))
    self->preview = g_bytes_ref (y);
  g_signal_emit (self, tessera_session_signals[SIGNAL_MAP], 0);
}

gboolean
tessera_session_is_map_forming (TesseraSession *self)
{
  g_return_val_if_fail (TESSERA_IS_SESSION (self), FALSE);
  return self->preview != NULL;
}

const char *
tessera_session_get_setting (TesseraSession *self, const char *key, const char *fallback)
{
  g_return_val_if_fail (TESSERA_IS_SESSION (self), fallback);
  const char *value = g_hash_table_lookup (self->settings, key);
  return value != NULL ? value : fallback;
}

void
tessera_session_set_setting (TesseraSession *self, const char *key, const char *value)
{
  g_return_if_fail (TESSERA_IS_SESSION (self));
  if (g_strcmp0 (g_hash_table_lookup (self->settings, key), value) == 0)
    return;
  if (value != NULL)
    g_hash_table_insert (self->settings, g_strdup (key), g_strdup (value));
  else
    g_hash_table_remove (self->settings, key);
  if (self->desk != NULL) {
    TesseraRequest *request = tessera_request_new (TESSERA_REQUEST_SET);
    request->key = g_strdup (key);
    request->text = g_strdup (value);
    tessera_desk_send (self->desk, request);
  }
  g_signal_emit (self, tessera_session_signals[SIGNAL_SETTINGS], 0);
}
