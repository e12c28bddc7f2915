#include "tsr-train-private.h"

#include "tsr-error.h"
#include "tsr-i18n.h"
#include "tsr-number.h"
#include "tsr-normalise.h"
#include "tsr-orientation.h"
#include "tsr-tile-source.h"
#include "tsr-train-choice.h"
#include "tsr-train-fit.h"

#include <math.h>
#include <string.h>

enum { PROBE_TILES = TSR_TRAIN_PROBE, MAX_SETBACKS = 3 };

#define POST_EVERY_US      (500 * G_TIME_SPAN_MILLISECOND)
#define PREVIEW_EVERY_US   (5 * G_TIME_SPAN_SECOND)
#define CHECKPOINT_EVERY_S 120.0
#define HEALTH_EVERY_S     300.0

typedef TsrTrainRun Run;

/* ---- checkpoints ---- */

static bool
save_checkpoint (Run *run, GError **error)
{
  g_auto (GStrv) extra = tsr_train_choice_metadata (&run->options, run->look);
  if (!tsr_trainer_save (run->trainer, run->model_path, (const char *const *)extra, error))
    return false;
  run->last_checkpoint = g_get_monotonic_time ();
  return true;
}

/* What the project embeds with. */
static const char *
model_of (const Run *run)
{
  const char *best = run->best ? tsr_train_best_path (run->best) : NULL;
  return best ? best : run->model_path;
}

/* The state in the checkpoint just written, if it has been looked at, may be the best so far. */
static bool
choose (Run *run, TsrProject *project, GError **error)
{
  if (!run->best || run->looked_at != tsr_trainer_images (run->trainer))
    return true;
  if (!tsr_train_best_offer (run->best, run->trainer, run->watch.unexplained, error))
    return false;
  run->job->chosen_kimg = tsr_train_best_kimg (run->best);
  return tsr_project_set_model (project, model_of (run), error);
}

/* A checkpoint the project knows of: a run that is killed can be resumed from it. The curve can
 * wait for the next one where somebody else is writing. */
static bool
keep (Run *run, TsrProject *project, GError **error)
{
  g_autoptr (GError) later = NULL;
  run->job->kept =
      save_checkpoint (run, error) && tsr_project_set_model (project, model_of (run), error);
  if (run->job->kept && !tsr_train_record_store (run->record, project, &later))
    g_info ("%s", later->message);
  return run->job->kept && choose (run, project, error);
}

/* A disk that is full for now costs no training: it goes on, and the next checkpoint may work. */
static bool
keep_or_say (Run *run, TsrProject *project, GError **error)
{
  g_autoptr (GError) cause = NULL;
  if (keep (run, project, &cause)) {
    tsr_train_safety_keep (run->safety);
    return true;
  }
  if (!g_error_matches (cause, TSR_ERROR, TSR_ERROR_NO_SPACE)) {
    g_propagate_error (error, g_steal_pointer (&cause));
    return false;
  }
  g_free (run->message);
  run->message = g_strdup_printf (
      /* Translators: %s is a sentence that says why the disk is full. */
      _ ("%s Training goes on; saving the checkpoint will be tried again."), cause->message);
  run->last_checkpoint = g_get_monotonic_time ();
  return true;
}

/* ---- news ---- */

/* Keeps the last known value of what has not run since. */
static void
merge_stats (TsrTrainerStats *kept, const TsrTrainerStats *news)
{
  double *to = (double *)kept;
  const double *from = (const double *)news;
  for (size_t k = 0; k < sizeof *kept / sizeof (double); k++)
    if (isfinite (from[k]))
      to[k] = from[k];
}

/* A verdict that is not good ends this stretch of the training. */
static bool
check (TsrWatchVerdict verdict, GError **error)
{
  const char *reason = tsr_watch_reason (verdict);
  if (reason)
    g_set_error_literal (error, TSR_ERROR, TSR_ERROR_DIVERGED, reason);
  return !reason;
}

/* Looks at the weights and at what the model draws, before a checkpoint is made of it: one that is
 * spoilt is none to go back to. */
