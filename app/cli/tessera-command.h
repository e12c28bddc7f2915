#pragma once
/* What a command is, and what it is given to work with. One file a command: tessera-cli-NAME.c. */

#include "tessera-options.h"
#include "tsr-engine.h"
#include "tsr-progress.h"

#include <jansson.h>

typedef struct TesseraCli TesseraCli;
typedef struct TesseraProgressLine TesseraProgressLine;

typedef struct TesseraCommand TesseraCommand;

struct TesseraCommand {
  const char *name;      /* "train", "bench tsne" */
  const char *arguments; /* "PROJECT", as in --help */
  const char *summary;   /* one line for the list of commands */
  const char *details;   /* further paragraphs for --help, or NULL */
  const TesseraOption *options;
  int min_arguments, max_arguments;
  const TesseraCommand *const
      *kinds; /* ended by NULL: argv[2] chooses one ("bench tsne"), the rest of this is not used */
  /* Does the work: fills cli->result and prints what people read with tessera_cli_print. */
  bool (*run) (TesseraCli *cli, GError **error);
};

/** Work that can be ended early with what there is, by Ctrl+C; static, because another thread looks
 * at it. Both atomic. */
typedef struct {
  gint stop;    /* set to 1 by Ctrl+C: end it */
  gint forming; /* set to 1 by the work: there is something to keep */
} TesseraKeep;

struct TesseraCli {
  const TesseraCommand *command;
  TesseraOptions *options;
  char *const *arguments; /* ended by NULL */
  int n_arguments;
  bool json;
  json_t *result;      /* the object --json prints ... */
  bool result_on_fail; /* ... also beside an error: some of what was asked for is done */
  GCancellable *cancellable;
  TsrProgress progress; /* reports to stderr; its cancellable is the one above */
  TesseraKeep *keep;    /* set before the work starts; NULL: Ctrl+C cancels */
  TesseraProgressLine *line;
  TsrEngine *engine;                       /* started by the first job ... */
  void (*stop_engine) (TsrEngine *engine); /* ... which also sets this */
};

extern const TesseraCommand tessera_command_new;
extern const TesseraCommand tessera_command_add;
extern const TesseraCommand tessera_command_train;
extern const TesseraCommand tessera_command_embed;
extern const TesseraCommand tessera_command_map;
extern const TesseraCommand tessera_command_suggest;
extern const TesseraCommand tessera_command_label;
extern const TesseraCommand tessera_command_columns;
extern const TesseraCommand tessera_command_blind;
extern const TesseraCommand tessera_command_agreement;
extern const TesseraCommand tessera_command_merge;
extern const TesseraCommand tessera_command_journal;
extern const TesseraCommand tessera_command_classify;
extern const TesseraCommand tessera_command_health;
extern const TesseraCommand tessera_command_evaluate;
extern const TesseraCommand tessera_command_export;
extern const TesseraCommand tessera_command_slides;
extern const TesseraCommand tessera_command_relink;
extern const TesseraCommand tessera_command_place;
extern const TesseraCommand tessera_command_normalise;
extern const TesseraCommand tessera_command_generate;
extern const TesseraCommand tessera_command_reconstruct;
extern const TesseraCommand tessera_command_demo;
extern const TesseraCommand tessera_command_devices;
extern const TesseraCommand tessera_command_bench;

/** Options of every command: --json and --help. */
#define TESSERA_COMMON_OPTIONS                                                                     \
  {.name = "json",                                                                                 \
   .kind = TESSERA_OPTION_FLAG,                                                                    \
   .help = "Print one JSON object on standard output (keys: docs/cli.md)"},                        \
      {.name = "help", .letter = 'h', .kind = TESSERA_OPTION_FLAG, .help = "Show this help"},      \
  {                                                                                                \
    0                                                                                              \
  }

#define TESSERA_DEVICE_OPTION                                                                      \
  {                                                                                                \
    .name = "device", .kind = TESSERA_OPTION_TEXT, .value_name = "ID",                             \
    .help = "OpenCL device: an id of “tessera devices”, cpu, gpu, or part of a name"           \
  }

/** Prints for people on standard output; nothing with --json. */
void tessera_cli_print (TesseraCli *cli, const char *format, ...) G_GNUC_PRINTF (2, 3);

/** Prints a line on standard error, above the progress line. */
void tessera_cli_note (TesseraCli *cli, const char *format, ...) G_GNUC_PRINTF (2, 3);

/** The word for n of something: one for 1, else many. */
const char *tessera_cli_noun (guint64 n, const char *one, const char *many);

/** Returns text fit for a terminal and for JSON: valid UTF-8 on one line, control characters as
 * escapes; transfer full. */
char *tessera_cli_shown (const char *text);

/** The same for a table's column: with blanks up to so many places of a terminal, whatever alphabet
 * it is in; a longer one is left as it is. Transfer full. */
char *tessera_cli_cell (const char *text, int places);

/** Sets result[key]; numbers that are not finite become null. */
void tessera_cli_set_number (json_t *object, const char *key, double value);
/** Sets result[key] to tessera_cli_shown-like valid UTF-8 (line breaks kept), or null. */
void tessera_cli_set_text (json_t *object, const char *key, const char *value);

/** {"kind", "message"}, as under "error" when a command fails; transfer full. */
json_t *tessera_cli_error (const GError *error);

/** Runs a job on the engine thread (started at the first call, on the device of --device where the
 * command has that option) and iterates the main context meanwhile, so that mailboxes deliver. */
bool tessera_cli_run_job (TesseraCli *cli, const char *name, TsrEngineNeed need, TsrJob job,
                          gpointer data, GError **error);

/* ---- the progress line, tessera-progress.c ---- */

/** A line that shows nothing yet. On a terminal it is rewritten in place; elsewhere a new line is
 * printed now and then. */
TesseraProgressLine *tessera_progress_line_new (void);
/** Takes the line off the terminal and frees it; no report may follow. NULL is allowed. */
void tessera_progress_line_free (TesseraProgressLine *line);
/** A TsrProgressFunc; user is the line. Any thread. */
void tessera_progress_line_report (double fraction, const char *stage, void *line);
/** Adds details ("8.3 images/s") shown behind the stage; NULL for none. */
void tessera_progress_line_details (TesseraProgressLine *line, const char *details);
/** Takes the line off the terminal, so that something else can be printed. */
void tessera_progress_line_clear (TesseraProgressLine *line);
