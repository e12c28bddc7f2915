#pragma once
/* Between the parts of the reader of TIFF slides: directories (tsr-slide-tiff-directory.c), what
 * vendors write (tsr-slide-tiff-vendor.c), blocks (tsr-slide-tiff-block.c) and their codecs. */

#include "tsr-image-tiff.h"
#include "tsr-slide-reader.h"

#define TSR_TIFF_MAX_DIRECTORIES 512
#define TSR_TIFF_MAX_BLOCKS      ((uint64_t)1 << 24) /* of a level */
#define TSR_TIFF_MAX_RAW         ((uint64_t)1 << 27) /* bytes of one compressed block */
#define TSR_TIFF_JP2K_YCC        33003               /* Aperio's numbers */
#define TSR_TIFF_JP2K_RGB        33005
#define TSR_TIFF_JP2K            34712

/** What stands in one directory. */
typedef struct {
  uint64_t offset; /* of the directory in the file */
  TsrTiffLayout layout;
  bool tiled, reduced, sub; /* reduced: says so itself; sub: hangs from the first directory */
  uint32_t subtype;
  uint32_t block_w, block_h; /* a tile, or the width and rows a strip */
  double mpp_x, mpp_y;       /* from the resolution; NAN */
  char *description;         /* NULL, or at most 16 MiB */
} TsrTiffDirectory;

/** How blocks of a level are decoded. */
typedef enum {
  TSR_TIFF_BY_LIBTIFF,
  TSR_TIFF_BY_JPEG, /* these three straight from the file's bytes, without libtiff */
  TSR_TIFF_BY_WEBP,
  TSR_TIFF_BY_JP2K,
} TsrTiffWay;

/** One level, ready to be read. */
typedef struct {
  uint64_t offset; /* of its directory */
  TsrTiffLayout layout;
  TsrTiffWay way;
  bool tiled;
  uint32_t across, down;     /* tiles */
  uint32_t rows;             /* of a strip */
  unsigned planes;           /* 1, or the samples when they are stored apart */
  unsigned channels;         /* grey or index 1, RGB 3, CMYK 4 */
  uint8_t *lut;              /* sample to byte, or to three for a palette; 1 << bits entries */
  uint64_t *places, *counts; /* of tiles, where libtiff is not asked */
  GBytes *tables;            /* JPEG's, or NULL */
} TsrTiffLevel;

/** The reader's data. */
typedef struct {
  TsrImageSource source; /* fd and size */
  GMutex lock;
  GQueue handles; /* TsrTiffHandle nobody uses at the moment */
  int n_levels;
  TsrTiffLevel levels[TSR_SLIDE_MAX_LEVELS];
  uint64_t images[TSR_SLIDE_MAX_IMAGES]; /* directories of info.images */
} TsrTiffSlide;

/** libtiff's handle and where it stands; one thread at a time. */
typedef struct {
  TsrTiffClient client;
  TIFF *tiff;
  uint64_t directory;
} TsrTiffHandle;

/** A handle that stands at a directory; NULL with a reason. Goes back by
 * tsr_tiff_handle_release. */
TsrTiffHandle *tsr_tiff_handle_take (TsrTiffSlide *self, uint64_t directory, GError **error);

/** Keeps a handle for the next, or closes it when many are kept. */
void tsr_tiff_handle_release (TsrTiffSlide *self, TsrTiffHandle *handle);

/** Closes a handle. */
void tsr_tiff_handle_close (TsrTiffHandle *handle);

/** All directories (TsrTiffDirectory): the chain, and what hangs from its first. NULL with a reason
 * when the chain is damaged or endless. */
GPtrArray *tsr_tiff_directories (TIFF *tiff, TsrTiffClient *client, GError **error);

/** What vendors write into descriptions, found in the list of directories. */
typedef struct {
  const char *format;
  bool padded;      /* Philips: coarser levels are padded to whole tiles; spacing says the scale */
  GArray *spacings; /* double: millimetres a pixel of each level, or NULL */
} TsrTiffVendor;

/** Recognises the vendor, and fills info (mpp, objective, vendor, scanner, properties). False with
 * a reason for files that hold something else than one flat RGB or grey slide. */
bool tsr_tiff_vendor_read (TsrSlide *slide, GPtrArray *directories, TsrTiffVendor *vendor,
                           GError **error);

/** Whether a directory is an associated image by what its vendor writes, and of which kind. */
bool tsr_tiff_vendor_image (const TsrTiffVendor *vendor, const TsrTiffDirectory *directory,
                            guint index, const char **name, TsrSlideImageKind *kind);

/** Prepares a level for reading from the directory that tiff stands at; the caller clears it, also
 * after failure. False with a reason for layouts that are not read in blocks. */
bool tsr_tiff_level_open (TsrTiffLevel *level, TIFF *tiff, const TsrTiffDirectory *directory,
                          GError **error);

/** Frees what a level holds. */
void tsr_tiff_level_clear (TsrTiffLevel *level);

/** Decodes one block; see TsrSlideReader. */
bool tsr_tiff_read_block (TsrSlide *slide, int level, int64_t column, int64_t row, uint8_t *rgb,
                          GError **error);

/** Decodes a JPEG of exactly width x height pixels to RGB. tables: an abbreviated stream with its
 * tables, or NULL. photometric is TIFF's and decides what three components mean. */
bool tsr_slide_jpeg_decode (const uint8_t *bytes, size_t n, GBytes *tables, uint16_t photometric,
                            int width, int height, uint8_t *rgb, GError **error);

/** Decodes a JPEG 2000 codestream of exactly width x height pixels with one or three components of
 * up to 16 bits to RGB; ycc: the components are Y, Cb, Cr (JFIF's), maybe subsampled. */
bool tsr_slide_jp2k_decode (const uint8_t *bytes, size_t n, bool ycc, int width, int height,
                            uint8_t *rgb, GError **error);
