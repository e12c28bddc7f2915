/* What stands beside a map: read back as written, kept where unknown, and nothing said by texts
 * that say nothing or lie. */

#include "tsr-map-info.h"

#include <math.h>
#include <string.h>

static void
test_round_trip (void)
{
  g_autoptr (TsrMapInfo) info = tsr_map_info_parse (NULL);
  info->method = g_strdup ("tsne");
  info->model = g_strdup ("mod\"el");
  info->tiles = 40;
  info->perplexity = 12.5;
  info->balance = 0.5;
  info->kl = 1.25;
  info->total_s = 3.5;
  info->iterations = 1234;
  info->seed = INT64_MAX;
  info->stopped = true;
  info->trust = (TsrTrust){10, 39, 0.25, 0.75, 0.5};
  info->n = 13;
  info->kept = g_new (uint8_t, 13);
  for (int i = 0; i < 13; i++)
    info->kept[i] = i == 12 ? TSR_TRUST_UNKNOWN : (uint8_t)MIN (i, 10);
  g_autofree char *text = tsr_map_info_format (info);
  g_autoptr (TsrMapInfo) read = tsr_map_info_parse (text);
  g_autofree char *again = tsr_map_info_format (read);
  g_assert_cmpstr (again, ==, text);
  g_assert_cmpstr (read->method, ==, "tsne");
  g_assert_cmpstr (read->model, ==, "mod\"el");
  g_assert_true (read->tiles == 40 && read->perplexity == 12.5 && read->kl == 1.25);
  g_assert_true (read->balance == 0.5 && read->total_s == 3.5 && read->iterations == 1234 &&
                 read->seed == INT64_MAX);
  g_assert_true (read->stopped && read->trust.k == 10 && read->trust.ranked == 39);
  g_assert_true (read->trust.kept == 0.25 && read->trust.trustworthiness == 0.75 &&
                 read->trust.continuity == 0.5);
  g_assert_cmpmem (read->kept, read->n, info->kept, 13);
  tsr_map_info_resize (read, 15);
  g_assert_true (read->n == 15 && read->kept[11] == 10 && read->kept[14] == TSR_TRUST_UNKNOWN);
}

/* What another version wrote beside it stays. */
static void
test_unknown_keys (void)
{
  g_autoptr (TsrMapInfo) info =
      tsr_map_info_parse ("{\"method\":\"tsne\",\"later\":0.5,\"stopped\":true,\"kl\":2}");
  g_assert_true (info->stopped && info->kl == 2);
  info->stopped = false;
  info->kl = NAN;
  g_autofree char *text = tsr_map_info_format (info);
  g_assert_nonnull (strstr (text, "\"later\":0.5"));
  g_assert_null (strstr (text, "stopped"));
  g_assert_null (strstr (text, "\"kl\""));
}

static void
test_nonsense (void)
{
  static const char *const texts[] = {"",
                                      "[]",
                                      "7",
                                      "{",
                                      "null",
                                      "{\"method\":3,\"trust\":7,\"iterations\":\"x\",\"kl\":true}",
                                      "{\"trust\":{\"k\":10}}",
                                      "{\"trust\":{\"k\":-1,\"ranked\":5,\"tiles\":\"00\"}}",
                                      "{\"trust\":{\"k\":99,\"ranked\":5}}",
                                      "{\"iterations\":1e300,\"tiles\":-5,\"perplexity\":-2}"};
  for (guint t = 0; t < G_N_ELEMENTS (texts); t++) {
    g_autoptr (TsrMapInfo) info = tsr_map_info_parse (texts[t]);
    g_assert_null (info->method);
    g_assert_true (info->trust.k == 0 && info->kept == NULL && isnan (info->trust.kept));
    g_assert_true (info->iterations >= 0 && info->perplexity == 0 && isnan (info->kl));
    tsr_map_info_resize (info, 9);
    g_assert_null (info->kept);
    g_autofree char *text = tsr_map_info_format (info);
    g_assert_true (text[0] == '{');
  }
  g_autoptr (TsrMapInfo) digits =
      tsr_map_info_parse ("{\"trust\":{\"k\":3,\"ranked\":1,\"tiles\":\"0123456az-\\u00e9\"}}");
  g_assert_cmpuint (digits->n, ==, 12);
  for (uint32_t i = 0; i < digits->n; i++)
    g_assert_cmpuint (digits->kept[i], ==, i <= 3 ? i : TSR_TRUST_UNKNOWN);
  tsr_map_info_free (NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/map-info/round-trip", test_round_trip);
  g_test_add_func ("/map-info/unknown-keys", test_unknown_keys);
  g_test_add_func ("/map-info/nonsense", test_nonsense);
  return g_test_run ();
}
