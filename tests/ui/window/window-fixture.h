#pragma once
/* A synthetic project for the window's tests and pictures: tiles whose colours, W vectors and
 * places on the map go by class, so that a right label spreads rightly. */

#include "tsr-project.h"

/** Points the user's folders (settings, data, caches) to fresh ones; first thing in main (), before
 * anything looks there. */
void window_fixture_home (void);

/** The same, but for the cache, which stays whoever's runs the program: it has compiled kernels. */
void window_fixture_home_with_kernels (void);

/** Makes a fresh temporary folder to work in (transfer full). */
char *window_fixture_folder (void);
void window_fixture_remove (char *folder);

typedef enum {
  WINDOW_FIXTURE_TILES = 0,        /* just imported */
  WINDOW_FIXTURE_VECTORS = 1 << 0, /* embedded */
  WINDOW_FIXTURE_MAP = 1 << 1,
  WINDOW_FIXTURE_CLASSES = 1 << 2,
  WINDOW_FIXTURE_ALL = 7,
} WindowFixtureParts;

/** Makes folder/name.tessera of n tiles in n_classes groups; returns its path (transfer full). */
char *window_fixture_project (const char *folder, const char *name, unsigned n, unsigned n_classes,
                              WindowFixtureParts parts);

/** The group of a tile. */
unsigned window_fixture_class (unsigned tile, unsigned n_classes);

/** The label of a tile as a second connection reads it. */
int32_t window_fixture_label_on_disk (const char *path, uint32_t tile);
/** Entries in the journal as a second connection reads them. */
unsigned window_fixture_journal_length (const char *path);
