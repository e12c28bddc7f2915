/* TIFF and BigTIFF without what is beside the pixels: a file of zeros as long as the old one, into
 * which goes, where it was, what a list of tags names. So nothing has to be known of what else
 * there is, and what no directory points to goes, too. */

#include "tsr-image-tiff.h"

#include <string.h>

#define MAX_DIRECTORIES 256
#define MAX_ENTRIES     4096
#define FEW             64 /* values of a tag that is no list */

typedef struct {
  const uint8_t *from;
  uint8_t *to, *used;   /* [n]; used: what a byte is taken for */
  size_t n, end;        /* end: of what was written */
  bool motorola, big;   /* most significant bytes first; BigTIFF */
  uint32_t directories; /* so far */
  TIFF *tiff;           /* libtiff's opinion of the same bytes */
} Copy;

/* BLANKED: pixels in which something was overwritten, so that they can be nothing else. */
enum { UNUSED, VALUES, BLANKED, STRUCTURE };

typedef struct {
  uint16_t tag, type;
  uint64_t count, at, size; /* where its values are, and how many bytes */
} Entry;

static uint64_t
get (const Copy *copy, size_t at, unsigned bytes)
{
  uint64_t value = 0;
  for (unsigned i = 0; i < bytes; i++)
    value = value << 8 | copy->from[at + (copy->motorola ? i : bytes - 1 - i)];
  return value;
}

static void
put (Copy *copy, size_t at, unsigned bytes, uint64_t value)
{
  for (unsigned i = 0; i < bytes; i++, value >>= 8)
    copy->to[at + (copy->motorola ? bytes - 1 - i : i)] = (uint8_t)value;
}

/* Takes [at, at + n) for one thing. False behind the end of the file, and where it is taken for
 * another thing already: directories are cut short, so that nothing may lie over them. Tiles that
 * share their bytes are common. */
static bool
take (Copy *copy, uint64_t at, uint64_t n, uint8_t what)
{
  if (at > copy->n || n > copy->n - at)
    return false;
  for (uint64_t i = at; i < at + n; i++)
    if (copy->used[i] > (what == VALUES ? VALUES : UNUSED))
      return false;
  memset (copy->used + at, what, n);
  return true;
}

static bool
take_and_copy (Copy *copy, uint64_t at, uint64_t n, uint8_t what)
{
  if (!take (copy, at, n, what))
    return false;
  memcpy (copy->to + at, copy->from + at, n);
  if (n > 0)
    copy->end = MAX (copy->end, at + n);
  return true;
}

/* What says how pixels are stored and meant: numbers, tables of numbers, and the colour profile.
 * -1: it is none of these. */