static bool
look (Run *run, GError **error)
{
  size_t image = (size_t)run->options.resolution * (size_t)run->options.resolution *
                 (size_t)run->options.channels;
  g_autofree uint8_t *generated = g_malloc (PROBE_TILES * image),
                     *reconstructed = g_malloc (PROBE_TILES * image);
  GError *cause = NULL;
  if (!tsr_trainer_check (run->trainer, error) ||
      !tsr_trainer_sample (run->trainer, PROBE_TILES, 1, generated, error))
    return false;
  bool encodes =
      tsr_trainer_reconstruct (run->trainer, PROBE_TILES, run->tiles.probe, reconstructed, &cause);
  if (cause) {
    g_propagate_error (error, cause);
    return false;
  }
  double kimg = (double)tsr_trainer_images (run->trainer) / 1000;
  TsrWatchVerdict verdict =
      tsr_watch_pictures (&run->watch, generated, PROBE_TILES, run->tiles.probe, reconstructed,
                          encodes ? PROBE_TILES : 0, kimg);
  run->looked_at = tsr_trainer_images (run->trainer);
  tsr_train_record_value (run->record, TSR_SERIES_DIVERSITY, kimg, run->watch.diversity);
  tsr_train_record_value (run->record, TSR_SERIES_UNEXPLAINED, kimg, run->watch.unexplained);
  if (run->options.encoder_only && verdict == TSR_WATCH_COLLAPSED)
    verdict = TSR_WATCH_GOOD; /* the generator is as it was given */
  if (run->job->pretend)
    verdict = (TsrWatchVerdict)run->job->pretend (kimg);
  return check (verdict, error);
}

/* Compares generated tiles with real ones. */
static bool
measure_health (Run *run, GError **error)
{
  TsrProgress progress = {.cancellable = run->cancellable};
  double kimg = (double)tsr_trainer_images (run->trainer) / 1000;
  if (!run->health)
    return true;
  if (!tsr_train_health_measure (run->health, run->trainer, &run->quality, &progress, error))
    return false;
  const TsrQuality *q = &run->quality;
  tsr_train_record_value (run->record, TSR_SERIES_FRECHET, kimg, q->frechet);
  tsr_train_record_value (run->record, TSR_SERIES_KID, kimg, q->kid);
  tsr_train_record_value (run->record, TSR_SERIES_PRECISION, kimg, q->precision);
  tsr_train_record_value (run->record, TSR_SERIES_RECALL, kimg, q->recall);
  run->last_health = g_get_monotonic_time ();
  return true;
}

/* Every few minutes, and at the end of what was no mere trial. */
static bool
health_is_due (const Run *run, bool at_end)
{
  double wanted = run->job->health_s > 0 ? run->job->health_s : HEALTH_EVERY_S;
  double since = (double)(g_get_monotonic_time () - run->last_health) * 1e-6;
  return since >= (at_end ? MIN (wanted, 30) : wanted);
}

/* Takes the losses down, hands them on, and ends the stretch where they ran away. */
static bool
take_losses (Run *run, GError **error)
{
  double kimg = (double)tsr_trainer_images (run->trainer) / 1000;
  TsrTrainerStats stats;
  if (!tsr_trainer_take_stats (run->trainer, &stats, error))
    return false;
  tsr_train_record_losses (run->record, kimg, &stats);
  merge_stats (&run->stats, &stats);
  return check (tsr_watch_losses (&run->watch, &stats, kimg), error);
}

static bool
post (Run *run, bool previews, GError **error)
{
  run->last_post = g_get_monotonic_time ();
  return take_losses (run, error) && tsr_train_post_news (run, previews, error);
}

/* ---- the run ---- */

static void
wait_while_paused (Run *run)
{
  gint64 start = g_get_monotonic_time ();
  if (!run->job->paused || !g_atomic_int_get (run->job->paused))
    return;
  while (g_atomic_int_get (run->job->paused) && !g_cancellable_is_cancelled (run->cancellable))
    g_usleep (20000);
  run->paused_us += g_get_monotonic_time () - start;
}

/* Says what goes on between two steps. Until the first is done most of the time goes into compiling
 * kernels, some of which the driver compiles only when they are to run. */
static bool
report (Run *run, GError **error)
{
  TsrProgress progress = run->job->progress;
  progress.cancellable = run->cancellable;
  uint64_t images = run->trainer ? tsr_trainer_images (run->trainer) : 0;
  if (!run->trainer || images == run->first_images)
    return tsr_progress_step (&progress, -1, TSR_STAGE ("Preparing the device"), error);
  /* Of this run, so that a resumed one is estimated rightly. */
  double first = (double)run->first_images, total = run->options.kimg * 1000;
  double done = total > 0 ? ((double)images - first) / MAX (total - first, 1) : -1;
  return tsr_progress_step (&progress, done, TSR_STAGE ("Training"), error);
}

