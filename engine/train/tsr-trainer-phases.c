/* What each kind of step computes. */
#include "tsr-trainer-private.h"

#include "tsr-losses.h"

#include <string.h>

/* ---- leaves ---- */

static TsrNode *
input (TsrTrainer *self, TsrGraph *graph, const char *name, int n, int h, int w, int c,
       GError **error)
{
  TsrNode *node = tsr_leaf (graph, name, n, h, w, c);
  return tsr_trainer_make_inputs (self, name, tsr_node_elements (node), error) ? node : NULL;
}

/* The noise leaves the graph may have, with room for the largest batch. */
static bool
make_noise (TsrTrainer *self, GError **error)
{
  char *names[64];
  int sizes[64], n = tsr_noise_leaves (&self->settings.model, names, sizes);
  bool ok = true;
  for (int k = 0; k < n; k++) {
    size_t batch = (size_t)MAX (tsr_trainer_share (self), PREVIEW);
    ok = ok && tsr_trainer_make_inputs (self, names[k], batch * (size_t)sizes[k] * (size_t)sizes[k],
                                        error);
    g_free (names[k]);
  }
  return ok;
}

/* w for every layer: from z, or from two z where the mask says that later layers take the second.
 */
static bool
build_styles (TsrTrainer *self, TsrGraph *graph, const char *phase, int n, TsrNode **w,
              TsrNode **ws, GError **error)
{
  const TsrModelConfig *c = &self->settings.model;
  int layers = tsr_model_num_ws (c);
  g_autofree char *z_name = g_strconcat (phase, ".z", NULL),
                  *z2_name = g_strconcat (phase, ".z2", NULL);
  g_autofree char *keep_name = g_strconcat (phase, ".keep", NULL),
                  *unmixed_name = g_strconcat (phase, ".unmixed", NULL);
  TsrNode *z = input (self, graph, z_name, n, 1, 1, c->z_dim, error);
  if (!z)
    return false;
  *w = tsr_build_mapping (c, z);
  if (self->settings.style_mixing <= 0) {
    for (int l = 0; l < layers; l++)
      ws[l] = *w;
    return true;
  }
  TsrNode *z2 = input (self, graph, z2_name, n, 1, 1, c->z_dim, error);
  TsrNode *keep = z2 ? input (self, graph, keep_name, n, 1, 1, layers, error) : NULL;
  if (!keep || !tsr_trainer_make_inputs (self, unmixed_name, (size_t)n, error))
    return false;
  TsrNode *second = tsr_build_mapping (c, z2), *difference = tsr_sub (*w, second);
  for (int l = 0; l < layers; l++)
    ws[l] = tsr_add (second, tsr_mul (difference, tsr_slice (keep, 3, l, 1)));
  return true;
}

/* ---- outputs ---- */

/* Asks every lane for the node of its share, and for their mean in a buffer. With several lanes
 * none of them writes there itself, because others may still read it. */
static bool
output_mean (TsrTrainer *self, Step *step, TsrNode *node, TsrBuffer *to, GError **error)
{
  if (step->lanes == 1) {
    tsr_exec_output (step->exec[0], node, to);
    return true;
  }
  Mean mean = {.to = to};
  bool ok = true;
  for (unsigned k = 0; ok && k < step->lanes; k++) {
    mean.lane[k] = tsr_buffer_new (self->device, tsr_node_elements (node) * sizeof (float), error);
    ok = mean.lane[k];
    if (ok)
      tsr_exec_output (step->exec[k], node, mean.lane[k]);
  }
  g_array_append_val (step->means, mean);
  return ok;
}

static bool
output_stat (TsrTrainer *self, Step *step, Stat stat, TsrNode *node, GError **error)
{
  return output_mean (self, step, node, self->cell[stat], error);
}

/* Asks for the gradient of loss with respect to a network, into its optimiser, and registers which
 * tensors it reaches. */
static void
output_gradient (TsrTrainer *self, Step *step, int slot, TsrNet net, TsrNode *loss)
{
  GArray *list = self->parameters->list;
  g_autofree TsrNode **leaves = g_new0 (TsrNode *, list->len),
                     **gradient = g_new0 (TsrNode *, list->len);
  g_autofree bool *touched = g_new0 (bool, list->len);
  g_autofree guint *position = g_new (guint, list->len);
  size_t n = 0;
  for (guint k = 0; k < list->len; k++) {
    const TsrParameter *p = &g_array_index (list, TsrParameter, k);
    if (p->net != net)
      continue;
    position[n] = k;
    leaves[n++] = tsr_leaf (loss->graph, p->name, p->dim[0], p->dim[1], p->dim[2], p->dim[3]);
  }
  tsr_gradient (loss, NULL, leaves, n, gradient);
  for (size_t k = 0; k < n; k++) {
    if (!gradient[k] && !tsr_depends_on (loss, leaves[k]))
      continue;
    TsrNode *node =
        gradient[k] ? gradient[k] : tsr_broadcast (tsr_const (loss->graph, 0), leaves[k]->dim);
    touched[position[k]] = true;
    for (unsigned lane = 0; lane < step->lanes; lane++)
      tsr_exec_output (step->exec[lane], node,
                       tsr_optimizer_gradient (self->optimizer[net], lane)->view[position[k]]);
  }
  step->optimizer[slot] = self->optimizer[net];
  step->optimizer_phase[slot] = step->twin
                                    ? step->twin->optimizer_phase[slot]
                                    : tsr_optimizer_add_phase (self->optimizer[net], touched);
}

