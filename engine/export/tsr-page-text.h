#pragma once
/* Words on a page that is drawn: whatever the language, they are measured before something is put
 * beside them, wrapped where they may take more lines, and shortened only where nothing else helps.
 * Pango finds the letters of every script that a font of the machine has. */

#include <cairo.h>
#include <stdbool.h>

typedef struct {
  double size; /* of the letters, in the page's unit */
  double grey; /* 0 black */
  bool bold;
  bool right;     /* ends at x + width, which is then above 0 */
  bool name;      /* shortened in its middle: names often differ in their ends only */
  unsigned lines; /* at most; 0: one */
} TsrPageText;

/** Draws text with its upper left corner at (x, y), within width (<= 0: one line, however long).
 * Returns the height it takes. */
double tsr_page_text (cairo_t *cr, const TsrPageText *style, const char *text, double x, double y,
                      double width);

/** How wide text is in one line. */
double tsr_page_text_width (cairo_t *cr, const TsrPageText *style, const char *text);

/** The height tsr_page_text would return. */
double tsr_page_text_height (cairo_t *cr, const TsrPageText *style, const char *text, double width);

/** Whether all of text finds place within width, with no word broken. */
bool tsr_page_text_fits (cairo_t *cr, const TsrPageText *style, const char *text, double width);
