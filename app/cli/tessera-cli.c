#include "tessera-cli.h"

#include "tessera-command.h"
#include "tsr-error.h"
#include "tsr-file.h"

#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

static const TesseraCommand *const commands[] = {
    &tessera_command_new,         &tessera_command_add,       &tessera_command_train,
    &tessera_command_embed,       &tessera_command_map,       &tessera_command_suggest,
    &tessera_command_label,       &tessera_command_columns,   &tessera_command_classify,
    &tessera_command_blind,       &tessera_command_agreement, &tessera_command_merge,
    &tessera_command_journal,     &tessera_command_health,    &tessera_command_evaluate,
    &tessera_command_export,      &tessera_command_slides,    &tessera_command_relink,
    &tessera_command_place,       &tessera_command_normalise, &tessera_command_generate,
    &tessera_command_reconstruct, &tessera_command_demo,      &tessera_command_devices,
    &tessera_command_bench,
};

bool
tessera_cli_has_display (void)
{
  const char *x11 = g_getenv ("DISPLAY"), *wayland = g_getenv ("WAYLAND_DISPLAY");
  return (x11 && *x11) || (wayland && *wayland);
}

/* ---- what commands use ---- */

void
tessera_cli_print (TesseraCli *cli, const char *format, ...)
{
  if (cli->json)
    return;
  tessera_progress_line_clear (cli->line);
  va_list list;
  va_start (list, format);
  vprintf (format, list);
  va_end (list);
}

void
tessera_cli_note (TesseraCli *cli, const char *format, ...)
{
  va_list list;
  va_start (list, format);
  g_autofree char *text = g_strdup_vprintf (format, list);
  va_end (list);
  tessera_progress_line_clear (cli->line);
  fprintf (stderr, "%s\n", text);
}

const char *
tessera_cli_noun (guint64 n, const char *one, const char *many)
{
  return n == 1 ? one : many;
}

char *
tessera_cli_shown (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text ? text : "", -1);
  GString *shown = g_string_new (NULL);
  for (const char *c = valid; *c; c = g_utf8_next_char (c)) {
    gunichar code = g_utf8_get_char (c);
    if (code == '\n')
      g_string_append (shown, "\\n");
    else if (g_unichar_iscntrl (code))
      g_string_append_printf (shown, "\\x%02x", code);
    else
      g_string_append_unichar (shown, code);
  }
  return g_string_free (shown, FALSE);
}

/* printf counts bytes, of which an umlaut has two or three. */
char *
tessera_cli_cell (const char *text, int places)
{
  g_autofree char *shown = tessera_cli_shown (text);
  int taken = 0;
  for (const char *c = shown; *c; c = g_utf8_next_char (c)) {
    gunichar code = g_utf8_get_char (c);
    taken += g_unichar_iszerowidth (code) ? 0 : g_unichar_iswide (code) ? 2 : 1;
  }
  return g_strdup_printf ("%s%*s", shown, MAX (0, places - taken), "");
}

void
tessera_cli_set_number (json_t *object, const char *key, double value)
{
  json_object_set_new (object, key, isfinite (value) ? json_real (value) : json_null ());
}

void
tessera_cli_set_text (json_t *object, const char *key, const char *value)
{
  g_autofree char *valid = value ? g_utf8_make_valid (value, -1) : NULL;
  json_object_set_new (object, key, valid ? json_string (valid) : json_null ());
}

/* ---- Ctrl+C ---- */

/* Has work that is worth keeping end early; false where there is none. */
static bool
keep_work (TesseraCli *cli)
{
  TesseraKeep *keep = g_atomic_pointer_get (&cli->keep);
  if (!keep || !g_atomic_int_get (&keep->forming))
    return false;
  g_atomic_int_set (&keep->stop, 1);
  tessera_cli_note (cli, "Keeping what there is. Press Ctrl+C again to give it up.");
  return true;
}

/* Waits for the signals that the other threads have blocked: cancelling takes locks, which a signal
 * handler must not. */
