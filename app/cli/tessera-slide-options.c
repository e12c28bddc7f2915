#include "tessera-slide-options.h"

#include "tsr-error.h"

#include <math.h>

static const char *const of_slides[] = {
    "tile-size",   "mpp",        "micrometres", "slide-mpp",       "overlap",
    "tissue",      "saturation", "brightness",  "no-mask",         "hide-names",
    "area",        "area-share", "truth",       "truth-from-area", "coords",
    "coords-size", NULL};

static bool
usage (GError **error, const char *text)
{
  g_set_error_literal (error, TSR_ERROR, TSR_ERROR_USAGE, text);
  return false;
}

/* What annotations are given for. */
static bool
check_regions (TesseraCli *cli, GError **error)
{
  bool area = tessera_options_given (cli->options, "area"),
       truth = tessera_options_given (cli->options, "truth"),
       both = tessera_options_flag (cli->options, "truth-from-area");
  if (both && !area)
    return usage (error, "--truth-from-area takes the ground truth from the files of --area, which "
                         "is missing.");
  if (both && truth)
    return usage (error, "--truth names files of its own; leave out --truth-from-area.");
  if (tessera_options_given (cli->options, "area-share") && !area && !truth)
    return usage (error, "--area-share goes with --area or --truth.");
  return true;
}

/* Where tiles lie and how large they are is told. */
static bool
check_coords (TesseraCli *cli, GError **error)
{
  static const char *const others[] = {"mpp",        "micrometres", "overlap", "tissue",
                                       "saturation", "brightness",  "no-mask"};
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    if (tessera_options_given (cli->options, others[i])) {
      g_set_error (error, TSR_ERROR, TSR_ERROR_USAGE,
                   "--coords says where tiles lie and how large they are; leave out --%s.",
                   others[i]);
      return false;
    }
  return true;
}

bool
tessera_slide_options_check (TesseraCli *cli, GError **error)
{
  bool tiles = tessera_options_given (cli->options, "tiles"),
       slides = tessera_options_given (cli->options, "slides");
  if (tiles && slides)
    return usage (error, "--tiles and --slides are two commands: “tessera new” with one of them, "
                         "then “tessera add” with the other.");
  if (!tiles && !slides)
    return usage (error, "--tiles is missing; it takes the folder of images. For whole slides, "
                         "--slides takes their files.");
  if (slides && tessera_options_flag (cli->options, "labels-from-folders"))
    return usage (error, "--labels-from-folders goes with --tiles: a slide is in one folder with "
                         "all of its tiles.");
  for (guint i = 0; !slides && of_slides[i]; i++)
    if (tessera_options_given (cli->options, of_slides[i])) {
      g_set_error (error, TSR_ERROR, TSR_ERROR_USAGE,
                   "--%s goes with --slides; images in a folder are tiles as they are.",
                   of_slides[i]);
      return false;
    }
  bool coords = tessera_options_given (cli->options, "coords");
  if (coords ? !check_coords (cli, error) : tessera_options_given (cli->options, "coords-size"))
    return coords
               ? false
               : usage (error, "--coords-size goes with --coords, for tables that do not say how "
                               "large their tiles are.");
  return check_regions (cli, error);
}

static void
take_number (TesseraCli *cli, const char *name, double *value)
{
  if (tessera_options_given (cli->options, name))
    *value = tessera_options_number (cli->options, name);
}

static void
take_integer (TesseraCli *cli, const char *name, int *value)
{
  if (tessera_options_given (cli->options, name))
    *value = (int)tessera_options_integer (cli->options, name);
}

bool
tessera_slide_options_read (TesseraCli *cli, TsrProject *project, TesseraSlideOptions *options,
                            GError **error)
{
  *options = (TesseraSlideOptions){tsr_tiling_options (), tsr_mask_options (), true};
  g_autoptr (GError) cause = NULL;
  if (!tsr_project_slide_options (project, &options->tiling, &options->mask, &options->use_mask,
                                  &cause) &&
      cause) {
    g_propagate_error (error, g_steal_pointer (&cause));
    return false;
  }
  bool mpp = tessera_options_given (cli->options, "mpp"),
       micrometres = tessera_options_given (cli->options, "micrometres"),
       thresholds = tessera_options_given (cli->options, "saturation") ||
                    tessera_options_given (cli->options, "brightness");
  if (mpp && micrometres)
    return usage (error, "--mpp and --micrometres both say how large a tile is; give one of them.");
  if (thresholds && tessera_options_flag (cli->options, "no-mask"))
    return usage (error, "--no-mask takes the whole slide; --saturation and --brightness say what "
                         "of it is tissue.");
  if (mpp || micrometres)
    options->tiling.mpp = options->tiling.micrometres = NAN;
  take_integer (cli, "tile-size", &options->tiling.pixels);
  take_number (cli, "mpp", &options->tiling.mpp);
  take_number (cli, "micrometres", &options->tiling.micrometres);
  take_number (cli, "slide-mpp", &options->tiling.slide_mpp);
  take_integer (cli, "overlap", &options->tiling.overlap);
  take_number (cli, "tissue", &options->tiling.tissue);
  take_number (cli, "saturation", &options->mask.saturation);
  take_number (cli, "brightness", &options->mask.brightness);
  if (thresholds || tessera_options_given (cli->options, "tissue"))
    options->use_mask = true;
  if (tessera_options_flag (cli->options, "no-mask"))
    options->use_mask = false;
  if (options->tiling.overlap >= options->tiling.pixels)
    return usage (error, "--overlap is less than --tile-size: tiles overlap by less than a side.");
  return true;
}
