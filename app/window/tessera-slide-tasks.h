#pragma once
/* What the slide pane has done on threads: opening a slide of the project with its mask, and saying
 * where missing ones are now. Each opens the project for itself. */

#include "tsr-slide.h"
#include "tsr-tissue-mask.h"

#include <gio/gio.h>

typedef struct {
  TsrSlide *slide;
  TsrTissueMask mask; /* empty where there is none */
  gboolean changed;   /* its file is as long as it was, but not the same */
  char *reason;       /* why thumbnails stand in for its file, one sentence; NULL: they do not */
} TesseraOpenedSlide;

/** Frees slide, mask and reason; not NULL. */
void tessera_opened_slide_free (TesseraOpenedSlide *opened);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraOpenedSlide, tessera_opened_slide_free)

/** Opens the slide of that number of the project at path, which is `bytes` long where it is still
 * the one that joined. Where that cannot be, its tiles' thumbnails stand in for it. */
void tessera_slide_open_async (const char *project, gint32 slide, const char *file, gint64 bytes,
                               GCancellable *cancellable, GAsyncReadyCallback callback,
                               gpointer user);

/** Ends it. Transfer full; NULL with one sentence, also where there is no tile to stand in. */
TesseraOpenedSlide *tessera_slide_open_finish (GAsyncResult *result, GError **error);

/** Looks for missing slides: in a folder for all, in a file for the slide of that number. */
void tessera_slide_relink_async (const char *project, gint32 slide, const char *path,
                                 GCancellable *cancellable, GAsyncReadyCallback callback,
                                 gpointer user);

/** Ends it: how many were found, or -1 with error. */
int tessera_slide_relink_finish (GAsyncResult *result, GError **error);