static void *
wait_for_signals (void *data)
{
  TesseraCli *cli = data;
  sigset_t set;
  sigemptyset (&set);
  sigaddset (&set, SIGINT);
  sigaddset (&set, SIGTERM);
  int number;
  if (sigwait (&set, &number) != 0)
    return NULL;
  if (keep_work (cli) && sigwait (&set, &number) != 0)
    return NULL;
  tessera_cli_note (cli,
                    "Stopping; what is finished is kept. Press Ctrl+C again to leave at once.");
  g_cancellable_cancel (cli->cancellable);
  if (sigwait (&set, &number) == 0)
    _exit (EXIT_FAILED);
  return NULL;
}

/* Before any other thread starts, so that all inherit the mask. */
static void
start_signals (TesseraCli *cli)
{
  sigset_t set;
  sigemptyset (&set);
  sigaddset (&set, SIGINT);
  sigaddset (&set, SIGTERM);
  pthread_sigmask (SIG_BLOCK, &set, NULL);
  pthread_t thread;
  if (pthread_create (&thread, NULL, wait_for_signals, cli) == 0)
    pthread_detach (thread);
  else
    pthread_sigmask (SIG_UNBLOCK, &set, NULL);
}

/* ---- help ---- */

static void
print_help (FILE *file)
{
  fputs ("Tessera labels thousands of slide tiles from a few dozen labels. For research use only, "
         "not for diagnosis.\n\n"
         "Usage: tessera [PROJECT]               opens the window\n"
         "       tessera COMMAND [OPTIONS] ...   works without a display\n\nCommands:\n",
         file);
  for (size_t i = 0; i < G_N_ELEMENTS (commands); i++)
    fprintf (file, "  %-11s %s\n", commands[i]->name, commands[i]->summary);
  fputs ("\nEvery command knows --help and --json. Exit codes: 0 done, 1 failed, 2 used wrongly.\n",
         file);
}

static void
print_kinds (const TesseraCommand *command, FILE *file)
{
  fprintf (file, "Usage: tessera %s KIND [OPTIONS]\n\n%s. Kinds:\n", command->name,
           command->summary);
  for (const TesseraCommand *const *kind = command->kinds; *kind; kind++)
    fprintf (file, "  %-16s %s\n", (*kind)->name, (*kind)->summary);
  fprintf (file, "\n“tessera %s KIND --help” shows a kind's options.\n", command->name);
}

static void
print_command_help (const TesseraCommand *command)
{
  if (command->kinds) {
    print_kinds (command, stdout);
    return;
  }
  g_autofree char *options = tessera_options_help (command->options);
  printf ("Usage: tessera %s%s%s [OPTIONS]\n\n%s.\n", command->name, *command->arguments ? " " : "",
          command->arguments, command->summary);
  if (command->details)
    printf ("\n%s\n", command->details);
  printf ("\nOptions:\n%s", options);
}

static const TesseraCommand *
find_command (const char *name)
{
  for (size_t i = 0; i < G_N_ELEMENTS (commands); i++)
    if (strcmp (commands[i]->name, name) == 0)
      return commands[i];
  return NULL;
}

/* ---- running one command ---- */

static const char *
error_kind (const GError *error)
{
  static const char *const kinds[] = {"failed",   "usage",   "image", "model",    "project",
                                      "newer",    "corrupt", "busy",  "no-space", "device",
                                      "diverged", "older",   "memory"};
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return "cancelled";
  if (error->domain == TSR_ERROR && error->code >= 0 && error->code < (int)G_N_ELEMENTS (kinds))
    return kinds[error->code];
  return "failed";
}

/* What an error says. Where somebody ended the work, GLib's own words are no sentence for a user.
 */
static char *
message_of (const GError *error)
{
  bool bare = g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) &&
              !g_str_has_suffix (error->message, ".");
  return bare ? g_strdup ("Stopped.") : tessera_cli_shown (error->message);
}

json_t *
tessera_cli_error (const GError *error)
{
  g_autofree char *message = message_of (error);
  return json_pack ("{s:s,s:s}", "kind", error_kind (error), "message", message);
}

/* result: what was done all the same, for --json; or NULL. */
static int
fail_with (const char *command, bool json, json_t *result, const GError *error)
{
  bool usage = g_error_matches (error, TSR_ERROR, TSR_ERROR_USAGE);
  g_autofree char *message = message_of (error);
  fprintf (stderr, "tessera%s%s: %s\n", command ? " " : "", command ? command : "", message);
  if (usage && command)
    fprintf (stderr, "“tessera %s --help” shows how it is used.\n", command);
  if (json) {
    json_t *object = json_pack ("{s:o}", "error", tessera_cli_error (error));
    if (result)
      json_object_update (object, result);
    json_dumpf (object, stdout, JSON_INDENT (2) | JSON_REAL_PRECISION (9));
    fputc ('\n', stdout);
    json_decref (object);
  }
  return usage ? EXIT_USAGE : EXIT_FAILED;
}