/* Steps of a training share the batch among the lanes, previews use one with all cores. */
static void
begin (TsrTrainer *self, Step *step, bool divided)
{
  step->graph = tsr_graph_new ();
  step->means = g_array_new (FALSE, FALSE, sizeof (Mean));
  step->lanes = divided ? self->lanes : 1;
  for (unsigned k = 0; k < step->lanes; k++)
    step->exec[k] = tsr_exec_new (step->graph, divided ? self->provider[k] : self->undivided,
                                  self->arena[k], self->device, self->settings.precision);
}

#define AVERAGED_NONE 0u
#define AVERAGED_G    (1u << TSR_NET_G)
#define AVERAGED_ALL  (~0u)

/* Binds networks (the averages of those in the mask) and inputs, then plans. */
static bool
finish_lane (TsrTrainer *self, TsrExec *exec, unsigned lane, unsigned averaged, GError **error)
{
  for (int net = 0; net < TSR_N_NETS; net++)
    if (self->weights[net])
      tsr_weights_bind (averaged & 1u << net && self->averaged[net] ? self->averaged[net]
                                                                    : self->weights[net],
                        exec);
  g_autofree char *suffix = lane > 0 ? g_strdup_printf ("@%u", lane) : NULL;
  GHashTableIter iter;
  gpointer name, buffer;
  g_hash_table_iter_init (&iter, self->inputs);
  while (g_hash_table_iter_next (&iter, &name, &buffer)) {
    const char *at = strchr (name, '@');
    if (g_strcmp0 (at, suffix) != 0)
      continue;
    g_autofree char *leaf =
        at ? g_strndup (name, (gsize)(at - (const char *)name)) : g_strdup (name);
    tsr_exec_bind (exec, leaf, buffer);
  }
  tsr_exec_bind (exec, "pl.mean", self->pl_mean);
  tsr_exec_bind (exec, "gamma", self->gamma);
  return tsr_exec_plan (exec, error);
}

static bool
finish (TsrTrainer *self, Step *step, unsigned averaged, GError **error)
{
  for (unsigned k = 0; k < step->lanes; k++)
    if (!finish_lane (self, step->exec[k], k, averaged, error))
      return false;
  return true;
}

/* ---- the phases ---- */

/* The error of real tiles given back by way of W, or of Z and the mapping network. */
static TsrNode *
reconstruction (const TsrTrainer *self, TsrNode *real)
{
  const TsrModelConfig *c = &self->settings.model;
  TsrNode *latent = tsr_build_encoder (c, real, NULL);
  return tsr_loss_mse (real, tsr_build_synthesis_from_latent (c, latent, self->settings.noise));
}

/* Non-saturating loss of G; w_avg follows the batch mean of w with decay 0.995. */
static bool
build_g (TsrTrainer *self, Step *step, GError **error)
{
  const TsrModelConfig *c = &self->settings.model;
  begin (self, step, true);
  TsrNode *w, *ws[64];
  if (!build_styles (self, step->graph, "g", tsr_trainer_share (self), &w, ws, error))
    return false;
  TsrNode *fake =
      tsr_trainer_augment (self, tsr_build_synthesis (c, ws, self->settings.noise), "g", error);
  if (!fake)
    return false;
  TsrNode *logits = tsr_build_discriminator (c, fake);
  TsrNode *loss = tsr_loss_real (logits);
  if (!output_stat (self, step, STAT_G, loss, error))
    return false;
  if (self->settings.reconstructing && c->shared_layers >= 0) {
    TsrNode *real = input (self, step->graph, "real", tsr_trainer_share (self), c->resolution,
                           c->resolution, c->channels, error);
    if (!real)
      return false;
    loss = tsr_add (loss, tsr_scale (reconstruction (self, real), self->settings.beta));
  }
  output_gradient (self, step, 0, TSR_NET_G, loss);
  if (self->random) {
    TsrNode *w_avg = tsr_leaf (step->graph, "G.mapping.w_avg", 1, 1, 1, c->w_dim);
    TsrNode *mean = tsr_mean (w, TSR_AXIS_N);
    if (!output_mean (self, step, tsr_add (mean, tsr_scale (tsr_sub (w_avg, mean), 0.995f)),
                      tsr_weights_find (self->weights[TSR_NET_G_BUFFERS], "G.mapping.w_avg"),
                      error))
      return false;
  }
  return finish (self, step, AVERAGED_NONE, error);
}