/* Seconds of training, pauses left out. */
static double
clock_s (const Run *run)
{
  return (double)(g_get_monotonic_time () - run->paused_us) * 1e-6;
}

/* Counts a step; where a preset's minutes decide, chooses the length. */
static void
keep_pace (Run *run)
{
  double kimg;
  tsr_train_pace_step (&run->pace, clock_s (run), (unsigned)run->options.batch);
  if (run->by_minutes && tsr_train_pace_choose (&run->pace, &run->options, &kimg))
    run->options.kimg = (double)tsr_trainer_images (run->trainer) / 1000 + kimg;
}

static bool
is_done (const Run *run)
{
  return run->options.kimg > 0 &&
         (double)tsr_trainer_images (run->trainer) >= run->options.kimg * 1000;
}

/* Until the end, a stop or a fault. */
static bool
train (Run *run, TsrProject *project, GError **error)
{
  double interval = run->job->checkpoint_s > 0 ? run->job->checkpoint_s : CHECKPOINT_EVERY_S;
  while (!is_done (run)) {
    wait_while_paused (run);
    if (!report (run, error))
      return false;
    /* One step is in the queue at a time: more would only delay a stop. */
    if (!tsr_trainer_step (run->trainer, error) || !tsr_trainer_wait (run->trainer, error))
      return false;
    run->job->kept = false;
    run->job->kimg = (double)tsr_trainer_images (run->trainer) / 1000;
    run->shown += (uint64_t)run->options.batch;
    if (run->job->meddle)
      run->job->meddle (run->trainer, run->job->kimg);
    tsr_device_interrupt (run->device, NULL); /* all is compiled; a step is never cut from now on */
    keep_pace (run);
    gint64 now = g_get_monotonic_time ();
    bool is_due = (double)(now - run->last_checkpoint) * 1e-6 >= interval;
    /* Before a checkpoint, too: one with losses that ran away since is not to go back to. */
    if ((is_due || now - run->last_post >= POST_EVERY_US) &&
        !post (run, run->job->snapshots && now - run->last_preview >= PREVIEW_EVERY_US, error))
      return false;
    if (!is_due)
      continue;
    if (!look (run, error) || (health_is_due (run, false) && !measure_health (run, error)) ||
        !keep_or_say (run, project, error))
      return false;
  }
  return look (run, error) && (!health_is_due (run, true) || measure_health (run, error)) &&
         post (run, run->job->snapshots, error);
}

/* To an earlier good state; without one, to where this run began: the model gone on from, or the
 * beginning with other random weights. */
static bool
return_to (Run *run, const char *state, GError **error)
{
  if (state)
    return tsr_trainer_load (run->trainer, state, true, error);
  return tsr_trainer_reset (run->trainer, run->options.seed + run->options.setbacks, error) &&
         (!run->from || tsr_trainer_load (run->trainer, run->from, run->options.resume, error));
}

/* Goes on from an earlier state more gently: R1 holds the discriminator back, and smaller steps
 * overshoot less. */
static bool
go_back (Run *run, const char *reason, GError **error)
{
  double at = (double)tsr_trainer_images (run->trainer) / 1000;
  g_autofree char *state = tsr_train_safety_back (run->safety);
  run->options.gamma *= 2;
  run->options.learning_rate *= 0.6;
  if (!return_to (run, state, error) ||
      !tsr_trainer_set_pace (run->trainer, (float)run->options.gamma,
                             (float)run->options.learning_rate, error))
    return false;
  double from = (double)tsr_trainer_images (run->trainer) / 1000;
  tsr_watch_restart (&run->watch);
  tsr_train_record_free (run->record);
  run->record = tsr_train_record_new (from > 0 ? from : -1);
  run->last_checkpoint = g_get_monotonic_time ();
  run->last_post = 0; /* the next step tells at once */
  g_free (run->message);
  g_autofree char *then = tsr_number_digits (at, 4), *now = tsr_number_digits (from, 4),
                  *rate = tsr_number_digits (run->options.learning_rate, 2),
                  *gamma = tsr_number_digits (run->options.gamma, 3);
  if (run->options.encoder_only)
    run->message = g_strdup_printf (
        /* Translators: the second %s is a clause like “the losses ran away”, the others are
         * numbers; kimg are thousands of images. */
        _ ("After %s kimg %s; training goes on from %s kimg with learning rate %s (change %u "
           "of %d)."),
        then, reason, now, rate, run->options.setbacks, MAX_SETBACKS);
  else
    run->message = g_strdup_printf (
        /* Translators: the second %s is a clause like “the losses ran away”, the others are
         * numbers; kimg are thousands of images. */
        _ ("After %s kimg %s; training goes on from %s kimg with gamma %s and learning rate "
           "%s (change %u of %d)."),
        then, reason, now, gamma, rate, run->options.setbacks, MAX_SETBACKS);
  return true;
}

