/* What is left of a slide without its file: its tiles' thumbnails, at their places. */

#include "tsr-project-private.h"
#include "tsr-project-slides.h"
#include "tsr-slide-mosaic.h"

#include "tsr-error.h"
#include "tsr-i18n.h"

/* A handle is for one thread at a time. */
typedef struct {
  GMutex lock;
  TsrProject *project;
  GArray *tiles; /* guint32, by the mosaic's numbers */
} Remembered;

static void
remembered_free (gpointer data)
{
  Remembered *self = data;
  tsr_project_close (self->project);
  g_array_unref (self->tiles);
  g_mutex_clear (&self->lock);
  g_free (self);
}

static bool
picture (size_t i, TsrImage *image, gpointer user, GError **error)
{
  Remembered *self = user;
  g_mutex_lock (&self->lock);
  bool ok =
      tsr_project_thumbnail (self->project, g_array_index (self->tiles, guint32, i), image, error);
  g_mutex_unlock (&self->lock);
  return ok;
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
  Remembered *self = g_new0 (Remembered, 1);
  g_mutex_init (&self->lock);
  self->project = g_steal_pointer (&own);
  self->tiles = g_steal_pointer (&tiles);
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
