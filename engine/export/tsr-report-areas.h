#pragma once
/* The report's pages of areas: how much of each slide is what. */

#include "tsr-slide-counts.h"

#include <cairo.h>

/** A rectangle of the page, in points. */
typedef struct {
  double x, y, width, height;
} TsrReportBox;

/** How many pages the table of n slides takes, in a box of that height each; at least 1. */
guint tsr_report_areas_pages (guint n, double height);

/** Draws a page (from 0) of the table into box and nowhere else: a row a slide, the largest first,
 * a column a class, in square millimetres (in tiles where the size of a slide's pixels is not
 * known), labels and predictions together and the labels' part beneath. Classes that find no
 * column, those with the least area, share one; the last page's last row is all slides' sum. counts
 * and slides are tsr_slide_counts_read's. False only if cancelled. */
bool tsr_report_areas_draw (cairo_t *cr, const TsrTable *table, const TsrSlideCounts *counts,
                            const GPtrArray *slides, TsrReportBox box, guint page,
                            const TsrProgress *progress, GError **error);
