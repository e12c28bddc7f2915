#pragma once
/* Synthetic maps for the tests and benches of the map: lumpy clusters with outliers, as t-SNE makes
 * them. */

#include "tessera-map-point.h"

#define MAP_FIXTURE_CLASSES 7

/** Floats [n,2]: points in `clusters` lumps; every 97th point is absent (NAN) if with_absent.
 * Deterministic. */
GBytes *map_fixture_layout (guint n, guint clusters, gboolean with_absent);

/** States for that layout: predictions that follow the clusters, n_labelled labels, a few unsure
 * ones. plain: nothing known. */
GBytes *map_fixture_points (guint n, guint clusters, guint n_labelled, gboolean plain);

/** The palette of the first MAP_FIXTURE_CLASSES classes. */
void map_fixture_palette (TesseraMapClass classes[MAP_FIXTURE_CLASSES]);
