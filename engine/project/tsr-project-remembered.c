/* What is left of a slide without its file: its tiles' thumbnails, at their places. */

#include "tsr-project-private.h"
#include "tsr-project-slides.h"
#include "tsr-slide-mosaic.h"

#include "tsr-error.h"
#include "tsr-i18n.h"

#include <math.h>

#define MOST_SIDE 16384 /* of a region (tsr-tile-pictures.c) */

/* A handle is for one thread at a time. */
typedef struct {
  GMutex lock;
  TsrProject *project, *own; /* the same; own: NULL where it is the caller's */
  GArray *tiles;             /* guint32, by the mosaic's numbers */
} Remembered;

static Remembered *
remembered_new (TsrProject *project, TsrProject *own, GArray *tiles)
{
  Remembered *self = g_new (Remembered, 1);
  *self = (Remembered){.project = project, .own = own, .tiles = tiles};
  g_mutex_init (&self->lock);
  return self;
}

static void
remembered_free (gpointer data)
{
  Remembered *self = data;
  tsr_project_close (self->own);
  g_array_unref (self->tiles);
  g_mutex_clear (&self->lock);
  g_free (self);
}

/* As the slide view hatches what it cannot read: one thumbnail that is damaged must not cost those
 * around it, and on a coarse level all are around it. */
static TsrImage
hatch (void)
{
  enum { SIDE = 16 };
  TsrImage image = {SIDE, SIDE, 1, g_malloc (SIDE * SIDE)};
  for (int i = 0; i < SIDE * SIDE; i++)
    image.pixels[i] = (i / SIDE + i % SIDE) % 8 < 2 ? 0x8c : 0xe4;
  return image;
}

/* The lock is held for reading only: thumbnails are decoded side by side. */
static bool
picture (size_t i, TsrImage *image, gpointer user, GError **error)
{
  Remembered *self = user;
  guint32 tile = g_array_index (self->tiles, guint32, i);
  g_autoptr (GError) cause = NULL;
  g_mutex_lock (&self->lock);
  g_autoptr (GBytes) jpeg = tsr_project_thumbnail_bytes (self->project, tile, &cause);
  g_mutex_unlock (&self->lock);
  if (jpeg && tsr_project_thumbnail_decode (jpeg, tile, image, &cause))
    return true;
  if (g_error_matches (cause, TSR_ERROR, TSR_ERROR_IMAGE)) {
    *image = hatch ();
    return true;
  }
  g_propagate_error (error, g_steal_pointer (&cause));
  return false;
}

/* The tiles that lie on the slide, and where. */
static GArray *
find_tiles (TsrProject *project, int32_t slide, GArray *tiles, GError **error)
{
  guint32 n = tsr_project_n_tiles (project);
  g_autofree TsrTileRegion *regions = g_new0 (TsrTileRegion, n);
  if (!tsr_project_regions (project, regions, error))
    return NULL;
  GArray *places = g_array_new (FALSE, FALSE, sizeof (TsrMosaicPlace));
  for (guint32 i = 0; i < n; i++) {
    const TsrTileRegion *region = &regions[i];
    if (region->slide != slide)
      continue;
    TsrMosaicPlace place = {region->x, region->y, region->width, region->height};
    g_array_append_val (tiles, i);
    g_array_append_val (places, place);
  }
  return places;
}

TsrSlide *
tsr_project_slide_remembered (TsrProject *project, int32_t number, GError **error)
{
  int64_t bytes;
  g_autofree char *path = tsr_project_slide_path (project, number, &bytes, error);
  g_autoptr (GPtrArray) slides = path ? tsr_project_slides (project, error) : NULL;
  if (!slides)
    return NULL;
  const TsrProjectSlide *slide = slides->pdata[number];
  g_autoptr (TsrProject) own =
      tsr_project_open (tsr_project_path (project), TSR_PROJECT_READ_ONLY, error);
  if (!own)
    return NULL;
  g_autoptr (GArray) tiles = g_array_new (FALSE, FALSE, sizeof (guint32)),
                     places = find_tiles (own, number, tiles, error);
  if (!places)
    return NULL;
  if (places->len == 0) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_IMAGE,
                 _ ("No tile of “%s” has joined, and its file is not there to be looked at."),
                 slide->name);
    return NULL;
  }
  Remembered *self = remembered_new (own, own, g_steal_pointer (&tiles));
  own = NULL;
  return tsr_slide_mosaic_new (&(TsrMosaic){.path = slide->path,
                                            .width = slide->width,
                                            .height = slide->height,
                                            .mpp = slide->mpp,
                                            .places = (const TsrMosaicPlace *)(void *)places->data,
                                            .n = places->len,
                                            .picture = picture,
                                            .user = self,
                                            .user_free = remembered_free},
                               error);
}

/* ---- a part of it ---- */

/* Regions that reach into the square; the tile itself comes last, so that nothing lies over it. */
static GArray *
find_around (TsrProject *project, uint32_t tile, const TsrSlideSquare *square, GArray *tiles,
             GError **error)
{
  g_autoptr (GArray) places = g_array_new (FALSE, FALSE, sizeof (TsrMosaicPlace));
  g_autoptr (TsrStatement) find = tsr_db_prepare (
      project,
      "SELECT id, x, y, side_x, side_y FROM tile WHERE slide = ?1 AND root IS NULL AND x > ?2 AND "
      "x < ?3 AND x + side_x > ?4 AND y < ?5 AND y + side_y > ?6 ORDER BY id = ?7, id",
      error);
  const int64_t bounds[] = {square->slide, square->x - MOST_SIDE - 1, square->x + square->side,
                            square->x,     square->y + square->side,  square->y,
                            tile};
  for (int i = 0; find && i < (int)G_N_ELEMENTS (bounds); i++)
    sqlite3_bind_int64 (find, i + 1, bounds[i]);
  int row;
  while ((row = tsr_db_step (project, find, error)) > 0) {
    guint32 number = (guint32)sqlite3_column_int64 (find, 0);
    int64_t width = sqlite3_column_int64 (find, 3), height = sqlite3_column_int64 (find, 4);
    if (width < 1 || width > MOST_SIDE || height < 1 || height > MOST_SIDE)
      continue;
    TsrMosaicPlace place = {sqlite3_column_int64 (find, 1), sqlite3_column_int64 (find, 2),
                            (int32_t)width, (int32_t)height};
    g_array_append_val (tiles, number);
    g_array_append_val (places, place);
  }
  return row < 0 ? NULL : g_steal_pointer (&places);
}

bool
tsr_project_remember_around (TsrProject *project, uint32_t tile, const TsrSlideSquare *square,
                             int pixels, uint8_t *rgb, GError **error)
{
  g_autoptr (GArray) tiles = g_array_new (FALSE, FALSE, sizeof (guint32)),
                     places = find_around (project, tile, square, tiles, error);
  if (!places || places->len < 2 || square->x + square->side < 1 || square->y + square->side < 1)
    return false;
  g_autoptr (TsrSlide) part = tsr_slide_mosaic_new (
      &(TsrMosaic){.path = tsr_project_path (project),
                   .width = square->x + square->side,
                   .height = square->y + square->side,
                   .mpp = NAN,
                   .places = (const TsrMosaicPlace *)(void *)places->data,
                   .n = places->len,
                   .picture = picture,
                   .user = remembered_new (project, NULL, g_steal_pointer (&tiles)),
                   .user_free = remembered_free},
      error);
  return part && tsr_slide_read_tile (part, square->x, square->y, square->side, pixels, rgb, error);
}
