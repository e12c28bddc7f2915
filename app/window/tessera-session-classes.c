/* Changes of the classes. Merging and removing touch labels and stand in the journal; names, looks,
 * keys and the order do not, so what they were before is kept here while the project is open, and
 * undo takes back whichever of the two came last. */

#include "tessera-session-private.h"

#include <glib/gi18n.h>
#include <string.h>

/* The order in which keys are given out, and read in a list. */
#define KEYS "123456789abcdefghijklmnopqrstuvwxyz"

typedef struct {
  GPtrArray *before, *after; /* TsrClass */
  char *text;                /* what was done */
  int64_t entry;             /* the journal's newest entry in effect then */
} TesseraClassEdit;

void
tessera_class_edit_free (gpointer data)
{
  TesseraClassEdit *edit = data;
  g_ptr_array_unref (edit->before);
  g_ptr_array_unref (edit->after);
  g_free (edit->text);
  g_free (edit);
}

/* The change that undo (or redo) would take first, or NULL if that is the journal's newest entry.
 */
static TesseraClassEdit *
next_edit (TesseraSession *self, const GPtrArray *edits)
{
  TesseraClassEdit *edit = edits->len > 0 ? edits->pdata[edits->len - 1] : NULL;
  return edit != NULL && edit->entry == self->undo_entry ? edit : NULL;
}

gboolean
tessera_session_can_undo (TesseraSession *self)
{
  g_return_val_if_fail (TESSERA_IS_SESSION (self), FALSE);
  return self->can_undo || next_edit (self, self->edits) != NULL;
}

gboolean
tessera_session_can_redo (TesseraSession *self)
{
  g_return_val_if_fail (TESSERA_IS_SESSION (self), FALSE);
  return self->can_redo || next_edit (self, self->undone_edits) != NULL;
}

void
tessera_session_forget_edits (TesseraSession *self, gboolean only_undone)
{
  g_ptr_array_set_size (self->undone_edits, 0);
  if (!only_undone)
    g_ptr_array_set_size (self->edits, 0);
}

gboolean
tessera_session_is_edit (TesseraRequestKind kind)
{
  return kind == TESSERA_REQUEST_ADD_CLASS || kind == TESSERA_REQUEST_ADD_CLASSES ||
         kind == TESSERA_REQUEST_UPDATE_CLASS || kind == TESSERA_REQUEST_MOVE_CLASS ||
         kind == TESSERA_REQUEST_CLASS_KEY || kind == TESSERA_REQUEST_PUT_CLASSES;
}

/* ---- lists ---- */

static TsrClass *
copy_class (const TsrClass *class_)
{
  TsrClass *copy = g_new (TsrClass, 1);
  *copy = *class_;
  copy->name = g_strdup (class_->name);
  return copy;
}

static GPtrArray *
copy_list (const GPtrArray *classes)
{
  GPtrArray *copy = g_ptr_array_new_with_free_func ((GDestroyNotify)tsr_class_free);
  for (guint i = 0; i < classes->len; i++)
    g_ptr_array_add (copy, copy_class (classes->pdata[i]));
  return copy;
}

static TsrClass *
find (const GPtrArray *classes, int32_t id, guint *at)
{
  for (guint i = 0; i < classes->len; i++) {
    TsrClass *class_ = classes->pdata[i];
    if (class_->id != id)
      continue;
    if (at != NULL)
      *at = i;
    return class_;
  }
  return NULL;
}

static gboolean
keys_ascend (const GPtrArray *classes, guint first, guint last)
{
  for (guint i = first; i <= last; i++) {
    char key = ((const TsrClass *)classes->pdata[i])->key;
    if (key == 0)
      return FALSE;
    if (i > first &&
        strchr (KEYS, key) < strchr (KEYS, ((const TsrClass *)classes->pdata[i - 1])->key))
      return FALSE;
  }
  return TRUE;
}

/* The list with a class moved; NULL if it stays where it is. */
static GPtrArray *
moved_list (const GPtrArray *classes, int32_t id, int steps)
{
  guint from;
  if (find (classes, id, &from) == NULL)
    return NULL;
  guint to = (guint)CLAMP ((int)from + steps, 0, (int)classes->len - 1);
  if (to == from)
    return NULL;
  guint first = MIN (from, to), last = MAX (from, to);
  GPtrArray *list = copy_list (classes);
  g_ptr_array_insert (list, (int)to, g_ptr_array_steal_index (list, from));
  if (keys_ascend (classes, first, last))
    for (guint i = first; i <= last; i++)
      ((TsrClass *)list->pdata[i])->key = ((const TsrClass *)classes->pdata[i])->key;
  return list;
}

