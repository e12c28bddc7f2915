/* Errors reach the user in the user's language, on whatever thread they arise, while numbers are
 * read and written as in C; where messages are in C, as the command line has them, they are
 * English. */

#include "tsr-engine.h"
#include "tsr-error.h"
#include "tsr-file.h"
#include "tsr-i18n.h"
#include "tsr-language.h"
#include "tsr-number.h"
#include "tsr-project-slides.h"

#include <glib/gstdio.h>
#include <libintl.h>
#include <locale.h>
#include <string.h>

static const char catalogue[] =
    "msgid \"\"\n"
    "msgstr \"Content-Type: text/plain; charset=UTF-8\\n"
    "Plural-Forms: nplurals=2; plural=(n != 1);\\n\"\n"
    "msgid \"There is no project “%s”; check the name, or create it first.\"\n"
    "msgstr \"Es gibt kein Projekt „%s“.\"\n"
    "msgid \"Cannot read “%s”\"\n"
    "msgstr \"„%s“ kann nicht gelesen werden\"\n"
    "msgid \"it is a folder. Choose the name of a file\"\n"
    "msgstr \"es ist ein Ordner\"\n"
    "msgid \"A pixel of a slide is %s to %d micrometres wide, not %s.\"\n"
    "msgstr \"Ein Pixel ist %s bis %d Mikrometer breit, nicht %s.\"\n"
    "msgid \"Drawing the map\"\n"
    "msgstr \"Karte wird gezeichnet\"\n"
    "msgid \"%s: %s.\"\n"
    "msgstr \"%s; denn %s.\"\n";

/* What a job is told by parts of the engine below it, and how its thread writes numbers. */
typedef struct {
  char *folder, *project, *file, *number;
  char *pixel, *fraction, *small, *memory; /* for the user */
} Said;

static char *
take (GError *error)
{
  g_assert_nonnull (error);
  char *text = g_strdup (error->message);
  g_error_free (error);
  return text;
}

static void
say_numbers (Said *said)
{
  GError *cause = NULL;
  g_autofree char *path = g_build_filename (said->folder, "p.tessera", NULL);
  TsrProject *slides = tsr_project_create (path, &cause);
  g_assert_no_error (cause);
  g_assert_false (tsr_project_set_slide_mpp (slides, 0, 20.25, &cause));
  said->pixel = take (cause);
  tsr_project_close (slides);
  said->fraction = tsr_number_decimals (1234.5, 2);
  said->small = tsr_number_digits (0.0625, 4);
  said->memory = tsr_number_bytes (3 << 29);
  said->number = g_strdup_printf ("%.1f", 1.5); /* the thread's own */
}

static bool
fail_job (TsrDevice *device, GCancellable *cancellable, gpointer data, GError **error)
{
  Said *said = data;
  g_autofree char *missing = g_build_filename (said->folder, "missing.tessera", NULL);
  GError *cause = NULL;
  g_assert_null (tsr_project_open (missing, TSR_PROJECT_READ_ONLY, &cause));
  said->project = take (cause);
  cause = NULL;
  tsr_file_set_errno (&cause, TSR_ERROR_FAILED, "read", "/tmp/100%s", EISDIR);
  said->file = take (cause);
  say_numbers (said);
  return true;
}

static Said
ask (const char *folder)
{
  Said said = {.folder = (char *)folder};
  g_autoptr (GError) error = NULL;
  g_autoptr (TsrEngine) engine = tsr_engine_new (NULL);
  g_assert_true (
      tsr_engine_run (engine, "fail", TSR_ENGINE_NO_DEVICE, fail_job, &said, NULL, &error));
  g_assert_no_error (error);
  return said;
}

static void
said_clear (Said *said)
{
  g_free (said->project);
  g_free (said->file);
  g_free (said->number);
  g_free (said->pixel);
  g_free (said->fraction);
  g_free (said->small);
  g_free (said->memory);
}

