#pragma once
/* What a training does: what was asked for, what the checkpoint it goes on from was trained with,
 * and what is left to choose from the tiles. */

#include "tsr-jobs.h"

/** Where a training of the project writes its model. A run that resumes what this project
 * trained goes on in that file; any other, one that goes on from another project's checkpoint too,
 * takes the next name that is free and that no other process trains into, because a model is
 * hours of work. The name is this training's until tsr_train_release_path; a process that is killed
 * lets go of it. States that a killed training left beside other names are removed. Transfer full;
 * NULL with error if the resumed model is being trained already (TSR_ERROR_BUSY) or its folder
 * cannot be written. */
char *tsr_train_take_path (const char *project, const char *resumed, int *lock, GError **error);

/** Gives the name back. */
void tsr_train_release_path (const char *path, int lock);

/** The options of a job, resolved, and the model it goes on from (transfer full, NULL if none).
 * Fails in one sentence. */
bool tsr_train_choose (const TsrTrainJob *job, TsrProject *project, TsrTileSource *source,
                       TsrTrainOptions *options, char **from, GError **error);

/** What a checkpoint keeps of the options and of the look of the tiles (tsr_project_stains_look),
 * as alternating metadata keys and values; g_strfreev. */
char **tsr_train_choice_metadata (const TsrTrainOptions *options, const char *look);

/** The look of the tiles that the model in a file was trained on; NULL if nobody knows: the file
 * cannot be read, or this program did not train it. A model it trained before it could normalise
 * saw them as they were scanned: "none". Transfer full. */
char *tsr_train_choice_look (const char *model);