static int
fail (const char *command, bool json, const GError *error)
{
  return fail_with (command, json, NULL, error);
}

static bool
fail_usage (const TesseraCommand *command, const char *problem, GError **error)
{
  bool bare = !*command->arguments;
  g_set_error (error, TSR_ERROR, TSR_ERROR_USAGE, "%s; use it as: tessera %s%s%s.", problem,
               command->name, bare ? "" : " ", command->arguments);
  return false;
}

static bool
check_arguments (const TesseraCommand *command, char *const *arguments, int n, GError **error)
{
  if (n < command->min_arguments)
    return fail_usage (command, "An argument is missing", error);
  if (n <= command->max_arguments)
    return true;
  g_autofree char *shown = tessera_cli_shown (arguments[command->max_arguments]);
  g_autofree char *problem = g_strdup_printf ("“%s” is one argument too many", shown);
  return fail_usage (command, problem, error);
}

/* A result that could not be written (a full disk behind >, a closed pipe) is a failure. */
static int
finish_output (const char *command)
{
  if (fflush (stdout) == 0 && !ferror (stdout))
    return EXIT_DONE;
  g_autoptr (GError) error = NULL;
  tsr_file_set_errno (&error, TSR_ERROR_FAILED, "write the result to", "standard output", errno);
  fprintf (stderr, "tessera %s: %s\n", command, error->message);
  return EXIT_FAILED;
}

static int
run_command (TesseraCli *cli)
{
  g_autoptr (GError) error = NULL;
  bool ok = cli->command->run (cli, &error);
  tessera_progress_line_clear (cli->line);
  if (cli->stop_engine)
    cli->stop_engine (cli->engine);
  if (!ok) {
    json_t *result = cli->result_on_fail ? cli->result : NULL;
    int code = fail_with (cli->command->name, cli->json, result, error);
    finish_output (cli->command->name);
    return code;
  }
  if (cli->json) {
    json_dumpf (cli->result, stdout, JSON_INDENT (2) | JSON_REAL_PRECISION (9));
    fputc ('\n', stdout);
  }
  return finish_output (cli->command->name);
}

static int
start_command (const TesseraCommand *command, int first, int argc, char **argv, bool json)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TesseraOptions) options =
      tessera_options_parse (command->options, first, argc, argv, &error);
  if (!options)
    return fail (command->name, json, error);
  if (tessera_options_flag (options, "help")) {
    print_command_help (command);
    return finish_output (command->name);
  }
  int n = 0;
  char *const *arguments = tessera_options_arguments (options, &n);
  if (!check_arguments (command, arguments, n, &error))
    return fail (command->name, json, error);
  /* Lives as long as the process, for the thread that waits for signals. */
  TesseraCli *cli = g_new0 (TesseraCli, 1);
  *cli = (TesseraCli){.command = command,
                      .options = options,
                      .arguments = arguments,
                      .n_arguments = n,
                      .json = json,
                      .result = json_object (),
                      .cancellable = g_cancellable_new (),
                      .line = tessera_progress_line_new ()};
  cli->progress = (TsrProgress){tessera_progress_line_report, cli->line, cli->cancellable};
  start_signals (cli);
  int code = run_command (cli);
  json_decref (g_steal_pointer (&cli->result));
  return code;
}

