/* What the watch over a training calls good, and what not. */

#include "tsr-watch.h"

#include "tsr-random.h"

#include <math.h>

enum { SIZE = 32, CHANNELS = 3, IMAGE = SIZE * SIZE * CHANNELS, TILES = 64 };

/* n tiles of a colour of their own (by `spread`) with fine noise on it. */
static uint8_t *
make_tiles (double spread, uint64_t seed)
{
  uint8_t *tiles = g_malloc (TILES * IMAGE);
  TsrRandom random;
  tsr_random_init (&random, seed, 1);
  for (int k = 0; k < TILES; k++) {
    double colour = 128 + spread * tsr_random_normal (&random);
    for (int j = 0; j < IMAGE; j++)
      tiles[k * IMAGE + j] = (uint8_t)CLAMP (colour + 6 * tsr_random_normal (&random), 0, 255);
  }
  return tiles;
}

static TsrWatch
begin (const uint8_t *tiles)
{
  TsrWatch watch;
  tsr_watch_init (&watch, tiles, TILES, SIZE, CHANNELS);
  return watch;
}

static TsrWatchVerdict
losses (TsrWatch *watch, double g, double d, double kimg)
{
  TsrTrainerStats stats = {.loss_g = g, .loss_d = d};
  return tsr_watch_losses (watch, &stats, kimg);
}

static void
test_runaway (void)
{
  g_autofree uint8_t *tiles = make_tiles (30, 1);
  TsrWatch watch = begin (tiles);
  for (double kimg = 0; kimg < 100; kimg += 0.1) /* hard, but usual */
    g_assert_cmpint (losses (&watch, 6 + 4 * sin (kimg), 0.5, kimg), ==, TSR_WATCH_GOOD);
  g_assert_cmpint (losses (&watch, 90, 0.1, 100.1), ==, TSR_WATCH_GOOD); /* once is nothing */
  g_assert_cmpint (losses (&watch, NAN, NAN, 100.2), ==, TSR_WATCH_GOOD);
  double kimg = 100.3;
  while (kimg < 200 && losses (&watch, 20, 0.1, kimg) == TSR_WATCH_GOOD)
    kimg += 0.1;
  g_assert_cmpfloat (kimg, >, 100.5);
  g_assert_cmpfloat (kimg, <, 105);
  tsr_watch_restart (&watch);
  g_assert_cmpint (losses (&watch, 2, 1, 90), ==, TSR_WATCH_GOOD);
  for (kimg = 90; kimg < 100; kimg += 0.1)
    if (losses (&watch, 1, 30, kimg) == TSR_WATCH_RUNAWAY)
      break;
  g_assert_cmpfloat (kimg, <, 95);
}

/* An encoder alone has no adversaries whose losses could tell. */
static void
test_encoder_runaway (void)
{
  g_autofree uint8_t *tiles = make_tiles (30, 1);
  TsrWatch watch = begin (tiles);
  TsrTrainerStats stats = {.loss_g = NAN, .loss_d = NAN, .loss_mse = 1.2};
  double kimg = 0;
  for (; kimg < 20; kimg += 0.1)
    g_assert_cmpint (tsr_watch_losses (&watch, &stats, kimg), ==, TSR_WATCH_GOOD);
  stats.loss_mse = 90;
  while (kimg < 30 && tsr_watch_losses (&watch, &stats, kimg) == TSR_WATCH_GOOD)
    kimg += 0.1;
  g_assert_cmpfloat (kimg, <, 21);
}

static void
test_collapsed (void)
{
  g_autofree uint8_t *tiles = make_tiles (30, 1), *others = make_tiles (30, 2),
                     *alike = make_tiles (1, 3), *fewer = make_tiles (8, 4);
  TsrWatch watch = begin (tiles);
  /* at the beginning all look alike, and for a while that is no fault */
  g_assert_cmpint (tsr_watch_pictures (&watch, alike, TILES, NULL, NULL, 0, 5), ==, TSR_WATCH_GOOD);
  g_assert_cmpint (tsr_watch_pictures (&watch, alike, TILES, NULL, NULL, 0, 26), ==,
                   TSR_WATCH_COLLAPSED);
  watch = begin (tiles);
  g_assert_cmpint (tsr_watch_pictures (&watch, others, TILES, NULL, NULL, 0, 5), ==,
                   TSR_WATCH_GOOD);
  g_assert_cmpfloat_with_epsilon (watch.diversity, 1, 0.25);
  g_assert_true (isnan (watch.unexplained));
  g_assert_cmpint (tsr_watch_pictures (&watch, fewer, TILES, NULL, NULL, 0, 6), ==, TSR_WATCH_GOOD);
  g_assert_cmpint (tsr_watch_pictures (&watch, alike, TILES, NULL, NULL, 0, 7), ==,
                   TSR_WATCH_COLLAPSED); /* what was diverse is no more */
  tsr_watch_restart (&watch);
  g_assert_cmpint (tsr_watch_pictures (&watch, alike, TILES, NULL, NULL, 0, 7), ==, TSR_WATCH_GOOD);
}

static void
test_stuck (void)
{
  g_autofree uint8_t *tiles = make_tiles (30, 1), *others = make_tiles (30, 2),
                     *mean = make_tiles (0, 3);
  TsrWatch watch = begin (tiles);
  /* the tile itself; the mean tile; another tile */
  g_assert_cmpint (tsr_watch_pictures (&watch, others, TILES, tiles, tiles, TILES, 50), ==,
                   TSR_WATCH_GOOD);
  g_assert_cmpfloat (watch.unexplained, ==, 0);
  g_assert_cmpint (tsr_watch_pictures (&watch, others, TILES, tiles, mean, TILES, 20), ==,
                   TSR_WATCH_GOOD);
  g_assert_cmpfloat_with_epsilon (watch.unexplained, 1, 0.05);
  g_assert_cmpint (tsr_watch_pictures (&watch, others, TILES, tiles, mean, TILES, 50), ==,
                   TSR_WATCH_STUCK);
  g_assert_cmpint (tsr_watch_pictures (&watch, others, TILES, tiles, others, TILES, 50), ==,
                   TSR_WATCH_STUCK);
  /* Nobody asked for them to resemble their tiles: it is measured, and no reason to stop. */
  watch.reconstructs = false;
  g_assert_cmpint (tsr_watch_pictures (&watch, others, TILES, tiles, mean, TILES, 50), ==,
                   TSR_WATCH_GOOD);
  g_assert_cmpfloat_with_epsilon (watch.unexplained, 1, 0.05);
}

static void
test_alike_tiles (void)
{
  static uint8_t same[TILES * IMAGE];
  TsrWatch watch = begin (same);
  g_assert_cmpint (tsr_watch_pictures (&watch, same, TILES, same, same, TILES, 50), ==,
                   TSR_WATCH_GOOD);
}

static void
test_reasons (void)
{
  g_assert_null (tsr_watch_reason (TSR_WATCH_GOOD));
  for (int k = TSR_WATCH_RUNAWAY; k <= TSR_WATCH_STUCK; k++)
    g_assert_nonnull (tsr_watch_reason ((TsrWatchVerdict)k));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/watch/runaway", test_runaway);
  g_test_add_func ("/watch/encoder-runaway", test_encoder_runaway);
  g_test_add_func ("/watch/collapsed", test_collapsed);
  g_test_add_func ("/watch/stuck", test_stuck);
  g_test_add_func ("/watch/alike-tiles", test_alike_tiles);
  g_test_add_func ("/watch/reasons", test_reasons);
  return g_test_run ();
}
