/* What the desk answers, and what is said about it. */

#include "tessera-session-private.h"

#include <glib/gi18n.h>

static void
emit (TesseraSession *self, int signal)
{
  g_signal_emit (self, tessera_session_signals[signal], 0);
}

/* The name of a class or of what stands for none, borrowed. */
static const char *
class_name (TesseraSession *self, int32_t id)
{
  if (id == TSR_LABEL_UNSURE)
    return _ ("Unsure");
  const TsrClass *class_ = tessera_session_get_class (self, id);
  return class_ != NULL ? class_->name : _ ("No label");
}

static char *
describe_label (TesseraSession *self, int32_t value, size_t n)
{
  if (value == TSR_LABEL_NONE)
    return g_strdup_printf (ngettext ("Label of %u tile cleared", "Labels of %u tiles cleared", n),
                            (unsigned)n);
  if (n == 1)
    return g_strdup (class_name (self, value));
  return g_strdup_printf (ngettext ("%s: %u tile", "%s: %u tiles", n), class_name (self, value),
                          (unsigned)n);
}

static char *
describe_exclude (gboolean excluded, size_t n)
{
  if (excluded)
    return g_strdup_printf (ngettext ("%u tile excluded", "%u tiles excluded", n), (unsigned)n);
  return g_strdup_printf (ngettext ("%u tile readmitted", "%u tiles readmitted", n), (unsigned)n);
}

/* How many labels were replaced, which among many tiles are easily overlooked; or taken away. */
static size_t
count_replaced (const GArray *changes)
{
  size_t n = 0;
  for (guint i = 0; changes != NULL && i < changes->len; i++) {
    const TsrLabelChange *c = &g_array_index (changes, TsrLabelChange, i);
    n += c->before >= 0 && c->before != c->after;
  }
  return n;
}

static char *
describe_labels (TesseraSession *self, const TesseraRequest *about, const GArray *changes)
{
  size_t replaced = count_replaced (changes);
  if (about->value == TSR_LABEL_NONE && changes != NULL && changes->len > 0)
    return describe_label (self, about->value, changes->len);
  char *text = describe_label (self, about->value, about->n_tiles);
  if (about->n_tiles == 1 || about->value == TSR_LABEL_NONE || replaced == 0)
    return text;
  g_autofree char *start = text;
  /* Translators: first “Stroma: 12 tiles”, then how many labels that replaced. */
  return g_strdup_printf (
      ngettext ("%s, %u of which had another label", "%s, %u of which had another label", replaced),
      start, (unsigned)replaced);
}

static void
say_label (TesseraSession *self, const TesseraRequest *about, const GArray *changes)
{
  g_autofree char *text = about->kind == TESSERA_REQUEST_LABEL
                              ? describe_labels (self, about, changes)
                              : describe_exclude (about->value != 0, about->n_tiles);
  tessera_session_say (self, text);
  /* One tile after another is quiet; what touches many speaks up. */
  if (about->n_tiles > 1 || about->kind == TESSERA_REQUEST_EXCLUDE)
    tessera_session_toast (self, text, TRUE);
}

static void
say_history (TesseraSession *self, const TesseraReply *reply)
{
  gboolean undo = reply->kind == TESSERA_REQUEST_UNDO;
  if (reply->description == NULL || (reply->changes->len == 0 && *reply->description == '\0')) {
    tessera_session_toast (self, undo ? _ ("Nothing to undo") : _ ("Nothing to redo"), FALSE);
    return;
  }
  g_autofree char *text =
      g_strdup_printf (undo ? _ ("Undone: %s") : _ ("Done again: %s"), reply->description);
  tessera_session_say (self, text);
}

/* Both in the status line, which always says what came last, and where it cannot be missed. */
static void
announce (TesseraSession *self, const char *text)
{
  tessera_session_say (self, text);
  tessera_session_toast (self, text, TRUE);
}

