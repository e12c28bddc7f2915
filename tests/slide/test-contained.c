/* OpenSlide in processes of its own: what they read, what happens when they crash, hang, are killed
 * or lie, and that nothing is left of them. The reader is the real one over an OpenSlide that comes
 * to grief to order (fake-openslide.c), or one that lies (lying-reader.c). */

#include "fake-openslide.h"
#include "slide-fixture.h"
#include "tsr-reader-process.h"
#include "tsr-slide-reader.h"

#include "tsr-error.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE 60000

static char *path; /* of a file that is no image */

/* ---- processes and descriptors */

/* Processes whose parent is this one, zombies too; *last receives one of them. */
static int
count_children (pid_t *last)
{
  int n = 0;
  g_autoptr (GDir) all = g_dir_open ("/proc", 0, NULL);
  for (const char *name; (name = g_dir_read_name (all));) {
    g_autofree char *file = g_build_filename ("/proc", name, "stat", NULL), *text = NULL;
    int parent = 0;
    char state;
    if (!g_ascii_isdigit (name[0]) || !g_file_get_contents (file, &text, NULL, NULL) ||
        !strrchr (text, ')') || sscanf (strrchr (text, ')') + 1, " %c %d", &state, &parent) != 2 ||
        parent != getpid ())
      continue;
    n++;
    if (last)
      *last = atoi (name);
  }
  return n;
}

static int
count_descriptors (void)
{
  int n = 0;
  g_autoptr (GDir) all = g_dir_open ("/proc/self/fd", 0, NULL);
  while (g_dir_read_name (all))
    n++;
  return n;
}

static bool
is_alive (pid_t pid)
{
  g_autofree char *file = g_strdup_printf ("/proc/%d/stat", (int)pid), *text = NULL;
  char state = 'Z';
  if (!g_file_get_contents (file, &text, NULL, NULL))
    return false;
  return sscanf (strrchr (text, ')') + 1, " %c", &state) == 1 && state != 'Z' && state != 'X';
}

static int descriptors;

/* A thread may still see a process off. */
static void
check_nothing_left (void)
{
  for (int i = 0; i < 10000 && count_children (NULL) > 0; i++)
    g_usleep (1000);
  g_assert_cmpint (count_children (NULL), ==, 0);
  g_assert_cmpint (count_descriptors (), ==, descriptors);
  unsetenv ("FAKE_OPENSLIDE");
  tsr_reader_process_set_patience (PATIENCE);
}

/* ---- the drawn slide */

static TsrSlide *
open_fake (const char *orders, GError **error)
{
  setenv ("TESSERA_SLIDE_READER", g_getenv ("TEST_FAKE_READER"), 1);
  setenv ("FAKE_OPENSLIDE", orders, 1);
  return tsr_slide_open_as (path, &tsr_slide_reader_openslide, error);
}

static void
check_block (TsrSlide *slide, int level, int column, int row)
{
  g_autofree uint8_t *rgb = g_malloc (256 * 256 * 3);
  g_autoptr (GError) error = NULL;
  const TsrSlideLevel *size = &tsr_slide_info (slide)->levels[level];
  tsr_slide_read_region (slide, level, (int64_t)column * 256 << level, (int64_t)row * 256 << level,
                         256, 256, rgb, &error);
  g_assert_no_error (error);
  for (int y = 0; y < 256; y++)
    for (int x = 0; x < 256; x++) {
      int u = column * 256 + x, v = row * 256 + y;
      bool inside = u < size->width && v < size->height;
      uint32_t expected = inside ? fake_pixel (level, u, v) : 0xFFFFFF;
      const uint8_t *at = rgb + (y * 256 + x) * 3;
      g_assert_cmphex ((guint32)at[0] << 16 | (guint32)at[1] << 8 | at[2], ==, expected);
    }
}

