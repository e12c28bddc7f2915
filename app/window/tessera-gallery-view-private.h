#pragma once
/* Shared by tessera-gallery-view*.c only. */

#include "tessera-gallery-view.h"

#define TESSERA_GALLERY_GAP 6  /* between thumbnails, px */
#define TESSERA_GALLERY_PAD 12 /* round all of them */

struct _TesseraGalleryView {
  GtkWidget parent_instance;

  GtkAdjustment *hadjustment, *vadjustment;
  GtkScrollablePolicy policy[2]; /* that nobody asks for */
  TesseraSession *session;
  TesseraTileStore *store;
  GSignalGroup *signals, *store_signals;
  TesseraGalleryOrder *order; /* or NULL */

  int size;    /* of a thumbnail, px */
  int columns; /* as allocated last */
  int left;    /* px before the first column */

  uint32_t anchor; /* the tile where a range began, or TESSERA_NO_TILE */
  uint32_t
      unseen; /* the tile to be brought into sight as soon as there is room to see it, or none */

  /* a box being dragged */
  gboolean boxing;
  TesseraSelectMode box_mode;
  double box_x, box_y;         /* where it began, in the contents' px */
  double pointer_x, pointer_y; /* in the widget's */
  guint box_tick;

  GHashTable *marks; /* class id and filled -> GdkTexture */
};

/** px that the contents are scrolled down. */
double tessera_gallery_view_scrolled (TesseraGalleryView *view);
/** How many tiles there are. */
uint32_t tessera_gallery_view_n (TesseraGalleryView *view);
/** A tile's place in the order; UINT32_MAX for none. */
uint32_t tessera_gallery_view_place (TesseraGalleryView *view, uint32_t tile);
/** The rectangle of a place in the widget; beyond a few thousand px only roughly. */
graphene_rect_t tessera_gallery_view_cell (TesseraGalleryView *view, uint32_t place);
/** The places from *first up to but not *end that are in sight, whole rows. */
void tessera_gallery_view_in_sight (TesseraGalleryView *view, uint32_t *first, uint32_t *end);
/** The box in the widget. */
graphene_rect_t tessera_gallery_view_box (TesseraGalleryView *view);
/** Draws it; a GtkWidgetClass.snapshot. */
void tessera_gallery_view_snapshot (GtkWidget *widget, GtkSnapshot *snapshot);
/** Adds the controllers. */
void tessera_gallery_view_add_hands (TesseraGalleryView *view);
