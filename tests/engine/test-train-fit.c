/* What a training left open follows the device: its speed says how wide the networks are, its
 * memory how large a batch. */

#include "trainer-fixture.h"
#include "tsr-error.h"
#include "tsr-train-fit.h"
#include "tsr-train-width.h"

#include <math.h>
#include <string.h>

static TsrDevice *device;

static TsrTrainOptions
resolved (const char *preset, int base, double kimg)
{
  GError *error = NULL;
  TsrTrainOptions o = tsr_train_options_default ();
  o.preset = preset;
  o.channel_base = base;
  o.kimg = kimg;
  tsr_train_options_resolve (&o, 100, 64, 3, &error);
  g_assert_no_error (error);
  return o;
}

/* Configuration S was counted: 14.75 GFLOP an image (tessera bench train --config S). */
static void
test_flops (void)
{
  TsrTrainOptions s = resolved ("standard", 4096, 0);
  s.channel_max = 128;
  g_assert_cmpfloat_with_epsilon (tsr_train_flops (&s) * 1e-9, 14.75, 0.5);
}

/* The speed at which a preset's networks of this width show all it can use in its time. */
static double
enough_for (const TsrTrainOptions *preset, int base, int most)
{
  TsrTrainOptions o = *preset;
  o.channel_base = base;
  o.channel_max = most;
  return tsr_train_flops (&o) * o.kimg_most * 1000 / (o.minutes * 60);
}

static void
check_width (const TsrTrainOptions *preset, double flops, int base, int most)
{
  TsrTrainOptions o = *preset;
  bool grew = tsr_train_options_widen (&o, flops);
  g_assert_cmpint (o.channel_base, ==, base);
  g_assert_cmpint (o.channel_max, ==, most);
  g_assert_cmpint (grew, ==, base > preset->channel_base);
}

static void
test_widen (void)
{
  TsrTrainOptions o = resolved ("standard", 0, 0);
  check_width (&o, 0, 2048, 64);
  check_width (&o, 1e11, 2048, 64); /* this kind of machine */
  check_width (&o, 0.999 * enough_for (&o, 4096, 128), 2048, 64);
  check_width (&o, 1.001 * enough_for (&o, 4096, 128), 4096, 128);
  check_width (&o, 0.999 * enough_for (&o, 8192, 256), 4096, 128);
  check_width (&o, 1.001 * enough_for (&o, 8192, 256), 8192, 256);
  check_width (&o, 1e18, 16384, 512);
  /* A speed that is no number is not known. */
  check_width (&o, (double)NAN, 2048, 64);
  /* What was asked for stays. */
  TsrTrainOptions asked = resolved ("standard", 2048, 0), length = resolved ("standard", 0, 10),
                  paper = resolved ("paper", 0, 0);
  check_width (&asked, 1e18, 2048, 64);
  check_width (&length, 1e18, 2048, 64);
  check_width (&paper, 1e18, 16384, 512);
}

/* gamma belongs to the batch, unless it was asked for. */
static void
test_batch (void)
{
  TsrTrainOptions o = resolved ("quick", 0, 0), asked = tsr_train_options_default ();
  g_assert_cmpfloat_with_epsilon (o.gamma, 0.256, 1e-9);
  tsr_train_options_set_batch (&o, 8);
  g_assert_cmpint (o.batch, ==, 8);
  g_assert_cmpfloat_with_epsilon (o.gamma, 0.512, 1e-9);
  asked.gamma = 3;
  g_assert_true (tsr_train_options_resolve (&asked, 100, 64, 3, NULL));
  tsr_train_options_set_batch (&asked, 8);
  g_assert_cmpfloat (asked.gamma, ==, 3);
}

/* Networks of 16 pixels and 8 to 32 channels, which leave open what `open` says. */
static TsrTrainOptions
small (bool open)
{
  TsrTrainOptions o = resolved ("quick", 0, 0);
  o.resolution = 16;
  o.channel_base = 128;
  o.channel_max = 8;
  o.w_dim = 16;
  o.open.width = o.open.batch = open;
  return o;
}

static size_t
memory_of (TsrTrainOptions o, double flops)
{
  GError *error = NULL;
  g_autofree char *message = NULL;
  g_autoptr (TsrTrainer) trainer = tsr_train_fit (device, &o, flops, NULL, &message, &error);
  g_assert_no_error (error);
  g_assert_null (message);
  return tsr_trainer_memory (trainer);
}

