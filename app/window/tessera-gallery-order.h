#pragma once
/* Which tiles the gallery has, and in which order: a filter and a sort over a snapshot of the
 * project, for a thread. No GTK here. */

#include "tessera-gallery-query.h"
#include "tessera-snapshot.h"

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
