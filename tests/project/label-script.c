#include "label-script.h"

#include <string.h>

void
script_init (Script *script, uint32_t n, uint64_t seed)
{
  g_assert_cmpuint (n, <=, SCRIPT_MAX_TILES);
  memset (script, 0, sizeof *script);
  tsr_random_init (&script->random, seed, 1);
  script->n = n;
  for (uint32_t i = 0; i < n; i++)
    script->state.label[i] = TSR_LABEL_NONE;
  script->done = g_array_new (FALSE, FALSE, sizeof (ScriptEntry));
  script->undone = g_array_new (FALSE, FALSE, sizeof (ScriptEntry));
  script->journal = g_array_new (FALSE, FALSE, sizeof (ScriptJournal));
  script->moments[script->n_moments++] = (ScriptMoment){0, script->state};
}

void
script_clear (Script *script)
{
  g_clear_pointer (&script->done, g_array_unref);
  g_clear_pointer (&script->undone, g_array_unref);
  g_clear_pointer (&script->journal, g_array_unref);
}

void
script_copy (const Script *from, Script *to)
{
  *to = *from;
  to->done = g_array_copy (from->done);
  to->undone = g_array_copy (from->undone);
  to->journal = g_array_copy (from->journal);
}

/* ---- drawing ---- */

static int32_t
draw_class (Script *script, int32_t not_this)
{
  int32_t choice[SCRIPT_MAX_CLASSES];
  uint32_t n = 0;
  for (int32_t id = 1; id <= script->n_classes; id++)
    if (!script->state.gone[id] && id != not_this)
      choice[n++] = id;
  return n ? choice[tsr_random_below (&script->random, n)] : -1;
}

static int32_t
draw_value (Script *script)
{
  uint32_t die = tsr_random_below (&script->random, 10);
  if (die == 0)
    return TSR_LABEL_UNSURE;
  if (die == 1)
    return TSR_LABEL_NONE;
  int32_t id = draw_class (script, -1);
  return id < 0 ? TSR_LABEL_UNSURE : id;
}

static void
draw_tiles (Script *script, ScriptOperation *operation, uint32_t most)
{
  operation->count = 1 + tsr_random_below (&script->random, most);
  for (uint32_t i = 0; i < operation->count; i++) /* with repetitions */
    operation->tiles[i] = tsr_random_below (&script->random, script->n);
}

static void
draw_label (Script *script, ScriptOperation *operation, bool bulk)
{
  draw_tiles (script, operation, bulk ? script->n : 1);
  operation->one_value = tsr_random_below (&script->random, 2) == 0;
  for (uint32_t i = 0; i < operation->count; i++)
    operation->values[i] = draw_value (script);
}

/* Lots of tiles that may overlap, as draw_label draws them; the new class is used where it fits. */
static void
draw_act (Script *script, ScriptOperation *operation)
{
  operation->action = SCRIPT_ACT;
  draw_tiles (script, operation, script->n);
  operation->into = script->n_classes < SCRIPT_MAX_CLASSES ? script->n_classes + 1 : -1;
  for (uint32_t i = 0; i < operation->count; i++) {
    bool fresh = operation->into > 0 && tsr_random_below (&script->random, 3) == 0;
    operation->values[i] = fresh ? operation->into : draw_value (script);
  }
}

/* Which tiles of an act are part of its entry number `part`: a half each, then a quarter again. */
static void
act_part (const ScriptOperation *operation, unsigned part, uint32_t *from, uint32_t *to)
{
  uint32_t n = operation->count;
  *from = part == 1 ? n / 2 : 0;
  *to = part == 0 ? n / 2 : part == 1 ? n : n / 4;
}

void
script_next (Script *script, ScriptOperation *operation)
{
  memset (operation, 0, sizeof *operation);
  uint32_t die = tsr_random_below (&script->random, 100);
  operation->from = draw_class (script, -1);
  operation->into = draw_class (script, operation->from);
  if (script->n_classes < 3 || (die >= 95 && script->n_classes < SCRIPT_MAX_CLASSES)) {
    operation->action = SCRIPT_ADD_CLASS;
    operation->into = script->n_classes + 1;
  } else if (die == 0) {
    operation->action = SCRIPT_REVERT;
    operation->from =
        (int32_t)tsr_random_below (&script->random, MIN (script->n_moments, SCRIPT_MOMENTS));
    operation->moment = script->moments[operation->from].seq;
  } else if (die < 4) {
    draw_act (script, operation);
  } else if (die < 40) {
    draw_label (script, operation, die >= 30);
  } else if (die < 65) {
    operation->action = SCRIPT_UNDO;
  } else if (die < 82) {
    operation->action = SCRIPT_REDO;
  } else if (die < 87) {
    operation->action = SCRIPT_EXCLUDE;
    draw_tiles (script, operation, 5);
  } else if (die < 91) {
    operation->action = SCRIPT_READMIT;
    draw_tiles (script, operation, 20);
  } else if (die < 93 && operation->into > 0) {
    operation->action = SCRIPT_MERGE;
  } else if (die < 94 && operation->from > 0) {
    operation->action = SCRIPT_REMOVE;
  } else {
    draw_label (script, operation, true);
  }
}