static void
check_sentence (const GError *error, const char *part)
{
  g_autofree char *name = g_path_get_basename (path);
  g_assert_error (error, TSR_ERROR, TSR_ERROR_IMAGE);
  g_assert_nonnull (strstr (error->message, name));
  if (!strstr (error->message, part))
    g_error ("“%s” does not say “%s”", error->message, part);
  g_assert_true (g_str_has_suffix (error->message, "."));
  g_assert_null (strpbrk (error->message, "\n\r"));
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
}

static void
check_grief (TsrSlide *slide, int column, int row, const char *part)
{
  g_autofree uint8_t *rgb = g_malloc (256 * 256 * 3);
  g_autoptr (GError) error = NULL;
  g_assert_false (tsr_slide_read_region (slide, 0, column * 256, row * 256, 256, 256, rgb, &error));
  check_sentence (error, part);
}

static void
test_information (void)
{
  g_autoptr (GError) error = NULL;
  TsrSlide *slide = open_fake ("", &error);
  g_assert_no_error (error);
  const TsrSlideInfo *info = tsr_slide_info (slide);
  g_assert_cmpstr (info->reader, ==, "OpenSlide");
  g_assert_cmpstr (info->format, ==, "fake");
  g_assert_cmpstr (info->vendor, ==, "fake");
  g_assert_cmpstr (info->scanner, ==, "C\357\277\275001");
  g_assert_cmpfloat (info->mpp_x, ==, 0.25);
  g_assert_cmpfloat (info->mpp_y, ==, 0.25);
  g_assert_cmpint (info->n_levels, ==, 2);
  g_assert_cmpint (info->levels[1].width, ==, FAKE_W / 2);
  g_assert_cmpfloat (info->levels[1].downsample, ==, 2);
  g_assert_cmpint (info->levels[0].block_w, ==, 256);
  g_assert_cmpint (info->levels[1].block_w, ==, 300); /* three tiles of 100 */
  g_assert_cmpint (info->levels[1].block_h, ==, 252); /* 28 of 9 */
  g_assert_cmpint (info->properties->len, ==, 5);
  g_assert_cmpint (info->images->len, ==, 1); /* one without pixels is no image */
  g_assert_cmpstr (((TsrSlideImage *)info->images->pdata[0])->name, ==, "label");
  TsrImage image;
  g_assert_true (tsr_slide_read_image (slide, "label", &image, &error));
  g_assert_cmpint (image.width, ==, FAKE_LABEL_W);
  g_assert_cmpint (image.height, ==, FAKE_LABEL_H);
  for (int i = 0; i < FAKE_LABEL_W * FAKE_LABEL_H; i++)
    for (int c = 0; c < 3; c++)
      g_assert_cmpint (image.pixels[3 * i + c], ==,
                       fake_pixel (3, i % FAKE_LABEL_W, i / FAKE_LABEL_W) >> (16 - 8 * c) & 255);
  tsr_image_clear (&image);
  tsr_slide_unref (slide);
  check_nothing_left ();
}

static gpointer
read_everything (gpointer slide)
{
  for (int round = 0; round < 4; round++)
    for (int row = 0; row < 3; row++)
      for (int column = 0; column < 5; column++) {
        check_block (slide, 0, column, row);
        if (column < 3 && row < 2)
          check_block (slide, 1, column, row);
      }
  return NULL;
}

/* More threads than processes, and nothing kept, so that each block is asked for again. */
static void
test_threads (void)
{
  GThread *threads[12];
  tsr_slide_set_cache_limit (0);
  TsrSlide *slide = open_fake ("", NULL);
  for (int i = 0; i < 12; i++)
    threads[i] = g_thread_new ("reader", read_everything, slide);
  for (int i = 0; i < 12; i++)
    g_thread_join (threads[i]);
  g_assert_cmpint (count_children (NULL), >=, 1);
  g_assert_cmpint (count_children (NULL), <=, MIN (8, (int)g_get_num_processors ()));
  tsr_slide_set_cache_limit ((size_t)128 << 20);
  tsr_slide_unref (slide);
  check_nothing_left ();
}

/* ---- deaths */