/* Path length regularisation on half the batch; the running mean moves first and is then a
 * constant. */
static bool
build_pl (TsrTrainer *self, GError **error)
{
  const TsrModelConfig *c = &self->settings.model;
  Step *step = &self->step[PHASE_PL];
  int n = MAX (1, tsr_trainer_share (self) / 2), layers = tsr_model_num_ws (c);
  begin (self, step, true);
  TsrNode *w, *ws[64];
  if (!build_styles (self, step->graph, "pl", n, &w, ws, error))
    return false;
  for (int l = 0; l < layers; l++)
    ws[l] = tsr_mark (ws[l], l);
  TsrNode *noise =
      input (self, step->graph, "pl.noise", n, c->resolution, c->resolution, c->channels, error);
  if (!noise)
    return false;
  TsrNode *image = tsr_build_synthesis (c, ws, self->settings.noise);
  TsrNode *mean = tsr_leaf (step->graph, "pl.mean", 1, 1, 1, 1);
  TsrNode *lengths = tsr_path_lengths (image, noise, ws, layers);
  TsrNode *moved =
      tsr_add (mean, tsr_scale (tsr_sub (tsr_mean (lengths, TSR_AXIS_N), mean), 0.01f));
  TsrNode *loss =
      tsr_loss_path_length (lengths, tsr_stop_gradient (moved), self->settings.pl_weight);
  if (!output_stat (self, step, STAT_PL, loss, error) ||
      !output_mean (self, step, moved, self->pl_mean, error))
    return false;
  output_gradient (self, step, 0, TSR_NET_G, tsr_scale (loss, (float)self->settings.pl_interval));
  return finish (self, step, AVERAGED_NONE, error);
}

/* The encoder's two terms: the likelihood of w (or z) for unmixed generated images, and the
 * reconstruction of real ones. Images, w and the generator with its mapping network are constants,
 * as the gradient is taken only with respect to D and E. z is as it was drawn: its length, which
 * the mapping network forgets, is part of what the log-variance has to account for. */
static TsrNode *
encoder_terms (TsrTrainer *self, Step *step, TsrNode *fake, TsrNode *latent, TsrNode *real,
               GError **error)
{
  const TsrModelConfig *c = &self->settings.model;
  TsrNode *variance, *unmixed = NULL;
  if (self->settings.style_mixing > 0) {
    unmixed = input (self, step->graph, "d.unmixed", latent->dim[0], 1, 1, 1, error);
    if (!unmixed)
      return NULL;
  }
  TsrNode *mean_fake = tsr_build_encoder (c, fake, &variance);
  TsrNode *nll = tsr_loss_nll (mean_fake, variance, latent, unmixed);
  TsrNode *mse = reconstruction (self, real);
  if (!output_stat (self, step, STAT_NLL, nll, error) ||
      !output_stat (self, step, STAT_MSE, mse, error))
    return NULL;
  return tsr_add (tsr_scale (nll, self->settings.lambda), tsr_scale (mse, self->settings.beta));
}

static bool
build_d (TsrTrainer *self, Step *step, GError **error)
{
  const TsrTrainerSettings *s = &self->settings;
  const TsrModelConfig *c = &s->model;
  bool encoder = c->shared_layers >= 0;
  int n = tsr_trainer_share (self);
  begin (self, step, true);
  TsrNode *w, *ws[64], *loss = NULL;
  if (!build_styles (self, step->graph, "d", n, &w, ws, error))
    return false;
  TsrNode *real =
      input (self, step->graph, "real", n, c->resolution, c->resolution, c->channels, error);
  if (!real)
    return false;
  /* The encoder meets generated images as D does, which it shares the pass with, and real ones as
   * they are, because the generator is to give them back so. */
  TsrNode *fake = tsr_trainer_augment (self, tsr_build_synthesis (c, ws, s->noise), "fake", error);
  if (!fake)
    return false;
  if (!s->encoder_only) {
    TsrNode *seen = tsr_trainer_augment (self, real, "real", error);
    if (!seen)
      return false;
    TsrNode *logits_real = tsr_build_discriminator (c, seen);
    loss = tsr_add (tsr_loss_fake (tsr_build_discriminator (c, fake)), tsr_loss_real (logits_real));
    TsrNode *sign = tsr_mean (tsr_sign (logits_real), TSR_AXIS_ALL);
    if (!output_stat (self, step, STAT_D, loss, error) ||
        !output_stat (self, step, STAT_SIGN, sign, error))
      return false;
  }
  if (encoder) {
    TsrNode *latent =
        c->latent == TSR_LATENT_Z ? tsr_leaf (step->graph, "d.z", n, 1, 1, c->z_dim) : w;
    TsrNode *terms = encoder_terms (self, step, fake, latent, real, error);
    if (!terms)
      return false;
    loss = loss ? tsr_add (loss, terms) : terms;
  }
  output_gradient (self, step, 0, TSR_NET_D, loss);
  if (encoder)
    output_gradient (self, step, 1, TSR_NET_E, loss);
  /* A frozen generator is the one that is shown: the average. */
  return finish (self, step, s->encoder_only ? AVERAGED_G : AVERAGED_NONE, error);
}

