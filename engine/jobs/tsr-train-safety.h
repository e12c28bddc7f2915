#pragma once
/* Earlier states of a training to go back to. Two are kept beside the checkpoint: the newest that
 * was found good, and the one before, because what spoils a training begins before it shows. They
 * share their bytes with former checkpoints where the file system has hard links. */

#include <glib.h>
#include <stdbool.h>

typedef struct TsrTrainSafety TsrTrainSafety;

/** For the checkpoint at model_path. With resume, states of the interrupted run are gone on with,
 * otherwise they are removed. */
TsrTrainSafety *tsr_train_safety_new (const char *model_path, bool resume);

/** Frees it; the files stay, for a run that is resumed. NULL is allowed. */
void tsr_train_safety_free (TsrTrainSafety *safety);

/** The checkpoint just written is good: it becomes the newest state, the former newest the one
 * before. Failures (a full disk) are passed over: older states stay. */
void tsr_train_safety_keep (TsrTrainSafety *safety);

/** The state to go back to, the one before the newest where there are two; it is then forgotten to
 * be newest, so that going back again goes further. NULL: to the beginning. Transfer full. */
char *tsr_train_safety_back (TsrTrainSafety *safety);

/** Puts the newest good state in the checkpoint's place. False if there is none, or with error. */
bool tsr_train_safety_restore (TsrTrainSafety *safety, GError **error);

/** Removes the states: the run is over. */
void tsr_train_safety_clear (TsrTrainSafety *safety);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TsrTrainSafety, tsr_train_safety_free)
