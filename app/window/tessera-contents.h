#pragma once
/* What an open project holds besides labels: loaded off the UI thread, immutable and shared from
 * then on. Loaded anew, it shares what has not changed with what was loaded before: of a million
 * tiles names and vectors would otherwise be there twice until the former ones are let go. */

#include "tsr-error.h"
#include "tsr-map-info.h"
#include "tsr-project-slides.h"
#include "tsr-project-stains.h"

#define TESSERA_N_LOSSES 4

/** What a training measured after so many thousand images, four values of a kind: its losses
 * (generator, discriminator, likelihood, reconstruction) or its quality (Frechet and kernel
 * distance, precision, recall); NAN where one was not measured. */
typedef struct {
  double kimg, value[TESSERA_N_LOSSES];
} TesseraLosses;

/** What is large. */
typedef enum {
  TESSERA_PART_NAMES,
  TESSERA_PART_NAME_PLACES,
  TESSERA_PART_TRUTH,
  TESSERA_PART_VECTORS,
  TESSERA_PART_MAP,
  TESSERA_PART_REGIONS,
  TESSERA_N_PARTS
} TesseraPart;

typedef struct {
  gatomicrefcount refs;
  GBytes *parts[TESSERA_N_PARTS]; /* where the arrays below lie; one that has not changed belongs to
                                     the former contents, too. NULL: none */
  uint32_t n;                     /* tiles */
  const char *names;              /* tessera_contents_name: one after the other, each with its 0 */
  const uint64_t *name_at;        /* where every 16th begins in names */
  char **truth_names;             /* ground truth's classes, or NULL */
  const int32_t *truth;           /* [n] into truth_names or -1; NULL without ground truth */
  const float *w; /* [n, w_dim], rows of NAN without a vector; NULL before embedding */
  uint32_t w_dim;
  char *vectors_id; /* whose they are; NULL before embedding */
  uint32_t n_embedded;
  const float *map;              /* [n, 2], NAN off the map; NULL before the map was made */
  TsrMapInfo *map_info;          /* of the map; NULL before it was made */
  bool map_is_stale;             /* it is of another model's vectors */
  bool vectors_are_stale;        /* they are of tiles normalised in another way */
  TsrStainMethod normalised;     /* how networks get the tiles */
  bool own_reference;            /* towards a reference that is not the published one */
  char *model;                   /* file, or NULL */
  uint64_t trained, trained_for; /* images the model has seen, and was to see; 0 where the file does
                                    not say */
  GArray *losses, *quality;      /* TesseraLosses of the model's training, by kimg; never NULL */
  int tile_size, tile_channels;  /* as a training will see them; 64 and 3 if no tile can be read */
  uint32_t n_skipped;            /* files refused at import */
  GPtrArray *columns;            /* TsrColumn: what the user joined, and the folder; never NULL */
  TsrColumn *folders;            /* that of the folders, among them; NULL: none */
  GPtrArray *slides;             /* TsrProjectSlide by their numbers; never NULL */
  const TsrTileRegion *regions;  /* [n]; NULL without slides */
} TesseraContents;

/** Reads everything from the project; NULL with error. What is large and as it was in `former` (or
 * NULL), what was read before, is shared with it: everything is compared, so that it does not
 * matter who changed what. Returns a new reference. */
TesseraContents *tessera_contents_load (TsrProject *project, const TesseraContents *former,
                                        GError **error);

/** The tile's name with its folders; tile < n. Borrowed. */
const char *tessera_contents_name (const TesseraContents *contents, uint32_t tile);

/** Takes one more reference, on any thread; returns contents. */
TesseraContents *tessera_contents_ref (TesseraContents *contents);

/** Drops a reference, on any thread. */
void tessera_contents_unref (TesseraContents *contents);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraContents, tessera_contents_unref)
