#include "tsr-project-stains.h"

#include "tsr-i18n.h"
#include "tsr-project-private.h"

#include <string.h>

#define METHOD    "normalise"
#define ID        "normalise.id"
#define REFERENCE "normalise.reference"
#define FILES     "normalise.files"
#define SLIDE     "normalise.slide."

void
tsr_project_stains_clear (TsrProjectStains *self)
{
  g_free (self->id);
  g_free (self->of);
  *self = (TsrProjectStains){0};
}

/* ---- reading ---- */

static bool
parse_method (TsrProject *project, const char *text, TsrStainMethod *method, GError **error)
{
  for (*method = TSR_STAIN_NONE; *method <= TSR_STAIN_REINHARD; (*method)++)
    if (!text || strcmp (text, tsr_stain_method_name (*method)) == 0)
      return true;
  *method = TSR_STAIN_NONE;
  return tsr_db_corrupt (project, _ ("it normalises its tiles by an unknown method"), error);
}

/* A stain of another method than the project's could not be used. */
static bool
read_stain (TsrProject *project, TsrStainMethod method, const char *key, TsrKnownStain *known,
            GError **error)
{
  g_autofree char *text = tsr_project_get (project, key);
  *known = (TsrKnownStain){.known = text != NULL};
  if (!text)
    return true;
  if (!tsr_stain_from_json (text, &known->stain, error))
    return false;
  return known->stain.method == method || known->stain.method == TSR_STAIN_NONE ||
         tsr_db_corrupt (project, _ ("its stains are of another method than it says"), error);
}

static char *
key_of (const TsrProjectStains *self, uint32_t i)
{
  return i < self->n_slides ? g_strdup_printf (SLIDE "%u", i) : g_strdup (FILES);
}

static bool
read_stains (TsrProject *project, TsrProjectStains *self, GError **error)
{
  TsrKnownStain reference;
  self->id = tsr_project_get (project, ID);
  if (!read_stain (project, self->method, REFERENCE, &reference, error))
    return false;
  if (!self->id || !*self->id || reference.stain.method != self->method)
    return tsr_db_corrupt (project, _ ("it does not say what its tiles are normalised to"), error);
  self->reference = reference.stain;
  for (uint32_t i = 0; i <= self->n_slides; i++) {
    g_autofree char *key = key_of (self, i);
    if (!read_stain (project, self->method, key, &self->of[i], error))
      return false;
  }
  return true;
}

bool
tsr_project_stains_read (TsrProject *project, TsrProjectStains *self, GError **error)
{
  *self = (TsrProjectStains){0};
  g_autofree char *method = tsr_project_get (project, METHOD);
  int64_t n = tsr_db_int (project, "SELECT count (*) FROM slide", 0);
  self->n_slides = (uint32_t)CLAMP (n, 0, 1000000);
  self->of = g_new0 (TsrKnownStain, (size_t)self->n_slides + 1);
  if (!parse_method (project, method, &self->method, error) ||
      (self->method != TSR_STAIN_NONE && !read_stains (project, self, error))) {
    tsr_project_stains_clear (self);
    return false;
  }
  return true;
}

/* ---- names ---- */

static void
add_stain (GChecksum *sum, const char *key, const TsrStain *stain)
{
  g_autofree char *text = tsr_stain_to_json (stain);
  g_checksum_update (sum, (const guchar *)key, (gssize)strlen (key) + 1);
  g_checksum_update (sum, (const guchar *)text, (gssize)strlen (text) + 1);
}

static char *
make_name (const TsrProjectStains *self, bool stains)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  add_stain (sum, REFERENCE, &self->reference);
  for (uint32_t i = 0; stains && i <= self->n_slides; i++) {
    g_autofree char *key = key_of (self, i);
    if (self->of[i].known)
      add_stain (sum, key, &self->of[i].stain);
  }
  return g_strdup_printf ("%s-%.8s", tsr_stain_method_name (self->method),
                          g_checksum_get_string (sum));
}

char *
tsr_project_stains_look (const TsrProjectStains *self)
{
  return self->method == TSR_STAIN_NONE ? g_strdup ("none") : make_name (self, false);
}

char *
tsr_project_stains_vectors_id (const TsrProjectStains *self, const char *model_id)
{
  return self->method == TSR_STAIN_NONE ? g_strdup (model_id)
                                        : g_strconcat (model_id, "+", self->id, NULL);
}

bool
tsr_project_stains_stale (TsrProject *project, bool *stale, GError **error)
{
  *stale = false;
  g_auto (TsrProjectStains) stains = {0};
  g_autoptr (TsrStatement) find = tsr_db_prepare (project, "SELECT model FROM vector_set", error);
  int row = tsr_db_step (project, find, error);
  if (row <= 0)
    return row == 0;
  if (!tsr_project_stains_read (project, &stains, error))
    return false;
  g_autofree char *model = tsr_db_text (find, 0);
  const char *plus = strchr (model, '+');
  *stale = g_strcmp0 (plus ? plus + 1 : NULL, stains.id) != 0;
  return true;
}

/* ---- writing ---- */

static bool
store (TsrProject *project, const char *key, const char *value, GError **error)
{
  g_autoptr (TsrStatement) set =
      tsr_db_prepare (project, "INSERT OR REPLACE INTO setting VALUES (?1, ?2)", error);
  if (!set)
    return false;
  sqlite3_bind_text (set, 1, key, -1, SQLITE_TRANSIENT);
  sqlite3_bind_text (set, 2, value, -1, SQLITE_TRANSIENT);
  return tsr_db_run (project, set, error);
}

static bool
store_stain (TsrProject *project, const char *key, const TsrStain *stain, GError **error)
{
  g_autofree char *text = tsr_stain_to_json (stain);
  return store (project, key, text, error);
}

static bool
store_all (TsrProject *project, const TsrProjectStains *self, GError **error)
{
  if (!tsr_db_exec (project,
                    "DELETE FROM setting WHERE key = '" METHOD "' OR key GLOB '" METHOD ".*'",
                    error))
    return false;
  if (self->method == TSR_STAIN_NONE)
    return true;
  if (!store (project, METHOD, tsr_stain_method_name (self->method), error) ||
      !store (project, ID, self->id, error) ||
      !store_stain (project, REFERENCE, &self->reference, error))
    return false;
  for (uint32_t i = 0; i <= self->n_slides; i++) {
    g_autofree char *key = key_of (self, i);
    if (self->of[i].known && !store_stain (project, key, &self->of[i].stain, error))
      return false;
  }
  return true;
}

bool
tsr_project_stains_write (TsrProject *project, TsrProjectStains *self, GError **error)
{
  if (!self->id && self->method != TSR_STAIN_NONE)
    self->id = make_name (self, true);
  return tsr_db_begin (project, error) &&
         tsr_db_end (project, store_all (project, self, error), error);
}
