#pragma once
/* Makes a project of a folder of images or of slides, or adds them to a project, on a thread of its
 * own. */

#include "tsr-import.h"
#include "tsr-progress.h"
#include "tsr-slide-coords.h"

typedef struct {
  char *path;         /* the project */
  gint64 added;       /* tiles */
  GPtrArray *skipped; /* TsrSkippedFile */
} TesseraImportResult;

/** Frees a result; not NULL. */
void tessera_import_result_free (TesseraImportResult *result);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraImportResult, tessera_import_result_free)

/** Called on the main thread now and then. */
typedef void (*TesseraImportProgress) (double fraction, const char *stage, gpointer user);

/** Scans folder and adds its tiles to the project at path, which is made if it does not exist (and
 * removed again if that fails or is cancelled). With labels_from_folders the first subfolder's name
 * is a tile's ground truth. */
void tessera_import_async (const char *folder, const char *path, gboolean labels_from_folders,
                           TesseraImportProgress progress, GCancellable *cancellable,
                           GAsyncReadyCallback callback, gpointer user);

/** A slide and how it is to be cut. */
typedef struct {
  char *path, *name; /* name: as shown in lists */
  double mpp;        /* micrometres a pixel where the file does not say; NAN: not known either */
  bool use_mask;
  TsrMaskOptions mask;
} TesseraSlideChoice;

typedef struct {
  GPtrArray *slides; /* TesseraSlideChoice */
  TsrTilingOptions tiling;
  bool hide_names;
  char **area;            /* GeoJSON files that limit the tiles, ended by NULL; or NULL */
  bool truth;             /* their classes are ground truth */
  double share;           /* of a tile that has to lie inside of them */
  TsrSlideCoords *coords; /* which tiles to cut, by the slides' numbers, in place of masks and a
                             grid; or NULL */
  GPtrArray *refused;     /* TsrSkippedFile: what could not be read before anybody chose */
} TesseraSlidesChoice;

/** No slide yet, the default tiles. */
TesseraSlidesChoice *tessera_slides_choice_new (void);

/** Adds a slide; everything is copied. mask NULL: everything is tissue. */
void tessera_slides_choice_add (TesseraSlidesChoice *choice, const char *path, const char *name,
                                double mpp, const TsrMaskOptions *mask);

/** Frees a choice; NULL is allowed. */
void tessera_slides_choice_free (TesseraSlidesChoice *choice);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraSlidesChoice, tessera_slides_choice_free)

/** Cuts slides and adds their tiles to the project at path, which is made if it does not exist (and
 * removed again if that fails or is cancelled; of a project that was there, slides that have joined
 * stay). Takes choice. Finish with tessera_import_finish. */
void tessera_import_slides_async (TesseraSlidesChoice *choice, const char *path,
                                  TesseraImportProgress progress, GCancellable *cancellable,
                                  GAsyncReadyCallback callback, gpointer user);

/** Ends any import; progress is not called any more. Transfer full; NULL with error. */
TesseraImportResult *tessera_import_finish (GAsyncResult *result, GError **error);

/** The files that an import refused which failed: GPtrArray of TsrSkippedFile, borrowed, or NULL.
 */
const GPtrArray *tessera_import_get_refused (GAsyncResult *result);

/** Draws the demonstration's tiles and makes (or finds) its project, with its classes; the shipped
 * model, if there is one, is set in it. Finish with tessera_import_finish. */
void tessera_import_demonstration_async (TesseraImportProgress progress, GCancellable *cancellable,
                                         GAsyncReadyCallback callback, gpointer user);

/** A path for a new project of folder, or of a slide, that does not exist yet: beside the folder,
 * or in the user's documents where that cannot be written. Transfer full. */
char *tessera_import_propose_path (const char *folder);
