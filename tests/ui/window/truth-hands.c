#include "truth-hands.h"

unsigned
truth_hands_group (WindowTest *test, uint32_t tile)
{
  const char *truth = tessera_session_get_truth (window_test_session (test), tile);
  GPtrArray *classes = tessera_session_get_classes (window_test_session (test));
  for (guint c = 0; c < classes->len; c++)
    if (g_str_equal (((TsrClass *)classes->pdata[c])->name, truth))
      return c;
  g_assert_not_reached ();
}

int32_t
truth_hands_class (WindowTest *test, uint32_t tile)
{
  GPtrArray *classes = tessera_session_get_classes (window_test_session (test));
  return ((TsrClass *)classes->pdata[truth_hands_group (test, tile)])->id;
}

uint32_t
truth_hands_current (WindowTest *test)
{
  return tessera_session_get_current (window_test_session (test));
}

void
truth_hands_label (WindowTest *test)
{
  char key[] = {(char)('1' + truth_hands_group (test, truth_hands_current (test))), 0};
  window_test_key (test, key);
}
