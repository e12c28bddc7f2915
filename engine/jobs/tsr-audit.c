#include "tsr-audit.h"

#include "tsr-sampling.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

static const char *const states[] = {"running", "paused", "done"};

static TsrAudit *
audit_new (void)
{
  TsrAudit *audit = g_new0 (TsrAudit, 1);
  audit->tiles = g_array_new (FALSE, FALSE, sizeof (TsrAuditTile));
  return audit;
}

static TsrAuditTile *
nth (const TsrAudit *audit, guint i)
{
  return &g_array_index (audit->tiles, TsrAuditTile, i);
}

static TsrAuditTile *
find (const TsrAudit *audit, uint32_t tile, guint *at)
{
  for (guint i = 0; i < audit->tiles->len; i++)
    if (nth (audit, i)->tile == tile) {
      if (at)
        *at = i;
      return nth (audit, i);
    }
  return NULL;
}

TsrAudit *
tsr_audit_draw (const int32_t *label, const uint8_t *excluded, const TsrPrediction *prediction,
                uint32_t n, uint32_t k, uint64_t seed)
{
  g_autofree uint8_t *out = g_malloc0 ((gsize)n + 1);
  g_autofree uint32_t *chosen = g_new (uint32_t, (gsize)k + 1);
  TsrAudit *audit = audit_new ();
  audit->seed = seed;
  for (uint32_t i = 0; i < n; i++) {
    out[i] = label[i] != TSR_LABEL_NONE || excluded[i] || prediction[i].class_id < 0;
    audit->labels += label[i] >= 0 && !excluded[i];
  }
  size_t found = tsr_sample_random (n, NULL, out, MIN (k, n), seed, chosen);
  for (size_t i = 0; i < found; i++) {
    TsrAuditTile tile = {chosen[i], prediction[chosen[i]].class_id, TSR_LABEL_NONE};
    g_array_append_val (audit->tiles, tile);
  }
  if (found == 0)
    g_clear_pointer (&audit, tsr_audit_free);
  return audit;
}

void
tsr_audit_free (TsrAudit *audit)
{
  if (!audit)
    return;
  g_free (audit->rule);
  g_free (audit->places);
  g_array_unref (audit->tiles);
  g_free (audit);
}

TsrAudit *
tsr_audit_copy (const TsrAudit *audit)
{
  if (!audit)
    return NULL;
  TsrAudit *copy = g_memdup2 (audit, sizeof *audit);
  copy->rule = g_strdup (audit->rule);
  copy->places = g_strdup (audit->places);
  copy->tiles = g_array_copy (audit->tiles);
  return copy;
}

/* --- as text --- */

static bool
read_tile (const json_t *entry, uint32_t n, TsrAuditTile *tile)
{
  json_int_t value[3] = {-1, 0, 0};
  for (size_t i = 0; i < G_N_ELEMENTS (value); i++)
    value[i] = json_is_integer (json_array_get (entry, i))
                   ? json_integer_value (json_array_get (entry, i))
                   : G_MAXINT64;
  *tile = (TsrAuditTile){(uint32_t)value[0], (int32_t)value[1], (int32_t)value[2]};
  return value[0] >= 0 && value[0] < n && value[1] > 0 && value[1] <= INT32_MAX &&
         value[2] >= TSR_LABEL_UNSURE && value[2] <= INT32_MAX;
}

TsrAudit *
tsr_audit_parse (const char *text, uint32_t n)
{
  json_t *object = text ? json_loads (text, 0, NULL) : NULL,
         *tiles = json_object_get (object, "tiles");
  const char *state = json_string_value (json_object_get (object, "state"));
  g_autoptr (TsrAudit) audit = audit_new ();
  bool sound = false;
  for (guint s = 0; state && s < G_N_ELEMENTS (states); s++)
    if (strcmp (state, states[s]) == 0) {
      audit->state = (TsrAuditState)s;
      sound = json_array_size (tiles) > 0;
    }
  audit->seed = (uint64_t)json_integer_value (json_object_get (object, "seed"));
  audit->drawn_us = json_integer_value (json_object_get (object, "drawn_us"));
  audit->labels =
      (uint32_t)CLAMP (json_integer_value (json_object_get (object, "labels")), 0, UINT32_MAX);
  audit->rule = g_strdup (json_string_value (json_object_get (object, "rule")));
  audit->places = g_strdup (json_string_value (json_object_get (object, "places")));
  for (size_t i = 0; sound && i < json_array_size (tiles); i++) {
    TsrAuditTile tile;
    sound = read_tile (json_array_get (tiles, i), n, &tile) && !find (audit, tile.tile, NULL);
    g_array_append_val (audit->tiles, tile);
  }
  json_decref (object);
  return sound ? g_steal_pointer (&audit) : NULL;
}