static bool
build_r1 (TsrTrainer *self, Step *step, GError **error)
{
  const TsrModelConfig *c = &self->settings.model;
  begin (self, step, true);
  TsrNode *real = input (self, step->graph, "real", tsr_trainer_share (self), c->resolution,
                         c->resolution, c->channels, error);
  if (!real)
    return false;
  TsrNode *seen = tsr_trainer_augment (self, real, "real", error);
  if (!seen)
    return false;
  /* gamma is a leaf, because it may change on the way */
  TsrNode *loss = tsr_mul (tsr_loss_r1 (tsr_build_discriminator (c, seen), real, 1, NULL),
                           tsr_leaf (step->graph, "gamma", 1, 1, 1, 1));
  if (!output_stat (self, step, STAT_R1, loss, error))
    return false;
  output_gradient (self, step, 0, TSR_NET_D, tsr_scale (loss, (float)self->settings.r1_interval));
  return finish (self, step, AVERAGED_NONE, error);
}

/* ---- previews, from the averages ---- */

static bool
build_sample (TsrTrainer *self, GError **error)
{
  const TsrModelConfig *c = &self->settings.model;
  Step *step = &self->step[PHASE_SAMPLE];
  begin (self, step, false);
  TsrNode *z = input (self, step->graph, "preview.z", PREVIEW, 1, 1, c->z_dim, error);
  TsrNode *psi = z ? input (self, step->graph, "preview.psi", 1, 1, 1, 1, error) : NULL;
  if (!psi)
    return false;
  TsrNode *w_avg = tsr_leaf (step->graph, "G.mapping.w_avg", 1, 1, 1, c->w_dim);
  TsrNode *w = tsr_build_mapping (c, z);
  w = tsr_add (w_avg, tsr_mul (tsr_sub (w, w_avg), psi));
  tsr_exec_output (step->exec[0], tsr_build_synthesis_from_w (c, w, TSR_NOISE_CONST),
                   self->images_out);
  return finish (self, step, AVERAGED_ALL, error);
}

static bool
build_reconstruct (TsrTrainer *self, GError **error)
{
  const TsrModelConfig *c = &self->settings.model;
  Step *step = &self->step[PHASE_RECONSTRUCT];
  begin (self, step, false);
  TsrNode *image = input (self, step->graph, "preview.image", PREVIEW, c->resolution, c->resolution,
                          c->channels, error);
  if (!image)
    return false;
  TsrNode *latent = tsr_build_encoder (c, image, NULL);
  tsr_exec_output (step->exec[0], tsr_build_synthesis_from_latent (c, latent, TSR_NOISE_CONST),
                   self->images_out);
  return finish (self, step, AVERAGED_ALL, error);
}

static bool
build_adversarial (TsrTrainer *self, Step *g, Step *d, Step *r1, GError **error)
{
  return build_g (self, g, error) && build_d (self, d, error) && build_r1 (self, r1, error);
}

/* The steps without augmentation, beside those with it: they move the same tensors. */
static bool
build_still (TsrTrainer *self, GError **error)
{
  Step *g = &self->step[PHASE_G_STILL], *d = &self->step[PHASE_D_STILL],
       *r1 = &self->step[PHASE_R1_STILL];
  g->twin = &self->step[PHASE_G];
  d->twin = &self->step[PHASE_D];
  r1->twin = &self->step[PHASE_R1];
  self->still = true; /* as at the beginning of every training */
  return build_adversarial (self, g, d, r1, error);
}

bool
tsr_trainer_build (TsrTrainer *self, GError **error)
{
  const TsrTrainerSettings *s = &self->settings;
  Step *step = self->step;
  if (!make_noise (self, error))
    return false;
  if (s->encoder_only) {
    if (!build_d (self, &step[PHASE_D], error))
      return false;
  } else if (!build_adversarial (self, &step[PHASE_G], &step[PHASE_D], &step[PHASE_R1], error) ||
             (s->pl_weight > 0 && !build_pl (self, error)) ||
             (s->augment && !build_still (self, error)))
    return false;
  return build_sample (self, error) &&
         (s->model.shared_layers < 0 || build_reconstruct (self, error));
}
