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

/** A training a little larger than the smallest. */
TsrTrainJob fixture_small_training (char *path, double kimg);

/** Runs the job to its end, which must be a good one. */
void fixture_train (TsrEngine *engine, TsrTrainJob *job);

/** Another training on the same project, with nothing said but that it goes on and how far. */
TsrTrainJob fixture_resumption (char *path, double kimg);

/** The project's model; transfer full, NULL if it has none. */
char *fixture_model (const char *path);

/** How many tensors behind a prefix differ between two files. */
unsigned fixture_differing (const char *a, const char *b, const char *prefix);

/** What the project keeps of a series; transfer full. */
GArray *fixture_curve (const char *path, const char *series);

/** A number of a model's metadata, which must be there. */
double fixture_number (const char *model, const char *key);

typedef struct {
  char *message; /* the last one; g_free */
  unsigned messages;
} FixtureHeard;

/** Runs a training with a checkpoint after every step, and hears its messages. */
bool fixture_run_heard (TsrEngine *engine, TsrTrainJob *job, FixtureHeard *heard, GError **error);