/* A process that comes to grief with a block costs that block. */
static void
test_grief (void)
{
  static const struct {
    const char *how, *part;
  } cases[] = {{"segv", "crashed"}, {"abort", "crashed"},       {"kill", "crashed"},
               {"exit", "crashed"}, {"stop", "come to an end"}, {"spin", "come to an end"}};
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *orders = g_strdup_printf ("1-0=%s", cases[i].how);
    TsrSlide *slide = open_fake (orders, NULL);
    g_assert_nonnull (slide);
    check_block (slide, 0, 0, 0);
    if (i >= 4)
      tsr_reader_process_set_patience (200);
    check_grief (slide, 1, 0, cases[i].part);
    tsr_reader_process_set_patience (PATIENCE);
    check_block (slide, 0, 2, 0);
    check_block (slide, 1, 0, 0);
    /* It is known by now, so that not even a process without patience is asked. */
    check_grief (slide, 1, 0, cases[i].part);
    check_block (slide, 0, 0, 1);
    tsr_slide_unref (slide);
    check_nothing_left ();
  }
}

static void
test_grief_with_image (void)
{
  TsrImage image;
  g_autoptr (GError) error = NULL;
  TsrSlide *slide = open_fake ("image=segv", NULL);
  g_assert_false (tsr_slide_read_image (slide, "label", &image, &error));
  check_sentence (error, "crashed");
  g_assert_null (image.pixels);
  check_block (slide, 0, 0, 0);
  tsr_slide_unref (slide);
  check_nothing_left ();
}

static void
test_grief_at_opening (void)
{
  static const char *const places[] = {"detect", "open", "property"}, *const hows[] = {
                                                                          "segv", "kill", "exit",
                                                                          "spin"};
  for (size_t i = 0; i < G_N_ELEMENTS (places); i++)
    for (size_t k = 0; k < G_N_ELEMENTS (hows); k++) {
      g_autofree char *orders = g_strdup_printf ("%s=%s", places[i], hows[k]);
      g_autoptr (GError) error = NULL, other = NULL;
      if (k == 3)
        tsr_reader_process_set_patience (200);
      g_assert_null (open_fake (orders, &error));
      check_sentence (error, k == 3 ? "come to an end" : "crashed");
      /* Where all readers are asked, that is what is said, not that it is no image. */
      g_assert_null (tsr_slide_open (path, &other));
      g_assert_cmpstr (error->message, ==, other->message);
      check_nothing_left ();
    }
}

/* One that hangs twice is given up: nobody waits a third time. */
static void
test_hangs_twice (void)
{
  TsrSlide *slide = open_fake ("0-0=spin;1-0=stop", NULL);
  tsr_reader_process_set_patience (200);
  check_grief (slide, 0, 0, "come to an end");
  tsr_reader_process_set_patience (PATIENCE);
  check_block (slide, 0, 0, 2);
  tsr_reader_process_set_patience (200);
  check_grief (slide, 1, 0, "come to an end");
  tsr_reader_process_set_patience (PATIENCE);
  check_grief (slide, 2, 0, "failed on it 2 times and is not tried again");
  tsr_slide_unref (slide);
  check_nothing_left ();
}

/* After eight different blocks the slide is given up. */
static void
test_given_up (void)
{
  TsrSlide *slide = open_fake ("0-0=segv;1-0=abort;2-0=segv;3-0=exit;4-0=kill;0-1=segv;1-1=segv;"
                               "2-1=segv",
                               NULL);
  for (int i = 0; i < 8; i++) {
    check_grief (slide, i % 5, i / 5, "crashed");
    if (i < 7)
      check_block (slide, 0, i % 5, 2);
  }
  check_grief (slide, 3, 1, "is not tried again");
  check_block (slide, 0, 3, 2); /* was read before */
  g_assert_cmpint (count_children (NULL), <=, 1);
  tsr_slide_unref (slide);
  check_nothing_left ();
}

