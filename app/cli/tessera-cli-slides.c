/* tessera slides: the slides of a project, and how much of each is what. */

#include "tessera-open.h"
#include "tsr-error.h"
#include "tsr-slide-counts.h"

#include <math.h>
#include <string.h>

static const TesseraOption options[] = {
    {.name = "rule",
     .kind = TESSERA_OPTION_CHOICE,
     .choices = TESSERA_RULES,
     .help = "How predictions are made (default: the project's setting, else map)"},
    {.name = "slide", .kind = TESSERA_OPTION_TEXT, .value_name = "NAME", .help = "Only this slide"},
    {.name = "slide-mpp",
     .kind = TESSERA_OPTION_NUMBER,
     .value_name = "UM",
     .help = "From now on a pixel is so many micrometres wide, on slides whose files do not say",
     .min = 0.01,
     .max = 20},
    TESSERA_COMMON_OPTIONS};

typedef struct {
  TesseraCli *cli;
  const TsrTable *table;
  const TsrSlideCounts *counts;
  bool hidden; /* names of files too */
} Listing;

static json_t *
count_object (const TsrSlideCount *count)
{
  json_t *object = json_object ();
  json_object_set_new (object, "tiles", json_integer (count->tiles));
  tessera_cli_set_number (object, "mm2", count->mm2);
  return object;
}

static json_t *
class_objects (const Listing *self, guint slide)
{
  json_t *list = json_array ();
  for (uint32_t c = 0; c < self->table->n_classes; c++) {
    size_t at = (size_t)slide * self->table->n_classes + c;
    json_t *object = json_object ();
    tessera_cli_set_text (object, "class", tsr_table_nth_class (self->table, (int32_t)c)->name);
    json_object_set_new (object, "labelled", count_object (&self->counts->labelled[at]));
    json_object_set_new (object, "predicted", count_object (&self->counts->predicted[at]));
    json_array_append_new (list, object);
  }
  return list;
}

static json_t *
slide_object (const Listing *self, const TsrProjectSlide *slide, guint number)
{
  json_t *object = json_object ();
  tessera_cli_set_text (object, "slide", slide->name);
  tessera_cli_set_text (object, "file", self->hidden ? NULL : slide->path);
  tessera_cli_set_text (object, "format", slide->format);
  tessera_cli_set_text (object, "vendor", slide->vendor);
  tessera_cli_set_text (object, "scanner", slide->scanner);
  json_object_set_new (object, "width", json_integer (slide->width));
  json_object_set_new (object, "height", json_integer (slide->height));
  json_object_set_new (object, "bytes", json_integer (slide->size));
  tessera_cli_set_number (object, "mpp", slide->mpp);
  json_object_set_new (object, "mpp_given", json_boolean (slide->mpp_given));
  tessera_cli_set_number (object, "objective", slide->objective);
  json_object_set_new (object, "present", json_boolean (slide->present));
  json_object_set_new (object, "tiles", json_integer (slide->tiles));
  json_object_set_new (object, "classes", class_objects (self, number));
  json_object_set_new (object, "other", count_object (&self->counts->other[number]));
  return object;
}

static char *
area_text (double mm2)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];
  if (isnan (mm2))
    return g_strdup ("");
  return g_strdup_printf (" (%s mm²)", g_ascii_formatd (number, sizeof number, "%.3f", mm2));
}

static void
print_slide (const Listing *self, const TsrProjectSlide *slide, guint number)
{
  TesseraCli *cli = self->cli;
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  g_autofree char *name = tessera_cli_shown (slide->name);
  g_autofree char *mpp =
      isnan (slide->mpp) ? g_strdup ("size of a pixel not known")
                         : g_strdup_printf ("%s um a pixel", g_ascii_formatd (text, sizeof text,
                                                                              "%.4g", slide->mpp));
  tessera_cli_print (cli, "%s: %s, %" G_GINT64_FORMAT " x %" G_GINT64_FORMAT ", %s, %u %s%s\n",
                     name, slide->format, slide->width, slide->height, mpp, slide->tiles,
                     tessera_cli_noun (slide->tiles, "tile", "tiles"),
                     slide->present ? "" : "; missing: “tessera relink” says where it is");
  for (uint32_t c = 0; c < self->table->n_classes; c++) {
    size_t at = (size_t)number * self->table->n_classes + c;
    const TsrSlideCount *labelled = &self->counts->labelled[at],
                        *predicted = &self->counts->predicted[at];
    if (labelled->tiles + predicted->tiles == 0)
      continue;
    g_autofree char *shown =
        tessera_cli_shown (tsr_table_nth_class (self->table, (int32_t)c)->name);
    g_autofree char *one = area_text (labelled->mm2), *other = area_text (predicted->mm2);
    tessera_cli_print (cli, "  %s: %u labelled%s, %u predicted%s\n", shown, labelled->tiles, one,
                       predicted->tiles, other);
  }
}

