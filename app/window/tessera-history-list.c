#include "tessera-history-list.h"

#define MAX_KEPT 4000 /* items whose words are kept while nobody shows them */

/* ---- an entry ---- */

struct _TesseraHistoryItem {
  GObject parent_instance;
  int64_t seq;
  TsrJournalLine *line;
};

G_DEFINE_FINAL_TYPE (TesseraHistoryItem, tessera_history_item, G_TYPE_OBJECT)

static guint loaded_signal, found_signal;

static void
tessera_history_item_finalize (GObject *object)
{
  tsr_journal_line_free (TESSERA_HISTORY_ITEM (object)->line);
  G_OBJECT_CLASS (tessera_history_item_parent_class)->finalize (object);
}

static void
tessera_history_item_class_init (TesseraHistoryItemClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = tessera_history_item_finalize;
  loaded_signal = g_signal_new ("loaded", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                NULL, NULL, G_TYPE_NONE, 0);
}

static void
tessera_history_item_init (TesseraHistoryItem *self)
{
}

int64_t
tessera_history_item_get_seq (TesseraHistoryItem *self)
{
  g_return_val_if_fail (TESSERA_IS_HISTORY_ITEM (self), 0);
  return self->seq;
}

const TsrJournalLine *
tessera_history_item_get_line (TesseraHistoryItem *self)
{
  g_return_val_if_fail (TESSERA_IS_HISTORY_ITEM (self), NULL);
  return self->line;
}

/* ---- the list ---- */

struct _TesseraHistoryList {
  GObject parent_instance;

  GThread *thread;
  GAsyncQueue *wishes;
  GArray *seqs;      /* int64_t, newest first */
  GHashTable *kept;  /* seq -> TesseraHistoryItem */
  GQueue *order;     /* int64_t * of kept, oldest first; they are the table's keys */
  GPtrArray *wanted; /* TesseraHistoryItem whose words are to be asked for */
  guint ask;         /* the idle that does */
  TsrJournalFilter filter;
  gboolean finding, again;
};

static GType
list_item_type (GListModel *model)
{
  return TESSERA_TYPE_HISTORY_ITEM;
}

static guint
list_n_items (GListModel *model)
{
  return TESSERA_HISTORY_LIST (model)->seqs->len;
}

static gpointer list_item (GListModel *model, guint position);

static void
list_model_init (GListModelInterface *interface)
{
  interface->get_item_type = list_item_type;
  interface->get_n_items = list_n_items;
  interface->get_item = list_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (TesseraHistoryList, tessera_history_list, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

/* ---- the thread ---- */

typedef enum { WISH_FIND, WISH_LINES, WISH_TILES, WISH_NAMES } WishKind;

typedef struct {
  WishKind kind;
  TsrJournalFilter filter; /* its texts are its own */
  GArray *seqs;            /* int64_t: LINES; of TILES one */
  GPtrArray *items;        /* LINES: whose they are; main thread only */
} Wish;

static void
clear_filter (TsrJournalFilter *filter)
{
  g_free ((char *)filter->annotator);
  g_free ((char *)filter->text);
  *filter = (TsrJournalFilter){NULL};
}

static TsrJournalFilter
copy_filter (const TsrJournalFilter *filter)
{
  TsrJournalFilter copy = *filter;
  copy.annotator = g_strdup (filter->annotator);
  copy.text = g_strdup (filter->text);
  return copy;
}

static void
wish_free (gpointer data)
{
  Wish *wish = data;
  clear_filter (&wish->filter);
  g_clear_pointer (&wish->seqs, g_array_unref);
  g_clear_pointer (&wish->items, g_ptr_array_unref);
  g_free (wish);
}

static GArray *
read_tiles (TsrProject *project, int64_t seq)
{
  tsr_project_n_tiles (project);
  g_autoptr (GArray) changes = tsr_project_journal_changes (project, seq);
  GArray *tiles = g_array_sized_new (FALSE, FALSE, sizeof (uint32_t), changes->len);
  for (guint i = 0; i < changes->len; i++)
    g_array_append_val (tiles, g_array_index (changes, TsrLabelChange, i).tile);
  return tiles;
}

static void
serve (TsrProject *project, GTask *task)
{
  const Wish *wish = g_task_get_task_data (task);
  GError *error = NULL;
  gpointer result = NULL;
  GDestroyNotify done = (GDestroyNotify)g_array_unref;
  if (g_task_return_error_if_cancelled (task))
    return;
  if (wish->kind == WISH_FIND)
    result = tsr_project_journal_find (project, &wish->filter, &error);
  else if (wish->kind == WISH_TILES)
    result = read_tiles (project, g_array_index (wish->seqs, int64_t, 0));
  else if (wish->kind == WISH_LINES) {
    result = tsr_project_journal_lines (project, (const int64_t *)wish->seqs->data, wish->seqs->len,
                                        &error);
    done = (GDestroyNotify)g_ptr_array_unref;
  } else {
    result = tsr_project_journal_annotators (project, &error);
    done = (GDestroyNotify)g_strfreev;
  }
  if (result != NULL)
    g_task_return_pointer (task, result, done);
  else
    g_task_return_error (task, error);
}

static int stop_mark; /* ends the thread */

typedef struct {
  char *path;
  GAsyncQueue *wishes;
} Reader;

static gpointer
reader_thread (gpointer data)
{
  Reader *self = data;
  g_autoptr (GError) failure = NULL;
  TsrProject *project = tsr_project_open (self->path, TSR_PROJECT_READ_ONLY, &failure);
  gpointer item;
  while ((item = g_async_queue_pop (self->wishes)) != &stop_mark) {
    g_autoptr (GTask) task = item;
    if (project != NULL)
      serve (project, task);
    else
      g_task_return_error (task, g_error_copy (failure));
  }
  while ((item = g_async_queue_try_pop (self->wishes)) != NULL) {
    g_autoptr (GTask) task = item;
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED, "Closed");
  }
  g_clear_pointer (&project, tsr_project_close);
  g_async_queue_unref (self->wishes);
  g_free (self->path);
  g_free (self);
  return NULL;
}

/* Takes wish. */
static void
send (TesseraHistoryList *self, Wish wish, GCancellable *cancellable, GAsyncReadyCallback callback,
      gpointer user)
{
  GTask *task = g_task_new (self, cancellable, callback, user);
  g_task_set_task_data (task, g_memdup2 (&wish, sizeof wish), wish_free);
  if (self->thread != NULL) {
    g_async_queue_push_front (self->wishes, task);
    return;
  }
  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED, "Closed");
  g_object_unref (task);
}

