#include "tessera-desk.h"

#include "tessera-account.h"
#include "tessera-colours.h"
#include "tessera-desk-audit.h"
#include "tsr-label-import.h"

#include <glib/gi18n.h>

const char *
tessera_desk_default_annotator (void)
{
  const char *name = g_get_real_name ();
  return g_strcmp0 (name, "Unknown") == 0 || name == NULL || *name == '\0' ? g_get_user_name ()
                                                                           : name;
}

static void
fill_history (TesseraDeskState *self, TesseraReply *reply)
{
  reply->can_undo = tsr_project_can_undo (self->project);
  reply->can_redo = tsr_project_can_redo (self->project);
  reply->undo_entry = tsr_project_undo_entry (self->project);
  reply->has_history = true;
  self->seq = tsr_project_journal_seq (self->project);
}

static void
fill_queue (TesseraDeskState *self, TesseraReply *reply)
{
  if (tessera_desk_audit_runs (self)) {
    reply->queue = tsr_audit_left (self->audit);
    reply->batch_done = self->audit->tiles->len - reply->queue->len;
    return;
  }
  reply->given = self->derived->given != NULL;
  reply->queue = g_array_copy (self->derived->queue);
  reply->batch_done = self->derived->done->len;
}

/* The classes, and which of them the ground truth's names mean. */
static void
fill_classes (TesseraDeskState *self, const TesseraContents *contents, TesseraReply *reply)
{
  reply->classes = tsr_project_classes (self->project);
  g_clear_pointer (&self->class_ids, g_array_unref);
  self->class_ids = g_array_new (FALSE, FALSE, sizeof (int32_t));
  for (guint i = 0; i < reply->classes->len; i++)
    g_array_append_val (self->class_ids, ((TsrClass *)reply->classes->pdata[i])->id);
  g_clear_pointer (&self->truth_classes, g_free);
  if (contents != NULL && contents->truth_names != NULL)
    reply->truth_classes =
        tsr_project_truth_classes (self->project, contents->truth_names, reply->classes, true);
  if (reply->truth_classes != NULL)
    self->truth_classes = g_memdup2 (reply->truth_classes, g_strv_length (contents->truth_names) *
                                                               sizeof *reply->truth_classes);
}

/* What takes a look at every tile and is the window's to show: counts and colours. */
static void
fill_counts (TesseraDeskState *self, TesseraReply *reply)
{
  const TesseraDerived *derived = self->derived;
  bool changed = reply->label != NULL || reply->changes != NULL || reply->predictions != NULL ||
                 reply->classes != NULL;
  if (!changed || derived->contents == NULL)
    return;
  uint32_t n = derived->contents->n;
  g_autofree TsrPrediction *owned =
      reply->predictions == NULL ? tessera_desk_seen_predictions (self) : NULL;
  const TsrPrediction *predictions = owned != NULL ? owned : reply->predictions;
  reply->counts = tessera_counts_new (n, derived->label, derived->excluded, predictions,
                                      derived->contents->truth, self->truth_classes);
  reply->colours = g_bytes_new_take (tessera_colours_paint ((const int32_t *)self->class_ids->data,
                                                            self->class_ids->len, n, derived->label,
                                                            derived->excluded, predictions),
                                     (gsize)MAX (1, n) * sizeof (TesseraMapPoint));
}

/* The settings the window and the desk read; absent ones are left out. */
static GHashTable *
read_settings (TsrProject *project)
{
  static const char *const keys[] = {
      "rule",
      "annotator",
      "strategy",
      "batch",
      "resolution",
      "channels",
      "train.preset",
      "view.color-by",
      "view.smooth",
      "view.thumbnails",
      "view.show",
      "title",
      "demonstration",
      "view.truth",
      "view.middle",
      "gallery.sort",
      "gallery.size",
      "gallery.class",
      "gallery.below",
      "gallery.slide",
      "gallery.annotator",
      "gallery.how",
      "gallery.discordant",
      "view.map",
      "view.tile",
      "view.page",
      "view.surroundings",
      "map.method",
      "health.goal",
  };
  GHashTable *settings = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++) {
    char *value = tsr_project_get (project, keys[i]);
    if (value != NULL)
      g_hash_table_insert (settings, g_strdup (keys[i]), value);
  }
  return settings;
}

