#include "tsr-json-stream.h"

#include "tsr-error.h"
#include "tsr-file.h"
#include "tsr-i18n.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#define BUFFER 65536

/* Unpacked; what a few kilobytes of gzip can pretend to be has to end somewhere. */
#define MAX_FILE ((guint64)16 << 30)

struct TsrJsonStream {
  gzFile file;
  char *path;
  const TsrProgress *progress;
  GError *broken; /* why nothing more can be read */
  double size;    /* of the file as it is */
  guint64 bytes, line;
  int at, n;
  guint8 buffer[BUFFER];
};

TsrJsonStream *
tsr_json_stream_open (const char *path, const TsrProgress *progress, GError **error)
{
  g_autofree char *shown = g_filename_display_name (path);
  struct stat info;
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0 || fstat (fd, &info) != 0) {
    tsr_file_set_errno (error, TSR_ERROR_FAILED, "read", path, errno);
    if (fd >= 0)
      close (fd);
    return NULL;
  }
  gzFile file = S_ISREG (info.st_mode) ? gzdopen (fd, "rb") : NULL;
  if (!file) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED,
                 _ ("Cannot read “%s”: it is not a file; give a GeoJSON file."), shown);
    close (fd);
    return NULL;
  }
  TsrJsonStream *self = g_new (TsrJsonStream, 1);
  *self = (TsrJsonStream){.file = file, .path = g_strdup (path), .progress = progress, .line = 1};
  self->size = MAX ((double)info.st_size, 1);
  if (tsr_json_stream_peek (self) == 0xef && self->n - self->at >= 3 &&
      memcmp (self->buffer + self->at, "\xef\xbb\xbf", 3) == 0)
    self->at += 3;
  return self;
}

void
tsr_json_stream_close (TsrJsonStream *self)
{
  if (!self)
    return;
  gzclose_r (self->file);
  g_clear_error (&self->broken);
  g_free (self->path);
  g_free (self);
}

bool
tsr_json_stream_refuse (TsrJsonStream *self, const char *reason, GError **error)
{
  if (self->broken) {
    g_propagate_error (error, g_steal_pointer (&self->broken));
    return false;
  }
  g_autofree char *shown = g_filename_display_name (self->path);
  g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED,
               /* Translators: the last %s is a clause like “the file ends too early”. */
               _ ("Cannot read “%s”: in line %llu %s. Export it again as GeoJSON."), shown,
               (unsigned long long)self->line, reason);
  return false;
}

/* More of the file; false at its end or if it cannot be read. */
static bool
refill (TsrJsonStream *self)
{
  if (self->broken)
    return false;
  self->at = self->n = 0;
  if (!tsr_progress_step (self->progress, CLAMP ((double)gzoffset (self->file) / self->size, 0, 1),
                          TSR_STAGE ("Reading GeoJSON"), &self->broken))
    return false;
  int n = self->bytes < MAX_FILE ? gzread (self->file, self->buffer, BUFFER) : -1, code = Z_OK;
  if (n == 0) /* a file that is cut off only says so here */
    gzerror (self->file, &code);
  if (n < 0 || code != Z_OK) {
    g_autofree char *shown = g_filename_display_name (self->path);
    g_set_error (&self->broken, TSR_ERROR, TSR_ERROR_FAILED,
                 self->bytes < MAX_FILE
                     ? _ ("Cannot read “%s”: the compressed data is damaged or ends too early; "
                          "try a fresh copy.")
                     : _ ("Cannot read “%s”: it holds more than 16 GiB; try a fresh copy."),
                 shown);
    return false;
  }
  self->n = n;
  self->bytes += (guint64)n;
  return n > 0;
}

static inline int
look (TsrJsonStream *self)
{
  return self->at < self->n || refill (self) ? self->buffer[self->at] : -1;
}

static inline void
step (TsrJsonStream *self)
{
  self->line += self->buffer[self->at++] == '\n';
}

static inline bool
is_blank (int c)
{
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

int
tsr_json_stream_peek (TsrJsonStream *self)
{
  while (is_blank (look (self)))
    step (self);
  return look (self);
}

bool
tsr_json_stream_take (TsrJsonStream *self, char c, GError **error)
{
  if (tsr_json_stream_peek (self) != c) {
    g_autofree char *reason = g_strdup_printf (_ ("there should be “%c”"), c);
    return tsr_json_stream_refuse (self, reason, error);
  }
  step (self);
  return true;
}

/* Takes the rest of a string whose opening quote is in text. */
static bool
take_string (TsrJsonStream *self, GString *text, GError **error)
{
  for (bool escaped = false;;) {
    int c = look (self);
    if (c < 0)
      return tsr_json_stream_refuse (self, _ ("a text does not end"), error);
    if (text->len > TSR_JSON_MAX_BYTES)
      return tsr_json_stream_refuse (self, _ ("one object holds more than 256 MiB"), error);
    step (self);
    g_string_append_c (text, (char)c);
    if (c == '"' && !escaped)
      return true;
    escaped = c == '\\' && !escaped;
  }
}

/* Takes a word: true, false, null, an exponent, or what Java writes for numbers that are none. */
static void
take_word (TsrJsonStream *self, GString *text)
{
  gsize start = text->len;
  for (int c = look (self); g_ascii_isalpha (c) && text->len - start < 16; c = look (self)) {
    g_string_append_c (text, (char)c);
    step (self);
  }
  if (strcmp (text->str + start, "NaN") != 0 && strcmp (text->str + start, "Infinity") != 0)
    return;
  if (start > 0 && text->str[start - 1] == '-')
    start--;
  g_string_truncate (text, start);
  g_string_append (text, "null");
}

bool
tsr_json_stream_value (TsrJsonStream *self, GString *text, GError **error)
{
  char closing[TSR_JSON_MAX_DEPTH];
  int depth = 0;
  g_string_truncate (text, 0);
  for (;;) {
    bool apart = is_blank (look (self));
    int c = tsr_json_stream_peek (self);
    bool ends = depth == 0 && (c < 0 || c == ',' || c == ']' || c == '}' || c == ':');
    if (ends && text->len > 0)
      return true;
    if (ends || c < 0)
      return tsr_json_stream_refuse (
          self, c < 0 ? _ ("the file ends too early") : _ ("a value is missing"), error);
    if (text->len > TSR_JSON_MAX_BYTES)
      return tsr_json_stream_refuse (self, _ ("one object holds more than 256 MiB"), error);
    /* “1 2” must not become 12. */
    if (apart && text->len > 0 && !strchr ("[{,:", text->str[text->len - 1]) && !strchr ("]},:", c))
      g_string_append_c (text, ' ');
    if (g_ascii_isalpha (c)) {
      take_word (self, text);
      continue;
    }
    step (self);
    g_string_append_c (text, (char)c);
    if (c == '"') {
      if (!take_string (self, text, error))
        return false;
    } else if (c == '[' || c == '{') {
      if (depth == TSR_JSON_MAX_DEPTH)
        return tsr_json_stream_refuse (self, _ ("there are too many brackets within each other"),
                                       error);
      closing[depth++] = c == '[' ? ']' : '}';
    } else if ((c == ']' || c == '}') && closing[--depth] != c)
      return tsr_json_stream_refuse (self, _ ("a bracket is closed by one of another kind"), error);
    if (depth == 0 && (c == '"' || c == ']' || c == '}'))
      return true;
  }
}

bool
tsr_json_stream_end (TsrJsonStream *self, GError **error)
{
  if (tsr_json_stream_peek (self) < 0 && !self->broken)
    return true;
  return tsr_json_stream_refuse (self, _ ("there is more behind the end of the JSON"), error);
}