/* ---- what items say ---- */

static void
lines_cb (GObject *source, GAsyncResult *result, gpointer unused)
{
  const Wish *wish = g_task_get_task_data (G_TASK (result));
  g_autoptr (GPtrArray) lines = g_task_propagate_pointer (G_TASK (result), NULL);
  for (guint i = 0; lines != NULL && i < lines->len; i++) {
    TesseraHistoryItem *item = wish->items->pdata[i];
    if (item->line != NULL || lines->pdata[i] == NULL)
      continue;
    item->line = g_steal_pointer (&lines->pdata[i]);
    g_signal_emit (item, loaded_signal, 0);
  }
}

static gboolean
ask_cb (gpointer data)
{
  TesseraHistoryList *self = data;
  self->ask = 0;
  Wish wish = {.kind = WISH_LINES,
               .seqs = g_array_new (FALSE, FALSE, sizeof (int64_t)),
               .items = g_steal_pointer (&self->wanted)};
  self->wanted = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < wish.items->len; i++)
    g_array_append_val (wish.seqs, ((TesseraHistoryItem *)wish.items->pdata[i])->seq);
  send (self, wish, NULL, lines_cb, NULL);
  return G_SOURCE_REMOVE;
}

static void
keep (TesseraHistoryList *self, TesseraHistoryItem *item)
{
  int64_t *key = g_memdup2 (&item->seq, sizeof item->seq);
  g_hash_table_insert (self->kept, key, g_object_ref (item));
  g_queue_push_tail (self->order, key);
  while (g_queue_get_length (self->order) > MAX_KEPT)
    g_hash_table_remove (self->kept, g_queue_pop_head (self->order));
}

static gpointer
list_item (GListModel *model, guint position)
{
  TesseraHistoryList *self = TESSERA_HISTORY_LIST (model);
  if (position >= self->seqs->len)
    return NULL;
  int64_t seq = g_array_index (self->seqs, int64_t, position);
  TesseraHistoryItem *known = g_hash_table_lookup (self->kept, &seq);
  if (known != NULL)
    return g_object_ref (known);
  TesseraHistoryItem *item = g_object_new (TESSERA_TYPE_HISTORY_ITEM, NULL);
  item->seq = seq;
  keep (self, item);
  g_ptr_array_add (self->wanted, g_object_ref (item));
  /* all that one look asks for together */
  if (self->ask == 0)
    self->ask = g_idle_add_full (G_PRIORITY_HIGH_IDLE, ask_cb, self, NULL);
  return item;
}

/* ---- which there are ---- */

/* Says only what differs, so that the view stays where it is when entries join. */
static void
take (TesseraHistoryList *self, GArray *seqs)
{
  guint before = self->seqs->len, after = seqs->len, head = 0, tail = 0;
  const int64_t *old = (const int64_t *)self->seqs->data, *new = (const int64_t *)seqs->data;
  while (head < MIN (before, after) && old[head] == new[head])
    head++;
  while (tail < MIN (before, after) - head && old[before - 1 - tail] == new[after - 1 - tail])
    tail++;
  g_array_unref (self->seqs);
  self->seqs = seqs;
  if (head < MAX (before, after))
    g_list_model_items_changed (G_LIST_MODEL (self), head, before - head - tail,
                                after - head - tail);
}

