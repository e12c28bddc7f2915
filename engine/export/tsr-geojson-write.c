#include "tsr-geojson-write.h"

#include "tsr-error.h"
#include "tsr-file.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#define CHUNK 65536

/* What a file begins with: other programs read past “generator”, and write none. */
#define HEAD "{\"type\":\"FeatureCollection\",\"generator\":\"Tessera\",\"features\":["

struct TsrGeojsonWriter {
  FILE *file;
  const char *path;
  GString *text; /* not yet written */
  z_stream deflate;
  bool compressed, any;
  TsrGeojsonFill fill;
  void *data;
};

static bool
fail (const TsrGeojsonWriter *self, GError **error)
{
  tsr_file_set_errno (error, TSR_ERROR_FAILED, "write", self->path, errno ? errno : EIO);
  return false;
}

/* Hands what is in text on to the file. */
static bool
flush (TsrGeojsonWriter *self, bool last, GError **error)
{
  uint8_t packed[16384];
  errno = 0;
  if (!self->compressed) {
    if (fwrite (self->text->str, 1, self->text->len, self->file) != self->text->len)
      return fail (self, error);
  } else {
    self->deflate.next_in = (Bytef *)self->text->str;
    self->deflate.avail_in = (uInt)self->text->len;
    do {
      self->deflate.next_out = packed;
      self->deflate.avail_out = sizeof packed;
      deflate (&self->deflate, last ? Z_FINISH : Z_NO_FLUSH);
      size_t n = sizeof packed - self->deflate.avail_out;
      if (fwrite (packed, 1, n, self->file) != n)
        return fail (self, error);
    } while (self->deflate.avail_out == 0);
  }
  g_string_truncate (self->text, 0);
  return true;
}

static bool
fill_file (FILE *file, void *data, GError **error)
{
  TsrGeojsonWriter *self = data;
  self->file = file;
  /* 31: gzip's frame, whose default header names neither file nor time */
  if (self->compressed && deflateInit2 (&self->deflate, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 31, 8,
                                        Z_DEFAULT_STRATEGY) != Z_OK) {
    errno = ENOMEM;
    return fail (self, error);
  }
  g_string_append (self->text, HEAD);
  bool ok = self->fill (self, self->data, error);
  if (ok) {
    g_string_append (self->text, self->any ? "\n]}\n" : "]}\n");
    ok = flush (self, true, error);
  }
  if (self->compressed)
    deflateEnd (&self->deflate);
  return ok;
}

bool
tsr_geojson_write (const char *path, TsrGeojsonFill fill, void *data, GError **error)
{
  TsrGeojsonWriter self = {.path = path,
                           .text = g_string_sized_new (CHUNK + 4096),
                           .compressed = g_str_has_suffix (path, ".gz"),
                           .fill = fill,
                           .data = data};
  bool ok = tsr_file_replace (path, fill_file, &self, error);
  g_string_free (self.text, TRUE);
  return ok;
}

bool
tsr_geojson_is_own (const char *path)
{
  char head[sizeof HEAD - 1];
  int fd = tsr_file_open_regular (path, TSR_ERROR_FAILED, NULL);
  gzFile file = fd >= 0 ? gzdopen (fd, "rb") : NULL; /* reads what is not compressed, too */
  if (!file) {
    if (fd >= 0)
      close (fd);
    return false;
  }
  bool own =
      gzread (file, head, sizeof head) == (int)sizeof head && memcmp (head, HEAD, sizeof head) == 0;
  gzclose (file);
  return own;
}

static void
append_string (GString *text, const char *value)
{
  g_autofree char *valid = g_utf8_validate (value, -1, NULL) ? NULL : g_utf8_make_valid (value, -1);
  g_string_append_c (text, '"');
  for (const char *c = valid ? valid : value; *c; c++)
    if (*c == '"' || *c == '\\') {
      g_string_append_c (text, '\\');
      g_string_append_c (text, *c);
    } else if ((unsigned char)*c < 0x20 || *c == 0x7f)
      g_string_append_printf (text, "\\u%04x", (unsigned)*c);
    else
      g_string_append_c (text, *c);
  g_string_append_c (text, '"');
}

static void
append_place (GString *text, const TsrGeojsonObject *object)
{
  gint64 left = object->x, top = object->y, right = left + object->width,
         bottom = top + object->height;
  const gint64 corners[5][2] = {
      {left, top}, {right, top}, {right, bottom}, {left, bottom}, {left, top}};
  g_string_append (text, "\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[");
  for (int i = 0; i < 5; i++)
    g_string_append_printf (text, "%s[%" G_GINT64_FORMAT ",%" G_GINT64_FORMAT "]", i ? "," : "",
                            corners[i][0], corners[i][1]);
  g_string_append (text, "]]}");
}

