#include "tsr-lab-private.h"

#include "tsr-error.h"
#include "tsr-i18n.h"
#include "tsr-jobs.h"
#include "tsr-orientation.h"
#include "tsr-project-stains.h"
#include "tsr-reconstruction.h"
#include "tsr-tile-source.h"

#include <math.h>
#include <string.h>

/* Tiles and images that were read stay known, these many at most. */
enum { KEPT = 256 };

struct TsrLabDrawer {
  TsrProject *project; /* NULL: no tiles to be read */
  TsrGenerator *generator;
  TsrEmbedder *embedder; /* NULL: the model has none */
  TsrModelConfig config;
  uint32_t d; /* of the encoder's vectors */
  float *mean;
  bool upright;      /* how the project's vectors were read */
  GHashTable *known; /* Known -> itself */
  gint serial;       /* of the world that means in it are of */
};

/* What has been read of a tile or an image, or the mean of tiles. */
typedef struct {
  TsrLabKind kind;
  gpointer id;       /* tile + 1, or the GBytes */
  GBytes *held;      /* keeps that address */
  uint8_t *pixels;   /* as the networks see it; NULL of a mean */
  float *w, *vector; /* in W, upright; as the project's vectors (NULL: not asked for yet) */
} Known;

static Known *
known_new (const TsrLabDrawer *self, const TsrLabPoint *point)
{
  Known *known = g_new0 (Known, 1);
  known->kind = point->kind;
  known->id = point->data ? (gpointer)point->data : GUINT_TO_POINTER (point->tile + 1);
  known->held = point->data ? g_bytes_ref (point->data) : NULL;
  known->w = g_new (float, self->config.w_dim);
  return known;
}

static guint
known_hash (gconstpointer key)
{
  return g_direct_hash (((const Known *)key)->id);
}

static gboolean
known_equal (gconstpointer a, gconstpointer b)
{
  const Known *x = a, *y = b;
  return x->kind == y->kind && x->id == y->id;
}

static void
known_free (gpointer data)
{
  Known *known = data;
  g_clear_pointer (&known->held, g_bytes_unref);
  g_free (known->pixels);
  g_free (known->w);
  g_free (known->vector);
  g_free (known);
}

void
tsr_lab_drawer_free (TsrLabDrawer *self)
{
  if (!self)
    return;
  g_clear_pointer (&self->known, g_hash_table_unref);
  tsr_embedder_free (self->embedder);
  tsr_generator_free (self->generator);
  tsr_project_close (self->project);
  g_free (self->mean);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TsrLabDrawer, tsr_lab_drawer_free)

static char *
find_model (TsrLabDrawer *self, const char *path, const char *model, GError **error)
{
  if (path && !(self->project = tsr_project_open (path, TSR_PROJECT_READ_ONLY, error)))
    return NULL;
  char *found = model ? g_strdup (model) : tsr_project_get_model (self->project);
  if (!found)
    g_set_error (error, TSR_ERROR, TSR_ERROR_MODEL,
                 _ ("The project has no model yet that could draw anything: train one first."));
  return found;
}

TsrLabDrawer *
tsr_lab_drawer_new (TsrDevice *device, const char *path, const char *model, GError **error)
{
  g_autoptr (TsrLabDrawer) self = g_new0 (TsrLabDrawer, 1);
  g_autofree char *file = find_model (self, path, model, error);
  if (!file || !(self->generator = tsr_generator_open (device, file, 1, error)))
    return NULL;
  self->config = *tsr_generator_config (self->generator);
  self->d = (uint32_t)tsr_model_latent_dim (&self->config);
  self->mean = g_new (float, self->config.w_dim);
  self->known = g_hash_table_new_full (known_hash, known_equal, NULL, known_free);
  if (!tsr_generator_mean (self->generator, self->mean, error))
    return NULL;
  g_autofree char *setting =
      self->project ? tsr_project_get (self->project, TSR_SETTING_UPRIGHT) : NULL;
  self->upright = g_strcmp0 (setting, "1") == 0;
  if (self->config.shared_layers < 0)
    return g_steal_pointer (&self);
  self->embedder =
      tsr_embedder_open (device, file, TSR_SYMMETRIES, TSR_ENCODER_AVERAGED, TSR_F32, error);
  return self->embedder ? g_steal_pointer (&self) : NULL;
}

/* ---- reading ---- */

static size_t
image_bytes (const TsrLabDrawer *self)
{
  return (size_t)self->config.resolution * (size_t)self->config.resolution *
         (size_t)self->config.channels;
}