static void
adopt_setting (TesseraDeskState *self, const char *key, const char *value)
{
  TsrRule rule = TSR_RULE_MAP;
  TsrStrategy strategy = TSR_STRATEGY_DEFAULT;
  if (g_str_equal (key, "rule")) {
    tsr_rule_from_name (value, &rule);
    tessera_derived_set_rule (self->derived, rule);
  } else if (g_str_equal (key, "strategy")) {
    tsr_strategy_from_name (value, &strategy);
    self->derived->strategy = strategy;
  } else if (g_str_equal (key, "batch"))
    self->derived->batch = value != NULL ? CLAMP (atoi (value), 1, 1000) : TESSERA_BATCH;
  else if (g_str_equal (key, "annotator")) {
    g_free (self->annotator);
    self->annotator =
        g_strdup (value != NULL && *value != '\0' ? value : tessera_desk_default_annotator ());
  }
}

/* A batch that cannot be stored costs nothing but its memory over a restart. */
static void
store_batch (TesseraDeskState *self)
{
  g_autoptr (GArray) batch = tessera_derived_batch (self->derived);
  g_autoptr (GError) error = NULL;
  const char *strategy = self->derived->given != NULL ? self->derived->given
                                                      : tsr_strategy_name (self->derived->strategy);
  if (!tsr_project_put_suggestions (self->project, (const uint32_t *)batch->data, batch->len,
                                    strategy, &error))
    g_warning ("%s", error->message);
}

/* Everything anew: contents if asked, then labels, classes and what follows from them. */
static bool
load (TesseraDeskState *self, bool with_contents, TesseraReply *reply, GError **error)
{
  g_autoptr (TesseraContents) contents = NULL;
  if (with_contents)
    contents = tessera_contents_load (self->project, self->derived->contents, error);
  else
    contents = tessera_contents_ref (self->derived->contents);
  if (contents == NULL)
    return false;

  int64_t seq = tsr_project_journal_seq (self->project);
  g_autofree int32_t *label = g_new (int32_t, MAX (1, contents->n));
  g_autofree uint8_t *excluded = g_malloc0 (MAX (1, contents->n));
  if (!tsr_project_labels (self->project, label, excluded, error))
    return false;
  reply->label = g_memdup2 (label, MAX (1, contents->n) * sizeof *label);
  reply->excluded = g_memdup2 (excluded, MAX (1, contents->n));
  fill_classes (self, contents, reply);

  g_autoptr (GArray) batch = tsr_project_get_suggestions (self->project);
  g_autofree char *strategy = tsr_project_get (self->project, "suggestions.strategy");
  guint stored = batch != NULL ? batch->len : 0;
  reply->unfinished = tessera_derived_reset (self->derived, contents, g_steal_pointer (&label),
                                             g_steal_pointer (&excluded), batch, strategy);
  if (!reply->unfinished && self->derived->queue->len + self->derived->done->len != stored)
    store_batch (self);
  tessera_desk_audit_load (self, reply);
  reply->predictions = tessera_desk_seen_predictions (self);
  fill_queue (self, reply);
  fill_history (self, reply);
  self->seq = seq; /* as of before reading, so that nothing written meanwhile is missed */
  self->n_tiles = contents->n;
  reply->recent = tessera_desk_recent (self->project);
  if (with_contents)
    reply->contents = g_steal_pointer (&contents);
  return true;
}

static bool
open_project (TesseraDeskState *self, TesseraReply *reply, GError **error)
{
  self->project = tsr_project_open (self->path, TSR_PROJECT_READ_WRITE, error);
  if (self->project == NULL)
    return false;
  reply->settings = read_settings (self->project);
  static const char *const adopted[] = {"rule", "strategy", "batch", "annotator"};
  for (guint i = 0; i < G_N_ELEMENTS (adopted); i++)
    adopt_setting (self, adopted[i], g_hash_table_lookup (reply->settings, adopted[i]));
  return load (self, true, reply, error);
}

static bool
poll (TesseraDeskState *self, TesseraReply *reply, GError **error)
{
  bool tiles = tsr_project_n_tiles (self->project) != self->n_tiles;
  if (!tiles && tsr_project_journal_seq (self->project) == self->seq &&
      !tessera_desk_audit_moved (self))
    return true;
  reply->foreign = true;
  return load (self, tiles, reply, error);
}

/* Done again, working through disagreements has its list back: the tiles that wait for a decision
 * now and did not before. */
static bool
bring_back_list (TesseraDeskState *self, const GArray *changes)
{
  g_autoptr (GArray) tiles = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  for (guint i = 0; i < changes->len; i++) {
    const TsrLabelChange *c = &g_array_index (changes, TsrLabelChange, i);
    if (c->after == TSR_LABEL_NONE && c->before != TSR_LABEL_NONE &&
        tsr_project_dispute (self->project, c->tile, NULL))
      g_array_append_val (tiles, c->tile);
  }
  if (tiles->len > 0)
    tessera_derived_give (self->derived, tiles, TSR_SUGGESTED_CONSENSUS);
  if (tiles->len > 0)
    store_batch (self);
  return tiles->len > 0;
}

