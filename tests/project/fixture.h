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

/** Scans root and adds it. */
gint64 fixture_add (TsrProject *project, const char *root, bool labels_from_folders);

void fixture_copy (const char *from, const char *to);

/** Copies of the whole file, transfer full. */
GByteArray *fixture_read (const char *path);
void fixture_write (const char *path, const void *bytes, gsize n);

/** Asserts that error is set in TSR_ERROR to one sentence that a user can read, and clears it.
 * Returns its code. */
int fixture_assert_sentence (GError **error);
