#pragma once
/* The latent lab: what the model draws at a place of the map, between two tiles, mixed of both,
 * from one class towards another, and of an image from elsewhere. */

#include "tessera-jobs.h"
#include "tessera-lab-image.h"
#include "tessera-session.h"
#include "tessera-tile-store.h"

#define TESSERA_TYPE_LAB_PAGE (tessera_lab_page_get_type ())
G_DECLARE_FINAL_TYPE (TesseraLabPage, tessera_lab_page, TESSERA, LAB_PAGE, GtkWidget)

typedef enum {
  TESSERA_LAB_WALK,
  TESSERA_LAB_MORPH,
  TESSERA_LAB_MIX,
  TESSERA_LAB_DIRECTION,
  TESSERA_LAB_IMAGE
} TesseraLabMode;

/** Works on this session with these jobs and pictures (all referenced); NULL: on nothing. */
void tessera_lab_page_set (TesseraLabPage *page, TesseraSession *session, TesseraJobs *jobs,
                           TesseraTileStore *store);

/** Turns to one of what it does. */
void tessera_lab_page_set_mode (TesseraLabPage *page, TesseraLabMode mode);

/** Draws the place of the tile that is selected: a walk begins there. */
void tessera_lab_page_draw_here (TesseraLabPage *page);

/** Shows an image from elsewhere (transfer full): what the model sees of it, and where it belongs.
 */
void tessera_lab_page_show_image (TesseraLabPage *page, TesseraLabImage *image);

/** Saves what is set up now, without asking where: a strip as PNG or an animated WebP. */
void tessera_lab_page_save (TesseraLabPage *page, gboolean animated, const char *path);
