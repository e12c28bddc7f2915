#pragma once
/* NumPy's .npy files, for benches: float32, C order, two dimensions, and nothing else. */

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/** Reads path into *data [*rows, *columns] (g_free). The error names the file and what is wrong
 * with it. */
bool tessera_npy_read (const char *path, float **data, size_t *rows, size_t *columns,
                       GError **error);