static char *
describe_removal (const char *name, guint labels)
{
  if (labels == 0)
    return g_strdup_printf (_ ("Class “%s” removed"), name);
  return g_strdup_printf (ngettext ("Class “%s” removed, and with it its %u label",
                                    "Class “%s” removed, and with it its %u labels", labels),
                          name, labels);
}

static void
say_done (TesseraSession *self, const TesseraRequest *about, const TesseraReply *reply,
          const char *former_name)
{
  g_autofree char *text = NULL;
  switch (about->kind) {
  case TESSERA_REQUEST_LABEL:
  case TESSERA_REQUEST_EXCLUDE:
    say_label (self, about, reply->changes);
    break;
  case TESSERA_REQUEST_UNDO:
  case TESSERA_REQUEST_REDO:
    say_history (self, reply);
    break;
  case TESSERA_REQUEST_MERGE_CLASS:
    text =
        g_strdup_printf (_ ("“%s” merged into “%s”"), former_name, class_name (self, about->other));
    announce (self, text);
    break;
  case TESSERA_REQUEST_REMOVE_CLASS:
    text = describe_removal (former_name, reply->changes != NULL ? reply->changes->len : 0);
    announce (self, text);
    break;
  case TESSERA_REQUEST_RESET:
    if (reply->value > 0)
      announce (self, _ ("All labels cleared; the demonstration starts again"));
    break;
  case TESSERA_REQUEST_REVERT:
  case TESSERA_REQUEST_TAKE_LABELS:
  case TESSERA_REQUEST_DISPUTES:
    tessera_session_say_readers (self, reply);
    break;
  default:
    if (tessera_session_is_edit (about->kind))
      tessera_session_finish_edit (self, about, reply);
    break;
  }
}

static void
take_changes (TesseraSession *self, const GArray *changes)
{
  for (guint i = 0; i < changes->len; i++) {
    const TsrLabelChange *c = &g_array_index (changes, TsrLabelChange, i);
    self->label[c->tile] = c->after;
    self->excluded[c->tile] = c->excluded_after;
  }
}

static void
take_contents (TesseraSession *self, TesseraReply *reply)
{
  g_autoptr (TesseraContents) before = g_steal_pointer (&self->contents);
  self->contents = g_steal_pointer (&reply->contents);
  tessera_session_keep_example (self, before);
  g_clear_pointer (&self->preview, g_bytes_unref);
  self->map_width = -1;
  g_clear_pointer (&self->predictions, g_free);
  if (self->current != TESSERA_NO_TILE && self->current >= self->contents->n)
    tessera_session_select_none (self);
}

/* Moves every field the reply fills into the session. */
static void
take (TesseraSession *self, TesseraReply *reply)
{
  if (reply->contents != NULL || reply->label != NULL || reply->classes != NULL ||
      reply->changes != NULL || reply->predictions != NULL) {
    g_clear_pointer (&self->colours, g_bytes_unref);
    self->colours = g_steal_pointer (&reply->colours);
  }
  if (reply->contents != NULL)
    take_contents (self, reply);
  if (reply->settings != NULL) {
    g_hash_table_unref (self->settings);
    self->settings = g_steal_pointer (&reply->settings);
  }
  if (reply->label != NULL) {
    g_free (self->label);
    g_free (self->excluded);
    self->label = g_steal_pointer (&reply->label);
    self->excluded = g_steal_pointer (&reply->excluded);
    g_clear_pointer (&self->predictions, g_free);
  }
  if (reply->classes != NULL) {
    g_ptr_array_unref (self->classes);
    self->classes = g_steal_pointer (&reply->classes);
    g_ptr_array_set_free_func (self->classes, (GDestroyNotify)tsr_class_free);
    g_free (self->truth_classes);
    self->truth_classes = g_steal_pointer (&reply->truth_classes);
  }
  if (reply->changes != NULL)
    take_changes (self, reply->changes);
  if (reply->predictions != NULL) {
    g_free (self->predictions);
    self->predictions = g_steal_pointer (&reply->predictions);
  }
  if (reply->counts != NULL) {
    tessera_counts_free (self->counts);
    self->counts = g_steal_pointer (&reply->counts);
  }
  if (reply->has_audit) {
    tsr_audit_free (self->audit);
    self->audit = g_steal_pointer (&reply->audit);
  }
  if (reply->queue != NULL) {
    g_array_unref (self->queue);
    self->queue = g_steal_pointer (&reply->queue);
    self->given = reply->given;
    self->batch_done = reply->batch_done;
  }
  if (reply->recent != NULL) {
    g_array_unref (self->recent);
    self->recent = g_steal_pointer (&reply->recent);
  }
  if (reply->has_history) {
    self->can_undo = reply->can_undo;
    self->can_redo = reply->can_redo;
    self->undo_entry = reply->undo_entry;
  }
}