char *
tsr_audit_format (const TsrAudit *audit)
{
  json_t *tiles = json_array ();
  for (guint i = 0; i < audit->tiles->len; i++) {
    const TsrAuditTile *tile = nth (audit, i);
    json_array_append_new (
        tiles, json_pack ("[i, i, i]", (int)tile->tile, (int)tile->predicted, (int)tile->answer));
  }
  json_t *object = json_pack ("{s:s, s:I, s:I, s:I, s:s*, s:s*, s:o}", "state",
                              states[audit->state], "seed", (json_int_t)audit->seed, "drawn_us",
                              (json_int_t)audit->drawn_us, "labels", (json_int_t)audit->labels,
                              "rule", audit->rule, "places", audit->places, "tiles", tiles);
  char *dumped = json_dumps (object, JSON_COMPACT), *text = g_strdup (dumped);
  free (dumped);
  json_decref (object);
  return text;
}

TsrAudit *
tsr_audit_load (TsrProject *project)
{
  g_autofree char *text = tsr_project_get (project, TSR_AUDIT_SETTING);
  return tsr_audit_parse (text, tsr_project_n_tiles (project));
}

bool
tsr_audit_store (TsrProject *project, const TsrAudit *audit, GError **error)
{
  g_autofree char *text = audit ? tsr_audit_format (audit) : NULL;
  return tsr_project_set (project, TSR_AUDIT_SETTING, text, error);
}

/* --- answers --- */

static bool
is_left (const TsrAuditTile *tile)
{
  return tile->answer == TSR_LABEL_NONE;
}

static bool
given_in_check (TsrProject *project, uint32_t tile)
{
  g_autofree char *annotator = NULL;
  gint64 when;
  TsrHow how = TSR_HOW_PICKED;
  return !project || (tsr_project_label_origin (project, tile, &annotator, &when, &how) &&
                      how == TSR_HOW_CHECK);
}

bool
tsr_audit_follow (TsrAudit *audit, TsrProject *project, const int32_t *label,
                  const uint8_t *excluded)
{
  bool changed = false, left = false;
  if (audit->state == TSR_AUDIT_DONE)
    return false;
  for (guint i = 0; i < audit->tiles->len; i++) {
    TsrAuditTile *tile = nth (audit, i);
    int32_t answer = excluded[tile->tile] ? TSR_LABEL_UNSURE : label[tile->tile];
    /* an answer that still stands was blind, whoever has confirmed it since */
    if (answer >= 0 && answer != tile->answer && !given_in_check (project, tile->tile))
      answer = TSR_LABEL_UNSURE;
    changed |= answer != tile->answer;
    tile->answer = answer;
    left |= is_left (tile);
  }
  if (!left)
    audit->state = TSR_AUDIT_DONE;
  return changed || !left;
}

size_t
tsr_audit_unasked (const TsrAudit *audit, const int32_t *label, const uint8_t *excluded)
{
  size_t n = 0;
  for (guint i = 0; i < audit->tiles->len; i++) {
    const TsrAuditTile *tile = nth (audit, i);
    n += tile->answer == TSR_LABEL_UNSURE && label[tile->tile] >= 0 && !excluded[tile->tile];
  }
  return n;
}

static void
move (TsrAudit *audit, guint from, guint to)
{
  TsrAuditTile tile = *nth (audit, from);
  g_array_remove_index (audit->tiles, from);
  g_array_insert_val (audit->tiles, to, tile);
}

bool
tsr_audit_take_back (TsrAudit *audit, uint32_t tile)
{
  guint at;
  TsrAuditTile *found = find (audit, tile, &at);
  if (!found || is_left (found))
    return false;
  found->answer = TSR_LABEL_NONE;
  if (audit->state == TSR_AUDIT_DONE)
    audit->state = TSR_AUDIT_RUNNING;
  move (audit, at, 0);
  return true;
}

