#include "tsr-stain.h"

#include "tsr-error.h"
#include "tsr-i18n.h"
#include "tsr-progress.h"
#include "tsr-stain-private.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

static const char *const names[] = {"none", "macenko", "reinhard"};
static const char *const problems[] = {"", "pale", "grey", "one-stain"};

TsrStain
tsr_stain_reference (TsrStainMethod method)
{
  static const TsrStain macenko = {.method = TSR_STAIN_MACENKO,
                                   .stain = {{0.5626, 0.7201, 0.4062}, {0.2159, 0.8012, 0.5581}},
                                   .strongest = {1.9705, 1.0308}},
                        reinhard = {.method = TSR_STAIN_REINHARD,
                                    .mean = {8.74108109, -0.12440419, 0.0444982},
                                    .deviation = {0.6135447, 0.10989545, 0.0286032}};
  return method == TSR_STAIN_MACENKO    ? macenko
         : method == TSR_STAIN_REINHARD ? reinhard
                                        : (TsrStain){0};
}

const char *
tsr_stain_problem_text (TsrStainProblem problem)
{
  switch (problem) {
  case TSR_STAIN_PALE:
    return _ ("There is too little stained tissue to tell the stains.");
  case TSR_STAIN_GREY:
    return _ ("The tiles have no colour, so there are no stains to tell.");
  case TSR_STAIN_ONE:
    return _ ("The tiles show one stain only; two are needed.");
  default:
    return NULL;
  }
}

const char *
tsr_stain_method_name (TsrStainMethod method)
{
  return names[MIN ((unsigned)method, 2)];
}

static json_t *
pack (const double *values, int n)
{
  json_t *array = json_array ();
  for (int i = 0; i < n; i++)
    json_array_append_new (array, json_real (values[i]));
  return array;
}

char *
tsr_stain_to_json (const TsrStain *stain)
{
  json_t *object = json_object ();
  json_object_set_new (object, "method", json_string (tsr_stain_method_name (stain->method)));
  if (stain->method == TSR_STAIN_MACENKO) {
    json_t *stains = json_array ();
    json_array_append_new (stains, pack (stain->stain[0], 3));
    json_array_append_new (stains, pack (stain->stain[1], 3));
    json_object_set_new (object, "stains", stains);
    json_object_set_new (object, "strongest", pack (stain->strongest, 2));
  } else if (stain->method == TSR_STAIN_REINHARD) {
    json_object_set_new (object, "mean", pack (stain->mean, 3));
    json_object_set_new (object, "deviation", pack (stain->deviation, 3));
  } else if (stain->problem != TSR_STAIN_FINE)
    json_object_set_new (object, "problem", json_string (problems[MIN (stain->problem, 3u)]));
  char *dumped = json_dumps (object, JSON_COMPACT | JSON_REAL_PRECISION (17)),
       *text = g_strdup (dumped);
  free (dumped);
  json_decref (object);
  return text;
}

/* Takes n numbers that are finite and above least. */
static bool
unpack (const json_t *array, double *values, size_t n, double least)
{
  bool ok = json_array_size (array) == n;
  for (size_t i = 0; i < n && ok; i++) {
    const json_t *value = json_array_get (array, i);
    values[i] = json_number_value (value);
    ok = json_is_number (value) && fabs (values[i]) < 1e6 && values[i] > least;
  }
  return ok;
}

static bool
is_unit (const double v[3])
{
  return fabs (v[0] * v[0] + v[1] * v[1] + v[2] * v[2] - 1) < 0.01;
}

/* Two vectors that can be told apart. */
static bool
are_stains (const double stain[2][3])
{
  double cosine = stain[0][0] * stain[1][0] + stain[0][1] * stain[1][1] + stain[0][2] * stain[1][2];
  return is_unit (stain[0]) && is_unit (stain[1]) && fabs (cosine) < 0.9999;
}

static bool
read_stain (const json_t *object, TsrStain *stain)
{
  const char *method = json_string_value (json_object_get (object, "method")),
             *problem = json_string_value (json_object_get (object, "problem"));
  const json_t *stains = json_object_get (object, "stains");
  if (g_strcmp0 (method, "macenko") == 0) {
    stain->method = TSR_STAIN_MACENKO;
    return unpack (json_array_get (stains, 0), stain->stain[0], 3, -2) &&
           unpack (json_array_get (stains, 1), stain->stain[1], 3, -2) &&
           json_array_size (stains) == 2 && are_stains (stain->stain) &&
           unpack (json_object_get (object, "strongest"), stain->strongest, 2, 1e-6);
  }
  if (g_strcmp0 (method, "reinhard") == 0) {
    stain->method = TSR_STAIN_REINHARD;
    return unpack (json_object_get (object, "mean"), stain->mean, 3, -1e6) &&
           unpack (json_object_get (object, "deviation"), stain->deviation, 3, 1e-6);
  }
  for (unsigned i = 1; problem && i < G_N_ELEMENTS (problems); i++)
    if (strcmp (problem, problems[i]) == 0)
      stain->problem = i;
  return g_strcmp0 (method, "none") == 0;
}

bool
tsr_stain_from_json (const char *json, TsrStain *stain, GError **error)
{
  json_t *object = json_loads (json, 0, NULL);
  *stain = (TsrStain){0};
  bool ok = read_stain (object, stain);
  json_decref (object);
  if (ok)
    return true;
  *stain = (TsrStain){0};
  g_set_error_literal (error, TSR_ERROR, TSR_ERROR_CORRUPT,
                       _ ("What is stored of the stains is damaged; estimate them again."));
  return false;
}