/* Numbers with this decimal sign. */
static void
assert_numbers (const Said *said, const char *sign)
{
  g_autofree char *fraction = g_strdup_printf ("1234%s50", sign),
                  *small = g_strdup_printf ("0%s0625", sign),
                  *memory = g_strdup_printf ("1%s5\302\240GiB", sign);
  g_assert_cmpstr (said->fraction, ==, fraction);
  g_assert_cmpstr (said->small, ==, small);
  g_assert_cmpstr (said->memory, ==, memory);
}

/* Writes the catalogue's German into folder; false without msgfmt. */
static bool
make_catalogue (const char *folder)
{
  g_autofree char *program = g_find_program_in_path ("msgfmt");
  if (!program)
    return false;
  g_autofree char *texts = g_build_filename (folder, "de", "LC_MESSAGES", NULL);
  g_autofree char *po = g_build_filename (folder, "de.po", NULL);
  g_autofree char *mo = g_build_filename (texts, "tessera.mo", NULL);
  g_autoptr (GError) error = NULL;
  g_assert_cmpint (g_mkdir_with_parents (texts, 0700), ==, 0);
  g_file_set_contents (po, catalogue, -1, &error);
  g_assert_no_error (error);
  const char *command[] = {program, "-o", mo, po, NULL};
  int status = 1;
  g_spawn_sync (NULL, (char **)command, NULL, 0, NULL, NULL, NULL, NULL, &status, &error);
  g_assert_no_error (error);
  g_assert_cmpint (status, ==, 0);
  return true;
}

static void
remove_folder (const char *folder)
{
  const char *const parts[] = {
      "de/LC_MESSAGES/tessera.mo", "de/LC_MESSAGES", "de", "de.po", "p.tessera", ""};
  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++) {
    g_autofree char *path = g_build_filename (folder, parts[i], NULL);
    g_remove (path);
  }
}

static void
test_thread (void)
{
  g_autofree char *folder = g_dir_make_tmp ("tessera-language-XXXXXX", NULL);
  if (!make_catalogue (folder)) {
    remove_folder (folder);
    g_test_skip ("msgfmt is not installed");
    return;
  }
  bindtextdomain (GETTEXT_PACKAGE, folder);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  Said said = ask (folder);
  g_autofree char *german = g_strdup_printf ("Es gibt kein Projekt „%s/missing.tessera“.", folder);
  g_assert_cmpstr (said.project, ==, german);
  g_assert_cmpstr (said.file, ==,
                   "„/tmp/100%s“ kann nicht gelesen werden; denn es ist ein Ordner.");
  g_assert_cmpstr (said.number, ==, "1.5");
  const char *sign = localeconv ()->decimal_point;
  g_autofree char *pixel =
      g_strdup_printf ("Ein Pixel ist 0%s01 bis 20 Mikrometer breit, nicht 20%s25.", sign, sign);
  g_assert_cmpstr (said.pixel, ==, pixel);
  assert_numbers (&said, sign);
  if (*sign != ',')
    g_test_message ("the locale de_DE.UTF-8 is not installed: numbers had points");
  said_clear (&said);
  remove_folder (folder);
}

static void
test_english (void)
{
  if (!g_test_subprocess ()) { /* a process's engine threads keep the first one's locale */
    g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
    g_test_trap_assert_passed ();
    return;
  }
  g_autofree char *folder = g_dir_make_tmp ("tessera-language-XXXXXX", NULL);
  make_catalogue (folder);
  bindtextdomain (GETTEXT_PACKAGE, folder);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  setlocale (LC_MESSAGES, "C");
  Said said = ask (folder);
  g_assert_true (g_str_has_prefix (said.project, "There is no project "));
  g_assert_cmpstr (said.file, ==,
                   "Cannot read “/tmp/100%s”: it is a folder. Choose the name of a file.");
  g_assert_cmpstr (said.pixel, ==, "A pixel of a slide is 0.01 to 20 micrometres wide, not 20.25.");
  assert_numbers (&said, ".");
  said_clear (&said);
  remove_folder (folder);
}

static void
take_stage (double fraction, const char *stage, void *user)
{
  *(char **)user = g_strdup (stage);
}

