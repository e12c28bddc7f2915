#include "tessera-slide-preview.h"

#include "tsr-region-tiles.h"
#include "tsr-slide-cut.h"
#include "tsr-slide-pool.h"
#include "tsr-slide-regions.h"

#include <math.h>
#include <string.h>

#define PICTURE_SIDE 1200 /* pixels at most */

typedef struct {
  TesseraPreviewWish wish;
  char *path;
  GPtrArray *area;
} Wish;

struct TesseraPreviewer {
  gatomicrefcount refs; /* the task under way holds one */
  TesseraPreviewFunc done;
  gpointer user;
  Wish *running, *next;
  GCancellable *cancellable; /* of running */
  gboolean closed;

  /* of the last picture; the running task's alone */
  char *path;
  int side;
  TsrSlideLook overview;
  char *area;         /* the names of the files that regions are of */
  GPtrArray *regions; /* TsrRegion */
};

static void
wish_free (gpointer data)
{
  Wish *wish = data;
  g_free (wish->path);
  g_clear_pointer (&wish->area, g_ptr_array_unref);
  tsr_slide_coords_unref (wish->wish.coords);
  g_free (wish);
}

static void
previewer_unref (TesseraPreviewer *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  g_free (self->path);
  g_free (self->area);
  g_clear_pointer (&self->regions, g_ptr_array_unref);
  tsr_slide_look_clear (&self->overview);
  g_free (self);
}

static void
preview_free (gpointer data)
{
  TesseraPreview *preview = data;
  g_free (preview->reason);
  g_free (preview->rgb);
  g_free (preview);
}

/* ---- on the thread ---- */

/* Which of the overview's pixels lie in a tile. */
static guint8 *
cover (const TsrImage *overview, const TsrTiling *tiling, const TsrSlideInfo *info)
{
  guint8 *covered = g_malloc0 ((gsize)overview->width * overview->height + 1);
  double across = (double)overview->width / (double)info->levels[0].width,
         down = (double)overview->height / (double)info->levels[0].height;
  for (guint i = 0; i < tiling->tiles->len; i++) {
    TsrBox box = tsr_slide_tile_box (&g_array_index (tiling->tiles, TsrSlideTile, i));
    int left = CLAMP ((int)round (box.x * across), 0, overview->width),
        right = CLAMP ((int)round ((box.x + box.width) * across), 0, overview->width),
        top = CLAMP ((int)round (box.y * down), 0, overview->height),
        bottom = CLAMP ((int)round ((box.y + box.height) * down), 0, overview->height);
    for (int y = top; y < bottom; y++)
      memset (covered + (gsize)y * overview->width + left, 1, (gsize)MAX (right - left, 0));
  }
  return covered;
}

/* Tissue as it is, the rest darker and greyer, several pixels averaged where the overview is larger
 * than a picture need be. */
static void
draw (TesseraPreview *preview, const TsrImage *overview, const TsrTissueMask *mask,
      const guint8 *covered)
{
  int factor = (MAX (overview->width, overview->height) + PICTURE_SIDE - 1) / PICTURE_SIDE;
  preview->width = (overview->width + factor - 1) / factor;
  preview->height = (overview->height + factor - 1) / factor;
  preview->rgb = g_malloc ((gsize)preview->width * preview->height * 3);
  for (int y = 0; y < preview->height; y++)
    for (int x = 0; x < preview->width; x++) {
      int sum[3] = {0}, n = 0;
      for (int v = y * factor; v < MIN ((y + 1) * factor, overview->height); v++)
        for (int u = x * factor; u < MIN ((x + 1) * factor, overview->width); u++, n++) {
          size_t at = (size_t)v * overview->width + u;
          bool clear = (mask->classes == NULL || mask->classes[at] == TSR_MASK_TISSUE) &&
                       (covered == NULL || covered[at]);
          for (int c = 0; c < 3; c++)
            sum[c] += clear ? overview->pixels[at * 3 + c] : overview->pixels[at * 3 + c] / 3 + 55;
        }
      for (int c = 0; c < 3; c++)
        preview->rgb[((size_t)y * preview->width + x) * 3 + c] = (guint8)(sum[c] / n);
    }
}

