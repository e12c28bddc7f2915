/* tessera normalise: whether networks get tiles in the colours of a reference. */

#include "tessera-open.h"
#include "tsr-error.h"
#include "tsr-normalise.h"
#include "tsr-project-slides.h"
#include "tsr-project-sources.h"
#include "tsr-slide-pool.h"

#include <glib/gstdio.h>

static const TesseraOption options[] = {
    {.name = "method",
     .kind = TESSERA_OPTION_CHOICE,
     .choices = "macenko,reinhard,none",
     .help = "From now on tiles are normalised so, for training and embedding; none: as they were "
             "scanned"},
    {.name = "reference",
     .kind = TESSERA_OPTION_TEXT,
     .value_name = "FILE",
     .help = "An image whose stains tiles are to have (default: published values)"},
    {.name = "preview",
     .kind = TESSERA_OPTION_TEXT,
     .value_name = "OUT.png",
     .help = "Write pairs of tiles, as they were scanned and as networks get them"},
    {.name = "preview-tiles",
     .kind = TESSERA_OPTION_INTEGER,
     .value_name = "N",
     .help = "Evenly spread, in the preview",
     .fallback = "24",
     .min = 1,
     .max = 1024},
    TESSERA_COMMON_OPTIONS};

static bool
is_same_file (const char *one, const char *other)
{
  GStatBuf a, b;
  return one && other && g_stat (one, &a) == 0 && g_stat (other, &b) == 0 && a.st_dev == b.st_dev &&
         a.st_ino == b.st_ino;
}

static bool
check_options (TesseraCli *cli, TsrStainMethod *method, GError **error)
{
  const char *name = tessera_options_text (cli->options, "method"), *problem = NULL;
  *method = TSR_STAIN_NONE;
  while (name && *method < TSR_STAIN_REINHARD &&
         !g_str_equal (name, tsr_stain_method_name (*method)))
    (*method)++;
  if (tessera_options_given (cli->options, "reference") && *method == TSR_STAIN_NONE)
    problem = "--reference goes with --method macenko or reinhard.";
  else if (tessera_options_given (cli->options, "preview-tiles") &&
           !tessera_options_given (cli->options, "preview"))
    problem = "--preview-tiles goes with --preview.";
  else if (is_same_file (tessera_options_text (cli->options, "reference"),
                         tessera_options_text (cli->options, "preview")))
    problem = "--preview would be written over --reference; give it another name.";
  if (problem)
    g_set_error_literal (error, TSR_ERROR, TSR_ERROR_USAGE, problem);
  return !problem;
}

static bool
change (TesseraCli *cli, TsrProject *project, TsrStainMethod method, TsrProjectStains *stains,
        GError **error)
{
  const char *path = tessera_options_text (cli->options, "reference");
  TsrStain reference = tsr_stain_reference (method);
  TsrProgressShare share;
  TsrProgress progress = tsr_progress_share (
      &cli->progress, &share, 0, tessera_options_given (cli->options, "preview") ? 0.8 : 1, NULL);
  return (!path || tsr_normalise_reference (path, method, &reference, error)) &&
         tsr_normalise (project, method, &reference, stains, &progress, error);
}

static json_t *
stain_object (const TsrStain *stain)
{
  g_autofree char *text = tsr_stain_to_json (stain);
  return json_loads (text, 0, NULL);
}

/* What is wrong with a stain, or NULL. */
static const char *
problem_of (const TsrKnownStain *known)
{
  return known->known ? tsr_stain_problem_text (known->stain.problem)
                      : "None of the tiles could be read yet.";
}

/* A slide's name, or that of all tiles that lie on none; count: of tiles that are not excluded. */
static void
describe (TesseraCli *cli, json_t *list, const char *slide, const TsrKnownStain *known)
{
  const char *problem = problem_of (known);
  json_t *object = json_object ();
  tessera_cli_set_text (object, "slide", slide);
  json_object_set_new (object, "stain", known->known ? stain_object (&known->stain) : json_null ());
  tessera_cli_set_text (object, "problem", problem);
  json_array_append_new (list, object);
  g_autofree char *shown = tessera_cli_shown (slide ? slide : "Tiles that lie on no slide");
  if (problem)
    tessera_cli_note (cli, "%s: tiles stay as they were scanned. %s", shown, problem);
}

