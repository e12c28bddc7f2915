#pragma once
/* Whole slides: one interface over every format. A TsrSlide may be read by any number of threads at
 * the same time; decoded blocks are shared among them through one bounded cache.
 *
 * Places are in pixels of level 0, the finest, origin at the top left of the slide as it is shown
 * (orientation applied). Pixels are RGB, 8 bits each, rows packed, composited over white; what lies
 * outside of the slide or was never scanned is white. */

#include "tsr-image.h"
#include "tsr-progress.h"

typedef struct TsrSlide TsrSlide;

/** One resolution of the pyramid. */
typedef struct {
  int64_t width, height; /* pixels of this level */
  double downsample;     /* how many pixels of level 0 one of its pixels is wide; 1 for level 0 */
  int block_w, block_h;  /* what is decoded at once; regions along these are the cheapest */
} TsrSlideLevel;

typedef enum {
  TSR_SLIDE_IMAGE_LABEL,     /* the glass's label: may name the patient; never exported unasked */
  TSR_SLIDE_IMAGE_MACRO,     /* the whole glass; may show the label, so the same holds */
  TSR_SLIDE_IMAGE_THUMBNAIL, /* the scanned area, small */
  TSR_SLIDE_IMAGE_OTHER,     /* nobody says what it is; to be treated as a label */
} TsrSlideImageKind;

/** An image that comes with the slide beside its pyramid. */
typedef struct {
  char *name; /* unique within the slide: "label", "macro", "thumbnail", "image 3" */
  TsrSlideImageKind kind;
  int width, height; /* before decoding, from the header */
} TsrSlideImage;

typedef struct {
  char *name, *value; /* valid UTF-8 */
} TsrSlideProperty;

/** What a file says about itself. Belongs to the slide and does not change. */
typedef struct {
  const char *format; /* "Aperio SVS", "OME-TIFF", "Philips TIFF", "TIFF", "PNG", "hamamatsu" ... */
  const char *reader; /* "libtiff", "OpenSlide" or "image": which one reads it */
  char *vendor;       /* NULL where unknown */
  char *scanner;      /* NULL where unknown */
  double mpp_x, mpp_y; /* micrometres a pixel of level 0; both NAN where the file does not say */
  double objective;    /* power, 20 for 20x; NAN where the file does not say */
  GBytes *icc;         /* the ICC profile, or NULL */
  int n_levels;
  const TsrSlideLevel *levels; /* finest first */
  GPtrArray *images;           /* TsrSlideImage */
  GPtrArray *properties;       /* TsrSlideProperty, sorted by name; may identify a patient */
} TsrSlideInfo;

/** Names the format by the file's content alone ("Aperio SVS"; for OpenSlide's formats its name of
 * the vendor), without decoding pixels. NULL with an error if no reader takes it; DICOM and CZI are
 * refused by name. */
const char *tsr_slide_detect (const char *path, GError **error);

/** Opens a slide, or any single image that tsr_image_load reads (one level, held in memory whole).
 * NULL with an error (TSR_ERROR_IMAGE): one sentence that names the file, the reason and what to
 * do. Survives hostile files. Free with tsr_slide_unref. */
TsrSlide *tsr_slide_open (const char *path, GError **error);

/** Adds a reference, which may belong to another thread. */
TsrSlide *tsr_slide_ref (TsrSlide *slide);

/** Drops a reference; the last one closes the file and empties the slide's share of the cache. NULL
 * is allowed. */
void tsr_slide_unref (TsrSlide *slide);

/** What the file says; lives as long as the slide. */
const TsrSlideInfo *tsr_slide_info (const TsrSlide *slide);

/** The path it was opened by. */
const char *tsr_slide_path (const TsrSlide *slide);

/** The coarsest level whose pixels are no larger than downsample (at least 1) pixels of level 0, a
 * thousandth allowed for rounded sizes: the nearest finer one. */
int tsr_slide_level_for (const TsrSlide *slide, double downsample);

/** Reads w x h pixels of a level into rgb (w * h * 3 bytes, the caller's). (x, y) is the region's
 * corner in pixels of level 0 and is brought to the nearest pixel of the level (halves up). At most
 * 2^28 pixels. The same bytes whatever was read before and by however many threads. False with one
 * sentence if a part of it is damaged; rgb is then undefined. */
bool tsr_slide_read_region (TsrSlide *slide, int level, int64_t x, int64_t y, int w, int h,
                            uint8_t *rgb, GError **error);

/** Reads the square of `side` pixels of level 0 at (x, y), resampled to pixels x pixels into rgb
 * (pixels^2 * 3 bytes). Takes the nearest finer level; where its pixels already have that size
 * (within half a pixel over the whole tile) they are copied, else averaged by area, or, beyond the
 * finest level, interpolated (Catmull-Rom; Keys, 1981, a = -1/2). side and pixels are 1..16384. */
bool tsr_slide_read_tile (TsrSlide *slide, int64_t x, int64_t y, int64_t side, int pixels,
                          uint8_t *rgb, GError **error);

/** A square tile of a slide: its corner and side in pixels of level 0, the level its grid was made
 * for, and how much of it is tissue, in [0,1]. */
typedef struct {
  int64_t x, y;
  int32_t side;
  int16_t level;
  float tissue;
} TsrSlideTile;

/** Reads n tiles as tsr_slide_read_tile does into rgb ([n][pixels][pixels][3]), on several threads,
 * in an order in which each stored block is decoded once where the cache can hold a row of them.
 * False with the error of the first tile, in the order given, that cannot be read, or when
 * cancelled. */
bool tsr_slide_read_tiles (TsrSlide *slide, const TsrSlideTile *tiles, size_t n, int pixels,
                           uint8_t *rgb, const TsrProgress *progress, GError **error);

/** The whole slide in few pixels, averaged by area from the nearest finer level, on several
 * threads: the longer side becomes max_side pixels (1..16384), or level 0's where that is less. */
bool tsr_slide_overview (TsrSlide *slide, int max_side, TsrImage *image,
                         const TsrProgress *progress, GError **error);

/** The same, but what no level can give is white; *damaged then has a byte a pixel of the image, 1
 * where that is so, to be freed with g_free, else it is NULL. False only where nothing of the slide
 * can be read. */
bool tsr_slide_overview_readable (TsrSlide *slide, int max_side, TsrImage *image, uint8_t **damaged,
                                  const TsrProgress *progress, GError **error);

/** Decodes one of info->images, by name, to RGB. */
bool tsr_slide_read_image (TsrSlide *slide, const char *name, TsrImage *image, GError **error);

/** How many bytes of decoded blocks all slides of the process may keep (default 128 MiB). What is
 * being copied at the moment comes on top: at most one block a thread. */
void tsr_slide_set_cache_limit (size_t bytes);

/** How many blocks were decoded in this process so far, for tests and benches. */
uint64_t tsr_slide_blocks_decoded (void);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TsrSlide, tsr_slide_unref)
