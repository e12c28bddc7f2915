#pragma once
/* What an import of slides is asked about: which files are slides, what each says of itself, and
 * how the project's last slide was cut. Read on a thread of its own. */

#include "tsr-slide-tiling.h"

#include <gio/gio.h>

typedef struct {
  char *path, *name; /* name: below the folder that was given, as shown */
  char *reason;      /* why it is refused, a sentence; the rest is then empty. NULL: a slide */
  char *format;
  gint64 width, height;
  double mpp, objective; /* NAN where the file does not say */
} TesseraSurveyedSlide;

typedef struct {
  GPtrArray *slides; /* TesseraSurveyedSlide, those refused last */
  guint n_slides;    /* that are not refused */
  TsrTilingOptions tiling;
  TsrMaskOptions mask;
  gboolean use_mask;
  gboolean hides_names; /* the project does */
} TesseraSlideSurvey;

/** Frees a survey; not NULL. */
void tessera_slide_survey_free (TesseraSlideSurvey *survey);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraSlideSurvey, tessera_slide_survey_free)

/** Opens the files and what is in the folders among paths (ended by NULL). project: the one they
 * are to join, whose options are proposed; NULL: a new one. */
void tessera_slide_survey_async (const char *const *paths, const char *project,
                                 GCancellable *cancellable, GAsyncReadyCallback callback,
                                 gpointer user);

/** Ends a survey. Transfer full; NULL with error. */
TesseraSlideSurvey *tessera_slide_survey_finish (GAsyncResult *result, GError **error);

/** Whether path looks like a slide, or a folder like one of slides: by names alone, which is fast
 * and may be wrong. */
gboolean tessera_slide_survey_guess (const char *path);
