#pragma once
/* Which tiles the gallery has, and in which order: a filter and a sort over a snapshot of the
 * project, for a thread. No GTK here. */

#include "tessera-example.h"
#include "tessera-show.h"
#include "tessera-snapshot.h"

typedef enum {
  TESSERA_SORT_IMPORT,   /* as the tiles came */
  TESSERA_SORT_MARGIN,   /* predictions by their margin, the least sure first */
  TESSERA_SORT_DISTANCE, /* predictions by how far the label is that they follow, farthest first */
  TESSERA_SORT_LIKE,     /* by the distance in W to the example */
  TESSERA_SORT_CLASS, /* by the list of classes; of each, labels before predictions, and those the
                         least sure first */
  TESSERA_SORT_SLIDE, /* by slide, on it from top to bottom and left to right */
  TESSERA_N_SORTS
} TesseraSort;

/** "import", "margin", "distance", "like", "class", "slide", as in the project's settings; static.
 */
const char *tessera_sort_name (TesseraSort sort);

/** The sort of that name; TESSERA_SORT_IMPORT for another one or NULL. */
TesseraSort tessera_sort_from_name (const char *name);

/** What tiles there are to be. All that is said must hold. */
typedef struct {
  TesseraSort sort;
  TesseraExample *example; /* for TESSERA_SORT_LIKE; borrowed or NULL */
  TesseraShow show;        /* the sidebar's choice */
  const int32_t *hidden;   /* [n_hidden] classes that the sidebar hides; borrowed */
  size_t n_hidden;
  int32_t predicted, labelled; /* as this class; TSR_LABEL_NONE: as any or none */
  float below;                 /* predictions with a smaller margin; 0: any margin or none */
  int32_t slide;               /* by its number; -1: any or none */
  int32_t how;                 /* labelled in this way (TsrHow); -1: in any or not at all */
  const char *annotator;       /* labelled by; NULL: by anybody or nobody; borrowed */
  bool discordant; /* labelled, where the other labels say another class by the project's rule */
} TesseraGalleryQuery;

/** A query for all tiles as they were imported. */
#define TESSERA_GALLERY_ALL                                                                        \
  {                                                                                                \
    .predicted = TSR_LABEL_NONE, .labelled = TSR_LABEL_NONE, .slide = -1, .how = -1                \
  }

/** Immutable. */
typedef struct {
  gatomicrefcount refs;
  uint32_t n, n_all; /* tiles that there are, and tiles of the project */
  uint32_t *tiles;   /* [n] in their order */
  uint32_t *at;      /* [n_all] each tile's place in tiles, UINT32_MAX for one that is not there */
  bool located;      /* false: the sort was to be by an example that is nowhere in W */
} TesseraGalleryOrder;

/** Filters and sorts. What has no value to be sorted by comes last; equal ones come as they were
 * imported. Reads the project's file where it is asked who labelled or how. NULL with error, also
 * when cancelled. Returns a new reference. */
TesseraGalleryOrder *tessera_gallery_order_make (const TesseraSnapshot *snapshot,
                                                 const TesseraGalleryQuery *query,
                                                 GCancellable *cancellable, GError **error);

/** Takes one more reference, on any thread; returns order. */
TesseraGalleryOrder *tessera_gallery_order_ref (TesseraGalleryOrder *order);

/** Drops a reference, on any thread. */
void tessera_gallery_order_unref (TesseraGalleryOrder *order);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraGalleryOrder, tessera_gallery_order_unref)

/** Sorts tiles [n] by keys [n], smallest first and equal ones as they stand; keys go along. */
void tessera_gallery_sort (uint32_t *tiles, uint32_t *keys, size_t n);
