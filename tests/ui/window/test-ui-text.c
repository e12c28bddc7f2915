/* Numbers and times as they are written for the user. */

#include "tessera-ui.h"

#include <math.h>

static void
check (char *text, const char *expected)
{
  g_assert_cmpstr (text, ==, expected);
  g_free (text);
}

/* Of kappa, the ends of its interval, and losses. */
static void
test_decimal (void)
{
  static const struct {
    double value;
    const char *text;
  } cases[] = {{0.5, "0.50"}, {-0.312, "−0.31"}, {-1, "−1.00"}, {-0.001, "0.00"},
               {0, "0.00"},   {-0.01, "−0.01"},  {NAN, "–"},    {-INFINITY, "–"}};
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    check (tessera_ui_decimal (cases[i].value), cases[i].text);
}

static void
test_times (void)
{
  check (tessera_ui_duration (0), "about 5 s");
  check (tessera_ui_duration (43), "about 45 s");
  check (tessera_ui_duration (89 * 60), "about 89 min");
  check (tessera_ui_duration (2 * 3600), "about 2 h");
  check (tessera_ui_duration (2 * 3600 + 11 * 60), "about 2 h 10 min");
  check (tessera_ui_duration (49 * 3600), "about 2 days");
  check (tessera_ui_clock (-3), "00:00");
  check (tessera_ui_clock (41.4), "00:41");
  check (tessera_ui_clock (3730), "1:02:10");
}

static void
test_shorten (void)
{
  check (tessera_ui_shorten ("Präparat", 8), "Präparat");
  check (tessera_ui_shorten ("Präparat 12", 8), "Präpa…12");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ui-text/decimal", test_decimal);
  g_test_add_func ("/ui-text/times", test_times);
  g_test_add_func ("/ui-text/shorten", test_shorten);
  return g_test_run ();
}