static int
place_in_list (uint16_t tag)
{
  static const uint16_t tags[] = {TIFFTAG_SUBFILETYPE,
                                  TIFFTAG_OSUBFILETYPE,
                                  TIFFTAG_IMAGEWIDTH,
                                  TIFFTAG_IMAGELENGTH,
                                  TIFFTAG_BITSPERSAMPLE,
                                  TIFFTAG_COMPRESSION,
                                  TIFFTAG_PHOTOMETRIC,
                                  TIFFTAG_THRESHHOLDING,
                                  TIFFTAG_FILLORDER,
                                  TIFFTAG_STRIPOFFSETS,
                                  TIFFTAG_ORIENTATION,
                                  TIFFTAG_SAMPLESPERPIXEL,
                                  TIFFTAG_ROWSPERSTRIP,
                                  TIFFTAG_STRIPBYTECOUNTS,
                                  TIFFTAG_MINSAMPLEVALUE,
                                  TIFFTAG_MAXSAMPLEVALUE,
                                  TIFFTAG_XRESOLUTION,
                                  TIFFTAG_YRESOLUTION,
                                  TIFFTAG_PLANARCONFIG,
                                  TIFFTAG_GRAYRESPONSEUNIT,
                                  TIFFTAG_GRAYRESPONSECURVE,
                                  TIFFTAG_GROUP3OPTIONS,
                                  TIFFTAG_GROUP4OPTIONS,
                                  TIFFTAG_RESOLUTIONUNIT,
                                  TIFFTAG_TRANSFERFUNCTION,
                                  TIFFTAG_PREDICTOR,
                                  TIFFTAG_WHITEPOINT,
                                  TIFFTAG_PRIMARYCHROMATICITIES,
                                  TIFFTAG_COLORMAP,
                                  TIFFTAG_HALFTONEHINTS,
                                  TIFFTAG_TILEWIDTH,
                                  TIFFTAG_TILELENGTH,
                                  TIFFTAG_TILEOFFSETS,
                                  TIFFTAG_TILEBYTECOUNTS,
                                  TIFFTAG_SUBIFD,
                                  TIFFTAG_INKSET,
                                  TIFFTAG_NUMBEROFINKS,
                                  TIFFTAG_DOTRANGE,
                                  TIFFTAG_EXTRASAMPLES,
                                  TIFFTAG_SAMPLEFORMAT,
                                  TIFFTAG_SMINSAMPLEVALUE,
                                  TIFFTAG_SMAXSAMPLEVALUE,
                                  TIFFTAG_JPEGTABLES,
                                  TIFFTAG_YCBCRCOEFFICIENTS,
                                  TIFFTAG_YCBCRSUBSAMPLING,
                                  TIFFTAG_YCBCRPOSITIONING,
                                  TIFFTAG_REFERENCEBLACKWHITE,
                                  TIFFTAG_MATTEING,
                                  TIFFTAG_DATATYPE,
                                  TIFFTAG_IMAGEDEPTH,
                                  TIFFTAG_TILEDEPTH,
                                  TIFFTAG_ICCPROFILE,
                                  TIFFTAG_STONITS};
  for (size_t i = 0; i < G_N_ELEMENTS (tags); i++)
    if (tag == tags[i])
      return (int)i;
  return -1;
}

static bool
may_be_long (uint16_t tag)
{
  return tag == TIFFTAG_STRIPOFFSETS || tag == TIFFTAG_STRIPBYTECOUNTS ||
         tag == TIFFTAG_TILEOFFSETS || tag == TIFFTAG_TILEBYTECOUNTS || tag == TIFFTAG_COLORMAP ||
         tag == TIFFTAG_TRANSFERFUNCTION || tag == TIFFTAG_GRAYRESPONSECURVE ||
         tag == TIFFTAG_JPEGTABLES || tag == TIFFTAG_ICCPROFILE;
}

static unsigned
value_bytes (uint16_t type)
{
  static const uint8_t sizes[] = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8};
  return type < G_N_ELEMENTS (sizes) ? sizes[type] : 0;
}

static bool
read_entry (const Copy *copy, size_t at, Entry *entry)
{
  unsigned word = copy->big ? 8 : 4;
  *entry = (Entry){.tag = (uint16_t)get (copy, at, 2),
                   .type = (uint16_t)get (copy, at + 2, 2),
                   .count = get (copy, at + 4, word)};
  if (entry->count > copy->n)
    return false;
  entry->size = entry->count * value_bytes (entry->type);
  entry->at = entry->size <= word ? at + 4 + word : get (copy, at + 4 + word, word);
  return entry->at <= copy->n && entry->size <= copy->n - entry->at;
}

static uint64_t
nth (const Copy *copy, const Entry *entry, uint64_t i)
{
  unsigned bytes = value_bytes (entry->type);
  return get (copy, entry->at + i * bytes, bytes);
}

/* Compressions whose data hold pixels alone, or something that can be blanked. */
static bool
knows_compression (uint64_t compression)
{
  static const uint16_t known[] = {
      COMPRESSION_NONE,    COMPRESSION_CCITTRLE, COMPRESSION_CCITTFAX3, COMPRESSION_CCITTFAX4,
      COMPRESSION_LZW,     COMPRESSION_JPEG,     COMPRESSION_PACKBITS,  COMPRESSION_ADOBE_DEFLATE,
      COMPRESSION_DEFLATE, COMPRESSION_SGILOG,   COMPRESSION_SGILOG24,  COMPRESSION_LZMA,
      COMPRESSION_ZSTD,    COMPRESSION_WEBP};
  for (size_t i = 0; i < G_N_ELEMENTS (known); i++)
    if (compression == known[i])
      return true;
  return false;
}

