#include "tessera-slide-figure.h"

#include "tsr-error.h"
#include "tsr-file.h"

#include <glib/gi18n.h>

/* The slide's pixels as a cairo image; NULL without memory. */
static cairo_surface_t *
ground (const TsrImage *overview)
{
  cairo_surface_t *surface =
      cairo_image_surface_create (CAIRO_FORMAT_RGB24, overview->width, overview->height);
  guint8 *row = cairo_image_surface_get_data (surface);
  for (int y = 0; row && y < overview->height; y++) {
    const guint8 *from = overview->pixels + (size_t)y * overview->width * 3;
    guint32 *to = (guint32 *)(void *)row;
    for (int x = 0; x < overview->width; x++, from += 3)
      to[x] = (guint32)from[0] << 16 | (guint32)from[1] << 8 | from[2];
    row += cairo_image_surface_get_stride (surface);
  }
  cairo_surface_mark_dirty (surface);
  return surface;
}

static cairo_status_t
append (void *bytes, const unsigned char *data, unsigned n)
{
  g_byte_array_append (bytes, data, n);
  return CAIRO_STATUS_SUCCESS;
}

static bool
fill (FILE *file, void *data, GError **error)
{
  const GByteArray *bytes = data;
  return fwrite (bytes->data, 1, bytes->len, file) == bytes->len;
}

/* Both in one, as the bytes of a PNG. */
static cairo_status_t
compose (const TsrImage *overview, const TesseraSlideScene *scene, GByteArray *bytes)
{
  TesseraSlideFrame frame = {.width = (guint)overview->width,
                             .height = (guint)overview->height,
                             .scale = overview->width / scene->width};
  cairo_surface_t *surface = ground (overview), *over = tessera_slide_scene_paint (scene, &frame);
  cairo_t *cr = cairo_create (surface);
  cairo_set_source_surface (cr, over, 0, 0);
  cairo_paint (cr);
  cairo_status_t status = cairo_status (cr);
  cairo_destroy (cr);
  if (status == CAIRO_STATUS_SUCCESS)
    status = cairo_surface_write_to_png_stream (surface, append, bytes);
  cairo_surface_destroy (over);
  cairo_surface_destroy (surface);
  return status;
}

bool
tessera_slide_figure_write (TsrSlide *slide, const TesseraSlideScene *scene, int max_side,
                            const char *path, const TsrProgress *progress, GError **error)
{
  TsrImage overview = {0};
  if (!tsr_slide_overview (slide, max_side, &overview, progress, error))
    return false;
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  cairo_status_t status = compose (&overview, scene, bytes);
  tsr_image_clear (&overview);
  if (status != CAIRO_STATUS_SUCCESS) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED, _ ("Cannot draw the slide: %s."),
                 cairo_status_to_string (status));
    return false;
  }
  return tsr_progress_step (progress, 1, NULL, error) &&
         tsr_file_replace (path, fill, bytes, error);
}
