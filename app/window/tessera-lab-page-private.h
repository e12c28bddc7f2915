#pragma once
/* Shared by tessera-lab-page.c (the widget), tessera-lab-page-way.c (what is asked for and saved),
 * tessera-lab-page-shown.c (what is shown of the answers) and tessera-lab-page-tile.c (the real
 * tile that is selected, and those that come next) only. */

#include "tessera-lab-anchor.h"
#include "tessera-lab-layers.h"
#include "tessera-lab-pad.h"
#include "tessera-lab-page.h"
#include "tessera-label-pad.h"
#include "tessera-session-lab.h"
#include "tessera-swatch.h"
#include "tessera-thumb.h"
#include "tessera-tile-picture.h"

#include <adwaita.h>

/* Tiles shown below the picture: the nearest to it, or those on the way from A to B, at so many
 * places of it; points of a walk. */
enum { TESSERA_LAB_NEAREST = 6, TESSERA_LAB_STEPS = 9, TESSERA_LAB_TRAIL = 512 };

struct _TesseraLabPage {
  GtkWidget parent_instance;

  GtkStack *content;
  AdwStatusPage *empty;
  GtkButton *empty_button;
  GtkDropDown *mode, *class_from, *class_to;
  GtkLabel *words, *notice, *real_label, *made_label, *selected_label, *selected_state, *near_words;
  TesseraSwatch *selected_swatch;
  GtkWidget *selected_head;
  TesseraLabPad *pad;
  GtkWidget *classes_box, *anchors, *morph_box, *image_box, *real_box, *nearest, *like, *see_all,
      *save_strip, *save_animation;
  TesseraLabAnchor *anchor_a, *anchor_b;
  TesseraLabLayers *layers;
  GtkRange *t, *along, *psi;
  GtkToggleButton *play;
  TesseraTilePicture *real, *made, *selected;
  TesseraLabelPad *label_pad;
  TesseraThumb *thumb[TESSERA_LAB_STEPS];

  TesseraSession *session;
  TesseraJobs *jobs;
  TesseraTileStore *store;
  GSignalGroup *session_signals, *job_signals, *store_signals;
  GCancellable *loading;  /* the selected tile's picture */
  uint32_t selected_tile; /* whose picture is there or on its way */

  TesseraLabImage *image; /* from elsewhere; NULL: none yet */
  GArray *trail;          /* double x, y: the last walk */
  GArray *class_ids;      /* int32_t, as in the menus */
  GBytes *class_tiles[2];
  uint32_t near_tiles[TESSERA_LAB_STEPS]; /* of the picture, nearest first, or from A to B */
  guint n_near;
  guint step_thumb[TESSERA_LAB_STEPS]; /* which of them is nearest at each place of the way */
  float *vector;                       /* [d] of the picture among the project's; NULL: not known */
  uint32_t d;
  guint tick;
  gint64 played_from;
  char *save_path; /* what is asked for is to be saved there */
  gboolean save_animated;
  gboolean stale;   /* to be asked when the page is seen */
  gboolean drawn;   /* the model is ready */
  gboolean offered; /* A and B have been filled once, for somebody to begin with */
};

/** What the page is set to do. */
TesseraLabMode tessera_lab_page_mode (TesseraLabPage *page);

/** Asks for the picture and, when there is time, for the tiles nearest to it; later where the page
 * is not seen. */
void tessera_lab_page_ask (TesseraLabPage *page);

/** Asks for the picture only: on the way from A to B the tiles stay, and the one that is nearest
 * to the picture is marked. */
void tessera_lab_page_ask_picture (TesseraLabPage *page);

/** Shows these real tiles [n], up to the first UINT32_MAX, and marks them on the small map. */
void tessera_lab_page_show_nearest (TesseraLabPage *page, const uint32_t *tiles, guint n);

/** Marks, of the tiles on the way from A to B, the one where the picture is. */
void tessera_lab_page_mark_step (TesseraLabPage *page);

/** Takes an answer of the lab. */
void tessera_lab_page_answer (TesseraLabPage *page, int slot, const TsrLabAnswer *answer);

/** Says something in the window. */
void tessera_lab_page_toast (TesseraLabPage *page, const char *text);

/** A modal file dialog over the window. Transfer full. */
GtkFileChooserNative *tessera_lab_page_dialog (TesseraLabPage *page, const char *title,
                                               GtkFileChooserAction action);

/** Asks where to save, and saves. */
void tessera_lab_page_save_as (TesseraLabPage *page, gboolean animated);

/** Shows the tile that is selected, and what is known of its class; marks it among the nearest. */
void tessera_lab_page_show_tile (TesseraLabPage *page);

/** Has labels go on to the nearest tiles that have none, instead of to the next suggestion, or no
 * longer. */
void tessera_lab_page_lead (TesseraLabPage *page, gboolean lead);

/** Fills A and B where both are empty, once: the tile that is selected, and a suggested one of
 * another class if there is one. */
void tessera_lab_page_offer_tiles (TesseraLabPage *page);