/* Where the eye goes after an act: on to the next suggestion, or back to what an undo touched. */
static void
move_selection (TesseraSession *self, const TesseraRequest *about, const TesseraReply *reply)
{
  switch (about->kind) {
  case TESSERA_REQUEST_LABEL:
    if (about->value != TSR_LABEL_NONE &&
        !tessera_session_move_on (self, about->tiles, about->n_tiles) && about->n_tiles > 1 &&
        self->next == NULL)
      tessera_session_select_one (self, about->tiles[0]);
    break;
  case TESSERA_REQUEST_EXCLUDE:
    if (about->value != 0)
      tessera_session_move_on (self, about->tiles, about->n_tiles);
    break;
  case TESSERA_REQUEST_SKIP:
    tessera_session_move_on (self, about->tiles, about->n_tiles);
    break;
  case TESSERA_REQUEST_SUGGEST:
  case TESSERA_REQUEST_AUDIT:
  case TESSERA_REQUEST_RESET:
  case TESSERA_REQUEST_DISPUTES:
    tessera_session_select_next (self);
    break;
  case TESSERA_REQUEST_UNDO:
  case TESSERA_REQUEST_REDO:
    if (reply->changes != NULL && reply->changes->len > 0) {
      g_autoptr (GArray) tiles = g_array_new (FALSE, FALSE, sizeof (uint32_t));
      for (guint i = 0; i < reply->changes->len; i++)
        g_array_append_val (tiles, g_array_index (reply->changes, TsrLabelChange, i).tile);
      tessera_session_select (self, (uint32_t *)tiles->data, tiles->len, TESSERA_SELECT_REPLACE);
    }
    break;
  default:
    break;
  }
}

static void
take_details (TesseraSession *self, TesseraReply *reply)
{
  if (reply->tile != self->current || reply->neighbours == NULL)
    return;
  g_clear_pointer (&self->neighbours, g_array_unref);
  self->neighbours = g_steal_pointer (&reply->neighbours);
  g_clear_pointer (&self->near_labels, g_array_unref);
  self->near_labels = g_steal_pointer (&reply->near_labels);
  g_free (self->annotator);
  self->annotator = g_steal_pointer (&reply->annotator);
  self->labelled_at = reply->labelled_at;
  self->how = reply->how;
  self->map_class = reply->map_class;
  self->w_class = reply->w_class;
  self->followed = reply->followed;
  self->followers = reply->followers;
  tessera_session_take_dispute (self, reply);
  self->details_tile = reply->tile;
  emit (self, SIGNAL_DETAILS);
}

static void
take_coverage (TesseraSession *self, const TesseraReply *reply)
{
  self->has_coverage = TRUE;
  self->radius = reply->radius;
  self->radius_more = reply->radius_more;
  self->more = reply->more;
  emit (self, SIGNAL_COVERAGE);
}

/* An act's own reply, as opposed to polls, reloads, details and settings, which run beside the
 * acts. */
static gboolean
is_act (TesseraRequestKind kind)
{
  return kind != TESSERA_REQUEST_OPEN && kind != TESSERA_REQUEST_RELOAD &&
         kind != TESSERA_REQUEST_POLL && kind != TESSERA_REQUEST_DETAILS &&
         kind != TESSERA_REQUEST_SET;
}