static void find (TesseraHistoryList *self);

static void
found_cb (GObject *source, GAsyncResult *result, gpointer unused)
{
  TesseraHistoryList *self = TESSERA_HISTORY_LIST (source);
  g_autoptr (GError) error = NULL;
  GArray *seqs = g_task_propagate_pointer (G_TASK (result), &error);
  self->finding = FALSE;
  if (seqs != NULL && !self->again)
    take (self, seqs);
  else
    g_clear_pointer (&seqs, g_array_unref);
  if (error != NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_warning ("%s", error->message);
  if (self->again && self->thread != NULL)
    find (self);
  else
    g_signal_emit (self, found_signal, 0);
}

static void
find (TesseraHistoryList *self)
{
  self->again = self->finding;
  if (self->finding)
    return;
  self->finding = TRUE;
  send (self, (Wish){.kind = WISH_FIND, .filter = copy_filter (&self->filter)}, NULL, found_cb,
        NULL);
}

void
tessera_history_list_set_filter (TesseraHistoryList *self, const TsrJournalFilter *filter)
{
  g_return_if_fail (TESSERA_IS_HISTORY_LIST (self));
  TsrJournalFilter copy = copy_filter (filter);
  clear_filter (&self->filter);
  self->filter = copy;
  find (self);
}

void
tessera_history_list_refresh (TesseraHistoryList *self)
{
  g_return_if_fail (TESSERA_IS_HISTORY_LIST (self));
  find (self);
}

gboolean
tessera_history_list_is_busy (TesseraHistoryList *self)
{
  g_return_val_if_fail (TESSERA_IS_HISTORY_LIST (self), FALSE);
  return self->finding;
}

/* ---- more about them ---- */

void
tessera_history_list_read_tiles_async (TesseraHistoryList *self, int64_t seq,
                                       GCancellable *cancellable, GAsyncReadyCallback callback,
                                       gpointer user)
{
  g_return_if_fail (TESSERA_IS_HISTORY_LIST (self));
  Wish wish = {.kind = WISH_TILES, .seqs = g_array_new (FALSE, FALSE, sizeof (int64_t))};
  g_array_append_val (wish.seqs, seq);
  send (self, wish, cancellable, callback, user);
}

GArray *
tessera_history_list_read_tiles_finish (TesseraHistoryList *self, GAsyncResult *result,
                                        GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
tessera_history_list_read_names_async (TesseraHistoryList *self, GCancellable *cancellable,
                                       GAsyncReadyCallback callback, gpointer user)
{
  g_return_if_fail (TESSERA_IS_HISTORY_LIST (self));
  send (self, (Wish){.kind = WISH_NAMES}, cancellable, callback, user);
}

char **
tessera_history_list_read_names_finish (TesseraHistoryList *self, GAsyncResult *result,
                                        GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* ---- life ---- */

void
tessera_history_list_close (TesseraHistoryList *self)
{
  g_return_if_fail (TESSERA_IS_HISTORY_LIST (self));
  g_clear_handle_id (&self->ask, g_source_remove);
  if (self->thread == NULL)
    return;
  g_async_queue_push_front (self->wishes, &stop_mark);
  g_thread_join (g_steal_pointer (&self->thread));
}

static void
tessera_history_list_finalize (GObject *object)
{
  TesseraHistoryList *self = TESSERA_HISTORY_LIST (object);
  tessera_history_list_close (self);
  g_async_queue_unref (self->wishes);
  g_array_unref (self->seqs);
  g_queue_free (self->order);
  g_hash_table_unref (self->kept);
  g_ptr_array_unref (self->wanted);
  clear_filter (&self->filter);
  G_OBJECT_CLASS (tessera_history_list_parent_class)->finalize (object);
}

static void
tessera_history_list_class_init (TesseraHistoryListClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = tessera_history_list_finalize;
  found_signal = g_signal_new ("found", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                               NULL, G_TYPE_NONE, 0);
}

static void
tessera_history_list_init (TesseraHistoryList *self)
{
  self->wishes = g_async_queue_new ();
  self->seqs = g_array_new (FALSE, FALSE, sizeof (int64_t));
  self->kept = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_object_unref);
  self->order = g_queue_new ();
  self->wanted = g_ptr_array_new_with_free_func (g_object_unref);
}

TesseraHistoryList *
tessera_history_list_new (const char *path)
{
  TesseraHistoryList *self = g_object_new (TESSERA_TYPE_HISTORY_LIST, NULL);
  Reader *reader = g_new (Reader, 1);
  *reader = (Reader){g_strdup (path), g_async_queue_ref (self->wishes)};
  self->thread = g_thread_new ("tessera-history", reader_thread, reader);
  return self;
}