static bool
load_tile (TsrLabDrawer *self, uint32_t tile, uint8_t *pixels, GError **error)
{
  const TsrModelConfig *c = &self->config;
  uint8_t missing = 1;
  if (!self->project || tile >= tsr_project_n_tiles (self->project)) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_USAGE, _ ("There is no tile #%u."), tile);
    return false;
  }
  g_autoptr (TsrTileSource) source = tsr_tile_source_new_of (self->project, &tile, 1, error);
  if (!source)
    return false;
  tsr_tile_source_load_known (source, self->project, 0, 1, c->resolution, c->channels, pixels,
                              &missing, NULL);
  if (missing)
    g_set_error (error, TSR_ERROR, TSR_ERROR_IMAGE, _ ("Tile #%u cannot be read any more."), tile);
  return !missing;
}

static bool
load_image (const TsrLabDrawer *self, const TsrLabPoint *point, uint8_t *pixels, GError **error)
{
  gsize bytes;
  TsrImage given = {point->width, point->height, point->channels, NULL}, fitted = {0};
  given.pixels = (uint8_t *)(uintptr_t)g_bytes_get_data (point->data, &bytes); /* only read */
  if (point->width < 1 || point->height < 1 || (point->channels != 1 && point->channels != 3) ||
      bytes != (gsize)point->width * (gsize)point->height * (gsize)point->channels) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_IMAGE, _ ("The image is empty."));
    return false;
  }
  tsr_image_resize (&given, self->config.resolution, &fitted);
  size_t n = (size_t)fitted.width * (size_t)fitted.height;
  for (size_t k = 0; k < n; k++) {
    const uint8_t *from = fitted.pixels + k * (size_t)fitted.channels;
    uint8_t rgb[3] = {from[0], fitted.channels == 3 ? from[1] : from[0],
                      fitted.channels == 3 ? from[2] : from[0]};
    if (self->config.channels == 3)
      memcpy (pixels + 3 * k, rgb, 3);
    else
      pixels[k] = (uint8_t)((rgb[0] * 299 + rgb[1] * 587 + rgb[2] * 114 + 500) / 1000);
  }
  tsr_image_clear (&fitted);
  return true;
}

static Known *
find (const TsrLabDrawer *self, const TsrLabPoint *point)
{
  Known key = {.kind = point->kind,
               .id = point->data ? (gpointer)point->data : GUINT_TO_POINTER (point->tile + 1)};
  return g_hash_table_lookup (self->known, &key);
}

/* Keeps what was read well, and returns it; else NULL. */
static Known *
keep (TsrLabDrawer *self, Known *known, bool ok)
{
  if (!ok) {
    known_free (known);
    return NULL;
  }
  if (g_hash_table_size (self->known) >= KEPT)
    g_hash_table_remove_all (self->known);
  g_hash_table_replace (self->known, known, known);
  return known;
}

static Known *
look_at (TsrLabDrawer *self, const TsrLabPoint *point, GError **error)
{
  bool image = point->kind == TSR_LAB_IMAGE;
  Known *known = find (self, point);
  if (known)
    return known;
  if (!self->embedder) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_MODEL,
                 _ ("The model has no encoder: it can draw, but not read tiles."));
    return NULL;
  }
  known = known_new (self, point);
  known->pixels = g_malloc (image_bytes (self));
  bool ok = (image ? load_image (self, point, known->pixels, error)
                   : load_tile (self, point->tile, known->pixels, error)) &&
            tsr_reconstruction_encode (self->embedder, self->generator, known->pixels, 1, known->w,
                                       error);
  return keep (self, known, ok);
}

/* ---- the project's vectors ---- */

/* Whether the vectors are this model's; the same weights in another precision or orientation are.
 */
static bool
check_world (const TsrLabDrawer *self, const TsrLabWorld *world, GError **error)
{
  bool there = world->w && world->d == self->d, ours = there && !world->vectors_id;
  if (there && world->vectors_id && self->embedder)
    ours = strncmp (world->vectors_id, tsr_embedder_model_id (self->embedder), 32) == 0;
  if (!world->w)
    g_set_error (error, TSR_ERROR, TSR_ERROR_PROJECT,
                 _ ("The tiles have not been read by the model yet: make the map first."));
  else if (!ours)
    g_set_error (error, TSR_ERROR, TSR_ERROR_PROJECT,
                 _ ("The map was not made by this model: make the map again."));
  return ours;
}

static bool
to_w (TsrLabDrawer *self, const float *vector, float *w, GError **error)
{
  if (self->config.latent == TSR_LATENT_Z)
    return tsr_generator_map (self->generator, vector, 1, w, error);
  memcpy (w, vector, self->d * sizeof *w);
  return true;
}

/* The mean of tiles' vectors and of what they are in W. Mapping each from Z takes a while, so that
 * of many a spread sample stands for all. */