int
tessera_cli_find_slide (const GPtrArray *slides, const char *name, GError **error)
{
  for (guint i = 0; i < slides->len; i++)
    if (strcmp (((TsrProjectSlide *)slides->pdata[i])->name, name) == 0)
      return (int)i;
  g_autofree char *shown = tessera_cli_shown (name);
  g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED,
               "The project has no slide “%s”; “tessera slides PROJECT” lists them.", shown);
  return -1;
}

static bool
list_slides (Listing *self, const GPtrArray *slides, GError **error)
{
  const char *only = tessera_options_text (self->cli->options, "slide");
  int chosen = only ? tessera_cli_find_slide (slides, only, error) : -1;
  if (only && chosen < 0)
    return false;
  json_t *list = json_array ();
  json_object_set_new (self->cli->result, "slides", list);
  for (guint i = 0; i < slides->len; i++) {
    if (only && (int)i != chosen)
      continue;
    json_array_append_new (list, slide_object (self, slides->pdata[i], i));
    print_slide (self, slides->pdata[i], i);
  }
  if (slides->len == 0)
    tessera_cli_print (self->cli, "The project has no slides.\n");
  return true;
}

/* A size for those slides whose files do not say. */
static bool
set_mpp (TesseraCli *cli, TsrProject *project, GError **error)
{
  const char *only = tessera_options_text (cli->options, "slide");
  double mpp = tessera_options_number (cli->options, "slide-mpp");
  g_autoptr (GPtrArray) slides = tsr_project_slides (project, error);
  int chosen = slides && only ? tessera_cli_find_slide (slides, only, error) : -1;
  if (!slides || (only && chosen < 0))
    return false;
  for (guint i = 0; i < slides->len; i++) {
    const TsrProjectSlide *slide = slides->pdata[i];
    bool said = !isnan (slide->mpp) && !slide->mpp_given;
    if (only && chosen == (int)i && said) {
      g_autofree char *shown = tessera_cli_shown (only);
      g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED,
                   "The file of “%s” says itself how wide its pixels are; --slide-mpp is for those "
                   "that do not.",
                   shown);
      return false;
    }
    if (!said && (!only || chosen == (int)i) &&
        !tsr_project_set_slide_mpp (project, (int32_t)i, mpp, error))
      return false;
  }
  return true;
}

static bool
run (TesseraCli *cli, GError **error)
{
  bool change = tessera_options_given (cli->options, "slide-mpp");
  g_autoptr (TsrProject) project =
      tessera_cli_open (cli, change ? TSR_PROJECT_READ_WRITE : TSR_PROJECT_READ_ONLY, error);
  if (!project || (change && !set_mpp (cli, project, error)))
    return false;
  g_autoptr (TsrTable) table =
      tsr_table_new (project, tessera_cli_rule (cli, project), false, &cli->progress, error);
  g_autoptr (GPtrArray) slides = NULL;
  g_autoptr (TsrSlideCounts) counts =
      table ? tsr_slide_counts_read (table, project, &slides, error) : NULL;
  if (!counts)
    return false;
  Listing listing = {cli, table, counts, tsr_project_hides_slide_names (project)};
  return list_slides (&listing, slides, error);
}

const TesseraCommand tessera_command_slides = {
    .name = "slides",
    .arguments = "PROJECT",
    .summary = "List a project's slides, and tiles and areas by class",
    .details = "Areas are those of the tiles; where tiles overlap each place counts once.",
    .options = options,
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
};