static bool
copy_block (Copy *copy, uint64_t compression, uint64_t at, uint64_t n)
{
  bool jpeg = compression == COMPRESSION_JPEG, webp = compression == COMPRESSION_WEBP;
  return take_and_copy (copy, at, n, jpeg || webp ? BLANKED : VALUES) &&
         (!jpeg || tsr_bare_blank_jpeg (copy->to + at, n)) &&
         (!webp || tsr_bare_blank_webp (copy->to + at, n));
}

/* How many bytes of n libtiff reads of a strip or tile: of pixels as they are as many as there are,
 * whatever the file says. 0: those behind the n, too. */
static uint64_t
bytes_read (TIFF *tiff, uint32_t block, uint64_t compression, uint64_t n)
{
  if (compression != COMPRESSION_NONE)
    return n;
  uint32_t height = 0, rows = 0;
  TIFFGetField (tiff, TIFFTAG_IMAGELENGTH, &height);
  TIFFGetFieldDefaulted (tiff, TIFFTAG_ROWSPERSTRIP, &rows);
  rows = MIN (rows, height);
  if (rows == 0)
    return 0;
  uint32_t above = block % ((height - 1) / rows + 1) * rows;
  uint64_t whole = TIFFIsTiled (tiff) ? TIFFTileSize64 (tiff)
                                      : TIFFVStripSize64 (tiff, MIN (rows, height - above));
  return whole <= n ? whole : 0;
}

/* The strips or tiles of the directory at `at`. Where libtiff does not believe the file's numbers
 * it reads other bytes, of which nobody knows what they are. */
static bool
copy_pixels (Copy *copy, uint64_t at, const Entry *offsets, const Entry *counts,
             uint64_t compression)
{
  if (!TIFFSetSubDirectory (copy->tiff, at))
    return false;
  uint64_t blocks =
      TIFFIsTiled (copy->tiff) ? TIFFNumberOfTiles (copy->tiff) : TIFFNumberOfStrips (copy->tiff);
  if (blocks == 0 || offsets->count < blocks || counts->count < blocks)
    return false;
  for (uint64_t i = 0; i < blocks; i++) {
    uint64_t from = nth (copy, offsets, i), n = nth (copy, counts, i);
    if (from != TIFFGetStrileOffset (copy->tiff, (uint32_t)i) ||
        n != TIFFGetStrileByteCount (copy->tiff, (uint32_t)i))
      return false;
    uint64_t read = bytes_read (copy->tiff, (uint32_t)i, compression, n);
    if (read == 0 ? compression == COMPRESSION_NONE || n > 0
                  : !copy_block (copy, compression, from, read))
      return false;
  }
  return true;
}

static bool copy_directories (Copy *copy, uint64_t at);

static bool
copy_inner (Copy *copy, const Entry *inner)
{
  for (uint64_t i = 0; i < inner->count; i++)
    if (!copy_directories (copy, nth (copy, inner, i)))
      return false;
  return true;
}

/* The values of an entry that stays. */
static bool
copy_values (Copy *copy, const Entry *entry, bool inside)
{
  if (value_bytes (entry->type) == 0 || entry->type == TIFF_ASCII ||
      (entry->count > FEW && !may_be_long (entry->tag)))
    return false;
  if (entry->tag == TIFFTAG_JPEGTABLES)
    return !inside && take_and_copy (copy, entry->at, entry->size, BLANKED) &&
           tsr_bare_blank_jpeg (copy->to + entry->at, entry->size);
  return inside || take_and_copy (copy, entry->at, entry->size, VALUES);
}

/* What is needed of a directory's entries. */
typedef struct {
  Entry offsets, counts, inner;
  uint64_t compression, kept;
} Needed;

/* False if the entry is a list of places and is of no kind that one can be. */
static bool
note_entry (const Copy *copy, const Entry *entry, Needed *needed)
{
  Entry *list = NULL;
  switch (entry->tag) {
  case TIFFTAG_STRIPOFFSETS:
  case TIFFTAG_TILEOFFSETS:
    list = &needed->offsets;
    break;
  case TIFFTAG_STRIPBYTECOUNTS:
  case TIFFTAG_TILEBYTECOUNTS:
    list = &needed->counts;
    break;
  case TIFFTAG_SUBIFD:
    list = &needed->inner;
    break;
  case TIFFTAG_COMPRESSION:
    needed->compression = entry->count == 1 ? nth (copy, entry, 0) : 0;
  }
  if (!list)
    return true;
  if (list->count > 0) /* strips and tiles: which? */
    return false;
  *list = *entry;
  return entry->type == TIFF_SHORT || entry->type == TIFF_LONG || entry->type == TIFF_IFD ||
         entry->type == TIFF_LONG8 || entry->type == TIFF_IFD8;
}

