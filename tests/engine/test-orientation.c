/* Which ways up tiles are shown: found from the tiles, drawn as said, kept in the model. */

#include "tsr-orientation.h"

#include "trainer-fixture.h"
#include "tsr-device.h"
#include "tsr-embedder.h"
#include "tsr-model-file.h"
#include "tsr-random.h"

#include <glib/gstdio.h>

#include <string.h>

enum {
  SIZE = TRAINER_FIXTURE_SIZE,
  CHANNELS = TRAINER_FIXTURE_CHANNELS,
  IMAGE = TRAINER_FIXTURE_IMAGE,
  DIM = TRAINER_FIXTURE_DIM,
  BATCH = 4,
};

static TsrDevice *device;

typedef double (*Shape) (int y, int x);

static double
flat (int y, int x)
{
  return 0;
}

static double
bowl (int y, int x) /* the same from all sides */
{
  return ((x - 7.5) * (x - 7.5) + (y - 7.5) * (y - 7.5) - 40) / 40;
}

static double
face (int y, int x) /* mirrors onto itself, and has a top */
{
  return y / 8.0 - 1;
}

static double
side (int y, int x)
{
  return (x + 0.5 * y) / 12.0 - 1;
}

/* n tiles of noise over a shape that all share. */
static uint8_t *
make_tiles (Shape shape, uint32_t n)
{
  uint8_t *tiles = g_malloc ((size_t)n * IMAGE);
  TsrRandom random;
  tsr_random_init (&random, 1, n);
  for (uint32_t k = 0; k < n; k++)
    for (int y = 0; y < SIZE; y++)
      for (int x = 0; x < SIZE; x++)
        for (int c = 0; c < CHANNELS; c++) {
          double value = 128 + 35 * shape (y, x) + 25 * tsr_random_normal (&random);
          tiles[(size_t)k * IMAGE + (size_t)((y * SIZE + x) * CHANNELS + c)] =
              (uint8_t)CLAMP (value, 0, 255);
        }
  return tiles;
}

static void
test_found (void)
{
  static const struct {
    Shape shape;
    int expected;
  } sets[] = {{flat, 8}, {bowl, 8}, {face, 2}, {side, 1}};
  static const uint32_t counts[] = {40, 500, 5000};
  for (size_t k = 0; k < G_N_ELEMENTS (sets); k++)
    for (size_t j = 0; j < G_N_ELEMENTS (counts); j++) {
      g_autofree uint8_t *tiles = make_tiles (sets[k].shape, counts[j]);
      g_assert_cmpint (tsr_orientations_of (tiles, counts[j], SIZE, CHANNELS), ==,
                       sets[k].expected);
    }
  /* Two tiles of noise differ however they lie, which says nothing. */
  for (uint32_t n = 1; n < 12; n++) {
    g_autofree uint8_t *tiles = make_tiles (flat, n);
    g_assert_cmpint (tsr_orientations_of (tiles, n, SIZE, CHANNELS), ==, 8);
  }
  static uint8_t same[9 * IMAGE]; /* all alike and without variance */
  g_assert_cmpint (tsr_orientations_of (same, 9, SIZE, CHANNELS), ==, 8);
}

static void
test_parsed (void)
{
  static const struct {
    const char *text;
    int number;
  } words[] = {{NULL, 8}, {"8", 8}, {"2", 2}, {"1", 1}, {"7", 8}, {"-1", 8}, {"x", 8}, {"", 8}};
  for (size_t k = 0; k < G_N_ELEMENTS (words); k++)
    g_assert_cmpint (tsr_orientations_parse (words[k].text), ==, words[k].number);
}

/* Every orientation moves every pixel to a place of its own, and no two are the same. */
static void
test_pixels (void)
{
  for (int turn = 0; turn < TSR_SYMMETRIES; turn++) {
    bool seen[SIZE * SIZE] = {false};
    for (int y = 0; y < SIZE; y++)
      for (int x = 0; x < SIZE; x++) {
        int from = tsr_oriented_pixel (SIZE, turn, y, x);
        g_assert_false (seen[from]);
        seen[from] = true;
      }
    for (int other = 0; other < turn; other++)
      g_assert_true (
          tsr_oriented_pixel (SIZE, turn, 0, 1) != tsr_oriented_pixel (SIZE, other, 0, 1) ||
          tsr_oriented_pixel (SIZE, turn, 0, 0) != tsr_oriented_pixel (SIZE, other, 0, 0));
  }
  g_assert_cmpint (tsr_oriented_pixel (SIZE, 0, 3, 5), ==, 3 * SIZE + 5);
  g_assert_cmpint (tsr_oriented_pixel (SIZE, 1, 3, 5), ==, 3 * SIZE + SIZE - 6);
}

static TsrTrainer *
make_trainer (const uint8_t *tile, int orientations)
{
  TsrTrainerSettings s = trainer_fixture_settings (BATCH);
  s.orientations = orientations;
  return trainer_fixture_new (device, &s, tile, 1);
}

/* The orientation a real image of the batch is in; fails if in none. */
static int
turn_of (const float *image, const uint8_t *tile)
{
  for (int turn = 0; turn < TSR_SYMMETRIES; turn++) {
    bool same = true;
    for (int y = 0; y < SIZE && same; y++)
      for (int x = 0; x < SIZE && same; x++) {
        int from = tsr_oriented_pixel (SIZE, turn, y, x);
        float expected = (float)tile[from * CHANNELS] * (2.0f / 255.0f) - 1;
        float d = image[(y * SIZE + x) * CHANNELS] - expected;
        same = d < 1e-5f && d > -1e-5f;
      }
    if (same)
      return turn;
  }
  g_error ("a tile is shown in no orientation");
}

