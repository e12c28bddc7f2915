#pragma once
/* A file in the list of slides to be imported: what it says of itself, or why it is refused, and a
 * field for what a slide does not say. */

#include "tessera-slide-survey.h"

#include <gtk/gtk.h>

#define TESSERA_TYPE_SLIDE_ROW (tessera_slide_row_get_type ())
G_DECLARE_FINAL_TYPE (TesseraSlideRow, tessera_slide_row, TESSERA, SLIDE_ROW, GtkListBoxRow)

/** Signal: "mpp-changed" (): the user said how wide a pixel is. */

/** A row of this slide, which is borrowed and outlives it; floating reference. */
GtkWidget *tessera_slide_row_new (const TesseraSurveyedSlide *slide);

/** The slide. */
const TesseraSurveyedSlide *tessera_slide_row_get_slide (TesseraSlideRow *row);

/** Micrometres a pixel as the user said, NAN where nothing or nothing sensible was said. */
double tessera_slide_row_get_given_mpp (TesseraSlideRow *row);

/** What stands in the field, or NULL where the slide says itself; borrowed. */
const char *tessera_slide_row_get_mpp_text (TesseraSlideRow *row);

/** Takes another row's answer, unless the user has answered here. */
void tessera_slide_row_propose_mpp (TesseraSlideRow *row, const char *text);

/** Shows how many tiles the slide gives; -1: not known now. */
void tessera_slide_row_set_tiles (TesseraSlideRow *row, gint64 tiles);
