/* What Aperio, Philips and OME write into a TIFF's description, and how to tell them. */

#include "tsr-slide-tiff.h"

#include "tsr-i18n.h"

#include <math.h>
#include <string.h>

static const char *
description_of (GPtrArray *directories, guint index)
{
  const char *text = ((TsrTiffDirectory *)directories->pdata[index])->description;
  return text ? text : "";
}

/* ---- Aperio: "Aperio Image Library v11\r\n46000x32914 ...|AppMag = 20|MPP = 0.4990|..." */

static void
read_aperio (TsrSlide *slide, const char *description)
{
  g_auto (GStrv) parts = g_strsplit (description, "|", 1024);
  for (unsigned i = 1; parts[i]; i++) {
    char *value = strchr (parts[i], '=');
    if (!value)
      continue;
    *value++ = '\0';
    const char *name = g_strstrip (parts[i]);
    g_strstrip (value);
    g_autofree char *full = g_strconcat ("aperio.", name, NULL);
    tsr_slide_add_property (slide, full, value);
    if (g_str_equal (name, "AppMag"))
      slide->info.objective = tsr_slide_number (value);
    else if (g_str_equal (name, "MPP"))
      tsr_slide_set_mpp (slide, tsr_slide_number (value), tsr_slide_number (value));
    else if (g_str_equal (name, "ScanScope ID") && *value && !slide->info.scanner)
      slide->info.scanner = g_utf8_make_valid (value, (gssize)strnlen (value, 256));
  }
  slide->info.vendor = g_strdup ("Aperio");
}

/* ---- XML, by GLib's parser: no entities of the file's own, no other files */

static const char *
attribute (const char **names, const char **values, const char *name)
{
  for (unsigned i = 0; names[i]; i++)
    if (g_str_equal (names[i], name))
      return values[i];
  return NULL;
}

static const char *
local_name (const char *element)
{
  const char *colon = strrchr (element, ':');
  return colon ? colon + 1 : element;
}

/* A description that is no good XML loses what stands behind the fault, nothing else. */
static void
parse_xml (const char *text, const GMarkupParser *parser, gpointer data)
{
  GMarkupParseContext *context = g_markup_parse_context_new (parser, 0, data, NULL);
  g_markup_parse_context_parse (context, text, (gssize)strlen (text), NULL);
  g_markup_parse_context_free (context);
}

/* ---- OME */

typedef struct {
  TsrSlide *slide;
  unsigned images; /* begun so far; the first is the slide */
  double channels, planes;
} OmeState;

static double
ome_micrometres (const char *size, const char *unit)
{
  double value = tsr_slide_number (size);
  if (!unit || g_str_equal (unit, "µm") || g_str_equal (unit, "um") || g_str_equal (unit, "μm"))
    return value;
  return g_str_equal (unit, "nm") ? value / 1000 : g_str_equal (unit, "mm") ? value * 1000 : NAN;
}

static double
count_of (const char *text)
{
  double value = tsr_slide_number (text);
  return isnan (value) ? 1 : value;
}

static void
ome_start (GMarkupParseContext *context, const char *element, const char **names,
           const char **values, gpointer data, GError **error)
{
  OmeState *self = data;
  TsrSlideInfo *info = &self->slide->info;
  element = local_name (element);
  if (g_str_equal (element, "Image"))
    self->images++;
  else if (g_str_equal (element, "Pixels") && self->images == 1) {
    tsr_slide_set_mpp (self->slide,
                       ome_micrometres (attribute (names, values, "PhysicalSizeX"),
                                        attribute (names, values, "PhysicalSizeXUnit")),
                       ome_micrometres (attribute (names, values, "PhysicalSizeY"),
                                        attribute (names, values, "PhysicalSizeYUnit")));
    self->channels = count_of (attribute (names, values, "SizeC"));
    self->planes = count_of (attribute (names, values, "SizeZ")) *
                   count_of (attribute (names, values, "SizeT"));
  } else if (g_str_equal (element, "Objective") && isnan (info->objective))
    info->objective = tsr_slide_number (attribute (names, values, "NominalMagnification"));
  else if (g_str_equal (element, "Microscope")) {
    const char *model = attribute (names, values, "Model"),
               *maker = attribute (names, values, "Manufacturer");
    if (model && *model && !info->scanner)
      info->scanner = g_strndup (model, 256);
    if (maker && *maker && !info->vendor)
      info->vendor = g_strndup (maker, 256);
  }
}

static bool
read_ome (TsrSlide *slide, GPtrArray *directories, GError **error)
{
  static const GMarkupParser parser = {.start_element = ome_start};
  OmeState state = {.slide = slide, .channels = 1, .planes = 1};
  parse_xml (description_of (directories, 0), &parser, &state);
  const TsrTiffDirectory *first = directories->pdata[0];
  if (state.channels > first->layout.samples) {
    tsr_image_refuse (error,
                      _ ("It is an OME-TIFF of %.0f separate channels, of which no colour "
                         "image can be made without knowing their colours; export it as RGB"),
                      state.channels);
    return false;
  }
  if (state.planes > 1) {
    g_autofree char *text = g_strdup_printf ("first of %.0f", state.planes);
    tsr_slide_add_property (slide, "ome.plane", text);
  }
  return true;
}

/* ---- Philips */

typedef struct {
  TsrSlide *slide;
  GArray *spacings;            /* double, millimetres */
  unsigned depth, level_depth; /* where a level's description began, or 0 */
  char name[64];               /* of the attribute being read, or "" */
  GString *text;
} PhilipsState;