char *
tsr_geojson_class_name (const char *name)
{
  g_auto (GStrv) parts = g_strsplit (name, ":", -1);
  GString *joined = g_string_new (NULL);
  for (guint i = 0; parts[i]; i++)
    if (*g_strstrip (parts[i]))
      g_string_append_printf (joined, "%s%s", joined->len > 0 ? ": " : "", parts[i]);
  char *text = g_string_free (joined, joined->len == 0);
  return text ? text : g_strstrip (g_strdelimit (g_strdup (name), ":", '-'));
}

/* QuPath keeps an object's metadata, texts by name, and writes them again; also where somebody has
 * given the object another class there, which is then not what the annotator said. */
static void
append_metadata (GString *text, const TsrGeojsonObject *object)
{
  g_autofree char *class_ = object->class_name ? tsr_geojson_class_name (object->class_name) : NULL;
  const char *const pairs[4][2] = {{"annotator", object->annotator},
                                   {"labelled_at", object->at},
                                   {"how", object->how},
                                   {"said", class_ ? class_ : object->name}};
  bool any = false;
  if (!object->annotator)
    return;
  for (size_t i = 0; i < G_N_ELEMENTS (pairs); i++) {
    if (!pairs[i][1])
      continue;
    g_string_append (text, any ? "," : ",\"metadata\":{");
    append_string (text, pairs[i][0]);
    g_string_append_c (text, ':');
    append_string (text, pairs[i][1]);
    any = true;
  }
  g_string_append (text, any ? "}" : "");
}

/* QuPath fails on a classification without colour, so they only come together. */
static void
append_properties (GString *text, const TsrGeojsonObject *object)
{
  g_string_append_printf (text, "\"properties\":{\"objectType\":\"%s\"",
                          object->kind == TSR_GEOJSON_TILE ? "tile" : "annotation");
  if (object->name) {
    g_string_append (text, ",\"name\":");
    append_string (text, object->name);
  }
  if (object->class_name) {
    g_autofree char *name = tsr_geojson_class_name (object->class_name);
    g_string_append (text, ",\"classification\":{\"name\":");
    append_string (text, name);
    g_string_append_printf (text, ",\"color\":[%u,%u,%u]}", object->rgb >> 16 & 255,
                            object->rgb >> 8 & 255, object->rgb & 255);
  }
  if (object->locked)
    g_string_append (text, ",\"isLocked\":true");
  append_metadata (text, object);
  bool any = false;
  for (size_t i = 0; i < object->n_measurements; i++) {
    char number[G_ASCII_DTOSTR_BUF_SIZE];
    if (!isfinite (object->values[i]))
      continue;
    g_string_append (text, any ? "," : ",\"measurements\":{");
    append_string (text, object->measurements[i]);
    g_string_append_c (text, ':');
    g_string_append (text, g_ascii_formatd (number, sizeof number, "%.9g", object->values[i]));
    any = true;
  }
  g_string_append (text, any ? "}}" : "}");
}

bool
tsr_geojson_put (TsrGeojsonWriter *self, const TsrGeojsonObject *object, GError **error)
{
  g_string_append (self->text, self->any ? ",\n{\"type\":\"Feature\",\"id\":"
                                         : "\n{\"type\":\"Feature\",\"id\":");
  append_string (self->text, object->id);
  g_string_append_c (self->text, ',');
  append_place (self->text, object);
  g_string_append_c (self->text, ',');
  append_properties (self->text, object);
  g_string_append_c (self->text, '}');
  self->any = true;
  return self->text->len < CHUNK || flush (self, false, error);
}

void
tsr_geojson_uuid (const char *project, const char *tile, TsrGeojsonKind kind, char *id)
{
  /* Drawn once for Tessera. */
  static const guint8 space[16] = {0x5d, 0x1c, 0x0a, 0x6e, 0x9b, 0x3f, 0x4e, 0x27,
                                   0xa8, 0x44, 0x7e, 0x0d, 0xf2, 0x61, 0xc3, 0x95};
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA1);
  guint8 hash[20];
  gsize length = sizeof hash;
  g_checksum_update (sum, space, sizeof space);
  g_checksum_update (sum, (const guchar *)project, (gssize)strlen (project) + 1);
  g_checksum_update (sum, (const guchar *)tile, (gssize)strlen (tile) + 1);
  g_checksum_update (sum, (const guchar *)(kind == TSR_GEOJSON_TILE ? "t" : "a"), 1);
  g_checksum_get_digest (sum, hash, &length);
  hash[6] = (guint8)((hash[6] & 0x0f) | 0x50);
  hash[8] = (guint8)((hash[8] & 0x3f) | 0x80);
  for (int i = 0; i < 16; i++) {
    g_snprintf (id, 3, "%02x", hash[i]);
    id += 2;
    if (i == 3 || i == 5 || i == 7 || i == 9)
      *id++ = '-';
  }
  *id = '\0';
}