/* An act after which there is nothing to do again. */
static gboolean
is_journalled (TesseraRequestKind kind)
{
  return kind == TESSERA_REQUEST_LABEL || kind == TESSERA_REQUEST_EXCLUDE ||
         kind == TESSERA_REQUEST_MERGE_CLASS || kind == TESSERA_REQUEST_REMOVE_CLASS ||
         kind == TESSERA_REQUEST_RESET || kind == TESSERA_REQUEST_REVERT ||
         kind == TESSERA_REQUEST_TAKE_LABELS || kind == TESSERA_REQUEST_DISPUTES;
}

static void
report_failure (TesseraSession *self, const TesseraReply *reply)
{
  if (reply->kind == TESSERA_REQUEST_OPEN)
    g_signal_emit (self, tessera_session_signals[SIGNAL_FAILED], 0, reply->error->message);
  else
    tessera_session_toast (self, reply->error->message, FALSE);
}

static void
take_and_tell (TesseraSession *self, TesseraReply *reply)
{
  gboolean contents = reply->contents != NULL, classes = reply->classes != NULL;
  if (reply->kind == TESSERA_REQUEST_UNDO || reply->kind == TESSERA_REQUEST_REDO)
    classes = classes && !tessera_session_has_classes (self, reply->classes);
  gboolean labels = reply->label != NULL || reply->changes != NULL || reply->predictions != NULL;
  gboolean queue = reply->queue != NULL;
  gboolean decided = reply->kind == TESSERA_REQUEST_LABEL || reply->kind == TESSERA_REQUEST_EXCLUDE;
  if (decided && reply->changes != NULL && self->in_flight != NULL && self->in_flight->n_tiles > 0)
    tessera_session_remember (self, self->in_flight->tiles[0]);
  take (self, reply);
  if (contents)
    emit (self, SIGNAL_MAP);
  if (classes)
    emit (self, SIGNAL_CLASSES);
  if (contents || labels)
    emit (self, SIGNAL_LABELS);
  if (queue)
    emit (self, SIGNAL_SUGGESTIONS);
  if (reply->has_audit)
    emit (self, SIGNAL_AUDIT);
  if (labels && reply->kind != TESSERA_REQUEST_OPEN)
    tessera_session_request_details (self);
}

/* What befell the check beside what was asked for. */
static void
say_audit (TesseraSession *self, const TesseraReply *reply)
{
  if (reply->foreign_audit)
    tessera_session_toast (self,
                           _ ("A check with random tiles was begun on the command line: its "
                              "tiles come next, and predictions are hidden"),
                           FALSE);
  if (reply->unasked == 0)
    return;
  g_autofree char *text = g_strdup_printf (
      ngettext ("%u tile got its class outside the check and does not count.",
                "%u tiles got their classes outside the check and do not count.", reply->unasked),
      reply->unasked);
  tessera_session_toast (self, text, FALSE);
}

/* A list that somebody was asked to work through has an end, and the next tiles are others. */
static void
say_batch (TesseraSession *self, const TesseraReply *reply)
{
  guint n = self->queue->len;
  g_autofree char *text =
      g_strcmp0 (reply->ended, TSR_SUGGESTED_READING) == 0
          ? g_strdup_printf (
                ngettext ("All tiles to be read are done: this copy can go back. %u other tile is "
                          "suggested",
                          "All tiles to be read are done: this copy can go back. %u other tiles "
                          "are suggested",
                          n),
                n)
      : g_strcmp0 (reply->ended, TSR_SUGGESTED_CONSENSUS) == 0
          ? g_strdup_printf (ngettext ("All disagreements are decided; %u more suggested",
                                       "All disagreements are decided; %u more suggested", n),
                             n)
          : g_strdup_printf (ngettext ("All suggested tiles are looked at; %u more suggested",
                                       "All suggested tiles are looked at; %u more suggested", n),
                             n);
  tessera_session_toast (self, text, FALSE);
}

