#pragma once
/* What cutting a slide would give, while somebody moves sliders: on a thread, and what was wanted
 * last is answered first. No GTK here; main thread only. */

#include "tsr-slide-coords.h"

#include <gio/gio.h>

typedef struct {
  const char *path;
  guint slide; /* given back with the answer */
  TsrTilingOptions tiling;
  TsrMaskOptions mask;
  gboolean use_mask;
  gboolean picture;       /* whether rgb is wanted; else only the count */
  const GPtrArray *area;  /* files (char *) whose annotations limit the tiles; NULL: none do */
  double share;           /* of a tile that has to lie inside of them */
  TsrSlideCoords *coords; /* which tiles to cut of slides numbered as `slide` is, in place of mask
                             and grid; NULL: those count */
} TesseraPreviewWish;

typedef struct {
  guint slide;
  char *reason;       /* why there is no answer, one sentence; the rest is then empty */
  int width, height;  /* of the picture */
  guint8 *rgb;        /* [height][width][3]: tissue clear, the rest dimmed; with an area, or where
                         the tiles are told, all but the tiles; or NULL */
  gint64 tiles, grid; /* that show enough tissue, and all places */
  gint64 outside;     /* of the former those left out by the area; -1: nothing limits */
  gint32 side;        /* of a tile, in pixels of level 0 */
  double mpp;         /* of a tile's pixel; NAN where it is not known */
  double saturation, brightness; /* the mask's thresholds, found or given; NAN without a mask */
  double tissue;                 /* share of the slide; NAN without a mask */
} TesseraPreview;

typedef struct TesseraPreviewer TesseraPreviewer;

/** Receives an answer, borrowed for the call; rgb may be taken by setting it to NULL. */
typedef void (*TesseraPreviewFunc) (TesseraPreview *preview, gpointer user);

/** A previewer that answers to done on the main context. */
TesseraPreviewer *tessera_previewer_new (TesseraPreviewFunc done, gpointer user);

/** Returns at once; no answer comes afterwards. NULL is allowed. */
void tessera_previewer_free (TesseraPreviewer *previewer);

/** Wants this instead of what was wanted and has not been begun; work for another slide is given
 * up. The overview of the last slide whose picture was wanted is kept, so that a slider is followed
 * without reading the slide again. Copied. */
void tessera_previewer_want (TesseraPreviewer *previewer, const TesseraPreviewWish *wish);

/** Whether anything is wanted that has not been answered. */
gboolean tessera_previewer_is_busy (const TesseraPreviewer *previewer);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraPreviewer, tessera_previewer_free)