/* Whether tiles lie on no slide: only then their stain is anything to speak of. */
static bool
has_files (const GPtrArray *slides, uint32_t n)
{
  uint64_t placed = 0;
  for (guint i = 0; i < slides->len; i++)
    placed += ((const TsrProjectSlide *)slides->pdata[i])->tiles;
  return placed < n;
}

static bool
report (TesseraCli *cli, TsrProject *project, const TsrProjectStains *stains, GError **error)
{
  const char *method = tsr_stain_method_name (stains->method);
  bool none = stains->method == TSR_STAIN_NONE;
  g_autoptr (GPtrArray) slides = tsr_project_slides (project, error);
  if (!slides)
    return false;
  json_t *list = json_array ();
  tessera_cli_set_text (cli->result, "method", method);
  json_object_set_new (cli->result, "reference",
                       none ? json_null () : stain_object (&stains->reference));
  json_object_set_new (cli->result, "slides", list);
  for (guint i = 0; !none && i < MIN (slides->len, stains->n_slides); i++)
    describe (cli, list, ((const TsrProjectSlide *)slides->pdata[i])->name, &stains->of[i]);
  if (!none && has_files (slides, tsr_project_n_tiles (project)))
    describe (cli, list, NULL, &stains->of[stains->n_slides]);
  if (none)
    tessera_cli_print (cli, "Networks get tiles as they were scanned.\n");
  else
    tessera_cli_print (cli,
                       "Networks get tiles normalised (%s); what you see stays as it was "
                       "scanned.\n",
                       method);
  return tessera_cli_report_vectors (cli, project, error);
}

static bool
preview (TesseraCli *cli, TsrProject *project, GError **error)
{
  const char *path = tessera_options_text (cli->options, "preview");
  uint32_t n = (uint32_t)tessera_options_integer (cli->options, "preview-tiles"), shown = 0;
  if (!path)
    return true;
  TsrProgressShare share;
  TsrProgress progress = tsr_progress_share (
      &cli->progress, &share, tessera_options_given (cli->options, "method") ? 0.8 : 0, 1, NULL);
  if (!tsr_normalise_preview (project, n, path, &shown, &progress, error))
    return false;
  tessera_cli_set_text (cli->result, "preview", path);
  json_object_set_new (cli->result, "preview_tiles", json_integer (shown));
  g_autofree char *name = tessera_cli_shown (path);
  tessera_cli_print (cli, "%s: %u %s, each as it was scanned and as networks get it.\n", name,
                     shown, tessera_cli_noun (shown, "tile", "tiles"));
  return true;
}

static bool
run (TesseraCli *cli, GError **error)
{
  TsrStainMethod method;
  g_auto (TsrProjectStains) stains = {0};
  bool set = tessera_options_given (cli->options, "method");
  if (!check_options (cli, &method, error))
    return false;
  g_autoptr (TsrProject) project =
      tessera_cli_open (cli, set ? TSR_PROJECT_READ_WRITE : TSR_PROJECT_READ_ONLY, error);
  const char *path = tessera_options_text (cli->options, "preview");
  if (project && path && !tsr_project_check_output (project, path, error))
    return false;
  bool ok = project && (set ? change (cli, project, method, &stains, error)
                            : tsr_project_stains_read (project, &stains, error));
  ok = ok && preview (cli, project, error) && report (cli, project, &stains, error);
  tsr_slide_pool_clear ();
  return ok;
}

const TesseraCommand tessera_command_normalise = {
    .name = "normalise",
    .arguments = "PROJECT",
    .summary = "Give networks tiles in a reference's colours, whatever the staining",
    .details = "Without --method it says how tiles are normalised now. Stains are found for each "
               "slide, and once for all tiles that\nlie on no slide. Tiles that people see stay as "
               "they were scanned.",
    .options = options,
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
};
