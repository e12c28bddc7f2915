#pragma once
/* What the gallery is asked for: which tiles, and in which order. No GTK here. */

#include "tessera-example.h"
#include "tessera-show.h"
#include "tsr-project.h"

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

/** A copy that borrows nothing; transfer full. */
TesseraGalleryQuery *tessera_gallery_query_copy (const TesseraGalleryQuery *query);

/** Frees such a copy with all it has; NULL is allowed. */
void tessera_gallery_query_free (TesseraGalleryQuery *query);

/** The query as text: where two are equal, the same is asked. Transfer full. */
char *tessera_gallery_query_format (const TesseraGalleryQuery *query);

/** Whether the answer is another one when labels change. */
bool tessera_gallery_query_asks_for_labels (const TesseraGalleryQuery *query);