static bool
mean_of (TsrLabDrawer *self, const TsrLabWorld *world, GBytes *data, float *vector, float *w,
         GError **error)
{
  gsize bytes;
  const uint32_t *tiles = g_bytes_get_data (data, &bytes);
  size_t n = bytes / sizeof *tiles, most = self->config.latent == TSR_LATENT_Z ? 64 : 16384,
         taken = MIN (n, most), found = 0, wd = (size_t)self->config.w_dim;
  g_autofree double *sum = g_new0 (double, self->d + wd);
  for (size_t k = 0; k < taken; k++) {
    uint32_t tile = tiles[(uint64_t)k * n / taken];
    const float *row = tile < world->n ? world->w + (size_t)tile * self->d : NULL;
    if (!row || isnan (row[0]))
      continue;
    if (!to_w (self, row, w, error))
      return false;
    for (size_t j = 0; j < self->d; j++)
      sum[j] += (double)row[j];
    for (size_t j = 0; j < wd; j++)
      sum[self->d + j] += (double)w[j];
    found++;
  }
  for (size_t j = 0; j < self->d; j++)
    vector[j] = (float)(sum[j] / (double)found);
  for (size_t j = 0; j < wd; j++)
    w[j] = (float)(sum[self->d + j] / (double)found);
  if (found == 0)
    g_set_error (error, TSR_ERROR, TSR_ERROR_PROJECT, _ ("None of these tiles has a vector."));
  return found > 0;
}

static bool
locate_mean (TsrLabDrawer *self, const TsrLabWorld *world, const TsrLabPoint *point, float *w,
             float *vector, GError **error)
{
  Known *known = find (self, point);
  if (!known) {
    known = known_new (self, point);
    known->vector = g_new (float, self->d);
    known = keep (self, known, mean_of (self, world, point->data, known->vector, known->w, error));
  }
  if (!known)
    return false;
  memcpy (w, known->w, (size_t)self->config.w_dim * sizeof *w);
  memcpy (vector, known->vector, self->d * sizeof *vector);
  return true;
}

/* A point in W, and (vector not NULL) among the project's vectors; near (or NULL) takes the tiles a
 * place is mixed of. */
static bool
locate (TsrLabDrawer *self, const TsrLabWorld *world, const TsrLabPoint *point, float *w,
        float *vector, TsrBlend *near, GError **error)
{
  size_t wd = (size_t)self->config.w_dim * sizeof *w;
  g_autofree float *spare = g_new (float, self->d);
  float *into = vector ? vector : spare;
  if (point->kind == TSR_LAB_TILE || point->kind == TSR_LAB_IMAGE) {
    Known *known = look_at (self, point, error);
    if (!known)
      return false;
    memcpy (w, known->w, wd);
    if (vector && !known->vector) {
      known->vector = g_new (float, self->d);
      tsr_embedder_set_symmetric (self->embedder, !self->upright);
      if (!tsr_embedder_submit (self->embedder, known->pixels, 1, error) ||
          !tsr_embedder_collect (self->embedder, known->vector, error))
        return false;
    }
    if (vector)
      memcpy (vector, known->vector, self->d * sizeof *vector);
    return true;
  }
  if (!check_world (self, world, error))
    return false;
  if (point->kind == TSR_LAB_MEAN)
    return locate_mean (self, world, point, w, into, error);
  TsrBlend blend;
  if (!world->map || !tsr_blend_at (world->map, world->w, world->n, self->d, point->place,
                                    TSR_BLEND_TILES, &blend)) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_PROJECT, _ ("There is no map yet to walk on."));
    return false;
  }
  if (near)
    *near = blend;
  tsr_blend_vectors (&blend, world->w, self->d, into);
  return to_w (self, into, w, error);
}

/* ---- drawing ---- */

/* Scratch for one recipe: points in W and among the project's vectors. */
typedef struct {
  float *w[4], *vector[4]; /* a, b, from, to */
  float *layers;           /* [num_ws][w_dim] */
  float *query;            /* [d] */
} Scratch;

static Scratch
scratch_new (const TsrLabDrawer *self)
{
  Scratch s;
  for (int k = 0; k < 4; k++) {
    s.w[k] = g_new (float, self->config.w_dim);
    s.vector[k] = g_new (float, self->d);
  }
  s.layers = g_new (float, (size_t)tsr_model_num_ws (&self->config) * (size_t)self->config.w_dim);
  s.query = g_new (float, self->d);
  return s;
}

static void
scratch_free (Scratch *s)
{
  for (int k = 0; k < 4; k++) {
    g_free (s->w[k]);
    g_free (s->vector[k]);
  }
  g_free (s->layers);
  g_free (s->query);
}

/* a + t (b - a) + along (to - from), and with psi towards the mean. */
static float
mixed (const TsrLabRecipe *r, const float *const of[4], int j, double t)
{
  double x = (double)of[0][j];
  if (r->b.kind != TSR_LAB_NOTHING)
    x += t * ((double)of[1][j] - x);
  if (r->from.kind != TSR_LAB_NOTHING && r->to.kind != TSR_LAB_NOTHING)
    x += r->along * ((double)of[3][j] - (double)of[2][j]);
  return (float)x;
}