/* Undone, the last answer of a list makes it the list to be worked through again. */
static bool
take_up_list (TesseraDeskState *self, const GArray *changes)
{
  if (self->ended == NULL || self->derived->given != NULL)
    return false;
  g_autoptr (GHashTable) of_list = g_hash_table_new (NULL, NULL);
  for (guint i = 0; i < self->ended->len; i++)
    g_hash_table_add (of_list, GUINT_TO_POINTER (g_array_index (self->ended, uint32_t, i)));
  bool open = false;
  for (guint i = 0; !open && i < changes->len; i++) {
    const TsrLabelChange *c = &g_array_index (changes, TsrLabelChange, i);
    open =
        c->after == TSR_LABEL_NONE && g_hash_table_contains (of_list, GUINT_TO_POINTER (c->tile));
  }
  if (!open)
    return false;
  tessera_derived_give (self->derived, self->ended, self->ended_list);
  g_clear_pointer (&self->ended, g_array_unref);
  store_batch (self);
  return true;
}

/* Takes changes into derived state and reply. */
static void
finish_changes (TesseraDeskState *self, TesseraRequestKind kind, GArray *changes,
                TesseraReply *reply)
{
  reply->changes = changes;
  reply->unfinished = tessera_derived_apply (self->derived, changes);
  if ((kind == TESSERA_REQUEST_REDO && bring_back_list (self, changes)) ||
      (kind == TESSERA_REQUEST_UNDO && take_up_list (self, changes)))
    reply->unfinished = false;
  tessera_desk_audit_apply (self, kind, changes, reply);
  reply->predictions = tessera_desk_seen_predictions (self);
  if (!reply->unfinished)
    fill_queue (self, reply);
  fill_history (self, reply);
}

/* Whether a request can be the one that looks at the last tile of a batch. */
static bool
ends_batch (TesseraRequestKind kind)
{
  return kind != TESSERA_REQUEST_OPEN && kind != TESSERA_REQUEST_RELOAD &&
         kind != TESSERA_REQUEST_POLL && kind != TESSERA_REQUEST_RESET &&
         kind != TESSERA_REQUEST_UNDO && kind != TESSERA_REQUEST_REVERT;
}

TesseraReply *
tessera_desk_finish (TesseraDeskState *self, TesseraRequestKind kind)
{
  TesseraReply *reply = tessera_reply_new (kind);
  const char *list = self->derived->given;
  g_autoptr (GArray) batch = tessera_derived_batch (self->derived);
  bool drawn = tessera_derived_catch_up (self->derived);
  reply->new_batch = drawn && ends_batch (kind) && !tessera_desk_audit_runs (self);
  reply->ended = reply->new_batch ? list : NULL;
  if (reply->ended != NULL) {
    g_clear_pointer (&self->ended, g_array_unref);
    self->ended = g_steal_pointer (&batch);
    self->ended_list = list;
  }
  store_batch (self);
  fill_queue (self, reply);
  return reply;
}

/* Whether two readers had disagreed on all of these tiles, so that a label decides. */
static bool
decides (TesseraDeskState *self, const TesseraRequest *request)
{
  if (request->value == TSR_LABEL_NONE)
    return false;
  for (size_t i = 0; i < request->n_tiles; i++)
    if (!tsr_project_dispute (self->project, request->tiles[i], NULL))
      return false;
  return true;
}

static bool
label_tiles (TesseraDeskState *self, const TesseraRequest *request, GArray **changes,
             GError **error)
{
  TsrHow how = request->how;
  if (decides (self, request))
    how = TSR_HOW_CONSENSUS;
  else if (how != TSR_HOW_CLEARED &&
           tessera_desk_audit_asks (self, request->tiles, request->n_tiles))
    how = TSR_HOW_CHECK;
  return tsr_project_label (self->project, request->tiles, &request->value, request->n_tiles, true,
                            how, self->annotator, changes, error);
}

/* The other reader's labels join, or what the two disagree on waits for a decision. */
static bool
merge_reader (TesseraDeskState *self, const TesseraRequest *request, TesseraReply *reply,
              GError **error)
{
  bool disputes = request->kind == TESSERA_REQUEST_DISPUTES;
  TsrMergeReport report;
  store_batch (self);
  if (!tsr_readings_merge (request->readings, self->project,
                           disputes ? TSR_DISPUTED_CLEAR : TSR_DISPUTED_KEEP, disputes,
                           self->annotator, &report, error))
    return false;
  reply->value = (int32_t)report.changed;
  reply->disputed = report.disputed;
  tsr_merge_report_clear (&report);
  return load (self, false, reply, error);
}