/* ---- the model ---- */

static int32_t
value_of (const ScriptOperation *operation, uint32_t i)
{
  return operation->values[operation->one_value ? 0 : i];
}

/* Whether an earlier tile of the list is the same one. */
static bool
repeated (const ScriptOperation *operation, uint32_t i)
{
  for (uint32_t j = 0; j < i; j++)
    if (operation->tiles[j] == operation->tiles[i])
      return true;
  return false;
}

/* Labels as entry seq gives them. */
static uint32_t
label (const ScriptOperation *operation, uint32_t seq, ScriptState *state)
{
  ScriptState before = *state;
  uint32_t touched = 0;
  for (uint32_t i = 0; i < operation->count; i++)
    state->label[operation->tiles[i]] = value_of (operation, i);
  for (uint32_t i = 0; i < operation->count; i++) {
    uint32_t tile = operation->tiles[i];
    if (repeated (operation, i) ||
        (state->label[tile] == TSR_LABEL_NONE && before.label[tile] == TSR_LABEL_NONE))
      continue;
    state->origin[tile] = seq;
    touched++;
  }
  return touched;
}

/* An entry of an act as an operation of its own. */
static void
part_of_act (const ScriptOperation *operation, unsigned part, ScriptOperation *one)
{
  uint32_t from, to;
  act_part (operation, part, &from, &to);
  *one = (ScriptOperation){.action = SCRIPT_LABEL, .count = to - from};
  for (uint32_t i = from; i < to; i++) {
    one->tiles[i - from] = operation->tiles[i];
    one->values[i - from] = part == 2 ? TSR_LABEL_NONE : operation->values[i];
  }
}

/* Everything as it was then; how many tiles are not. */
static uint32_t
go_back (const Script *script, const ScriptMoment *moment, ScriptState *state)
{
  uint32_t touched = 0;
  for (uint32_t i = 0; i < script->n; i++)
    touched += state->label[i] != moment->state.label[i] ||
               state->excluded[i] != moment->state.excluded[i] ||
               state->origin[i] != moment->state.origin[i];
  *state = moment->state;
  return touched;
}

/* What the operation makes of the state; returns how many tiles it touches. */
static uint32_t
change (const Script *script, const ScriptOperation *operation, ScriptState *state)
{
  uint32_t touched = 0;
  bool excluded = operation->action == SCRIPT_EXCLUDE;
  switch (operation->action) {
  case SCRIPT_LABEL:
    return label (operation, script->journal->len + 1, state);
  case SCRIPT_REVERT:
    return go_back (script, &script->moments[operation->from], state);
  case SCRIPT_EXCLUDE:
  case SCRIPT_READMIT:
    for (uint32_t i = 0; i < operation->count; i++) {
      touched += state->excluded[operation->tiles[i]] != excluded;
      state->excluded[operation->tiles[i]] = excluded;
    }
    return touched;
  default:
    for (uint32_t i = 0; i < script->n; i++)
      if (state->label[i] == operation->from) {
        state->label[i] = operation->action == SCRIPT_MERGE ? operation->into : TSR_LABEL_NONE;
        touched++;
      }
    state->gone[operation->from] = true;
    return touched;
  }
}

static void
note (Script *script, const char *action, uint32_t count)
{
  ScriptJournal entry = {action, count};
  g_array_append_val (script->journal, entry);
}

static void
travel (Script *script, GArray *from, GArray *to, const char *action)
{
  if (from->len == 0)
    return;
  ScriptEntry entry = g_array_index (from, ScriptEntry, from->len - 1);
  bool back = from == script->done;
  g_array_set_size (from, from->len - 1);
  g_array_append_val (to, entry);
  script->state = back ? entry.before : entry.after;
  for (uint32_t i = 0; i < entry.n_parts; i++)
    note (script, action, entry.count[back ? entry.n_parts - 1 - i : i]);
}

static void
take_entry (Script *script, const ScriptEntry *entry, const char *action)
{
  script->state = entry->after;
  g_array_append_vals (script->done, entry, 1);
  g_array_set_size (script->undone, 0);
  for (uint32_t i = 0; i < entry->n_parts; i++)
    note (script, action, entry->count[i]);
}

