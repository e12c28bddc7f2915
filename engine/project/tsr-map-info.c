#include "tsr-map-info.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

#define DIGITS                                                                                     \
  "0123456789abcdefghijklmnopqrstuvwxyz" /* of a tile's kept neighbours; '-' unknown               \
                                          */

/* --- reading --- */

static double
number_of (const json_t *object, const char *key, double fallback)
{
  const json_t *value = json_object_get (object, key);
  return json_is_number (value) ? json_number_value (value) : fallback;
}

static void
read_trust (TsrMapInfo *self, const json_t *trust)
{
  double k = number_of (trust, "k", 0), ranked = number_of (trust, "ranked", 0);
  if (!(k >= 1 && k < (double)strlen (DIGITS) && ranked >= 1 && ranked <= UINT32_MAX))
    return;
  self->trust =
      (TsrTrust){(size_t)k, (size_t)ranked, number_of (trust, "kept", NAN),
                 number_of (trust, "trustworthiness", NAN), number_of (trust, "continuity", NAN)};
  const char *tiles = json_string_value (json_object_get (trust, "tiles"));
  if (!tiles)
    return;
  self->n = (uint32_t)strlen (tiles);
  self->kept = g_new (uint8_t, (size_t)self->n + 1);
  for (uint32_t i = 0; i < self->n; i++) {
    const char *digit = strchr (DIGITS, tiles[i]);
    bool known = digit && (size_t)(digit - DIGITS) <= self->trust.k;
    self->kept[i] = known ? (uint8_t)(digit - DIGITS) : TSR_TRUST_UNKNOWN;
  }
}

TsrMapInfo *
tsr_map_info_parse (const char *text)
{
  TsrMapInfo *self = g_new0 (TsrMapInfo, 1);
  self->kl = self->trust.kept = self->trust.trustworthiness = self->trust.continuity = NAN;
  json_t *object = text ? json_loads (text, 0, NULL) : NULL;
  if (!object)
    return self;
  self->text = g_strdup (text);
  self->method = g_strdup (json_string_value (json_object_get (object, "method")));
  self->model = g_strdup (json_string_value (json_object_get (object, "model")));
  self->tiles = (uint32_t)CLAMP (number_of (object, "tiles", 0), 0, UINT32_MAX);
  self->balance = CLAMP (number_of (object, "balance", 0), 0, 1);
  self->perplexity = fmax (0, number_of (object, "perplexity", 0));
  self->neighbours = (uint32_t)CLAMP (number_of (object, "neighbours", 0), 0, UINT32_MAX);
  self->kl = number_of (object, "kl", NAN);
  self->total_s = number_of (object, "total_s", 0);
  self->iterations = (int)CLAMP (number_of (object, "iterations", 0), 0, INT32_MAX);
  self->seed = (uint64_t)json_integer_value (json_object_get (object, "seed"));
  self->stopped = json_is_true (json_object_get (object, "stopped"));
  read_trust (self, json_object_get (object, "trust"));
  json_decref (object);
  return self;
}

void
tsr_map_info_free (TsrMapInfo *self)
{
  if (!self)
    return;
  g_free (self->method);
  g_free (self->model);
  g_free (self->kept);
  g_free (self->text);
  g_free (self);
}

/* --- writing --- */

static void
set_number (json_t *object, const char *key, double value)
{
  if (isfinite (value))
    json_object_set_new (object, key, json_real (value));
  else
    json_object_del (object, key);
}

static json_t *
write_trust (const TsrMapInfo *self)
{
  json_t *trust = json_object ();
  json_object_set_new (trust, "k", json_integer ((json_int_t)self->trust.k));
  json_object_set_new (trust, "ranked", json_integer ((json_int_t)self->trust.ranked));
  set_number (trust, "kept", self->trust.kept);
  set_number (trust, "trustworthiness", self->trust.trustworthiness);
  set_number (trust, "continuity", self->trust.continuity);
  if (self->kept) {
    g_autofree char *tiles = g_new0 (char, (size_t)self->n + 1);
    for (uint32_t i = 0; i < self->n; i++)
      tiles[i] = self->kept[i] < strlen (DIGITS) ? DIGITS[self->kept[i]] : '-';
    json_object_set_new (trust, "tiles", json_string (tiles));
  }
  return trust;
}

char *
tsr_map_info_format (const TsrMapInfo *self)
{
  json_t *object = self->text ? json_loads (self->text, 0, NULL) : NULL;
  if (!json_is_object (object)) {
    json_decref (object);
    object = json_object ();
  }
  if (self->method)
    json_object_set_new (object, "method", json_string (self->method));
  if (self->model) /* tells a map from one of another model's vectors: tsr_map_info_is_stale () */
    json_object_set_new (object, "model", json_string (self->model));
  json_object_set_new (object, "tiles", json_integer (self->tiles));
  json_object_set_new (object, "total_s", json_real (self->total_s));
  if (g_strcmp0 (self->method, "tsne") == 0) {
    json_object_set_new (object, "balance", json_real (self->balance));
    json_object_set_new (object, "perplexity", json_real (self->perplexity));
    json_object_set_new (object, "iterations", json_integer (self->iterations));
    json_object_set_new (object, "seed", json_integer ((json_int_t)self->seed));
    set_number (object, "kl", self->kl);
  }
  if (g_strcmp0 (self->method, "umap") == 0) {
    json_object_set_new (object, "balance", json_real (self->balance));
    json_object_set_new (object, "neighbours", json_integer (self->neighbours));
    json_object_set_new (object, "iterations", json_integer (self->iterations));
    json_object_set_new (object, "seed", json_integer ((json_int_t)self->seed));
  }
  if (self->stopped)
    json_object_set_new (object, "stopped", json_true ());
  else
    json_object_del (object, "stopped");
  if (self->trust.k > 0)
    json_object_set_new (object, "trust", write_trust (self));
  else
    json_object_del (object, "trust");
  char *dumped = json_dumps (object, JSON_COMPACT), *text = g_strdup (dumped);
  free (dumped);
  json_decref (object);
  return text;
}

void
tsr_map_info_resize (TsrMapInfo *self, uint32_t n)
{
  if (!self->kept)
    return;
  self->kept = g_renew (uint8_t, self->kept, (size_t)n + 1);
  for (uint32_t i = self->n; i < n; i++)
    self->kept[i] = TSR_TRUST_UNKNOWN;
  self->n = n;
}

double
tsr_map_info_kept (const TsrMapInfo *self, uint32_t tile)
{
  bool known = self->kept && tile < self->n && self->kept[tile] != TSR_TRUST_UNKNOWN;
  return known ? (double)self->kept[tile] / (double)self->trust.k : NAN;
}
