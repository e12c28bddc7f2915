#pragma once
/* The report's page of areas: how much of each slide is what. */

#include "tsr-slide-counts.h"

#include <cairo.h>

/** A rectangle of the page, in points. */
typedef struct {
  double x, y, width, height;
} TsrReportBox;

/** Draws a table into box and nowhere else: a row a slide, the largest first, a column a class, in
 * square millimetres (in tiles where the size of a slide's pixels is not known), labels and
 * predictions together and the labels' part beneath. Classes that find no column, those with the
 * least area, share one; slides that find no row are said to be more, and the last row is all
 * slides' sum. counts and slides are tsr_slide_counts_read's. False only if cancelled. */
bool tsr_report_areas_draw (cairo_t *cr, const TsrTable *table, const TsrSlideCounts *counts,
                            const GPtrArray *slides, TsrReportBox box, const TsrProgress *progress,
                            GError **error);