/* Writes those of n entries that stay from `at` on, where the first one is. */
static bool
copy_entries (Copy *copy, size_t at, uint64_t n, Needed *needed)
{
  size_t word = copy->big ? 8 : 4, bytes = 4 + 2 * word;
  uint64_t seen = 0;
  for (uint64_t i = 0; i < n; i++) {
    size_t from = at + i * bytes, to = at + needed->kept * bytes;
    int place = place_in_list ((uint16_t)get (copy, from, 2));
    Entry entry;
    if (place < 0)
      continue;
    if (seen >> place & 1 || !read_entry (copy, from, &entry)) /* which of both counts? */
      return false;
    seen |= (uint64_t)1 << place;
    bool inside = entry.size <= word;
    if (!copy_values (copy, &entry, inside) || !note_entry (copy, &entry, needed))
      return false;
    memcpy (copy->to + to, copy->from + from, bytes);
    if (inside) /* nothing behind the values */
      memset (copy->to + to + 4 + word + entry.size, 0, word - entry.size);
    needed->kept++;
  }
  return true;
}

/* One directory and what it points to; *next: the place of the one behind it. */
static bool
copy_directory (Copy *copy, uint64_t at, uint64_t *next)
{
  unsigned word = copy->big ? 8 : 4, head = copy->big ? 8 : 2;
  if (++copy->directories > MAX_DIRECTORIES || at > copy->n || copy->n - at < head)
    return false;
  uint64_t n = get (copy, at, head), bytes = 4 + 2 * word;
  if (n > MAX_ENTRIES || !take (copy, at, head + n * bytes + word, STRUCTURE))
    return false;
  Needed needed = {.compression = COMPRESSION_NONE};
  if (!copy_entries (copy, at + head, n, &needed) || !knows_compression (needed.compression) ||
      !copy_pixels (copy, at, &needed.offsets, &needed.counts, needed.compression) ||
      !copy_inner (copy, &needed.inner))
    return false;
  *next = get (copy, at + head + n * bytes, word);
  put (copy, at, head, needed.kept);
  put (copy, at + head + needed.kept * bytes, word, *next);
  copy->end = MAX (copy->end, at + head + needed.kept * bytes + word);
  return true;
}

/* A directory and those behind it; one that leads back is taken twice, which fails. */
static bool
copy_directories (Copy *copy, uint64_t at)
{
  do
    if (!copy_directory (copy, at, &at))
      return false;
  while (at != 0);
  return true;
}

static bool
copy_file (Copy *copy)
{
  size_t head = copy->big ? 16 : 8, word = copy->big ? 8 : 4;
  if (!copy->used || !take (copy, 0, head, STRUCTURE)) /* it may be shorter */
    return false;
  memcpy (copy->to, copy->from, head);
  return (!copy->big || (get (copy, 4, 2) == 8 && get (copy, 6, 2) == 0)) &&
         copy_directories (copy, get (copy, head - word, word));
}

bool
tsr_bare_tiff (const uint8_t *data, size_t n, GByteArray *out)
{
  g_autofree uint8_t *used = g_try_malloc0 (n);
  TsrTiffClient client = {.source = {data, n, -1}};
  g_byte_array_set_size (out, (guint)n);
  memset (out->data, 0, n);
  Copy copy = {.from = data,
               .to = out->data,
               .used = used,
               .n = n,
               .motorola = data[0] == 'M',
               .big = data[2] == '+' || data[3] == '+',
               .tiff = tsr_tiff_open_unchopped (&client)};
  bool ok = copy.tiff && copy_file (&copy);
  if (copy.tiff)
    TIFFClose (copy.tiff);
  g_byte_array_set_size (out, (guint)copy.end);
  return ok;
}