static void
philips_start (GMarkupParseContext *context, const char *element, const char **names,
               const char **values, gpointer data, GError **error)
{
  PhilipsState *self = data;
  self->depth++;
  g_string_truncate (self->text, 0);
  const char *type = attribute (names, values, "ObjectType");
  if (g_str_equal (element, "DataObject") && type && !self->level_depth &&
      g_str_equal (type, "PixelDataRepresentation"))
    self->level_depth = self->depth;
  const char *name = attribute (names, values, "Name");
  g_strlcpy (self->name, g_str_equal (element, "Attribute") && name ? name : "", sizeof self->name);
}

static void
philips_text (GMarkupParseContext *context, const char *text, gsize n, gpointer data,
              GError **error)
{
  PhilipsState *self = data;
  if (self->text->len + n < 4096) /* images stand in here, too, in base 64 */
    g_string_append_len (self->text, text, (gssize)n);
}

/* "0.000226891" "0.000226907": millimetres, rows apart first (DICOM PS3.3, 10.7.1.3). */
static void
philips_spacing (PhilipsState *self)
{
  g_auto (GStrv) parts = g_strsplit_set (self->text->str, "\" ", 32);
  double value[2] = {NAN, NAN};
  unsigned n = 0;
  for (unsigned i = 0; parts[i] && n < 2; i++)
    if (*parts[i])
      value[n++] = tsr_slide_number (parts[i]);
  if (isnan (value[0]) || isnan (value[1]))
    return;
  if (isnan (self->slide->info.mpp_x))
    tsr_slide_set_mpp (self->slide, value[1] * 1000, value[0] * 1000);
  if (self->level_depth && self->spacings->len < TSR_SLIDE_MAX_LEVELS)
    g_array_append_val (self->spacings, value[1]);
}

static void
philips_end (GMarkupParseContext *context, const char *element, gpointer data, GError **error)
{
  PhilipsState *self = data;
  TsrSlideInfo *info = &self->slide->info;
  if (self->level_depth == self->depth)
    self->level_depth = 0;
  self->depth--;
  g_strstrip (self->text->str);
  if (g_str_equal (self->name, "DICOM_PIXEL_SPACING"))
    philips_spacing (self);
  else if (g_str_equal (self->name, "DICOM_MANUFACTURERS_MODEL_NAME") && !info->scanner)
    info->scanner = g_strdup (self->text->str);
  if (self->name[0] && !self->level_depth && *self->text->str && self->text->len < 1024) {
    g_autofree char *full = g_strconcat ("philips.", self->name, NULL);
    tsr_slide_add_property (self->slide, full, self->text->str);
  }
  self->name[0] = '\0';
  g_string_truncate (self->text, 0);
}

static void
read_philips (TsrSlide *slide, const char *description, TsrTiffVendor *vendor)
{
  static const GMarkupParser parser = {
      .start_element = philips_start, .text = philips_text, .end_element = philips_end};
  PhilipsState state = {.slide = slide,
                        .spacings = g_array_new (FALSE, FALSE, sizeof (double)),
                        .text = g_string_new (NULL)};
  parse_xml (description, &parser, &state);
  g_string_free (state.text, TRUE);
  vendor->padded = true;
  vendor->spacings = state.spacings;
  slide->info.vendor = g_strdup ("Philips");
}

/* ---- all */

bool
tsr_tiff_vendor_read (TsrSlide *slide, GPtrArray *directories, TsrTiffVendor *vendor,
                      GError **error)
{
  const char *description = description_of (directories, 0);
  *vendor = (TsrTiffVendor){.format = "TIFF"};
  if (g_str_has_prefix (description, "Aperio")) {
    vendor->format = "Aperio SVS";
    read_aperio (slide, description);
  } else if (strstr (description, "DPUfsImport")) {
    vendor->format = "Philips TIFF";
    read_philips (slide, description, vendor);
  } else if (strstr (description, "<OME ") || strstr (description, ":OME ")) {
    vendor->format = "OME-TIFF";
    if (!read_ome (slide, directories, error))
      return false;
  }
  const TsrTiffDirectory *first = directories->pdata[0];
  if (isnan (slide->info.mpp_x)) /* a description's own word comes before the resolution */
    tsr_slide_set_mpp (slide, first->mpp_x, first->mpp_y);
  return true;
}

bool
tsr_tiff_vendor_image (const TsrTiffVendor *vendor, const TsrTiffDirectory *directory, guint index,
                       const char **name, TsrSlideImageKind *kind)
{
  g_autofree char *lower =
      g_ascii_strdown (directory->description ? directory->description : "",
                       (gssize)strnlen (directory->description ? directory->description : "", 512));
  bool aperio = g_str_equal (vendor->format, "Aperio SVS");
  bool philips = g_str_equal (vendor->format, "Philips TIFF");
  if (!aperio && !philips)
    return false;
  if (philips
          ? g_str_has_prefix (lower, "label")
          : strstr (lower, "\nlabel ") != NULL || (!directory->tiled && directory->subtype == 1)) {
    *name = "label";
    *kind = TSR_SLIDE_IMAGE_LABEL;
    return true;
  }
  if (philips
          ? g_str_has_prefix (lower, "macro")
          : strstr (lower, "\nmacro ") != NULL || (!directory->tiled && directory->subtype == 9)) {
    *name = "macro";
    *kind = TSR_SLIDE_IMAGE_MACRO;
    return true;
  }
  if (aperio && !directory->tiled && index == 1) {
    *name = "thumbnail";
    *kind = TSR_SLIDE_IMAGE_THUMBNAIL;
    return true;
  }
  return false;
}