static void
mix (const TsrLabDrawer *self, const TsrLabRecipe *r, Scratch *s, bool query)
{
  const float *const w[4] = {s->w[0], s->w[1], s->w[2], s->w[3]}, *const v[4] = {
                                                                      s->vector[0], s->vector[1],
                                                                      s->vector[2], s->vector[3]};
  int d = self->config.w_dim;
  for (int k = 0; k < tsr_model_num_ws (&self->config); k++) {
    double t = r->from_b >> k & 1 ? 1 : r->t;
    for (int j = 0; j < d; j++) {
      double x = (double)mixed (r, w, j, t), mean = (double)self->mean[j];
      s->layers[k * d + j] = r->psi == 1 ? (float)x : (float)(mean + r->psi * (x - mean));
    }
  }
  for (uint32_t j = 0; query && j < self->d; j++)
    s->query[j] = mixed (r, v, (int)j, r->t);
}

static bool
draw (TsrLabDrawer *self, const TsrLabWorld *world, const TsrLabRequest *request, uint32_t which,
      Scratch *s, TsrLabAnswer *answer, GError **error)
{
  const TsrLabRecipe *r = &request->recipes[which];
  const TsrLabPoint *point[4] = {&r->a, &r->b, &r->from, &r->to};
  TsrBlend near = {0};
  uint32_t *nearest = answer->nearest ? answer->nearest + (size_t)which * answer->per : NULL;
  bool alone = r->a.kind == TSR_LAB_PLACE && r->b.kind == TSR_LAB_NOTHING;
  bool query = nearest && !alone && world->w && world->d == self->d;
  for (int k = 0; k < 4; k++)
    if (point[k]->kind != TSR_LAB_NOTHING &&
        !locate (self, world, point[k], s->w[k], query ? s->vector[k] : NULL, k == 0 ? &near : NULL,
                 error))
      return false;
  mix (self, r, s, query);
  size_t found = 0;
  if (query && which == 0) {
    answer->d = self->d;
    answer->vector = g_memdup2 (s->query, self->d * sizeof *s->query);
  }
  if (query)
    found = tsr_blend_nearest (world->w, world->n, self->d, s->query, answer->per, nearest);
  for (; nearest && alone && found < MIN (near.n, answer->per); found++)
    nearest[found] = near.tile[found];
  for (; nearest && found < answer->per; found++)
    nearest[found] = UINT32_MAX;
  return tsr_generator_from_layers (self->generator, s->layers, 1,
                                    answer->pictures + which * image_bytes (self), error);
}

static bool
fill (TsrLabDrawer *self, const TsrLabWorld *world, const TsrLabRequest *request,
      TsrLabAnswer *answer, Scratch *s, GCancellable *cancellable, GError **error)
{
  const TsrLabPoint *a = &request->recipes[0].a;
  for (uint32_t k = 0; k < request->n; k++)
    if (g_cancellable_set_error_if_cancelled (cancellable, error) ||
        !draw (self, world, request, k, s, answer, error))
      return false;
  if (request->real && (a->kind == TSR_LAB_TILE || a->kind == TSR_LAB_IMAGE)) {
    Known *known = look_at (self, a, error);
    if (!known)
      return false;
    answer->real = g_memdup2 (known->pixels, image_bytes (self));
  }
  return true;
}

TsrLabAnswer *
tsr_lab_drawer_answer (TsrLabDrawer *self, const TsrLabShared *world, const TsrLabRequest *request,
                       GCancellable *cancellable, GError **error)
{
  g_autoptr (TsrLabAnswer) answer = g_new0 (TsrLabAnswer, 1);
  g_autoptr (GError) cause = NULL;
  if (self->serial != world->serial)
    g_hash_table_remove_all (self->known);
  self->serial = world->serial;
  answer->n = request->n;
  answer->size = self->config.resolution;
  answer->channels = self->config.channels;
  answer->layers = tsr_model_num_ws (&self->config);
  answer->pictures = g_malloc (MAX (1, request->n * image_bytes (self)));
  answer->per = MIN (request->nearest, TSR_BLEND_MOST);
  answer->nearest =
      answer->per > 0 ? g_new (uint32_t, (size_t)MAX (1, request->n) * answer->per) : NULL;
  Scratch s = scratch_new (self);
  bool ok = request->n > 0 && fill (self, &world->is, request, answer, &s, cancellable, &cause);
  scratch_free (&s);
  if (g_cancellable_is_cancelled (cancellable)) {
    g_cancellable_set_error_if_cancelled (cancellable, error);
    return NULL;
  }
  if (!ok) /* said instead of shown */
    answer->problem = g_strdup (cause ? cause->message : _ ("Nothing was asked for."));
  return g_steal_pointer (&answer);
}
