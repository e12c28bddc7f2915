#pragma once
/* Pictures of the latent lab as files: a strip of them as PNG, or an animated WebP. */

#include "tsr-lab.h"

/** Writes an answer's pictures, each pixel so many times as wide that a picture has at least 256,
 * on a thread: side by side as PNG, or, animated, there and back again in two seconds or more. Not
 * over a file that the project at that path is made of. */
void tessera_lab_save_async (const TsrLabAnswer *answer, gboolean animated, const char *project,
                             const char *path, GAsyncReadyCallback callback, gpointer user);

/** The path of the file that is written (transfer full); NULL with error. */
char *tessera_lab_save_finish (GAsyncResult *result, GError **error);