/* Runs "tessera bench tsne ...": the word behind the command chooses; --json may stand between. */
static int
start_kind (const TesseraCommand *command, int argc, char **argv, bool json)
{
  int at = 2;
  while (at < argc && strcmp (argv[at], "--json") == 0)
    at++;
  const char *word = at < argc ? argv[at] : "";
  if (strcmp (word, "--help") == 0 || strcmp (word, "-h") == 0) {
    print_kinds (command, stdout);
    return finish_output (command->name);
  }
  g_autoptr (GString) list = g_string_new (NULL);
  for (const TesseraCommand *const *kind = command->kinds; *kind; kind++) {
    const char *name = strchr ((*kind)->name, ' ') + 1;
    if (strcmp (word, name) == 0)
      return start_command (*kind, at + 1, argc, argv, json);
    g_string_append_printf (list, "%s%s", list->len ? ", " : "", name);
  }
  g_autoptr (GError) error = NULL;
  g_autofree char *shown = tessera_cli_shown (word);
  if (!*word || *word == '-')
    g_set_error (&error, TSR_ERROR, TSR_ERROR_USAGE,
                 "The kind is missing behind “tessera %s”; it is one of %s.", command->name,
                 list->str);
  else
    g_set_error (&error, TSR_ERROR, TSR_ERROR_USAGE, "There is no kind “%s”; it is one of %s.",
                 shown, list->str);
  return fail (command->name, json, error);
}

static bool
given (int argc, char **argv, const char *flag)
{
  for (int i = 2; i < argc && strcmp (argv[i], "--") != 0; i++)
    if (strcmp (argv[i], flag) == 0)
      return true;
  return false;
}

/* Whether the window should make of it what it can: an option of its own, a file that is there, or
 * a project's name. */
static bool
may_be_project (const char *name)
{
  return name[0] == '-' || strchr (name, '/') || g_str_has_suffix (name, ".tessera") ||
         g_file_test (name, G_FILE_TEST_EXISTS);
}

static int
no_such_command (const char *name, bool json)
{
  g_autofree char *shown = tessera_cli_shown (name);
  g_autoptr (GString) list = g_string_new (NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (commands); i++)
    g_string_append_printf (list, "%s%s", i ? ", " : "", commands[i]->name);
  g_autoptr (GError) error = NULL;
  if (*name == '-')
    g_set_error (&error, TSR_ERROR, TSR_ERROR_USAGE,
                 "A command has to come before “%s”; the commands are %s.", shown, list->str);
  else
    g_set_error (&error, TSR_ERROR, TSR_ERROR_USAGE,
                 "There is no command or project “%s”; the commands are %s.", shown, list->str);
  return fail (NULL, json, error);
}

/* Leaves to the window what may be a project, or an option of its own. Without a display there is
 * no window, so what is wrong with the word is said here, and the display is not blamed. */
static int
leave_to_window (const char *name, bool json)
{
  if (tessera_cli_has_display () || g_file_test (name, G_FILE_TEST_EXISTS))
    return -1;
  if (*name == '-')
    return no_such_command (name, json);
  g_autofree char *shown = tessera_cli_shown (name);
  g_autoptr (GError) error = NULL;
  g_set_error (&error, TSR_ERROR, TSR_ERROR_PROJECT,
               "There is no project “%s”; check the name, or make it with “tessera new”.", shown);
  return fail (NULL, json, error);
}

static int
run (int argc, char **argv)
{
  const char *name = argv[1];
  bool help = strcmp (name, "help") == 0 && argc <= 3;
  if (strcmp (name, "--version") == 0) {
    printf ("tessera %s\n", TESSERA_VERSION);
    return finish_output (name);
  }
  if (strcmp (name, "--help") == 0 || strcmp (name, "-h") == 0 || (help && argc == 2)) {
    print_help (stdout);
    return finish_output (name);
  }
  const TesseraCommand *command = find_command (help ? argv[2] : name);
  bool json = given (argc, argv, "--json") || strcmp (name, "--json") == 0;
  if (!command && !help && may_be_project (name))
    return leave_to_window (name, json);
  if (!command)
    return no_such_command (help ? argv[2] : name, json);
  if (help) {
    print_command_help (command);
    return finish_output (name);
  }
  bool alone = json || given (argc, argv, "--headless") || given (argc, argv, "--help") ||
               given (argc, argv, "-h");
  if (command == &tessera_command_demo && !alone && tessera_cli_has_display ())
    return -1;
  return command->kinds ? start_kind (command, argc, argv, json)
                        : start_command (command, 2, argc, argv, json);
}

int
tessera_cli_main (int argc, char **argv)
{
  if (argc < 2)
    return -1;
  /* The command line speaks English, so what it quotes of the engine and of libraries must, too. */
  setlocale (LC_CTYPE, "");
  setlocale (LC_MESSAGES, "C");
  int status = run (argc, argv);
  if (status < 0) /* the window speaks the user's language */
    setlocale (LC_MESSAGES, "");
  return status;
}
