#include "tsr-page-text.h"

#include <math.h>
#include <pango/pangocairo.h>

static PangoLayout *
new_layout (cairo_t *cr, const TsrPageText *style, const char *text, double width)
{
  PangoLayout *layout = pango_cairo_create_layout (cr);
  PangoContext *context = pango_layout_get_context (layout);
  cairo_font_options_t *exact = cairo_font_options_create ();
  cairo_font_options_set_hint_metrics (exact, CAIRO_HINT_METRICS_OFF);
  pango_cairo_context_set_font_options (context, exact);
  cairo_font_options_destroy (exact);
  pango_context_set_round_glyph_positions (context, FALSE); /* a page is no screen */
  PangoFontDescription *font =
      pango_font_description_from_string (style->bold ? "Sans Bold" : "Sans");
  pango_font_description_set_absolute_size (font, style->size * PANGO_SCALE);
  pango_layout_set_font_description (layout, font);
  pango_font_description_free (font);
  pango_layout_set_single_paragraph_mode (layout, TRUE);
  pango_layout_set_alignment (layout, style->right ? PANGO_ALIGN_RIGHT : PANGO_ALIGN_LEFT);
  pango_layout_set_text (layout, text, -1);
  if (width > 0) {
    pango_layout_set_width (layout, (int)(width * PANGO_SCALE));
    pango_layout_set_wrap (layout, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_height (layout, -(int)MAX (style->lines, 1));
    pango_layout_set_ellipsize (layout, style->name ? PANGO_ELLIPSIZE_MIDDLE : PANGO_ELLIPSIZE_END);
  }
  return layout;
}

double
tsr_page_text (cairo_t *cr, const TsrPageText *style, const char *text, double x, double y,
               double width)
{
  PangoLayout *layout = new_layout (cr, style, text, width);
  int height;
  pango_layout_get_pixel_size (layout, NULL, &height);
  cairo_set_source_rgb (cr, style->grey, style->grey, style->grey);
  cairo_move_to (cr, x, y);
  pango_cairo_show_layout (cr, layout);
  g_object_unref (layout);
  return height;
}

double
tsr_page_text_width (cairo_t *cr, const TsrPageText *style, const char *text)
{
  PangoLayout *layout = new_layout (cr, style, text, 0);
  int width;
  pango_layout_get_size (layout, &width, NULL);
  g_object_unref (layout);
  return ceil ((double)width / PANGO_SCALE);
}

double
tsr_page_text_height (cairo_t *cr, const TsrPageText *style, const char *text, double width)
{
  PangoLayout *layout = new_layout (cr, style, text, width);
  int height;
  pango_layout_get_pixel_size (layout, NULL, &height);
  g_object_unref (layout);
  return height;
}

bool
tsr_page_text_fits (cairo_t *cr, const TsrPageText *style, const char *text, double width)
{
  PangoLayout *layout = new_layout (cr, style, text, width);
  pango_layout_set_wrap (layout, PANGO_WRAP_WORD); /* a word too wide sticks out */
  int wide;
  pango_layout_get_size (layout, &wide, NULL);
  bool fits = wide <= width * PANGO_SCALE && !pango_layout_is_ellipsized (layout);
  g_object_unref (layout);
  return fits;
}
