#include "tsr-watch.h"

#include "tsr-i18n.h"

#include <glib.h>
#include <math.h>

enum {
  CELLS = 8,      /* each way */
  ENOUGH = 2048,  /* tiles that tell the spread of all */
  BEGINNING = 25, /* kimg within which a network need not know anything yet */
};

#define LOSS_HORIZON 2.0 /* kimg */
#define LOSS_LIMIT   12.0
#define ERROR_LIMIT  10.0
#define ALIKE        0.1
#define DIVERSE      0.3
#define UNEXPLAINED  0.95

/* The mean colours of an image's cells [CELLS][CELLS][channels]. */
static void
mean_colours (const TsrWatch *self, const uint8_t *image, double *colours)
{
  int side = self->resolution / CELLS;
  for (int y = 0; y < CELLS; y++)
    for (int x = 0; x < CELLS; x++)
      for (int c = 0; c < self->channels; c++) {
        double sum = 0;
        for (int v = y * side; v < (y + 1) * side; v++)
          for (int u = x * side; u < (x + 1) * side; u++)
            sum += image[(v * self->resolution + u) * self->channels + c];
        *colours++ = sum / (side * side);
      }
}

/* The mean variance of the cells' colours over every step-th of n images. */
static double
variance_of (const TsrWatch *self, const uint8_t *images, uint32_t n, uint32_t most)
{
  size_t cells = (size_t)(CELLS * CELLS * self->channels);
  size_t image = (size_t)self->resolution * (size_t)self->resolution * (size_t)self->channels;
  g_autofree double *colours = g_new (double, cells), *sum = g_new0 (double, cells),
                    *squares = g_new0 (double, cells);
  uint32_t used = MIN (n, most);
  for (uint32_t k = 0; k < used; k++) {
    mean_colours (self, images + (size_t)((uint64_t)k * n / used) * image, colours);
    for (size_t j = 0; j < cells; j++) {
      sum[j] += colours[j];
      squares[j] += colours[j] * colours[j];
    }
  }
  double total = 0;
  for (size_t j = 0; j < cells && used > 0; j++)
    total += squares[j] / used - (sum[j] / used) * (sum[j] / used);
  return MAX (total, 0) / (double)cells;
}

static double
error_of (const TsrWatch *self, const uint8_t *tiles, const uint8_t *reconstructed, unsigned m)
{
  size_t cells = (size_t)(CELLS * CELLS * self->channels);
  size_t image = (size_t)self->resolution * (size_t)self->resolution * (size_t)self->channels;
  g_autofree double *a = g_new (double, cells), *b = g_new (double, cells);
  double total = 0;
  for (unsigned k = 0; k < m; k++) {
    mean_colours (self, tiles + k * image, a);
    mean_colours (self, reconstructed + k * image, b);
    for (size_t j = 0; j < cells; j++)
      total += (a[j] - b[j]) * (a[j] - b[j]);
  }
  return total / ((double)m * (double)cells);
}

void
tsr_watch_init (TsrWatch *self, const uint8_t *tiles, uint32_t n, int resolution, int channels)
{
  *self = (TsrWatch){.resolution = resolution, .channels = channels, .reconstructs = true};
  self->real_spread = sqrt (variance_of (self, tiles, n, ENOUGH));
  tsr_watch_restart (self);
}

void
tsr_watch_restart (TsrWatch *self)
{
  self->loss_g = self->loss_d = self->loss_mse = self->most_diverse = 0;
  self->kimg = -1;
  self->diversity = self->unexplained = NAN;
}

static void
follow (double *mean, double value, double share)
{
  if (isfinite (value))
    *mean += share * (value - *mean);
}

TsrWatchVerdict
tsr_watch_losses (TsrWatch *self, const TsrTrainerStats *stats, double kimg)
{
  double passed = self->kimg < 0 ? 0 : MAX (kimg - self->kimg, 0);
  double share = 1 - exp (-passed / LOSS_HORIZON);
  follow (&self->loss_g, stats->loss_g, share);
  follow (&self->loss_d, stats->loss_d, share);
  follow (&self->loss_mse, stats->loss_mse, share);
  self->kimg = kimg;
  bool away =
      self->loss_g > LOSS_LIMIT || self->loss_d > LOSS_LIMIT || self->loss_mse > ERROR_LIMIT;
  return away ? TSR_WATCH_RUNAWAY : TSR_WATCH_GOOD;
}

TsrWatchVerdict
tsr_watch_pictures (TsrWatch *self, const uint8_t *generated, unsigned n, const uint8_t *tiles,
                    const uint8_t *reconstructed, unsigned m, double kimg)
{
  if (self->real_spread <= 0) /* all tiles alike: nothing can be told from spreads */
    return TSR_WATCH_GOOD;
  bool begun = kimg > BEGINNING;
  self->diversity = sqrt (variance_of (self, generated, n, n)) / self->real_spread;
  self->most_diverse = MAX (self->most_diverse, self->diversity);
  if (m > 0)
    self->unexplained =
        error_of (self, tiles, reconstructed, m) / (self->real_spread * self->real_spread);
  if (self->diversity < ALIKE && (begun || self->most_diverse > DIVERSE))
    return TSR_WATCH_COLLAPSED;
  bool stuck = self->reconstructs && m > 0 && begun && self->unexplained > UNEXPLAINED;
  return stuck ? TSR_WATCH_STUCK : TSR_WATCH_GOOD;
}

const char *
tsr_watch_reason (TsrWatchVerdict verdict)
{
  static const char *const reasons[] = {
      [TSR_WATCH_RUNAWAY] = N_ ("the losses ran away"),
      [TSR_WATCH_COLLAPSED] = N_ ("the generated tiles all looked alike"),
      [TSR_WATCH_STUCK] = N_ ("the reconstructions did not come to resemble their tiles"),
  };
  return reasons[verdict] ? _ (reasons[verdict]) : NULL;
}