/* A process that is killed while it has nothing to do costs nothing, however often that happens. */
static void
test_killed_idle (void)
{
  TsrSlide *slide = open_fake ("", NULL);
  for (int i = 0; i < 14; i++) {
    pid_t pid = 0;
    check_block (slide, 0, i % 5, i / 5);
    g_assert_cmpint (count_children (&pid), ==, 1);
    kill (pid, i % 2 ? SIGKILL : SIGSEGV);
    siginfo_t
        gone; /* all of its threads, and with them its end of the socket; it is left a zombie */
    g_assert_cmpint (waitid (P_PID, (id_t)pid, &gone, WEXITED | WNOWAIT), ==, 0);
  }
  check_block (slide, 0, 4, 2);
  tsr_slide_unref (slide);
  check_nothing_left ();
}

static gpointer
read_stopping_block (gpointer slide)
{
  check_block (slide, 0, 1, 0);
  return NULL;
}

static bool
is_stopped (pid_t pid)
{
  siginfo_t what = {0};
  return waitid (P_PID, (id_t)pid, &what, WSTOPPED | WNOWAIT | WNOHANG) == 0 && what.si_pid == pid;
}

/* One that is killed from outside while it reads, for want of memory, is replaced: that says
 * nothing of the block. */
static void
test_killed_at_work (void)
{
  TsrSlide *slide = open_fake ("1-0=stop", NULL);
  pid_t pid = 0;
  g_assert_cmpint (count_children (&pid), ==, 1);
  GThread *thread = g_thread_new ("reader", read_stopping_block, slide);
  for (int i = 0; i < 10000 && !is_stopped (pid); i++)
    g_usleep (1000);
  g_assert_true (is_stopped (pid));
  setenv ("FAKE_OPENSLIDE", "", 1); /* the next one has no orders */
  kill (pid, SIGKILL);
  g_thread_join (thread);
  tsr_slide_unref (slide);
  check_nothing_left ();
}

/* Ten threads, one of which asks for the block that ends a process: the others get theirs. */
static gpointer
read_own_block (gpointer data)
{
  TsrSlide *slide = ((gpointer *)data)[0];
  int i = GPOINTER_TO_INT (((gpointer *)data)[1]);
  if (i == 7)
    check_grief (slide, i % 5, i / 5, "crashed");
  else
    check_block (slide, 0, i % 5, i / 5);
  return NULL;
}

static void
test_grief_among_threads (void)
{
  TsrSlide *slide = open_fake ("2-1=segv", NULL);
  GThread *threads[15];
  gpointer data[15][2];
  for (int i = 0; i < 15; i++) {
    data[i][0] = slide;
    data[i][1] = GINT_TO_POINTER (i);
    threads[i] = g_thread_new ("reader", read_own_block, data[i]);
  }
  for (int i = 0; i < 15; i++)
    g_thread_join (threads[i]);
  tsr_slide_unref (slide);
  check_nothing_left ();
}

/* An error of the library's is none of the process's. */
static void
test_damaged (void)
{
  TsrSlide *slide = open_fake ("1-0=error", NULL);
  pid_t before = 0, after = 0;
  count_children (&before);
  check_block (slide, 0, 0, 0);
  check_grief (slide, 1, 0, "(a tile is damaged)");
  check_block (slide, 0, 2, 0);
  check_grief (slide, 1, 0, "(a tile is damaged)");
  g_assert_cmpint (count_children (&after), ==, 1);
  g_assert_cmpint (before, ==, after);
  tsr_slide_unref (slide);
  check_nothing_left ();
}

