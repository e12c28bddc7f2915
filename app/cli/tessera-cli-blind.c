/* tessera blind: a copy for a second reader, who shall not know what the first one said. */

#include "tessera-open.h"
#include "tsr-error.h"
#include "tsr-project-blind.h"

static const TesseraOption options[] = {
    {.name = "tiles",
     .kind = TESSERA_OPTION_INTEGER,
     .value_name = "N",
     .min = 1,
     .max = 1e9,
     .help = "At most so many of the labelled tiles, drawn at random (default: all of them)"},
    {.name = "seed",
     .kind = TESSERA_OPTION_INTEGER,
     .value_name = "N",
     .fallback = "0",
     .min = 0,
     .max = 1e15,
     .help = "Another draw, and another order"},
    TESSERA_COMMON_OPTIONS};

static bool
run (TesseraCli *cli, GError **error)
{
  const char *path = cli->arguments[1];
  g_autoptr (TsrProject) project = tessera_cli_open (cli, TSR_PROJECT_READ_ONLY, error);
  if (!project)
    return false;
  TsrBlindOptions blind = {.seed = (uint64_t)tessera_options_integer (cli->options, "seed")};
  if (tessera_options_given (cli->options, "tiles"))
    blind.tiles = (uint32_t)tessera_options_integer (cli->options, "tiles");
  gint64 n = tsr_project_write_blind (project, path, &blind, &cli->progress, error);
  if (n < 0)
    return false;
  g_autofree char *name = g_filename_display_name (path), *shown = tessera_cli_shown (name);
  tessera_cli_set_text (cli->result, "copy", name);
  json_object_set_new (cli->result, "tiles", json_integer (n));
  tessera_cli_print (cli,
                     "%s: a copy without labels; %" G_GINT64_FORMAT " tiles are to be read, and "
                     "suggested in an order drawn at random.\n",
                     shown, n);
  return true;
}

const TesseraCommand tessera_command_blind = {
    .name = "blind",
    .arguments = "PROJECT COPY",
    .summary = "Write a copy for a second reader, without labels",
    .details = "COPY is a new project of the same tiles and classes in which nothing tells what "
               "was labelled as what. Its suggestions are\n"
               "the tiles to be read. Compare afterwards with “tessera agreement PROJECT COPY”.",
    .options = options,
    .min_arguments = 2,
    .max_arguments = 2,
    .run = run,
};
