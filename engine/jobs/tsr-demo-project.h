#pragma once
/* The demonstration as a project on disk: tiles drawn by the program, their ground truth, the
 * shipped model. The window and the command line open the same one. */

#include "tsr-progress.h"

/** The set the shipped model was trained on: so many tiles of each class, of so many pixels, by
 * this seed. */
#define TSR_DEMO_PER_CLASS 280
#define TSR_DEMO_SIZE      64
#define TSR_DEMO_SEED      1

/** The file the shipped model is installed as, in the folder of the program's data. */
#define TSR_DEMO_MODEL_NAME "demo-model.safetensors"

/** What `tessera demo` writes beside the project. */
#define TSR_DEMO_PICTURE   "map.png"
#define TSR_DEMO_DRAWING   "map.svg"
#define TSR_DEMO_SUGGESTED "suggested"

/** The environment variable that names another folder for the demonstration. */
#define TSR_DEMO_FOLDER_VARIABLE "TESSERA_DEMO_DIR"

/** Where the demonstration lives: $TESSERA_DEMO_DIR, else $XDG_DATA_HOME/tessera/demo. Transfer
 * full. */
char *tsr_demo_project_folder (void);

/** Finds the shipped model: in $TESSERA_DATA_DIR, beside the build the program runs from (data/ of
 * the source), in
 *  ../share/tessera of the program, in data_dir (where it was installed; may be NULL). Transfer
 * full; NULL with TSR_ERROR_MODEL. */
char *tsr_demo_model_find (const char *data_dir, GError **error);

/** Makes folder/demo.tessera if it is not there. The folder must be new, empty, or an earlier
 * demonstration's: files of the user's are neither taken for tiles nor written over. Draws the
 * tiles into folder/tiles, takes the folders as ground truth and as classes, copies the model
 * beside the project and sets it (model NULL: leaves it without one, to be trained). With reset an
 * existing demo.tessera is made anew (labels, map and what was written beside it are gone, tiles
 * stay). The project appears complete or not at all. Embedding and mapping are left to the jobs.
 * Returns its path (transfer full) or NULL. *fresh (or NULL) says whether it was made now. */
char *tsr_demo_project_prepare (const char *folder, const char *model, bool reset, bool *fresh,
                                const TsrProgress *progress, GError **error);

/** Removes the demonstration's project and what was written beside it, so that it is made anew, if
 * the folder is a demonstration's; another folder is left alone. */
void tsr_demo_project_remove (const char *folder);

/** Removes the pictures and suggested thumbnails of a former run. */
void tsr_demo_project_clear_results (const char *folder);
