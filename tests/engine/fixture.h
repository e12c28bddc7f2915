#pragma once
/* A project of tiny tiles, and trainings that take seconds on it. */

#include "tsr-jobs.h"
#include "tsr-project.h"

/** Makes a new project file at path of the images in folder, with their folders as ground truth or
 * without. Returns how many tiles it has. */
gint64 fixture_project_of (const char *path, const char *folder, bool truth);

/** Draws `each` tiles of 16 x 16 pixels for every class of the demonstration and makes a project of
 * them in a new temporary folder. Returns its path, which ends in "/p.tessera"; transfer full. */
char *fixture_project (unsigned each, bool truth);

/** The smallest training on the project at path (borrowed), kimg thousand images long. */
TsrTrainJob fixture_training (char *path, double kimg);