static void
test_memory (void)
{
  GError *error = NULL;
  g_autofree char *message = g_strdup ("Before."), *none = NULL;
  TsrTrainOptions o = small (true), closed = small (false), wide = small (true),
                  wider = small (true);
  double twice = 0;
  {
    TsrTrainOptions w = o;
    w.channel_base *= 2;
    w.channel_max *= 2;
    twice = 1.01 * tsr_train_flops (&w) * w.kimg_most * 1000 / (w.minutes * 60);
  }
  size_t whole = memory_of (o, 0), grown = memory_of (o, twice);
  g_assert_cmpuint (grown, >, whole);

  /* Half the memory: half the batch or less, and a sentence behind what was said before. */
  tsr_device_limit_memory (device, whole * 6 / 10);
  g_autoptr (TsrTrainer) half = tsr_train_fit (device, &o, 0, NULL, &message, &error);
  g_assert_no_error (error);
  g_assert_cmpint (o.batch, <, 16);
  g_assert_cmpint (o.batch, >=, 4);
  g_assert_cmpint (o.channel_base, ==, 128);
  g_assert_cmpfloat_with_epsilon (o.gamma, 0.001 * 16 * 16 / o.batch, 1e-9);
  g_assert_true (g_str_has_prefix (message, "Before. "));
  g_assert_nonnull (strstr (message, "memory"));
  g_clear_pointer (&half, tsr_trainer_free);
  g_assert_null (tsr_train_fit (device, &closed, 0, NULL, &none, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_MEMORY);
  g_assert_nonnull (strstr (error->message, "a batch of at most "));
  g_clear_error (&error);

  /* Between the two: as wide as the preset, with the whole batch. */
  tsr_device_limit_memory (device, (whole + grown) / 2);
  g_autoptr (TsrTrainer) narrow = tsr_train_fit (device, &wide, twice, NULL, &none, &error);
  g_assert_no_error (error);
  g_assert_cmpint (wide.channel_base, ==, 128);
  g_assert_cmpint (wide.channel_max, ==, 8);
  g_assert_cmpint (wide.batch, ==, 16);
  g_assert_null (none);
  g_clear_pointer (&narrow, tsr_trainer_free);

  tsr_device_limit_memory (device, 0);
  g_autoptr (TsrTrainer) large = tsr_train_fit (device, &wider, twice, NULL, &none, &error);
  g_assert_no_error (error);
  g_assert_cmpint (wider.channel_base, ==, 256);
  g_assert_cmpint (wider.channel_max, ==, 16);
}

/* bf16 that the device does not multiply is said to be f32. */
static void
test_bf16 (void)
{
  static const char *const providers[] = {"onednn", "plain"};
  bool has[G_N_ELEMENTS (providers)] = {false};
  for (size_t k = 0; k < G_N_ELEMENTS (providers); k++) {
    GError *error = NULL;
    g_autofree char *message = NULL;
    TsrTrainOptions o = small (true);
    o.precision = "bf16";
    g_setenv ("TESSERA_PROVIDER", providers[k], true);
    g_autoptr (TsrTrainer) trainer = tsr_train_fit (device, &o, 0, NULL, &message, &error);
    g_unsetenv ("TESSERA_PROVIDER");
    g_assert_no_error (error);
    has[k] = tsr_trainer_precision (trainer) == TSR_BF16;
    g_assert_true (has[k] ? message == NULL : message && strstr (message, "computes in f32"));
  }
  g_assert_false (has[1]);
  if (!has[0])
    g_test_message ("this processor multiplies no bf16");
}

/* Memory for n tiles in pieces of at most `each`; the device's own limit where that is 0. */
static TsrTileMemory *
tiles_in_pieces (uint32_t n, uint32_t each, GError **error)
{
  TsrDeviceInfo *info = (TsrDeviceInfo *)tsr_device_info (device);
  uint64_t most = info->max_allocation;
  if (each > 0)
    info->max_allocation = each * TRAINER_FIXTURE_IMAGE + 1;
  TsrTileMemory *memory = tsr_tile_memory_new (device, n, TRAINER_FIXTURE_IMAGE, error);
  info->max_allocation = most;
  return memory;
}

/* In however many pieces tiles lie, the same ones are drawn: no device gives all its memory in one
 * piece. */
static void
test_pieces (void)
{
  enum { TILES = 13, BATCH = 4 };
  static const uint32_t each[] = {0, 1, 5, 12};
  GError *error = NULL;
  TsrTrainerSettings s = trainer_fixture_settings (BATCH);
  TsrTrainer *trainers[G_N_ELEMENTS (each)];
  TsrTileMemory *memories[G_N_ELEMENTS (each)];
  g_autofree uint8_t *tiles = g_malloc (TILES * TRAINER_FIXTURE_IMAGE);
  for (size_t j = 0; j < TILES * TRAINER_FIXTURE_IMAGE; j++)
    tiles[j] = (uint8_t)(j * 2654435761u >> 13);
  for (size_t k = 0; k < G_N_ELEMENTS (each); k++) {
    memories[k] = tiles_in_pieces (TILES, each[k], &error);
    g_assert_no_error (error);
    g_assert_cmpuint (memories[k]->pieces->len, ==,
                      each[k] > 0 ? (TILES + each[k] - 1) / each[k] : 1);
    for (uint32_t first = 0; first < TILES; first += 7) /* across their borders */
      g_assert_true (tsr_tile_memory_write (memories[k], first, MIN (7, TILES - first),
                                            tiles + first * TRAINER_FIXTURE_IMAGE, &error));
    trainers[k] = tsr_trainer_new_on (device, &s, memories[k], &error);
    g_assert_no_error (error);
    trainer_fixture_steps (trainers[k], 6);
    trainer_fixture_assert_same (trainers[0], trainers[k], false);
  }
  for (size_t k = 0; k < G_N_ELEMENTS (each); k++) {
    tsr_trainer_free (trainers[k]);
    tsr_tile_memory_free (memories[k]);
  }
}

/* More tiles than there is memory for are refused before one is read, and nothing stays taken. */
static void
test_many_tiles (void)
{
  size_t before, after;
  GError *error = NULL;
  tsr_device_memory (device, &before, NULL);
  tsr_device_limit_memory (device, before + 10 * TRAINER_FIXTURE_IMAGE);
  g_assert_null (tiles_in_pieces (11, 4, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_MEMORY);
  g_assert_true (g_str_has_prefix (error->message, "11 tiles "));
  g_clear_error (&error);
  tsr_device_memory (device, &after, NULL);
  g_assert_cmpuint (after, ==, before);
  g_autoptr (TsrTileMemory) ten = tiles_in_pieces (10, 4, &error);
  g_assert_no_error (error);
  tsr_device_limit_memory (device, 0);
}

/* Nobody waits for a look at the device on which nothing hangs. */
static void
test_speed (void)
{
  GError *error = NULL;
  double flops = -1;
  TsrTrainOptions open = resolved ("quick", 0, 0), closed = resolved ("quick", 0, 1);
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  TsrProgress progress = {.cancellable = cancelled};
  g_assert_true (tsr_train_speed (device, &closed, NULL, &flops, &error));
  g_assert_cmpfloat (flops, ==, 0);
  g_assert_true (tsr_train_speed (device, &open, NULL, &flops, &error));
  g_assert_no_error (error);
  g_assert_cmpfloat (flops, >, 1e8);
  g_cancellable_cancel (cancelled);
  g_assert_false (tsr_train_speed (device, &open, &progress, &flops, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
}

int
main (int argc, char **argv)
{
  GError *error = NULL;
  g_test_init (&argc, &argv, NULL);
  device = tsr_device_open (NULL, &error);
  g_assert_no_error (error);
  g_test_add_func ("/train-fit/flops", test_flops);
  g_test_add_func ("/train-fit/widen", test_widen);
  g_test_add_func ("/train-fit/batch", test_batch);
  g_test_add_func ("/train-fit/memory", test_memory);
  g_test_add_func ("/train-fit/bf16", test_bf16);
  g_test_add_func ("/train-fit/pieces", test_pieces);
  g_test_add_func ("/train-fit/many-tiles", test_many_tiles);
  g_test_add_func ("/train-fit/speed", test_speed);
  int result = g_test_run ();
  tsr_device_close (device);
  return result;
}
