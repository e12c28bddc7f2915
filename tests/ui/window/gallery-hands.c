#include "gallery-hands.h"

TesseraGallery *
gallery_of (WindowTest *test)
{
  return tessera_project_page_get_gallery (tessera_window_get_project_page (test->window));
}

TesseraGalleryView *
gallery_view (WindowTest *test)
{
  return tessera_gallery_get_view (gallery_of (test));
}

TesseraGalleryOrder *
gallery_order (WindowTest *test)
{
  return tessera_gallery_view_get_order (gallery_view (test));
}

const char *
gallery_front (WindowTest *test)
{
  return adw_view_stack_get_visible_child_name (
      tessera_project_page_get_views (tessera_window_get_project_page (test->window)));
}

static gboolean
is_settled (WindowTest *test, gpointer data)
{
  return tessera_gallery_is_settled (gallery_of (test)) &&
         !tessera_session_is_busy (window_test_session (test));
}

void
gallery_settle (WindowTest *test)
{
  window_test_pass (40);
  window_test_wait (test, "tiles are sorted", is_settled, NULL);
  window_test_pass (40);
  window_test_wait_for_frame (test);
}

void
gallery_key (WindowTest *test, const char *keys)
{
  window_test_xdotool ("key %s", keys);
  gallery_settle (test);
}

uint32_t
gallery_current (WindowTest *test)
{
  return tessera_session_get_current (window_test_session (test));
}

size_t
gallery_n_selected (WindowTest *test)
{
  size_t n;
  tessera_session_get_selection (window_test_session (test), &n);
  return n;
}

gboolean
gallery_is_selected (WindowTest *test, uint32_t place)
{
  return tessera_session_is_selected (window_test_session (test),
                                      gallery_order (test)->tiles[place]);
}

void
gallery_point_at (WindowTest *test, uint32_t place, int *x, int *y)
{
  graphene_rect_t area;
  g_assert_true (
      tessera_gallery_view_locate (gallery_view (test), gallery_order (test)->tiles[place], &area));
  window_test_root_point (test, GTK_WIDGET (gallery_view (test)),
                          area.origin.x + area.size.width / 2, area.origin.y + area.size.height / 2,
                          x, y);
}

void
gallery_at_place (WindowTest *test, uint32_t place, const char *words)
{
  int x, y;
  gallery_point_at (test, place, &x, &y);
  window_test_xdotool ("mousemove %d %d", x, y);
  window_test_pass (30);
  window_test_xdotool ("%s", words);
  gallery_settle (test);
}

void
gallery_open (WindowTest *test, WindowFixtureParts parts)
{
  window_test_open (test, GALLERY_N, parts);
  gallery_key (test, "ctrl+4");
  g_assert_cmpstr (gallery_front (test), ==, "gallery");
  g_assert_nonnull (gallery_order (test));
}

int32_t
gallery_label_at (WindowTest *test, uint32_t place)
{
  return tessera_session_get_label (window_test_session (test), gallery_order (test)->tiles[place]);
}

void
gallery_choose_sort (WindowTest *test, const char *name)
{
  tessera_session_set_setting (window_test_session (test), "gallery.sort", name);
  gallery_settle (test);
}