/* A day in the four ways it is written in here. */
static void
assert_date (const char *locale, const char *expected)
{
  if (setlocale (LC_ALL, locale) == NULL) {
    g_test_message ("the locale %s is not installed", locale);
    return;
  }
  g_setenv ("LC_ALL", locale, TRUE);
  g_autoptr (GDateTime) day = g_date_time_new_utc (2026, 12, 31, 12, 0, 0);
  setlocale (LC_MESSAGES, "C");
  g_autofree char *plain = tsr_number_date (day);
  g_assert_cmpstr (plain, ==, "2026-12-31");
  g_autoptr (TsrLanguage) language = tsr_language_enter (false);
  g_autofree char *text = tsr_number_date (day);
  g_assert_cmpstr (text, ==, expected);
}

/* What a thread says while it writes a document, with the messages of the process in C. */
static gpointer
write_document (gpointer data)
{
  g_autofree char *stage = NULL, *before = tsr_number_decimals (1234.5, 1);
  TsrProgress progress = {take_stage, &stage, NULL};
  locale_t former = uselocale ((locale_t)0);
  g_autoptr (TsrLanguage) language = tsr_language_enter (false);
  g_assert_true (tsr_language_entered ());
  g_assert_true (tsr_progress_step (&progress, 0, TSR_STAGE ("Drawing the map"), NULL));
  g_assert_cmpstr (stage, ==, "Drawing the map");
  g_assert_cmpstr (_ ("Drawing the map"), ==, "Karte wird gezeichnet");
  const char *sign = localeconv ()->decimal_point;
  g_autofree char *number = tsr_number_decimals (1234.5, 1), *count = tsr_number_count (1234567),
                  *expected = g_strdup_printf ("1234%s5", sign);
  g_assert_cmpstr (number, ==, expected);
  g_assert_cmpstr (count, ==, *sign == ',' ? "1.234.567" : "1234567");
  {
    g_autoptr (TsrLanguage) inner = tsr_language_enter (true);
    g_autofree char *english = tsr_number_count (1234567);
    g_assert_cmpstr (english, ==, "1234567");
    g_assert_cmpstr (_ ("Drawing the map"), ==, "Drawing the map");
  }
  g_assert_cmpstr (_ ("Drawing the map"), ==, "Karte wird gezeichnet");
  g_clear_pointer (&language, tsr_language_leave);
  g_assert_false (tsr_language_entered ());
  g_assert_true (uselocale ((locale_t)0) == former);
  g_assert_cmpstr (_ ("Drawing the map"), ==, "Drawing the map");
  g_assert_cmpstr (before, ==, "1234.5");
  return NULL;
}

static void
test_document (void)
{
  if (!g_test_subprocess ()) { /* sets the locale anew */
    g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
    g_test_trap_assert_passed ();
    return;
  }
  g_autofree char *folder = g_dir_make_tmp ("tessera-language-XXXXXX", NULL);
  if (!make_catalogue (folder)) {
    remove_folder (folder);
    g_test_skip ("msgfmt is not installed");
    return;
  }
  bindtextdomain (GETTEXT_PACKAGE, folder);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  if (*localeconv ()->decimal_point == ',')
    g_setenv ("LC_ALL", "de_DE.UTF-8", TRUE);
  setlocale (LC_MESSAGES, "C");
  write_document (NULL);
  g_thread_join (g_thread_new ("document", write_document, NULL));
  assert_date ("C.UTF-8", "2026-12-31");
  assert_date ("de_DE.UTF-8", "31.12.2026");
  assert_date ("es_ES.UTF-8", "31/12/2026"); /* whose own way has two figures of the year */
  remove_folder (folder);
}

int
main (int argc, char **argv)
{
  g_setenv ("LANGUAGE", "de", TRUE);
  g_setenv ("LC_ALL", "C.UTF-8", TRUE);
  g_test_init (&argc, &argv, NULL);
  /* one whose numbers have commas tells more, where there is one */
  if (!setlocale (LC_ALL, "de_DE.UTF-8"))
    setlocale (LC_ALL, "");
  g_test_add_func ("/language/engine-thread", test_thread);
  g_test_add_func ("/language/english", test_english);
  g_test_add_func ("/language/document", test_document);
  return g_test_run ();
}
