#pragma once
/* Between the front (tsr-slide.c, tsr-slide-region.c) and the readers, one file a kind; nothing
 * outside engine/slide includes this.
 *
 * A reader gives blocks of pixels as they are stored: a grid over each level, blocks at the right
 * and lower edge as large as the others. Reasons are sentences without the file's name and without
 * a full stop, as in engine/image. */

#include "tsr-image-reader.h"
#include "tsr-slide.h"

#define TSR_SLIDE_MAX_LEVELS 32
#define TSR_SLIDE_MAX_IMAGES 64
#define TSR_SLIDE_MAX_SIDE   ((int64_t)1 << 22) /* pixels: half a metre of glass at 0.12 um */
/* Pixels of a block. Real tiles have up to 2^22; a strip may be a whole image. */
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
#define TSR_SLIDE_MAX_BLOCK ((int64_t)1 << 18)
#else
#define TSR_SLIDE_MAX_BLOCK ((int64_t)1 << 26)
#endif

typedef enum {
  TSR_SLIDE_OPENED,
  TSR_SLIDE_NOT_MINE, /* error says what stands if no other reader takes it */
  TSR_SLIDE_FAILED,   /* others may read it; if none does, error stands before theirs */
  TSR_SLIDE_REFUSED,  /* no use in asking others */
} TsrSlideVerdict;

/** What a reader fills in for a level, beside TsrSlideLevel: how it is stored. */
typedef struct {
  int64_t width, height;
  unsigned orientation; /* EXIF's 1 to 8, from stored to shown */
  int block_w, block_h;
} TsrSlideStored;

typedef struct {
  const char *name;
  /** Fills info, stored and data (also in part: close is called after a failure, too, if data is
   * set). */
  TsrSlideVerdict (*open) (TsrSlide *slide, GError **error);
  void (*close) (void *data);
  /** Decodes a block of the grid to block_w * block_h * 3 bytes; called by several threads. */
  bool (*read_block) (TsrSlide *slide, int level, int64_t column, int64_t row, uint8_t *rgb,
                      GError **error);
  /** Decodes info.images[index], RGB; called by several threads. NULL where there are none. */
  bool (*read_image) (TsrSlide *slide, guint index, TsrImage *image, GError **error);
} TsrSlideReader;

struct TsrSlide {
  gint references;
  uint64_t id; /* never used twice in a process */
  char *path;
  const TsrSlideReader *reader;
  void *data; /* the reader's */
  TsrSlideInfo info;
  TsrSlideLevel levels[TSR_SLIDE_MAX_LEVELS];
  TsrSlideStored stored[TSR_SLIDE_MAX_LEVELS];
};

extern const TsrSlideReader tsr_slide_reader_tiff, tsr_slide_reader_openslide,
    tsr_slide_reader_image;

/** tsr_slide_open with one reader only, for tests that hold the readers against each other; NULL
 * chooses. */
TsrSlide *tsr_slide_open_as (const char *path, const TsrSlideReader *reader, GError **error);

/** A slide that is read from no file, still without levels: `reader` gives its blocks, and what is
 * set as data is closed with it. Free with tsr_slide_unref. */
TsrSlide *tsr_slide_new (const char *path, const TsrSlideReader *reader);

/** Adds a level of a stored size, coarser than those before; its downsample comes from the sizes,
 * the whole number that they were rounded from where there is one. False with a reason when it is
 * empty, too large or one too many. */
bool tsr_slide_add_level (TsrSlide *slide, const TsrSlideStored *stored, GError **error);

/** Adds an associated image, its name made unique; too many are passed over. Returns whether it was
 * added. */
bool tsr_slide_add_image (TsrSlide *slide, const char *name, TsrSlideImageKind kind, int64_t width,
                          int64_t height);

/** Adds a property; both texts are made valid UTF-8 and cut to 64 KiB. */
void tsr_slide_add_property (TsrSlide *slide, const char *name, const char *value);

/** A number in the C locale with nothing but spaces round it, positive and finite; else NAN. */
double tsr_slide_number (const char *text);

/** Sets the size of a pixel if both are plausible (0.01 to 20 micrometres): resolutions of screens
 * and printers stand in files that were never told the microscope's. */
void tsr_slide_set_mpp (TsrSlide *slide, double mpp_x, double mpp_y);

/** Reads stored pixels [x, x + w) x [y, y + h) of a level through the cache; white outside. stride
 * is rgb's bytes a row. A reason on failure. */
bool tsr_slide_read_stored (TsrSlide *slide, int level, int64_t x, int64_t y, int w, int h,
                            uint8_t *rgb, size_t stride, GError **error);

/** Reads a region as shown, in pixels of the level, as tsr_slide_read_stored. */
bool tsr_slide_read_shown (TsrSlide *slide, int level, int64_t x, int64_t y, int w, int h,
                           uint8_t *rgb, GError **error);