static GPtrArray *
list_with_key (const GPtrArray *classes, int32_t id, char key)
{
  const TsrClass *class_ = find (classes, id, NULL);
  if (class_ == NULL || class_->key == key)
    return NULL;
  GPtrArray *list = copy_list (classes);
  for (guint i = 0; i < list->len; i++) {
    TsrClass *other = list->pdata[i];
    if (key != 0 && other->key == key)
      other->key = class_->key;
  }
  find (list, id, NULL)->key = key;
  return list;
}

static gboolean
same_class (const TsrClass *a, const TsrClass *b)
{
  return a->rgb == b->rgb && a->shape == b->shape && a->key == b->key &&
         g_str_equal (a->name, b->name);
}

gboolean
tessera_session_has_classes (TesseraSession *self, const GPtrArray *classes)
{
  gboolean same = self->classes->len == classes->len;
  for (guint i = 0; same && i < classes->len; i++) {
    const TsrClass *a = self->classes->pdata[i], *b = classes->pdata[i];
    same = a->id == b->id && same_class (a, b);
  }
  return same;
}

/* ---- in turn ---- */

static void
become_edit (TesseraSession *self, TesseraRequest *request)
{
  gboolean undo = request->kind == TESSERA_REQUEST_UNDO;
  const TesseraClassEdit *edit = next_edit (self, undo ? self->edits : self->undone_edits);
  if (edit == NULL)
    return;
  request->kind = TESSERA_REQUEST_PUT_CLASSES;
  request->classes = g_ptr_array_ref (undo ? edit->before : edit->after);
  request->other = undo ? -1 : 1;
}

gboolean
tessera_session_prepare_classes (TesseraSession *self, TesseraRequest *request)
{
  switch (request->kind) {
  case TESSERA_REQUEST_UNDO:
  case TESSERA_REQUEST_REDO:
    become_edit (self, request);
    return TRUE;
  case TESSERA_REQUEST_MOVE_CLASS:
    request->classes = moved_list (self->classes, request->value, request->other);
    return request->classes != NULL;
  case TESSERA_REQUEST_CLASS_KEY:
    request->classes = list_with_key (self->classes, request->value, (char)request->other);
    return request->classes != NULL;
  case TESSERA_REQUEST_UPDATE_CLASS: {
    const TsrClass *class_ = find (self->classes, request->class_->id, NULL);
    return class_ != NULL && !same_class (class_, request->class_);
  }
  default:
    return TRUE;
  }
}

static char *
describe_update (const TsrClass *before, const TsrClass *after)
{
  if (!g_str_equal (before->name, after->name))
    return g_strdup_printf (_ ("“%s” renamed to “%s”"), before->name, after->name);
  if (before->rgb != after->rgb)
    return g_strdup_printf (_ ("Colour of “%s” changed"), after->name);
  if (before->shape != after->shape)
    return g_strdup_printf (_ ("Shape of “%s” changed"), after->name);
  return g_strdup_printf (_ ("Key of “%s” changed"), after->name);
}

/* What came of a list, without those that were left out. */
static char *
describe_list (const GPtrArray *before, const GPtrArray *after)
{
  guint fresh = 0;
  for (guint i = 0; i < after->len; i++)
    fresh += find (before, ((const TsrClass *)after->pdata[i])->id, NULL) == NULL;
  return fresh > 0 ? g_strdup_printf (ngettext ("%u new class", "%u new classes", fresh), fresh)
                   : NULL;
}

/* NULL: nothing has changed. */
static char *
describe (const TesseraRequest *about, const GPtrArray *before, const GPtrArray *after)
{
  if (about->kind == TESSERA_REQUEST_MOVE_CLASS) {
    const TsrClass *class_ = find (after, about->value, NULL);
    return class_ != NULL ? g_strdup_printf (_ ("“%s” moved"), class_->name) : NULL;
  }
  if (about->kind == TESSERA_REQUEST_ADD_CLASSES)
    return describe_list (before, after);
  for (guint i = 0; i < after->len; i++) {
    const TsrClass *class_ = after->pdata[i], *former = find (before, class_->id, NULL);
    if (former == NULL)
      return g_strdup_printf (_ ("Class “%s” added"), class_->name);
    if (about->kind == TESSERA_REQUEST_CLASS_KEY && class_->id != about->value)
      continue;
    if (!same_class (former, class_))
      return describe_update (former, class_);
  }
  return NULL;
}

/* Moves the newest change from one pile to the other. */
static void
finish_step (TesseraSession *self, gboolean undo)
{
  GPtrArray *from = undo ? self->edits : self->undone_edits;
  TesseraClassEdit *edit = next_edit (self, from);
  if (edit == NULL)
    return;
  g_ptr_array_steal_index (from, from->len - 1);
  g_ptr_array_add (undo ? self->undone_edits : self->edits, edit);
  g_autofree char *text =
      g_strdup_printf (undo ? _ ("Undone: %s") : _ ("Done again: %s"), edit->text);
  tessera_session_say (self, text);
}

