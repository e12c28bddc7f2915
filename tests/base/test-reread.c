/* Bytes that are read again: the same bytes whatever changed, and the former ones, not a copy,
 * where nothing did. */

#include "tsr-error.h"
#include "tsr-random.h"
#include "tsr-reread.h"

#include <string.h>

enum { SIZE = 1000 };

/* Reads data[size] in pieces of up to `piece` bytes. */
static GBytes *
reread (GBytes *former, const char *data, size_t size, size_t piece, bool expected)
{
  TsrReread *reading = tsr_reread_new (former);
  if (expected)
    tsr_reread_expect (reading, size);
  for (size_t i = 0; i < size; i += piece)
    tsr_reread_put (reading, data + i, MIN (piece, size - i));
  GError *error = NULL;
  GBytes *bytes = tsr_reread_end (reading, &error);
  g_assert_no_error (error);
  return bytes;
}

static void
check (GBytes *former, const char *data, size_t size, bool same)
{
  static const size_t pieces[] = {1, 7, 64, SIZE, 3 * SIZE};
  for (guint k = 0; k < 2 * G_N_ELEMENTS (pieces); k++) {
    g_autoptr (GBytes) found = reread (former, data, size, pieces[k / 2], k % 2);
    gsize length;
    const char *bytes = g_bytes_get_data (found, &length);
    g_assert_cmpmem (bytes, length, data, size);
    g_assert_true ((found == former) == same);
  }
}

static void
test_same_and_not (void)
{
  char data[2 * SIZE];
  TsrRandom random;
  tsr_random_init (&random, 3, 1);
  for (guint i = 0; i < sizeof data; i++)
    data[i] = (char)tsr_random_below (&random, 256);
  check (NULL, data, SIZE, false);
  check (NULL, data, 0, false);
  g_autoptr (GBytes) former = g_bytes_new (data, SIZE);
  check (former, data, SIZE, true);
  check (former, data, SIZE + 1, false); /* some joined */
  check (former, data, 2 * SIZE, false);
  check (former, data, SIZE - 1, false); /* some left */
  check (former, data, 1, false);
  check (former, data, 0, false);
  for (guint i = 0; i < SIZE; i += 37) { /* one is another, wherever it is */
    char was = data[i];
    data[i] = (char)(was + 1);
    check (former, data, SIZE, false);
    data[i] = was;
  }
  char last = data[SIZE - 1];
  data[SIZE - 1] = (char)(last + 1);
  check (former, data, SIZE, false);
  g_autoptr (GBytes) none = g_bytes_new (NULL, 0);
  check (none, data, 0, true);
  check (none, data, SIZE, false);
}

static void
test_repeated (void)
{
  g_autoptr (GBytes) former = g_bytes_new ("xababab", 7);
  for (guint n = 2; n <= 4; n++) {
    TsrReread *reading = tsr_reread_new (former);
    tsr_reread_put (reading, "x", 1);
    tsr_reread_repeat (reading, "ab", 2, n);
    g_autoptr (GBytes) found = tsr_reread_end (reading, NULL);
    g_assert_true ((found == former) == (n == 3));
    g_assert_cmpmem (g_bytes_get_data (found, NULL), g_bytes_get_size (found), "xabababab",
                     1 + 2 * n);
  }
}

/* What was expected need not come. */
static void
test_other_than_expected (void)
{
  g_autoptr (GBytes) former = g_bytes_new ("abcdef", 6);
  for (guint size = 0; size <= 9; size++) {
    TsrReread *reading = tsr_reread_new (former);
    tsr_reread_expect (reading, 6);
    tsr_reread_put (reading, "abcdefghi", size);
    g_autoptr (GBytes) found = tsr_reread_end (reading, NULL);
    g_assert_true ((found == former) == (size == 6));
    g_assert_cmpmem (g_bytes_get_data (found, NULL), g_bytes_get_size (found), "abcdefghi", size);
  }
  TsrReread *given_up = tsr_reread_new (former);
  tsr_reread_put (given_up, "x", 1);
  tsr_reread_free (given_up);
}

/* More than there is: one sentence, whenever it shows, and nothing is written anywhere. */
static void
test_too_much (void)
{
  g_autoptr (GBytes) former = g_bytes_new ("abc", 3);
  for (guint k = 0; k < 4; k++) {
    g_autoptr (GError) error = NULL;
    TsrReread *reading = tsr_reread_new (k & 1 ? former : NULL);
    tsr_reread_expect (reading, SIZE_MAX / 4);
    tsr_reread_put (reading, k & 2 ? "abc" : "x", 1);
    tsr_reread_repeat (reading, "y", 1, 5);
    g_assert_null (tsr_reread_end (reading, &error));
    g_assert_error (error, TSR_ERROR, TSR_ERROR_FAILED);
    g_assert_nonnull (strstr (error->message, "memory"));
  }
}

static void
test_taken (void)
{
  g_autoptr (GBytes) former = g_bytes_new ("abc", 3);
  g_autoptr (GBytes) same = tsr_reread_take (former, g_strdup ("abc"), 3);
  g_autoptr (GBytes) longer = tsr_reread_take (former, g_strdup ("abcd"), 4);
  g_autoptr (GBytes) other = tsr_reread_take (former, g_strdup ("abd"), 3);
  g_autoptr (GBytes) first = tsr_reread_take (NULL, g_strdup ("abc"), 3);
  g_assert_true (same == former && longer != former && other != former && first != former);
  g_assert_true (g_bytes_equal (first, former));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/reread/same-and-not", test_same_and_not);
  g_test_add_func ("/reread/repeated", test_repeated);
  g_test_add_func ("/reread/other-than-expected", test_other_than_expected);
  g_test_add_func ("/reread/too-much", test_too_much);
  g_test_add_func ("/reread/taken", test_taken);
  return g_test_run ();
}