static void
apply_act (Script *script, const ScriptOperation *operation)
{
  ScriptEntry entry = {.before = script->state, .after = script->state};
  if (operation->into > 0)
    script->n_classes++;
  for (unsigned part = 0; part < SCRIPT_PARTS; part++) {
    ScriptOperation one;
    part_of_act (operation, part, &one);
    uint32_t touched = label (&one, script->journal->len + entry.n_parts + 1, &entry.after);
    if (touched > 0)
      entry.count[entry.n_parts++] = touched;
  }
  if (entry.n_parts > 0)
    take_entry (script, &entry, "label");
}

/* One entry, or none if it would change nothing. */
static void
apply_one (Script *script, const ScriptOperation *operation)
{
  static const char *const names[] = {
      [SCRIPT_LABEL] = "label", [SCRIPT_EXCLUDE] = "exclude",     [SCRIPT_READMIT] = "readmit",
      [SCRIPT_MERGE] = "merge", [SCRIPT_REMOVE] = "remove-class", [SCRIPT_REVERT] = "revert",
  };
  ScriptEntry entry = {.before = script->state, .after = script->state, .n_parts = 1};
  entry.count[0] = change (script, operation, &entry.after);
  bool classes = memcmp (entry.before.gone, entry.after.gone, sizeof entry.after.gone) != 0;
  if (entry.count[0] > 0 || classes)
    take_entry (script, &entry, names[operation->action]);
}

void
script_apply (Script *script, const ScriptOperation *operation)
{
  guint entries = script->journal->len;
  if (operation->action == SCRIPT_ADD_CLASS)
    script->n_classes++;
  else if (operation->action == SCRIPT_UNDO)
    travel (script, script->done, script->undone, "undo");
  else if (operation->action == SCRIPT_REDO)
    travel (script, script->undone, script->done, "redo");
  else if (operation->action == SCRIPT_ACT)
    apply_act (script, operation);
  else
    apply_one (script, operation);
  if (script->journal->len > entries)
    script->moments[script->n_moments++ % SCRIPT_MOMENTS] =
        (ScriptMoment){script->journal->len, script->state};
}

/* ---- the project ---- */

/* The changes must lead from the state before to the state after, every tile that differs among
 * them, none twice. */
static void
assert_changes (const Script *before, const ScriptOperation *operation, const GArray *changes)
{
  Script after;
  script_copy (before, &after);
  script_apply (&after, operation);
  ScriptState state = before->state;
  guint entries = after.journal->len - before->journal->len;
  if (entries < 2) /* a tile may be in several of an act */
    g_assert_cmpuint (
        changes->len, ==,
        entries == 0 ? 0
                     : g_array_index (after.journal, ScriptJournal, after.journal->len - 1).count);
  for (guint i = 0; i < changes->len; i++) {
    const TsrLabelChange *c = &g_array_index (changes, TsrLabelChange, i);
    g_assert_true (i == 0 || c[-1].tile < c->tile);
    g_assert_cmpint (c->before, ==, before->state.label[c->tile]);
    g_assert_cmpint (c->excluded_before, ==, before->state.excluded[c->tile]);
    state.label[c->tile] = c->after;
    state.excluded[c->tile] = c->excluded_after;
  }
  g_assert_cmpmem (state.label, sizeof state.label, after.state.label, sizeof after.state.label);
  g_assert_cmpmem (state.excluded, sizeof state.excluded, after.state.excluded,
                   sizeof after.state.excluded);
  script_clear (&after);
}

static bool
run_act (const ScriptOperation *operation, TsrProject *project, GError **error)
{
  if (!tsr_project_begin_act (project, error))
    return false;
  g_autofree char *name = g_strdup_printf ("class %d", operation->into);
  bool ok = operation->into < 0 || tsr_project_add_class (project, name, -1, error) > 0;
  for (unsigned part = 0; ok && part < SCRIPT_PARTS; part++) {
    ScriptOperation one;
    part_of_act (operation, part, &one);
    ok = tsr_project_label (project, one.tiles, one.values, one.count, false,
                            part == 2 ? TSR_HOW_CLEARED : TSR_HOW_IMPORTED, "Ada", NULL, error);
  }
  ok = ok && tsr_project_put_suggestions (project, operation->tiles, operation->count, "consensus",
                                          error);
  return tsr_project_end_act (project, ok, error);
}

