#include "tsr-coords.h"

#include "tsr-error.h"
#include "tsr-i18n.h"
#include "tsr-reader-process.h"

#include <stdio.h>
#include <string.h>

#define LIBRARY "HDF5"
#define MOST    10000000

void
tsr_coords_free (TsrCoords *self)
{
  if (!self)
    return;
  g_free (self->slide);
  g_free (self->corners);
  g_free (self);
}

bool
tsr_coords_matches (const char *path)
{
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
  return false; /* not our code, and a process each */
#else
  char head[8] = "";
  FILE *file = g_file_test (path, G_FILE_TEST_IS_REGULAR) ? fopen (path, "rbe") : NULL;
  bool same = file && fread (head, 1, 8, file) == 8 && memcmp (head, "\211HDF\r\n\032\n", 8) == 0;
  if (file)
    fclose (file);
  return same;
#endif
}

/* False with a reason, without the file's name, as tsr_reader_process_refuse has them. */
static bool
ask (TsrReaderProcess *process, TsrReaderKind kind, const int64_t *numbers, const char *text,
     TsrReaderAnswer *answer, GError **error)
{
  TsrReaderOutcome outcome =
      tsr_reader_process_ask (process, kind, numbers, text, text ? strlen (text) : 0, answer);
  if (outcome != TSR_READER_ANSWERED) {
    tsr_reader_process_refuse (outcome, LIBRARY, error);
  } else if (answer->status == TSR_READER_NOT_MINE) {
    g_set_error_literal (error, TSR_ERROR, TSR_ERROR_FAILED,
                         _ ("This Tessera was built without HDF5; save the coordinates as CSV with "
                            "columns minx, miny, width and height"));
  } else if (answer->status != TSR_READER_OK) {
    g_autofree char *reason =
        g_utf8_make_valid (*answer->text ? _ (answer->text) : _ ("no details"), -1);
    g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED,
                 /* Translators: %s is a clause like “it has no data set “coords””. */
                 _ ("%s; it must be like the files of TRIDENT or CLAM: if it is, copy it again "
                    "from where it came"),
                 g_strdelimit (reason, "\r\n", ' '));
  } else {
    return true;
  }
  return false;
}

static bool
read_corners (TsrCoords *self, TsrReaderProcess *process, GError **error)
{
  const size_t most = TSR_READER_SHARED / (2 * sizeof (int64_t));
  for (size_t at = 0; at < self->n;) {
    size_t piece = MIN (self->n - at, most);
    const int64_t numbers[TSR_READER_NUMBERS] = {(int64_t)at, (int64_t)piece};
    TsrReaderAnswer answer;
    if (!ask (process, TSR_READER_PLACES, numbers, NULL, &answer, error))
      return false;
    memcpy (self->corners + 2 * at, tsr_reader_process_shared (process),
            piece * 2 * sizeof (int64_t));
    at += piece;
  }
  return true;
}

static TsrCoords *
read_file (const char *path, GError **error)
{
  TsrReaderAnswer answer;
  g_autoptr (TsrReaderProcess) process = tsr_reader_process_start ("tessera-coords-reader", error);
  if (!process || !ask (process, TSR_READER_OPEN, NULL, path, &answer, error))
    return NULL;
  int64_t n = answer.numbers[0];
  if (n < 1 || n > MOST) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED,
                 n == 0 ? _ ("it places no tile; leave it out")
                        : _ ("it places more than %d tiles, which no slide has; copy it again from "
                             "where it came"),
                 MOST);
    return NULL;
  }
  TsrCoords *self = g_new0 (TsrCoords, 1);
  g_autofree char *slide = g_utf8_make_valid (answer.text, -1);
  self->slide = *slide ? g_steal_pointer (&slide) : NULL;
  self->side = CLAMP ((double)answer.numbers[1] / 65536, 0, 1e6);
  self->n = (size_t)n;
  self->corners = g_new (int64_t, 2 * self->n);
  if (read_corners (self, process, error))
    return self;
  tsr_coords_free (self);
  return NULL;
}

TsrCoords *
tsr_coords_read (const char *path, GError **error)
{
  g_autoptr (GError) reason = NULL;
  TsrCoords *self = read_file (path, &reason);
  if (self)
    return self;
  g_autofree char *shown = g_filename_display_name (path);
  reason->message[0] = g_ascii_tolower (reason->message[0]);
  g_set_error (
      error, TSR_ERROR, TSR_ERROR_FAILED,
      /* Translators: the last %s is a sentence whose first letter is made small, without its stop;
       * begin those sentences with a word that bears it (an article, a pronoun). */
      _ ("Cannot read “%s”: %s."), shown, reason->message);
  return NULL;
}