/* The end of a training that cannot be helped: the best there is stays. */
static void
give_up (Run *run, TsrProject *project, const char *reason, GError **error)
{
  g_autoptr (GError) cause = NULL;
  bool there = tsr_train_safety_restore (run->safety, &cause) &&
               tsr_project_set_model (project, model_of (run), &cause);
  run->job->kept = there;
  if (!cause)
    tsr_train_safety_clear (run->safety);
  g_autofree char *kimg = tsr_number_digits ((double)tsr_trainer_images (run->trainer) / 1000, 4);
  g_set_error (
      error, TSR_ERROR, TSR_ERROR_DIVERGED,
      /* Translators: the first %s is a number, the second a clause like “the losses ran away”, the
       * last a sentence; kimg are thousands of images. */
      _ ("Training was stopped: after %s kimg %s, although it was set back and slowed down %d "
         "times. %s"),
      kimg, reason, MAX_SETBACKS,
      cause ? cause->message
      : there
          ? _ ("The last good model is kept. Look through the tiles for some that do not belong, "
               "or "
               "train more slowly (--learning-rate).")
          : _ ("No good model came of it. Look through the tiles for some that do not belong, or "
               "train more slowly (--learning-rate)."));
}

/* The state in which a run ends or is stopped; one that was spoilt since the last look makes way
 * for the last good one. */
static bool
keep_last (Run *run, TsrProject *project, GError **error)
{
  GError *cause = NULL;
  if (tsr_trainer_check (run->trainer, &cause))
    return keep (run, project, error);
  if (!g_error_matches (cause, TSR_ERROR, TSR_ERROR_DIVERGED)) {
    g_propagate_error (error, cause);
    return false;
  }
  g_clear_error (&cause);
  run->job->kept = tsr_train_safety_restore (run->safety, &cause) &&
                   tsr_project_set_model (project, model_of (run), &cause);
  if (cause)
    g_propagate_error (error, cause);
  return run->job->kept;
}

/* Whatever ends a run but a fault of the numbers or the device, what it learnt is kept. */
static bool
train_and_keep (Run *run, TsrProject *project, GError **error)
{
  bool ok = false;
  g_autoptr (GError) cause = NULL, lost = NULL;
  for (;;) {
    ok = train (run, project, &cause);
    if (ok || !g_error_matches (cause, TSR_ERROR, TSR_ERROR_DIVERGED))
      break;
    if (run->options.setbacks >= MAX_SETBACKS) {
      give_up (run, project, cause->message, error);
      return false;
    }
    run->options.setbacks++;
    g_autoptr (GError) fault = g_steal_pointer (&cause);
    if (!go_back (run, fault->message, error))
      return false;
  }
  bool stopped = !ok && g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  if ((ok || (stopped && run->shown > 0)) && !keep_last (run, project, &lost) && lost) {
    g_propagate_error (error, g_steal_pointer (&lost));
    return false;
  }
  if (ok || stopped)
    tsr_train_safety_clear (run->safety);
  if (cause)
    g_propagate_error (error, g_steal_pointer (&cause));
  return ok;
}

/* Without a network to take features from, training goes on unmeasured and says so, unless one was
 * asked for. */
static bool
watch_health (Run *run, GError **error)
{
  g_autoptr (GError) cause = NULL;
  tsr_watch_init (&run->watch, run->tiles.sample, run->tiles.n_sample, run->options.resolution,
                  run->options.channels);
  run->watch.reconstructs = run->options.beta != 0;
  run->health = tsr_train_health_new (run->device, run->job->inception, &run->tiles.sample,
                                      run->tiles.n_sample, run->options.resolution,
                                      run->options.channels, &cause);
  if (!run->health && !run->job->inception) {
    g_autofree char *unmeasured = g_strdup_printf (
        /* Translators: %s is a sentence that says why not. */
        _ ("%s Training goes on, but the tiles it invents are not compared with yours."),
        cause->message);
    tsr_train_say (&run->message, unmeasured);
  } else if (!run->health)
    g_propagate_error (error, g_steal_pointer (&cause));
  return run->health || !run->job->inception;
}

