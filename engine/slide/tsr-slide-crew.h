#pragma once
/* The processes in which OpenSlide reads one slide (tsr-reader-process.h), so that a slide it
 * crashes on, or never comes to an end with, costs a sentence. One that ends is replaced; what it
 * was reading is not asked for again, and after a few the slide is given up. */

#include "tsr-reader-process.h"
#include "tsr-slide-reader.h"

typedef struct TsrSlideCrew TsrSlideCrew;

/** Starts the first process, which opens the slide; answer is that to TSR_READER_OPEN. NULL with a
 * reason and the verdict that goes with it. Free with tsr_slide_crew_free. */
TsrSlideCrew *tsr_slide_crew_new (const char *path, TsrReaderAnswer *answer,
                                  TsrSlideVerdict *verdict, GError **error);

/** Asks for what the file says of itself (TSR_READER_LEVEL, _PROPERTY or _IMAGE); only between
 * tsr_slide_crew_new and tsr_slide_crew_expect, on the same thread. answer's text lives until the
 * next call. False with a reason. */
bool tsr_slide_crew_tell (TsrSlideCrew *self, TsrReaderKind kind, int64_t index,
                          TsrReaderAnswer *answer, GError **error);

/** Says how many levels there are and how large level 0 is, which every further process must find,
 * too: else the file has been replaced. From here on any thread may read. */
void tsr_slide_crew_expect (TsrSlideCrew *self, int n_levels, int64_t width, int64_t height);

/** Reads w x h pixels (TSR_READER_SIDE and _AREA at most) at (x, y) of a level, in its pixels, into
 * rgb (w * h * 3 bytes); white outside. False with a reason. */
bool tsr_slide_crew_read_region (TsrSlideCrew *self, int level, int64_t x, int64_t y, int w, int h,
                                 uint8_t *rgb, GError **error);

/** Reads the associated image of that number in the file, which has n pixels, into rgb (n * 3
 * bytes). False with a reason. */
bool tsr_slide_crew_read_image (TsrSlideCrew *self, int64_t number, size_t n, uint8_t *rgb,
                                GError **error);

/** Ends all processes; nobody may be reading. */
void tsr_slide_crew_free (TsrSlideCrew *self);