static void
measure (TesseraPreview *preview, const TsrTissueMask *mask)
{
  size_t n = (size_t)mask->width * mask->height, tissue = 0;
  preview->saturation = preview->brightness = preview->tissue = NAN;
  if (mask->classes == NULL)
    return;
  for (size_t i = 0; i < n; i++)
    tissue += mask->classes[i] == TSR_MASK_TISSUE;
  preview->saturation = mask->saturation;
  preview->brightness = mask->brightness;
  preview->tissue = (double)tissue / (double)n;
}

/* The overview that tsr_slide_cut would make, read once for all moves of a slider. */
static bool
get_overview (TesseraPreviewer *self, const TesseraPreviewWish *wish, TsrSlide *slide, int side,
              TsrSlideLook *own, const TsrSlideLook **overview, const TsrProgress *progress,
              GError **error)
{
  *overview = own;
  if (!wish->picture)
    return tsr_slide_look (slide, side, own, progress, error);
  *overview = &self->overview;
  if (g_strcmp0 (self->path, wish->path) == 0 && self->side == side &&
      self->overview.image.pixels != NULL)
    return true;
  tsr_slide_look_clear (&self->overview);
  g_free (self->path);
  self->path = g_strdup (wish->path);
  self->side = side;
  return tsr_slide_look (slide, side, &self->overview, progress, error);
}

/* Takes out the tiles that lie outside of the area, whose files are read once for all moves. */
static bool
limit (TesseraPreviewer *self, const TesseraPreviewWish *wish, TsrTiling *tiling,
       TesseraPreview *preview, const TsrProgress *progress, GError **error)
{
  preview->outside = -1;
  if (wish->area == NULL)
    return true;
  g_autoptr (GString) names = g_string_new (NULL);
  for (guint i = 0; i < wish->area->len; i++)
    g_string_append_printf (names, "%s\n", (const char *)wish->area->pdata[i]);
  if (g_strcmp0 (self->area, names->str) != 0) {
    g_clear_pointer (&self->area, g_free);
    g_clear_pointer (&self->regions, g_ptr_array_unref);
    self->regions = tsr_slide_regions_read_area (wish->area, progress, error);
    if (self->regions == NULL)
      return false;
    self->area = g_strdup (names->str);
  }
  guint before = tiling->tiles->len;
  if (!tsr_regions_limit (self->regions, tiling->tiles, wish->share, progress, error))
    return false;
  preview->outside = before - tiling->tiles->len;
  return true;
}

/* The tiles that the import would make. */
static bool
cut (const TesseraPreviewWish *wish, TsrSlide *slide, TsrTilingOptions *tiling,
     const TsrSlideLook *overview, TsrSlideCut *found, GError **error)
{
  if (wish->coords != NULL)
    return tsr_slide_coords_cut (wish->coords, wish->slide, slide, tiling, found, error);
  return (!wish->use_mask || tsr_slide_look_mask (overview, &wish->mask, &found->mask, error)) &&
         tsr_slide_tile (tsr_slide_info (slide), wish->use_mask ? &found->mask : NULL, tiling,
                         &found->tiling, error);
}

static void
show (const TesseraPreviewWish *wish, const TsrImage *overview, const TsrSlideCut *found,
      const TsrSlideInfo *info, TesseraPreview *preview)
{
  preview->tiles = found->tiling.tiles->len;
  preview->grid = found->tiling.grid;
  preview->side = found->tiling.side;
  preview->mpp = found->tiling.mpp;
  measure (preview, &found->mask);
  if (!wish->picture)
    return;
  bool dimmed = wish->coords != NULL || preview->outside >= 0;
  g_autofree guint8 *covered = dimmed ? cover (overview, &found->tiling, info) : NULL;
  draw (preview, overview, &found->mask, covered);
}