/* Classes of a list that could not be made are told of, whether others have come or not. */
static void
say_edit (TesseraSession *self, const char *done, const TesseraRequest *about,
          const TesseraReply *reply)
{
  guint left_out = about->kind == TESSERA_REQUEST_ADD_CLASSES ? (guint)reply->value : 0;
  g_autofree char *refused =
      g_strdup_printf (ngettext ("%u class left out", "%u classes left out", left_out), left_out);
  const char *first = done != NULL ? done : _ ("No class that is not there already");
  g_autofree char *text = left_out > 0
                              ? g_strdup_printf ("%s; %s: %s", first, refused, reply->description)
                              : g_strdup (first);
  tessera_session_say (self, text);
  tessera_session_toast (self, text, done != NULL);
}

void
tessera_session_finish_edit (TesseraSession *self, const TesseraRequest *about,
                             const TesseraReply *reply)
{
  if (about->kind == TESSERA_REQUEST_PUT_CLASSES) {
    finish_step (self, about->other < 0);
    return;
  }
  char *text = describe (about, self->former_classes, self->classes);
  if (text == NULL) {
    if (about->kind == TESSERA_REQUEST_ADD_CLASSES)
      say_edit (self, NULL, about, reply);
    return;
  }
  TesseraClassEdit *edit = g_new (TesseraClassEdit, 1);
  *edit = (TesseraClassEdit){g_ptr_array_ref (self->former_classes),
                             g_ptr_array_ref (self->classes), text, self->undo_entry};
  tessera_session_forget_edits (self, TRUE);
  g_ptr_array_add (self->edits, edit);
  say_edit (self, text, about, reply);
}

/* ---- what the user does ---- */

void
tessera_session_add_class (TesseraSession *self, const char *name, int64_t rgb)
{
  g_return_if_fail (TESSERA_IS_SESSION (self));
  g_autofree char *stripped = g_strstrip (g_strdup (name));
  if (*stripped == '\0')
    return;
  for (guint i = 0; i < self->classes->len; i++) {
    const TsrClass *class_ = g_ptr_array_index (self->classes, i);
    if (g_utf8_collate (class_->name, stripped) == 0) {
      g_autofree char *text = g_strdup_printf (_ ("There is a class “%s” already"), stripped);
      tessera_session_toast (self, text, FALSE);
      return;
    }
  }
  TesseraRequest *request = tessera_request_new (TESSERA_REQUEST_ADD_CLASS);
  request->text = g_steal_pointer (&stripped);
  request->value = rgb >= 0 ? (int32_t)rgb : -1;
  tessera_session_act (self, request);
}

void
tessera_session_add_classes (TesseraSession *self, GPtrArray *list)
{
  g_return_if_fail (TESSERA_IS_SESSION (self) && list != NULL);
  TesseraRequest *request = tessera_request_new (TESSERA_REQUEST_ADD_CLASSES);
  request->list = g_ptr_array_ref (list);
  tessera_session_act (self, request);
}

void
tessera_session_update_class (TesseraSession *self, const TsrClass *class_)
{
  g_return_if_fail (TESSERA_IS_SESSION (self));
  TesseraRequest *request = tessera_request_new (TESSERA_REQUEST_UPDATE_CLASS);
  request->class_ = copy_class (class_);
  tessera_session_act (self, request);
}

static void
act_on_class (TesseraSession *self, TesseraRequestKind kind, int32_t id, int32_t other)
{
  g_return_if_fail (TESSERA_IS_SESSION (self));
  TesseraRequest *request = tessera_request_new (kind);
  request->value = id;
  request->other = other;
  tessera_session_act (self, request);
}

void
tessera_session_move_class (TesseraSession *self, int32_t id, int steps)
{
  act_on_class (self, TESSERA_REQUEST_MOVE_CLASS, id, steps);
}

void
tessera_session_set_class_key (TesseraSession *self, int32_t id, char key)
{
  act_on_class (self, TESSERA_REQUEST_CLASS_KEY, id, key);
}

void
tessera_session_merge_class (TesseraSession *self, int32_t from, int32_t into)
{
  g_return_if_fail (from != into);
  act_on_class (self, TESSERA_REQUEST_MERGE_CLASS, from, into);
}

void
tessera_session_remove_class (TesseraSession *self, int32_t id)
{
  act_on_class (self, TESSERA_REQUEST_REMOVE_CLASS, id, 0);
}
