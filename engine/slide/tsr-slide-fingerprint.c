#include "tsr-slide-fingerprint.h"

#include "tsr-image-reader.h"

#include <unistd.h>

#define PIECES 16
#define PIECE  ((uint64_t)65536)

static bool
add_pieces (GChecksum *sum, int fd, uint64_t size, GError **error)
{
  g_autofree uint8_t *bytes = g_malloc (PIECE);
  uint64_t n = MIN ((size + PIECE - 1) / PIECE, PIECES);
  for (uint64_t i = 0; i < n; i++) {
    uint64_t at = size <= PIECES * PIECE ? i * PIECE : (size - PIECE) / (PIECES - 1) * i;
    if (i == PIECES - 1) /* the last piece ends with the file, whatever the division left */
      at = size > PIECES * PIECE ? size - PIECE : at;
    size_t length = (size_t)MIN (PIECE, size - at);
    if (!tsr_image_read_at (fd, at, bytes, length, error))
      return false;
    g_checksum_update (sum, bytes, (gssize)length);
  }
  return true;
}

bool
tsr_slide_fingerprint (const char *path, int64_t *size, uint8_t fingerprint[TSR_SLIDE_FINGERPRINT],
                       GError **error)
{
  GError *reason = NULL;
  uint64_t length = 0;
  int fd = tsr_image_open_regular (path, &length, &reason);
  if (fd < 0)
    return tsr_image_name_reason (false, path, reason, error);
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  uint64_t little = GUINT64_TO_LE (length);
  g_checksum_update (sum, (const guchar *)&little, sizeof little);
  bool ok = add_pieces (sum, fd, length, &reason);
  close (fd);
  gsize n = TSR_SLIDE_FINGERPRINT;
  g_checksum_get_digest (sum, fingerprint, &n);
  *size = (int64_t)length;
  return tsr_image_name_reason (ok, path, reason, error);
}