static bool
look (TesseraPreviewer *self, const TesseraPreviewWish *wish, TesseraPreview *preview,
      const TsrProgress *progress, GError **error)
{
  g_autoptr (TsrSlide) slide = tsr_slide_pool_open (wish->path, error);
  if (slide == NULL)
    return false;
  const TsrSlideInfo *info = tsr_slide_info (slide);
  TsrTilingOptions tiling = wish->tiling;
  if (!isnan (tsr_slide_effective_mpp (info, NAN)))
    tiling.slide_mpp = NAN;
  if (wish->coords != NULL)
    tiling.mpp = tiling.micrometres = NAN;
  int side;
  if (!tsr_tiling_overview_side (info, &tiling, &side, error))
    return false;
  g_auto (TsrSlideLook) own = {0};
  const TsrSlideLook *overview = &own;
  g_auto (TsrSlideCut) found = {0};
  bool needed = wish->picture || (wish->use_mask && wish->coords == NULL);
  bool ok = (!needed || get_overview (self, wish, slide, side, &own, &overview, progress, error)) &&
            cut (wish, slide, &tiling, overview, &found, error) &&
            limit (self, wish, &found.tiling, preview, progress, error);
  if (ok)
    show (wish, &overview->image, &found, info, preview);
  return ok;
}

static void
preview_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  TesseraPreviewer *self = data;
  GError *error = NULL;
  TsrProgress progress = {.cancellable = cancellable};
  TesseraPreview *preview = g_new0 (TesseraPreview, 1);
  preview->slide = self->running->wish.slide;
  if (!look (self, &self->running->wish, preview, &progress, &error)) {
    preview->reason = g_strdup (error->message);
    g_clear_error (&error);
  }
  g_task_return_pointer (task, preview, preview_free);
}

/* ---- on the main thread ---- */

static void begin (TesseraPreviewer *self);

static void
done_cb (GObject *source, GAsyncResult *result, gpointer user)
{
  TesseraPreviewer *self = user;
  TesseraPreview *preview = g_task_propagate_pointer (G_TASK (result), NULL);
  gboolean given_up = g_cancellable_is_cancelled (self->cancellable);
  g_clear_pointer (&self->running, wish_free);
  g_clear_object (&self->cancellable);
  begin (self);
  if (preview != NULL && !self->closed && !given_up)
    self->done (preview, self->user);
  if (preview != NULL)
    preview_free (preview);
  previewer_unref (self);
}

static void
begin (TesseraPreviewer *self)
{
  if (self->closed || self->running != NULL || self->next == NULL)
    return;
  self->running = g_steal_pointer (&self->next);
  self->cancellable = g_cancellable_new ();
  g_atomic_ref_count_inc (&self->refs);
  g_autoptr (GTask) task = g_task_new (NULL, self->cancellable, done_cb, self);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, self, NULL);
  g_task_run_in_thread (task, preview_thread);
}

TesseraPreviewer *
tessera_previewer_new (TesseraPreviewFunc done, gpointer user)
{
  TesseraPreviewer *self = g_new0 (TesseraPreviewer, 1);
  g_atomic_ref_count_init (&self->refs);
  self->done = done;
  self->user = user;
  return self;
}

void
tessera_previewer_free (TesseraPreviewer *self)
{
  if (self == NULL)
    return;
  self->closed = TRUE;
  g_clear_pointer (&self->next, wish_free);
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  previewer_unref (self);
}

static gpointer
copy_text (gconstpointer text, gpointer unused)
{
  return g_strdup (text);
}

void
tessera_previewer_want (TesseraPreviewer *self, const TesseraPreviewWish *wish)
{
  Wish *copy = g_new (Wish, 1);
  *copy = (Wish){.wish = *wish, .path = g_strdup (wish->path)};
  copy->wish.path = copy->path;
  if (wish->coords != NULL)
    tsr_slide_coords_ref (wish->coords);
  if (wish->area != NULL)
    copy->wish.area = copy->area = g_ptr_array_copy ((GPtrArray *)wish->area, copy_text, NULL);
  g_clear_pointer (&self->next, wish_free);
  self->next = copy;
  if (self->running != NULL && !g_str_equal (self->running->path, copy->path))
    g_cancellable_cancel (self->cancellable);
  begin (self);
}

gboolean
tessera_previewer_is_busy (const TesseraPreviewer *self)
{
  return self->running != NULL || self->next != NULL;
}
