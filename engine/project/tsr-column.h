#pragma once
/* One column of a table the user joined to the tiles: slide, patient, scanner, a score. Texts are
 * kept once and counted, so that a million tiles of ten slides cost four bytes a tile. No project
 * here. */

#include "tsr-marker.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct {
  gatomicrefcount refs;
  char *name;
  uint32_t n;      /* tiles */
  int32_t *code;   /* [n] into texts, -1 where the table says nothing */
  char **texts;    /* distinct values, the most frequent first; NULL-terminated */
  uint32_t *count; /* [n_texts] tiles of each */
  uint32_t n_texts;
  float *number; /* [n_texts] the values as numbers, NULL for a column of categories */
  double low, high;
} TsrColumn;

/** A column whose values are all finite numbers, more than this many different ones, is a scale;
 * any other holds categories. */
#define TSR_COLUMN_FEW 12

/** Categories that get a look of their own, the most frequent ones; the rest are grey. As many as
 * there are colours that can be told apart. */
#define TSR_COLUMN_LOOKS TSR_MARKER_N_COLORS

/** Makes a column of values[n]: blanks around them are cut, and NULL or an empty text says nothing.
 * Categories come by falling count, then in the order of their bytes. */
TsrColumn *tsr_column_new (const char *name, const char *const *values, uint32_t n);

/** Makes a column from code[n] (transfer full, g_free) into texts (transfer full, g_strfreev), with
 * the texts in that order; codes outside become -1. For columns read back from a project. */
TsrColumn *tsr_column_take_codes (const char *name, int32_t *code, uint32_t n, char **texts);

/** Takes one more reference, on any thread; returns column. */
TsrColumn *tsr_column_ref (TsrColumn *column);

/** Drops a reference, on any thread; NULL is allowed. */
void tsr_column_unref (TsrColumn *column);

/** Whether two columns have the same name and say the same of the same tiles. */
bool tsr_column_equal (const TsrColumn *a, const TsrColumn *b);

/** The tile's text, or NULL. Borrowed. */
const char *tsr_column_text (const TsrColumn *column, uint32_t tile);

/** The tile's number, NAN where there is none or the column holds categories. */
float tsr_column_number (const TsrColumn *column, uint32_t tile);

/** Where the tile's number lies from the column's lowest (0) to its highest (1), NAN where it has
 * none. */
double tsr_column_fraction (const TsrColumn *column, uint32_t tile);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TsrColumn, tsr_column_unref)
