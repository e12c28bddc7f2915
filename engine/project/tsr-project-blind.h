#pragma once
/* A copy of a project for a second reader, who shall not know what the first one said. */

#include "tsr-project.h"

typedef struct {
  uint32_t tiles; /* to be read: at most so many, drawn at random; 0: all the first has looked at */
  uint64_t seed;  /* of the draw and of the order */
} TsrBlindOptions;

/** Writes a copy of the project to path, which must not be there: tiles, thumbnails, slides,
 * classes, vectors, map and the model's place, but no label, no journal, no suggestion, no joined
 * column (it may hold a diagnosis), nobody's name, and no setting but those that say how to work.
 * Tiles that were excluded are not; a ground truth comes along unshown, so that names which tell it
 * stay hidden. Nothing of what is left out is in the file's bytes. Its suggestions are the tiles to
 * be read, those with a label or marked unsure and not excluded, in an order drawn at random. The
 * file appears whole or not at all. Returns how many tiles are to be read, or -1: TSR_ERROR_FAILED
 * where nothing is labelled. */
gint64 tsr_project_write_blind (TsrProject *project, const char *path,
                                const TsrBlindOptions *options, const TsrProgress *progress,
                                GError **error);
