/* tessera journal: who labelled what, when and how, and back to an earlier moment. */

#include "tessera-open.h"
#include "tsr-error.h"

#include <string.h>

static const TesseraOption options[] = {
    {.name = "limit",
     .kind = TESSERA_OPTION_INTEGER,
     .value_name = "N",
     .fallback = "20",
     .min = 1,
     .max = 1e9,
     .help = "How many entries, the newest first"},
    {.name = "annotator",
     .kind = TESSERA_OPTION_TEXT,
     .value_name = "NAME",
     .help = "Only entries of this annotator"},
    {.name = "tile",
     .kind = TESSERA_OPTION_TEXT,
     .value_name = "TILE",
     .help = "Only entries that touched this tile, and what they made of it"},
    {.name = "revert",
     .kind = TESSERA_OPTION_INTEGER,
     .value_name = "ENTRY",
     .min = 0,
     .max = 1e15,
     .help = "Go back to what the labels were after this entry (0: before the first)"},
    TESSERA_COMMON_OPTIONS};

/* ---- back to a moment ---- */

static bool
revert (TesseraCli *cli, TsrProject *project, GError **error)
{
  int64_t to = tessera_options_integer (cli->options, "revert");
  g_autofree char *stored = tsr_project_get (project, "annotator"),
                  *user = g_utf8_make_valid (g_get_user_name (), -1);
  uint32_t undone = 0;
  if (!tsr_project_revert (project, to, stored ? stored : user, &undone, NULL, error))
    return false;
  json_object_set_new (cli->result, "undone", json_integer (undone));
  tessera_cli_print (
      cli, "%u entries taken back: the labels are as they were after entry %" G_GINT64_FORMAT ".\n",
      undone, to);
  return true;
}

/* ---- the list ---- */

typedef struct {
  TesseraCli *cli;
  TsrProject *project;
  GHashTable *classes; /* id -> name, also of those that are gone as far as entries name them */
  const char *annotator;
  bool by_tile;
  uint32_t tile;
  json_t *list;
} Listing;

static const char *
label_name (const Listing *listing, int32_t value)
{
  if (value == TSR_LABEL_NONE)
    return "no label";
  if (value == TSR_LABEL_UNSURE)
    return "unsure";
  const char *name = g_hash_table_lookup (listing->classes, GINT_TO_POINTER (value));
  return name ? name : "a class that is gone";
}

/* What the entry made of the tile that is asked for; NULL if nothing. */
static char *
change_of (const Listing *listing, int64_t seq)
{
  g_autoptr (GArray) changes = tsr_project_journal_changes (listing->project, seq);
  for (guint i = 0; i < changes->len; i++) {
    const TsrLabelChange *change = &g_array_index (changes, TsrLabelChange, i);
    if (change->tile != listing->tile)
      continue;
    if (change->excluded_before != change->excluded_after)
      return g_strdup (change->excluded_after ? "excluded" : "readmitted");
    return g_strdup_printf ("%s → %s", label_name (listing, change->before),
                            label_name (listing, change->after));
  }
  return NULL;
}

static void
add_entry (Listing *listing, const TsrJournalEntry *entry, const char *change)
{
  json_t *object = json_object ();
  g_autoptr (GDateTime) at = g_date_time_new_from_unix_utc (entry->unix_us / G_USEC_PER_SEC);
  g_autofree char *when = at ? g_date_time_format (at, "%Y-%m-%dT%H:%M:%SZ") : g_strdup ("");
  json_object_set_new (object, "entry", json_integer (entry->seq));
  json_object_set_new (object, "at", json_string (when));
  tessera_cli_set_text (object, "annotator", entry->annotator);
  tessera_cli_set_text (object, "action", entry->action);
  json_object_set_new (object, "how", json_string (tsr_how_name (entry->how)));
  json_object_set_new (object, "tiles", json_integer (entry->count));
  tessera_cli_set_text (object, "detail", entry->detail);
  if (change)
    tessera_cli_set_text (object, "change", change);
  json_array_append_new (listing->list, object);
  g_autofree char *who = tessera_cli_cell (entry->annotator, 16),
                  *what = tessera_cli_shown (change ? change : entry->detail);
  tessera_cli_print (listing->cli, "%6" G_GINT64_FORMAT "  %s  %s %-12s %-9s %6u tile%s  %s\n",
                     entry->seq, when, who, entry->action, tsr_how_name (entry->how), entry->count,
                     entry->count == 1 ? " " : "s", what);
}

static void
list_entries (Listing *listing, size_t limit)
{
  bool all = !listing->annotator && !listing->by_tile;
  g_autoptr (GPtrArray) entries =
      tsr_project_journal (listing->project, all ? (uint32_t)MIN (limit, UINT32_MAX) : UINT32_MAX);
  for (guint i = 0; i < entries->len && json_array_size (listing->list) < limit; i++) {
    const TsrJournalEntry *entry = entries->pdata[i];
    if (listing->annotator && g_strcmp0 (entry->annotator, listing->annotator) != 0)
      continue;
    g_autofree char *change = listing->by_tile ? change_of (listing, entry->seq) : NULL;
    if (!listing->by_tile || change)
      add_entry (listing, entry, change);
  }
  if (json_array_size (listing->list) == 0)
    tessera_cli_print (listing->cli, "No such entry.\n");
}

static bool
run (TesseraCli *cli, GError **error)
{
  bool back = tessera_options_given (cli->options, "revert");
  const char *tile = tessera_options_text (cli->options, "tile");
  g_autoptr (TsrProject) project =
      tessera_cli_open (cli, back ? TSR_PROJECT_READ_WRITE : TSR_PROJECT_READ_ONLY, error);
  Listing listing = {.cli = cli,
                     .project = project,
                     .annotator = tessera_options_text (cli->options, "annotator"),
                     .by_tile = tile,
                     .list = NULL};
  if (!project || (back && !revert (cli, project, error)) ||
      (tile && !tsr_project_find_tile (project, tile, &listing.tile, error)))
    return false;
  listing.list = json_array ();
  json_object_set_new (cli->result, "entries", listing.list);
  listing.classes = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  g_autoptr (GPtrArray) classes = tsr_project_classes (project);
  for (guint i = 0; i < classes->len; i++) {
    const TsrClass *class_ = classes->pdata[i];
    g_hash_table_insert (listing.classes, GINT_TO_POINTER (class_->id), g_strdup (class_->name));
  }
  list_entries (&listing, (size_t)tessera_options_integer (cli->options, "limit"));
  g_hash_table_unref (listing.classes);
  return true;
}

const TesseraCommand tessera_command_journal = {
    .name = "journal",
    .arguments = "PROJECT",
    .summary = "List who labelled what, when and how; go back to an earlier moment",
    .details =
        "Nothing is ever taken out of the journal: going back is an entry of its own, which undo "
        "takes back.",
    .options = options,
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
};