bool
script_run (const ScriptOperation *operation, TsrProject *project, const Script *compare,
            GError **error)
{
  g_autoptr (GArray) changes = NULL;
  g_autofree char *name = NULL;
  bool ok = false;
  switch (operation->action) {
  case SCRIPT_LABEL:
    ok = tsr_project_label (project, operation->tiles, operation->values, operation->count,
                            operation->one_value, TSR_HOW_SUGGESTED, "Ada", &changes, error);
    break;
  case SCRIPT_EXCLUDE:
  case SCRIPT_READMIT:
    ok = tsr_project_exclude (project, operation->tiles, operation->count,
                              operation->action == SCRIPT_EXCLUDE, "Ada", &changes, error);
    break;
  case SCRIPT_ADD_CLASS:
    name = g_strdup_printf ("class %d", operation->into);
    return tsr_project_add_class (project, name, -1, error) > 0;
  case SCRIPT_MERGE:
    ok =
        tsr_project_merge_class (project, operation->from, operation->into, "Ada", &changes, error);
    break;
  case SCRIPT_REMOVE:
    ok = tsr_project_remove_class (project, operation->from, "Ada", &changes, error);
    break;
  case SCRIPT_UNDO:
    ok = tsr_project_undo (project, "Ada", &changes, &name, error);
    break;
  case SCRIPT_REDO:
    ok = tsr_project_redo (project, "Ada", &changes, &name, error);
    break;
  case SCRIPT_ACT:
    return run_act (operation, project, error);
  case SCRIPT_REVERT:
    ok = tsr_project_revert (project, operation->moment, "Ada", NULL, &changes, error);
    break;
  }
  if (ok && compare)
    assert_changes (compare, operation, changes);
  return ok;
}

static char *
difference_in_classes (const Script *script, TsrProject *project)
{
  g_autoptr (GPtrArray) classes = tsr_project_classes (project);
  bool listed[SCRIPT_MAX_CLASSES + 1] = {false};
  for (guint i = 0; i < classes->len; i++) {
    int32_t id = ((TsrClass *)classes->pdata[i])->id;
    if (id < 1 || id > script->n_classes || script->state.gone[id])
      return g_strdup_printf ("class %d should not be listed", id);
    listed[id] = true;
  }
  for (int32_t id = 1; id <= script->n_classes; id++)
    if (!listed[id] && !script->state.gone[id])
      return g_strdup_printf ("class %d is missing", id);
  return NULL;
}

static char *
difference_in_journal (const Script *script, TsrProject *project, uint32_t entries)
{
  if (tsr_project_journal_seq (project) != script->journal->len)
    return g_strdup_printf ("the journal has %" G_GINT64_FORMAT " entries, not %u",
                            tsr_project_journal_seq (project), script->journal->len);
  if (tsr_project_can_undo (project) != (script->done->len > 0) ||
      tsr_project_can_redo (project) != (script->undone->len > 0))
    return g_strdup ("can_undo or can_redo is wrong");
  g_autoptr (GPtrArray) journal = tsr_project_journal (project, entries);
  if (journal->len != MIN (entries, script->journal->len))
    return g_strdup_printf ("%u entries were listed", journal->len);
  for (guint i = 0; i < journal->len; i++) {
    const TsrJournalEntry *entry = journal->pdata[i];
    const ScriptJournal *model =
        &g_array_index (script->journal, ScriptJournal, script->journal->len - 1 - i);
    if (entry->seq != script->journal->len - i || entry->count != model->count ||
        strcmp (entry->action, model->action) != 0 || strcmp (entry->annotator, "Ada") != 0)
      return g_strdup_printf ("entry %" G_GINT64_FORMAT " is %s of %u, not %s of %u", entry->seq,
                              entry->action, entry->count, model->action, model->count);
  }
  return NULL;
}

char *
script_difference (const Script *script, TsrProject *project, uint32_t entries)
{
  int32_t label[SCRIPT_MAX_TILES];
  uint8_t excluded[SCRIPT_MAX_TILES];
  g_autoptr (GError) error = NULL;
  uint32_t n = tsr_project_n_tiles (project);
  if (n != script->n)
    return g_strdup_printf ("there are %u tiles, not %u", n, script->n);
  if (!tsr_project_labels (project, label, excluded, &error))
    return g_strdup (error->message);
  for (uint32_t i = 0; i < n; i++)
    if (label[i] != script->state.label[i] || excluded[i] != script->state.excluded[i])
      return g_strdup_printf ("tile %u has label %d excluded %d, not %d %d", i, label[i],
                              excluded[i], script->state.label[i], script->state.excluded[i]);
  char *difference = difference_in_classes (script, project);
  return difference ? difference : difference_in_journal (script, project, entries);
}
