#pragma once
/* The slide view in a real window, with a real pointer and keyboard (xdotool), over a slide that
 * the test made. */

#include "hands.h"
#include "slide-view-fixture.h"
#include "tessera-slide-view-private.h"

#define W       800
#define H       600
#define SLIDE_W 2560
#define SLIDE_H 1920
#define SIDE    128 /* of a tile; its id is row * 20 + column */
#define COLUMNS (SLIDE_W / SIDE)
#define N_TILES (COLUMNS * (SLIDE_H / SIDE))

typedef struct {
  GtkWidget *window;
  TesseraSlideView *view;
  TsrSlide *slide;
  int activated, hovered, n_activated, n_selection, n_background, n_damaged;
  char *damage;
} SlideDesk;

/** What is seen: [H][W], 0xAARRGGBB; free the pixels. */
typedef struct {
  guint32 *pixels;
} SlideShot;

/** Waits until all that is wanted is there and drawn. */
void slide_desk_settle (SlideDesk *desk);

/** Moves the pointer to a place of the widget. */
void slide_desk_point_at (SlideDesk *desk, double x, double y);

/** Lays N_TILES tiles of two classes over the slide, every seventh labelled. */
void slide_desk_lay_tiles (SlideDesk *desk);

/** Opens the window over a slide of that kind. */
void slide_desk_open_window (SlideDesk *desk, const SlideViewKind *kind);

/** For g_test_add: the window over a plain slide of SLIDE_W x SLIDE_H. */
void slide_desk_set_up (SlideDesk *desk, gconstpointer unused);

/** Destroys the window, and asserts that nothing holds the view. */
void slide_desk_tear_down (SlideDesk *desk, gconstpointer unused);

/** Takes a picture of the view. */
SlideShot slide_desk_grab (SlideDesk *desk);

/** A pixel of it, 0xRRGGBB. */
guint32 slide_desk_at (const SlideShot *screen, double x, double y);

/** Compares all pixels that are well within a patch with the slide's colours. Returns how many. */
guint slide_desk_expect_slide (SlideDesk *desk);

/** Leaves nothing but the slide in sight. */
void slide_desk_strip (SlideDesk *desk);

/** The place of the slide under a pixel of the widget. */
void slide_desk_place_of (SlideDesk *desk, double px, double py, double *x, double *y);

/** Logical pixels a pixel of level 0. */
double slide_desk_scale_of (SlideDesk *desk);

/** The middle of a tile in the widget. */
void slide_desk_middle (SlideDesk *desk, guint32 id, double *x, double *y);

/** A test program's main: g_test_init, add () for the cases, g_test_run; skips all where there is
 * no display. */
int slide_desk_run (int argc, char **argv, void (*add) (void));

#define SLIDE_DESK_ADD(name, func)                                                                 \
  g_test_add (name, SlideDesk, NULL, slide_desk_set_up, func, slide_desk_tear_down)