/* A demonstration's fresh start: every label is cleared and every excluded tile comes back; one act
 * for undo. */
static bool
reset_labels (TesseraDeskState *self, TesseraReply *reply, GError **error)
{
  uint32_t n = self->derived->contents->n;
  g_autoptr (GArray) labelled = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  g_autoptr (GArray) excluded = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  for (uint32_t i = 0; i < n; i++) {
    if (self->derived->label[i] != TSR_LABEL_NONE)
      g_array_append_val (labelled, i);
    if (self->derived->excluded[i])
      g_array_append_val (excluded, i);
  }
  int32_t none = TSR_LABEL_NONE;
  if (!tsr_project_begin_act (self->project, error))
    return false;
  bool ok = (excluded->len == 0 ||
             tsr_project_exclude (self->project, (uint32_t *)excluded->data, excluded->len, false,
                                  self->annotator, NULL, error)) &&
            (labelled->len == 0 ||
             tsr_project_label (self->project, (uint32_t *)labelled->data, &none, labelled->len,
                                true, TSR_HOW_CLEARED, self->annotator, NULL, error)) &&
            tsr_project_put_suggestions (self->project, NULL, 0,
                                         tsr_strategy_name (self->derived->strategy), error);
  if (!tsr_project_end_act (self->project, ok, error))
    return false;
  reply->value = (int32_t)labelled->len;
  return load (self, false, reply, error);
}

/* What a toast offers to undo must be what undo takes back, also if another process has written. */
static bool
is_newest (TesseraDeskState *self, int64_t entry, GError **error)
{
  if (entry == 0 || entry == tsr_project_undo_entry (self->project))
    return true;
  g_set_error (error, TSR_ERROR, TSR_ERROR_PROJECT,
               _ ("Something else was done meanwhile; Ctrl+Z takes back the last change."));
  return false;
}

/* Commands that end in journal changes. */
static bool
change (TesseraDeskState *self, const TesseraRequest *request, TesseraReply *reply, GError **error)
{
  GArray *changes = NULL;
  bool ok = false;
  switch (request->kind) {
  case TESSERA_REQUEST_LABEL:
    ok = label_tiles (self, request, &changes, error);
    break;
  case TESSERA_REQUEST_EXCLUDE:
    ok = tsr_project_exclude (self->project, request->tiles, request->n_tiles, request->value != 0,
                              self->annotator, &changes, error);
    break;
  case TESSERA_REQUEST_UNDO:
    ok = is_newest (self, request->entry, error) &&
         tsr_project_undo (self->project, self->annotator, &changes, &reply->description, error);
    break;
  case TESSERA_REQUEST_REDO:
    ok = tsr_project_redo (self->project, self->annotator, &changes, &reply->description, error);
    break;
  case TESSERA_REQUEST_REVERT:
    ok = tsr_project_revert (self->project, request->entry, self->annotator, NULL, &changes, error);
    break;
  case TESSERA_REQUEST_MERGE_CLASS:
    ok = tsr_project_merge_class (self->project, request->value, request->other, self->annotator,
                                  &changes, error);
    break;
  default:
    ok = tsr_project_remove_class (self->project, request->value, self->annotator, &changes, error);
    break;
  }
  if (!ok)
    return false;
  if (changes == NULL)
    changes = g_array_new (FALSE, FALSE, sizeof (TsrLabelChange));
  if (request->kind != TESSERA_REQUEST_LABEL && request->kind != TESSERA_REQUEST_EXCLUDE)
    fill_classes (self, self->derived->contents, reply);
  finish_changes (self, request->kind, changes, reply);
  return true;
}

/* One that could not be a class is left out; the others come. */
static void
add_classes (TesseraDeskState *self, const GPtrArray *list, TesseraReply *reply)
{
  reply->value = 0;
  for (guint i = 0; i < list->len; i++) {
    const TsrRegionClass *wanted = list->pdata[i];
    g_autoptr (GError) cause = NULL;
    bool fresh;
    if (tsr_label_class (self->project, wanted->name, wanted->rgb, &fresh, &cause) >= 0)
      continue;
    reply->value++;
    if (reply->description == NULL)
      reply->description = g_strdup (cause->message);
  }
}