static void
test_drawn (void)
{
  GError *error = NULL;
  g_autofree uint8_t *tile = make_tiles (side, 1);
  static const int counts[] = {1, 2, 8};
  for (size_t k = 0; k < G_N_ELEMENTS (counts); k++) {
    g_autoptr (TsrTrainer) trainer = make_trainer (tile, counts[k]);
    bool seen[TSR_SYMMETRIES] = {false};
    for (int step = 0; step < 16; step++) {
      static float real[BATCH * IMAGE];
      g_assert_true (tsr_trainer_step (trainer, &error));
      tsr_buffer_read (tsr_trainer_input (trainer, "real"), 0, real, sizeof real, &error);
      g_assert_no_error (error);
      for (int i = 0; i < BATCH; i++)
        seen[turn_of (real + i * IMAGE, tile)] = true;
    }
    for (int turn = 0; turn < TSR_SYMMETRIES; turn++)
      g_assert_cmpint (seen[turn], ==, turn < counts[k]);
  }
}

/* What the vectors of a checkpoint are called once it has been exported. */
static char *
exported_id (TsrTrainer *trainer, const char *path)
{
  GError *error = NULL;
  g_autofree char *checkpoint = g_strconcat (path, ".checkpoint", NULL);
  tsr_trainer_save (trainer, checkpoint, NULL, &error);
  g_assert_no_error (error);
  tsr_model_export (checkpoint, path, &error);
  g_assert_no_error (error);
  g_autoptr (TsrEmbedder) embedder =
      tsr_embedder_open (device, path, 8, TSR_ENCODER_AVERAGED, TSR_F32, &error);
  g_assert_no_error (error);
  tsr_embedder_set_symmetric (embedder, true);
  g_unlink (checkpoint);
  g_unlink (path);
  return g_strdup (tsr_embedder_model_id (embedder));
}

/* The embedder averages the orientations that the model was trained on, and names the vectors so.
 */
static void
test_embedded (void)
{
  GError *error = NULL;
  g_autofree uint8_t *tile = make_tiles (side, 1), *mirrored = g_malloc (IMAGE),
                     *turned = g_malloc (IMAGE);
  for (int y = 0; y < SIZE; y++)
    for (int x = 0; x < SIZE; x++) {
      memcpy (mirrored + (y * SIZE + x) * CHANNELS,
              tile + tsr_oriented_pixel (SIZE, 1, y, x) * CHANNELS, CHANNELS);
      memcpy (turned + (y * SIZE + x) * CHANNELS,
              tile + tsr_oriented_pixel (SIZE, 4, y, x) * CHANNELS, CHANNELS);
    }
  static const int counts[] = {1, 2, 8};
  g_autofree char *path = trainer_fixture_path (), *slim = g_strconcat (path, ".slim", NULL);
  for (size_t k = 0; k < G_N_ELEMENTS (counts); k++) {
    g_autoptr (TsrTrainer) trainer = make_trainer (tile, counts[k]);
    tsr_trainer_export (trainer, path, NULL, &error);
    g_assert_no_error (error);
    g_autoptr (TsrEmbedder) embedder =
        tsr_embedder_open (device, path, 8, TSR_ENCODER_AVERAGED, TSR_F32, &error);
    g_assert_no_error (error);
    tsr_embedder_set_symmetric (embedder, true);
    g_assert_cmpint (tsr_embedder_capacity (embedder), ==, 8 / counts[k]);
    const char *id = tsr_embedder_model_id (embedder);
    g_assert_cmpint (g_str_has_suffix (id, "-symmetric"), ==, counts[k] == 8);
    g_assert_cmpint (g_str_has_suffix (id, "-mirrored"), ==, counts[k] == 2);
    g_autofree char *slim_id = exported_id (trainer, slim);
    g_assert_cmpstr (slim_id, ==, id);
    float w[3][DIM];
    const uint8_t *images[] = {tile, mirrored, turned};
    for (int j = 0; j < 3; j++) {
      tsr_embedder_submit (embedder, images[j], 1, &error);
      tsr_embedder_collect (embedder, w[j], &error);
      g_assert_no_error (error);
    }
    double to_mirrored = 0, to_turned = 0, norm = 0;
    for (int j = 0; j < DIM; j++) {
      to_mirrored += (double)((w[0][j] - w[1][j]) * (w[0][j] - w[1][j]));
      to_turned += (double)((w[0][j] - w[2][j]) * (w[0][j] - w[2][j]));
      norm += (double)(w[0][j] * w[0][j]);
    }
    g_assert_cmpint (to_mirrored <= 1e-8 * norm, ==, counts[k] >= 2);
    g_assert_cmpint (to_turned <= 1e-8 * norm, ==, counts[k] == 8);
  }
  trainer_fixture_remove (path);
}

int
main (int argc, char **argv)
{
  GError *error = NULL;
  g_test_init (&argc, &argv, NULL);
  device = tsr_device_open (NULL, &error);
  g_assert_no_error (error);
  g_test_add_func ("/orientation/found", test_found);
  g_test_add_func ("/orientation/parsed", test_parsed);
  g_test_add_func ("/orientation/pixels", test_pixels);
  g_test_add_func ("/orientation/drawn", test_drawn);
  g_test_add_func ("/orientation/embedded", test_embedded);
  int result = g_test_run ();
  tsr_device_close (device);
  return result;
}