static void
finish_act (TesseraSession *self, TesseraReply *reply, const char *former_name)
{
  if (self->in_flight == NULL)
    return;
  g_autoptr (TesseraRequest) about = g_steal_pointer (&self->in_flight);
  if (reply->error == NULL) {
    if (about->kind != TESSERA_REQUEST_SKIP && about->kind != TESSERA_REQUEST_SUGGEST &&
        about->kind != TESSERA_REQUEST_AUDIT)
      self->n_acts++;
    if (is_journalled (about->kind))
      tessera_session_forget_edits (self, TRUE);
    move_selection (self, about, reply);
    say_done (self, about, reply, former_name);
    if (reply->new_batch)
      say_batch (self, reply);
  }
  tessera_session_act_done (self);
}

/* Keeps of a first reply what is said when the request is finished. */
static void
keep_first (TesseraSession *self, TesseraReply *reply, char *former_name)
{
  g_clear_pointer (&self->first, tessera_reply_free);
  self->first = tessera_reply_new (reply->kind);
  self->first->value = reply->value;
  self->first->changes = g_steal_pointer (&reply->changes);
  self->first->description = g_steal_pointer (&reply->description);
  self->first->disputed = reply->disputed;
  self->first->annotator = former_name;
}

/* Gives the reply that finishes a request what the first one said. */
static void
add_first (TesseraSession *self, TesseraReply *reply, char **former_name)
{
  g_autoptr (TesseraReply) first = g_steal_pointer (&self->first);
  if (first == NULL)
    return;
  reply->value = first->value;
  reply->changes = g_steal_pointer (&first->changes);
  reply->description = g_steal_pointer (&first->description);
  reply->disputed = first->disputed;
  g_free (*former_name);
  *former_name = g_steal_pointer (&first->annotator);
}

/* A request is carried out. */
static void
finish (TesseraSession *self, TesseraReply *reply, const char *former_name)
{
  if (reply->kind == TESSERA_REQUEST_OPEN && reply->error == NULL) {
    if (self->current == TESSERA_NO_TILE)
      tessera_session_select_next (self);
    tessera_session_act_done (self);
  } else if (is_act (reply->kind)) {
    finish_act (self, reply, former_name);
  }
}

void
tessera_session_reply_cb (TesseraReply *reply, gpointer session)
{
  g_autoptr (TesseraSession) self = g_object_ref (session);
  if (reply->has_coverage) {
    take_coverage (self, reply);
    return;
  }
  if (reply->kind == TESSERA_REQUEST_POLL)
    self->polling = FALSE;
  if (reply->kind == TESSERA_REQUEST_OPEN)
    self->opening = reply->unfinished;
  if (reply->error != NULL)
    report_failure (self, reply);
  if (reply->kind == TESSERA_REQUEST_DETAILS) {
    take_details (self, reply);
    return;
  }

  /* A class that goes is named in what is said of it. */
  g_autofree char *former_name = NULL;
  if (reply->kind == TESSERA_REQUEST_MERGE_CLASS || reply->kind == TESSERA_REQUEST_REMOVE_CLASS)
    former_name = g_strdup (class_name (self, reply->value));
  gboolean opened = reply->kind == TESSERA_REQUEST_OPEN && reply->contents != NULL;
  if (reply->error == NULL)
    take_and_tell (self, reply);
  if (reply->error == NULL)
    say_audit (self, reply);
  if (reply->foreign && reply->error == NULL) {
    self->n_acts++;
    tessera_session_forget_edits (self, FALSE);
    tessera_session_say (self, _ ("Labels from elsewhere arrived"));
  }
  if (opened) {
    emit (self, SIGNAL_SETTINGS);
    emit (self, SIGNAL_OPENED);
  }
  if (reply->unfinished) {
    keep_first (self, reply, g_steal_pointer (&former_name));
    return;
  }
  add_first (self, reply, &former_name);
  finish (self, reply, former_name);
}