bool
tsr_audit_skip (TsrAudit *audit, uint32_t tile)
{
  guint at;
  TsrAuditTile *found = find (audit, tile, &at);
  if (!found || !is_left (found))
    return false;
  move (audit, at, audit->tiles->len - 1);
  return true;
}

GArray *
tsr_audit_left (const TsrAudit *audit)
{
  GArray *left = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  for (guint i = 0; i < audit->tiles->len; i++)
    if (is_left (nth (audit, i)))
      g_array_append_val (left, nth (audit, i)->tile);
  return left;
}

bool
tsr_audit_hides (const TsrAudit *audit, uint32_t tile)
{
  const TsrAuditTile *found = find (audit, tile, NULL);
  return found && is_left (found);
}

bool
tsr_audit_has (const TsrAudit *audit, uint32_t tile)
{
  return find (audit, tile, NULL) != NULL;
}

uint8_t *
tsr_audit_veil (const TsrAudit *audit, const int32_t *label, uint32_t n)
{
  if (!audit || audit->state == TSR_AUDIT_DONE)
    return NULL;
  uint8_t *veiled = g_malloc0 ((gsize)n + 1);
  for (uint32_t i = 0; audit->state == TSR_AUDIT_RUNNING && i < n; i++)
    veiled[i] = label[i] < 0;
  for (guint i = 0; i < audit->tiles->len; i++) {
    uint32_t tile = nth (audit, i)->tile;
    if (is_left (nth (audit, i)) && tile < n && label[tile] == TSR_LABEL_NONE)
      veiled[tile] = 1;
  }
  return veiled;
}

bool
tsr_audit_veil_table (const TsrAudit *audit, TsrTable *table)
{
  g_autofree uint8_t *veiled = tsr_audit_veil (audit, table->label, table->n);
  bool any = false;
  for (uint32_t i = 0; veiled && table->prediction && i < table->n; i++) {
    if (!veiled[i])
      continue;
    size_t first = (size_t)i * table->n_classes, length = table->n_classes * sizeof (float);
    any |= table->prediction[i].class_id >= 0;
    table->prediction[i] = (TsrPrediction){TSR_NO_CLASS, UINT32_MAX, INFINITY, 0};
    memset (table->scores + first, 0, length);
    memset (table->probability + first, 0, length);
  }
  return any;
}

void
tsr_audit_resolve (TsrAudit *audit, TsrProject *project, const GPtrArray *classes)
{
  for (guint i = 0; i < audit->tiles->len; i++) {
    TsrAuditTile *tile = nth (audit, i);
    int32_t now = tsr_project_class_now (project, classes, tile->predicted);
    tile->predicted = now > 0 ? now : tile->predicted;
    if (tile->answer > 0)
      tile->answer = tsr_project_class_now (project, classes, tile->answer);
    if (tile->answer == TSR_LABEL_NONE && audit->state == TSR_AUDIT_DONE)
      tile->answer = TSR_LABEL_UNSURE; /* its class is gone: nobody can say any more */
  }
}

TsrShare
tsr_audit_share (const TsrAudit *audit, int32_t class_id, size_t *aside)
{
  size_t right = 0, n = 0, set_aside = 0;
  for (guint i = 0; i < audit->tiles->len; i++) {
    const TsrAuditTile *tile = nth (audit, i);
    set_aside += tile->answer == TSR_LABEL_UNSURE;
    if (tile->answer < 0 || (class_id >= 0 && tile->answer != class_id))
      continue;
    n++;
    right += tile->answer == tile->predicted;
  }
  if (aside)
    *aside = set_aside;
  return tsr_share (right, n);
}

char *
tsr_audit_places (const TsrAudit *audit, const float *points, size_t d)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  uint64_t mixed = 0; /* a sum, so that skipping, which changes the order, does not count */
  for (guint i = 0; points && i < audit->tiles->len; i++) {
    uint32_t tile = nth (audit, i)->tile;
    uint8_t digest[32];
    gsize length = sizeof digest;
    uint64_t part;
    g_checksum_reset (sum);
    g_checksum_update (sum, (const guchar *)&tile, sizeof tile);
    g_checksum_update (sum, (const guchar *)(points + tile * d), (gssize)(d * sizeof *points));
    g_checksum_get_digest (sum, digest, &length);
    memcpy (&part, digest, sizeof part);
    mixed += part;
  }
  return g_strdup_printf ("%016" G_GINT64_MODIFIER "x", mixed);
}