static void
begin (Run *run)
{
  run->start = run->last_checkpoint = run->last_health = g_get_monotonic_time ();
  run->by_minutes = !(run->options.kimg > 0);
  run->first_images = tsr_trainer_images (run->trainer);
  run->record = tsr_train_record_new (run->options.resume ? (double)run->first_images / 1000 : -1);
}

/* Everything from the tiles on. */
static bool
train_tiles (Run *run, TsrProject *project, GError **error)
{
  bool resume = run->options.resume;
  if (run->options.orientations == 0)
    run->options.orientations = tsr_orientations_of (
        run->tiles.sample, run->tiles.n_sample, run->options.resolution, run->options.channels);
  TsrProgress progress = tsr_progress_cancelled_by (&run->job->progress, run->cancellable);
  double flops = 0;
  bool known = run->from || tsr_train_speed (run->device, &run->options, &progress, &flops, error);
  if (known && watch_health (run, error))
    run->trainer =
        tsr_train_fit (run->device, &run->options, flops, run->tiles.all, &run->message, error);
  if (!run->trainer || (run->from && !tsr_trainer_load (run->trainer, run->from, resume, error)))
    return false;
  if (resume) /* the first state to go back to */
    tsr_train_safety_keep (run->safety);
  begin (run);
  return train_and_keep (run, project, error);
}

static void
clear_run (Run *run)
{
  tsr_trainer_free (run->trainer);
  tsr_train_health_free (run->health);
  tsr_train_record_free (run->record);
  tsr_train_safety_free (run->safety);
  tsr_train_best_free (run->best);
  if (run->model_path)
    tsr_train_release_path (run->model_path, run->lock);
  g_free (run->message);
  g_free (run->look);
  tsr_train_tiles_clear (&run->tiles);
  g_free (run->model_path);
  g_free (run->from);
}

/* Slides that have joined get their stains, and a model that goes on is told from its look. */
static bool
prepare_look (Run *run, TsrProject *project, GError **error)
{
  g_auto (TsrProjectStains) stains = {0};
  TsrProgress progress = tsr_progress_cancelled_by (&run->job->progress, run->cancellable);
  if (!tsr_normalise_complete (project, &progress, error) ||
      !tsr_project_stains_read (project, &stains, error))
    return false;
  run->look = tsr_project_stains_look (&stains);
  return true;
}

/* The first message of a run that goes on with tiles of another look than it began with. */
static bool
compare_look (Run *run, TsrProject *project, GError **error)
{
  g_auto (TsrProjectStains) stains = {0};
  if (!run->from)
    return true;
  if (!tsr_project_stains_read (project, &stains, error))
    return false;
  g_autofree char *trained = tsr_train_choice_look (run->from);
  run->message = tsr_normalise_mismatch (trained, &stains);
  return true;
}

bool
tsr_job_train (TsrDevice *device, GCancellable *cancellable, gpointer data, GError **error)
{
  Run run = {.job = data,
             .device = device,
             .cancellable = cancellable,
             .lock = -1,
             .stats = {NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN},
             .quality = {NAN, NAN, NAN, NAN, NAN}};
  g_autoptr (TsrProject) project =
      tsr_project_open (run.job->project, TSR_PROJECT_READ_WRITE, error);
  g_autoptr (TsrTileSource) source =
      project && prepare_look (&run, project, error) ? tsr_tile_source_new (project, error) : NULL;
  bool ok = source && tsr_train_choose (run.job, project, source, &run.options, &run.from, error) &&
            compare_look (&run, project, error);
  if (ok)
    run.model_path = tsr_train_take_path (run.job->project, run.options.resume ? run.from : NULL,
                                          &run.lock, error);
  ok = ok && run.model_path;
  if (ok)
    run.safety = tsr_train_safety_new (run.model_path, g_strcmp0 (run.model_path, run.from) == 0);
  if (ok && strcmp (run.options.choose, "last") != 0)
    run.best = tsr_train_best_new (run.model_path, run.options.resume);
  TsrProgress progress = tsr_progress_cancelled_by (&run.job->progress, cancellable);
  ok = ok && tsr_train_tiles_load (&run.tiles, device, project, source, run.options.resolution,
                                   run.options.channels, &run.job->lost, &progress, error);
  tsr_device_interrupt (device, cancellable);
  ok = ok && report (&run, error) && train_tiles (&run, project, error);
  tsr_device_interrupt (device, NULL);
  clear_run (&run);
  return ok;
}
