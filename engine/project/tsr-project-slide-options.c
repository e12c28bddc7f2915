/* How slides were cut, as JSON: a key for each option, none for what was not given. */

#include "tsr-project-private.h"

#include "tsr-i18n.h"

#include <jansson.h>
#include <math.h>

static void
set_number (json_t *object, const char *key, double value)
{
  if (isfinite (value))
    json_object_set_new (object, key, json_real (value));
}

static void
format_mask (json_t *object, const TsrMaskOptions *mask)
{
  set_number (object, "saturation", mask->saturation);
  set_number (object, "brightness", mask->brightness);
  set_number (object, "dark", mask->dark);
  json_object_set_new (object, "smooth", json_integer (mask->smooth));
  json_object_set_new (object, "speck", json_integer (mask->speck));
  json_object_set_new (object, "hole", json_integer (mask->hole));
  json_object_set_new (object, "pen", json_boolean (mask->pen));
}

char *
tsr_slide_options_format (const TsrTilingOptions *options, const TsrMaskOptions *mask)
{
  json_t *object = json_object ();
  json_object_set_new (object, "pixels", json_integer (options->pixels));
  set_number (object, "mpp", options->mpp);
  set_number (object, "micrometres", options->micrometres);
  json_object_set_new (object, "overlap", json_integer (options->overlap));
  set_number (object, "tissue", options->tissue);
  set_number (object, "tolerance", options->tolerance);
  if (mask) {
    json_t *inner = json_object ();
    format_mask (inner, mask);
    json_object_set_new (object, "mask", inner);
  }
  char *dumped = json_dumps (object, JSON_COMPACT), *text = g_strdup (dumped);
  free (dumped);
  json_decref (object);
  return text;
}

static double
number (const json_t *object, const char *key, double fallback)
{
  const json_t *value = json_object_get (object, key);
  return json_is_number (value) ? json_number_value (value) : fallback;
}

/* A whole number that an int holds; what else may be wrong with it the tiling says itself. */
static int
whole (const json_t *object, const char *key, int fallback)
{
  return (int)CLAMP (number (object, key, fallback), -1e9, 1e9);
}

static void
parse (const json_t *object, TsrTilingOptions *options, TsrMaskOptions *mask, bool *use_mask)
{
  *options = tsr_tiling_options ();
  options->pixels = whole (object, "pixels", options->pixels);
  options->mpp = number (object, "mpp", NAN);
  options->micrometres = number (object, "micrometres", NAN);
  options->overlap = whole (object, "overlap", options->overlap);
  options->tissue = number (object, "tissue", options->tissue);
  options->tolerance = number (object, "tolerance", options->tolerance);
  *mask = tsr_mask_options ();
  const json_t *inner = json_object_get (object, "mask");
  *use_mask = json_is_object (inner);
  if (!*use_mask)
    return;
  mask->saturation = number (inner, "saturation", NAN);
  mask->brightness = number (inner, "brightness", NAN);
  mask->dark = number (inner, "dark", mask->dark);
  mask->smooth = whole (inner, "smooth", mask->smooth);
  mask->speck = whole (inner, "speck", mask->speck);
  mask->hole = whole (inner, "hole", mask->hole);
  mask->pen = !json_is_false (json_object_get (inner, "pen"));
}

bool
tsr_project_slide_options (TsrProject *project, TsrTilingOptions *options, TsrMaskOptions *mask,
                           bool *use_mask, GError **error)
{
  g_autoptr (TsrStatement) find =
      tsr_db_prepare (project, "SELECT options FROM tiling ORDER BY slide DESC LIMIT 1", error);
  if (tsr_db_step (project, find, error) <= 0)
    return false;
  g_autofree char *text = tsr_db_text (find, 0);
  json_t *object = json_loads (text, 0, NULL);
  if (!json_is_object (object)) {
    json_decref (object);
    return tsr_db_corrupt (project, _ ("how a slide was cut cannot be read"), error);
  }
  parse (object, options, mask, use_mask);
  json_decref (object);
  return true;
}