static bool
edit_classes (TesseraDeskState *self, const TesseraRequest *request, TesseraReply *reply,
              GError **error)
{
  bool ok = true;
  if (request->kind == TESSERA_REQUEST_ADD_CLASS) {
    reply->value = tsr_project_add_class (self->project, request->text, request->value, error);
    ok = reply->value >= 0;
  } else if (request->kind == TESSERA_REQUEST_ADD_CLASSES) {
    add_classes (self, request->list, reply);
  } else if (request->kind == TESSERA_REQUEST_UPDATE_CLASS) {
    ok = tsr_project_update_class (self->project, request->class_, error);
  } else {
    ok = tsr_project_put_classes (self->project, request->classes, error);
  }
  fill_classes (self, self->derived->contents, reply);
  return ok;
}

static bool
set_setting (TesseraDeskState *self, const TesseraRequest *request, TesseraReply *reply,
             GError **error)
{
  if (!tsr_project_set (self->project, request->key, request->text, error))
    return false;
  TsrRule rule = self->derived->rule;
  adopt_setting (self, request->key, request->text);
  if (rule != self->derived->rule)
    reply->predictions = tessera_desk_seen_predictions (self);
  return true;
}

static void
suggest (TesseraDeskState *self, const TesseraRequest *request, TesseraReply *reply)
{
  tessera_derived_suggest (self->derived, (uint32_t)MAX (0, request->value));
  store_batch (self);
  fill_queue (self, reply);
}

static void
details (TesseraDeskState *self, const TesseraRequest *request, TesseraReply *reply)
{
  reply->tile = request->tiles[0];
  reply->neighbours = tessera_derived_neighbours (self->derived, reply->tile, TESSERA_N_NEIGHBOURS);
  tessera_account_fill (self->derived, reply->tile, reply);
  if (!tsr_project_label_origin (self->project, reply->tile, &reply->annotator, &reply->labelled_at,
                                 &reply->how))
    g_clear_pointer (&reply->annotator, g_free);
  TsrDispute dispute;
  if (tsr_project_dispute (self->project, reply->tile, &dispute))
    reply->dispute = g_memdup2 (&dispute, sizeof dispute);
}

TesseraReply *
tessera_desk_execute (TesseraDeskState *self, const TesseraRequest *request)
{
  TesseraReply *reply = tessera_reply_new (request->kind);
  GError **error = &reply->error;
  reply->value = request->value;
  if (self->project == NULL && request->kind != TESSERA_REQUEST_OPEN) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_PROJECT, _ ("“%s” is not open; open it again."),
                 self->path);
    return reply;
  }
  switch (request->kind) {
  case TESSERA_REQUEST_OPEN:
    open_project (self, reply, error);
    break;
  case TESSERA_REQUEST_RELOAD:
    load (self, true, reply, error);
    break;
  case TESSERA_REQUEST_POLL:
    poll (self, reply, error);
    break;
  case TESSERA_REQUEST_SKIP:
    if (!tessera_desk_audit_skip (self, request->tiles[0]))
      tessera_derived_skip (self->derived, request->tiles[0]);
    fill_queue (self, reply);
    break;
  case TESSERA_REQUEST_ADD_CLASS:
  case TESSERA_REQUEST_ADD_CLASSES:
  case TESSERA_REQUEST_UPDATE_CLASS:
  case TESSERA_REQUEST_MOVE_CLASS:
  case TESSERA_REQUEST_CLASS_KEY:
  case TESSERA_REQUEST_PUT_CLASSES:
    edit_classes (self, request, reply, error);
    break;
  case TESSERA_REQUEST_SET:
    set_setting (self, request, reply, error);
    break;
  case TESSERA_REQUEST_SUGGEST:
    suggest (self, request, reply);
    break;
  case TESSERA_REQUEST_DETAILS:
    details (self, request, reply);
    break;
  case TESSERA_REQUEST_AUDIT:
    if (tessera_desk_audit_request (self, request->value, reply, error))
      fill_queue (self, reply);
    break;
  case TESSERA_REQUEST_RESET:
    reset_labels (self, reply, error);
    break;
  case TESSERA_REQUEST_TAKE_LABELS:
  case TESSERA_REQUEST_DISPUTES:
    merge_reader (self, request, reply, error);
    break;
  default:
    change (self, request, reply, error);
    break;
  }
  fill_counts (self, reply);
  return reply;
}

TesseraReply *
tessera_desk_measure (TesseraDeskState *self)
{
  float now, then;
  if (self->project == NULL ||
      !tessera_derived_coverage (self->derived, TESSERA_COVERAGE_MORE, &now, &then))
    return NULL;
  TesseraReply *reply = tessera_reply_new (TESSERA_REQUEST_POLL);
  reply->has_coverage = true;
  reply->radius = now;
  reply->radius_more = then;
  reply->more = TESSERA_COVERAGE_MORE;
  return reply;
}