/* A file that crashes OpenSlide may still be one that another reader takes. */
static void
test_others_are_asked (void)
{
  g_autofree char *file = NULL;
  g_autoptr (GError) error = NULL;
  close (g_file_open_tmp ("tessera-XXXXXX.tif", &file, NULL));
  TIFF *tiff = TIFFOpen (file, "w");
  const float pixels[4] = {0, 1, 0.5f, 0.25f};
  TIFFSetField (tiff, TIFFTAG_IMAGEWIDTH, 4);
  TIFFSetField (tiff, TIFFTAG_IMAGELENGTH, 1);
  TIFFSetField (tiff, TIFFTAG_BITSPERSAMPLE, 32);
  TIFFSetField (tiff, TIFFTAG_SAMPLESPERPIXEL, 1);
  TIFFSetField (tiff, TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_IEEEFP);
  TIFFSetField (tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
  TIFFSetField (tiff, TIFFTAG_ROWSPERSTRIP, 1);
  g_assert_cmpint (TIFFWriteEncodedStrip (tiff, 0, (void *)pixels, sizeof pixels), >, 0);
  TIFFClose (tiff);
  setenv ("FAKE_OPENSLIDE", "detect=segv", 1);
  TsrSlide *slide = tsr_slide_open (file, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (tsr_slide_info (slide)->reader, ==, "image");
  tsr_slide_unref (slide);
  g_unlink (file);
  check_nothing_left ();
}

static void
test_missing (void)
{
  g_autoptr (GError) error = NULL;
  setenv ("TESSERA_SLIDE_READER", "/nowhere/reader", 1);
  g_assert_null (tsr_slide_open (path, &error));
  g_assert_nonnull (strstr (error->message, "“/nowhere/reader”; install Tessera again."));
  check_nothing_left ();
}

/* ---- lies */

/* Opens, reads and looks at everything; what is refused is refused in one sentence. Returns whether
 * everything was accepted. */
static bool
hear_out (const char *lie)
{
  g_autofree uint8_t *rgb = g_malloc (300 * 200 * 3);
  g_autoptr (GError) error = NULL;
  setenv ("LIE", lie, 1);
  g_autoptr (TsrSlide) slide = tsr_slide_open_as (path, &tsr_slide_reader_openslide, &error);
  bool ok = slide != NULL;
  if (!slide)
    check_sentence (error, "");
  g_clear_error (&error);
  if (slide && !tsr_slide_read_region (slide, 0, 0, 0, 256, 200, rgb, &error)) {
    check_sentence (error, "");
    ok = false;
  }
  g_clear_error (&error);
  for (guint i = 0; slide && i < tsr_slide_info (slide)->images->len; i++) {
    const TsrSlideImage *what = tsr_slide_info (slide)->images->pdata[i];
    TsrImage image;
    g_autofree char *name = g_strdup (what->name);
    if (!tsr_slide_read_image (slide, name, &image, &error)) {
      check_sentence (error, "");
      ok = false;
    }
    tsr_image_clear (&image);
    g_clear_error (&error);
  }
  return ok;
}

static void
test_lies (void)
{
  static const char *const requests[] = {"open", "level", "property", "image", "region", "pixels"};
  static const char *const lies[] = {"magic", "serial", "status", "length", "short",
                                     "empty", "cut",    "deaf",   "twice"};
  static const char *const refused[] = {"level.negative",   "level.large",   "level.nothing",
                                        "open.nothing",     "open.negative", "property.large",
                                        "property.negative"};
  static const char *const accepted[] = {
      "",          "image.negative", "image.nothing", "open.large",      "open.odd", "property.odd",
      "image.odd", "open.shrink",    "region.shrink", "property.nothing"};
  setenv ("TESSERA_SLIDE_READER", g_getenv ("TEST_LYING_READER"), 1);
  for (size_t i = 0; i < G_N_ELEMENTS (requests); i++)
    for (size_t k = 0; k < G_N_ELEMENTS (lies); k++) {
      g_autofree char *lie = g_strdup_printf ("%s.%s", requests[i], lies[k]);
      /* A second answer to the last request is never heard. */
      if (!(i == 5 && k == 8) && hear_out (lie))
        g_error ("%s was believed", lie);
    }
  for (size_t i = 0; i < G_N_ELEMENTS (refused); i++)
    if (hear_out (refused[i]))
      g_error ("%s was believed", refused[i]);
  for (size_t i = 0; i < G_N_ELEMENTS (accepted); i++)
    if (!hear_out (accepted[i]))
      g_error ("%s was refused", accepted[i]);
  check_nothing_left ();
}

/* ---- what it holds, and for how long */

static gpointer
read_spinning (gpointer slide)
{
  uint8_t *rgb = g_malloc (256 * 256 * 3);
  tsr_slide_read_region (slide, 0, 256, 0, 256, 256, rgb, NULL);
  return NULL;
}

/* Killed while its reader is busy with a block that has no end. */
static void
test_outlived (void)
{
  if (g_test_subprocess ()) {
    pid_t pid = 0;
    TsrSlide *slide = open_fake ("1-0=spin", NULL);
    g_assert_cmpint (count_children (&pid), ==, 1);
    g_thread_new ("reader", read_spinning, slide);
    g_usleep (300000);
    g_print ("reader %d\n", (int)pid);
    fflush (stdout);
    kill (getpid (), SIGKILL);
  }
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL), *output = NULL;
  const char *arguments[] = {
      program, "--verbose", "-p", "/slide/contained/outlived", "--GTestSubprocess", NULL};
  g_assert_true (g_spawn_sync (NULL, (char **)arguments, NULL, G_SPAWN_STDERR_TO_DEV_NULL, NULL,
                               NULL, &output, NULL, NULL, NULL));
  const char *said = strstr (output, "reader ");
  g_assert_nonnull (said);
  pid_t pid = atoi (said + 7);
  g_assert_cmpint (pid, >, 1);
  for (int i = 0; i < 10000 && is_alive (pid); i++)
    g_usleep (1000);
  g_assert_false (is_alive (pid));
}

/* The real reader: no core, no files, and nothing of what we have open. */
static void
test_limits (void)
{
  int leak = open ("/proc/self/stat", O_RDONLY); /* not closed by exec */
  pid_t pid = 0;
  TsrSlide *slide = open_fake ("", NULL);
  g_assert_cmpint (count_children (&pid), ==, 1);
  g_autofree char *limits = g_strdup_printf ("/proc/%d/limits", (int)pid), *text = NULL;
  g_assert_true (g_file_get_contents (limits, &text, NULL, NULL));
  g_assert_true (g_regex_match_simple ("Max core file size +0 +0", text, 0, 0));
  g_assert_true (g_regex_match_simple ("Max file size +0 +0", text, 0, 0));
  g_assert_true (g_regex_match_simple ("Max cpu time +[0-9]+ ", text, 0, 0));
  g_autofree char *folder = g_strdup_printf ("/proc/%d/fd", (int)pid);
  g_autoptr (GDir) open = g_dir_open (folder, 0, NULL);
  for (const char *name; open && (name = g_dir_read_name (open));)
    g_assert_cmpint (atoi (name), <=, TSR_READER_MEMORY);
  close (leak);
  tsr_slide_unref (slide);
  g_clear_pointer (&open, g_dir_close);
  check_nothing_left ();
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  close (g_file_open_tmp ("tessera-contained-XXXXXX.bin", &path, NULL));
  g_assert_true (g_file_set_contents (path, "no image", -1, NULL));
  descriptors = count_descriptors ();
  g_test_add_func ("/slide/contained/information", test_information);
  g_test_add_func ("/slide/contained/threads", test_threads);
  g_test_add_func ("/slide/contained/grief", test_grief);
  g_test_add_func ("/slide/contained/grief-with-image", test_grief_with_image);
  g_test_add_func ("/slide/contained/grief-at-opening", test_grief_at_opening);
  g_test_add_func ("/slide/contained/grief-among-threads", test_grief_among_threads);
  g_test_add_func ("/slide/contained/given-up", test_given_up);
  g_test_add_func ("/slide/contained/hangs-twice", test_hangs_twice);
  g_test_add_func ("/slide/contained/killed-idle", test_killed_idle);
  g_test_add_func ("/slide/contained/killed-at-work", test_killed_at_work);
  g_test_add_func ("/slide/contained/damaged", test_damaged);
  g_test_add_func ("/slide/contained/others-are-asked", test_others_are_asked);
  g_test_add_func ("/slide/contained/missing", test_missing);
  g_test_add_func ("/slide/contained/lies", test_lies);
  g_test_add_func ("/slide/contained/outlived", test_outlived);
  g_test_add_func ("/slide/contained/limits", test_limits);
  int status = g_test_run ();
  g_unlink (path);
  return status;
}
