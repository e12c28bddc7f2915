#pragma once
/* Folders, tiles and projects for the tests of engine/project. */

#include "tsr-project.h"

/** Makes a temporary folder (transfer full); with in_memory under /dev/shm, where tests that write
 * a lot are fast. */
char *fixture_folder (bool in_memory);

/** Removes a folder and everything in it, and frees its name. */
void fixture_remove (char *folder);

/** Writes a small PNG whose pixels depend on seed, and the folders above it. */
void fixture_write_tile (const char *path, int size, unsigned seed);

/** Writes n tiles into folder/tiles/class-<i % classes>/tile-<i>.png, creates folder/name and adds
 * them with their folders as ground truth. The project is open for writing. */
TsrProject *fixture_project (const char *folder, const char *name, unsigned n, unsigned classes);

/** The same on disk without decoding anything: rows only, for tests that need many tiles or speed.
 * Closed. */
void fixture_bare_project (const char *path, unsigned n);

/** An open project of its own for each case of a test program. */
typedef struct {
  char *folder, *path;
  TsrProject *project;
} FixtureBench;

/** Set-up for g_test_add: a project of n_tiles (GUINT_TO_POINTER) bare tiles, open for writing. */
void fixture_bench_open (FixtureBench *bench, gconstpointer n_tiles);

/** Closes the project, if it is open, and opens it again. */
void fixture_bench_reopen (FixtureBench *bench);

/** Tear-down: closes the project, if it is open, and removes its folder. */
void fixture_bench_close (FixtureBench *bench, gconstpointer n_tiles);

/** Scans root and adds it. */
gint64 fixture_add (TsrProject *project, const char *root, bool labels_from_folders);

void fixture_copy (const char *from, const char *to);

/** Copies of the whole file, transfer full. */
GByteArray *fixture_read (const char *path);
void fixture_write (const char *path, const void *bytes, gsize n);

/** Asserts that error is set in TSR_ERROR to one sentence that a user can read, and clears it.
 * Returns its code. */
int fixture_assert_sentence (GError **error);

/** Labels tiles[n] as one entry the way versions before acts and going back wrote it (schema 1 to
 * 4), for files of those versions: today's calls know columns that they do not have. Ada picked
 * them; they had no label. */
void fixture_old_label (TsrProject *project, const uint32_t *tiles, unsigned n, int32_t value);
