#pragma once
/* Image files of every format and kind, made in memory, with the pixels a reader must find in them.
 */

#include "tsr-image.h"

#define FIXTURE_WIDTH  23
#define FIXTURE_HEIGHT 17

typedef struct {
  char *name;   /* "tiff-rgb-16-planar-lzw" */
  char *format; /* as TsrImageInfo has it */
  GBytes *bytes;
  TsrImage expected;
  int tolerance; /* 0 for lossless kinds */
} Fixture;

/** All of them. Free with g_ptr_array_unref. */
GPtrArray *fixtures_new (void);

/** Value of channel c at (x, y): rough for lossless kinds, smooth for JPEG and lossy WebP. */
uint8_t fixture_rough (int x, int y, int c);
uint8_t fixture_smooth (int x, int y, int c);

/** Adds a fixture (bytes transfer full) that expects the function's values in `channels` channels;
 * the expected pixels are returned for exceptions (transparency, animation). */
TsrImage *fixture_add (GPtrArray *all, const char *name, const char *format, GBytes *bytes,
                       int channels, int tolerance, uint8_t (*value) (int x, int y, int c));

void fixtures_add_png (GPtrArray *all);
void fixtures_add_jpeg (GPtrArray *all);
void fixtures_add_webp (GPtrArray *all);
void fixtures_add_tiff (GPtrArray *all);
void fixtures_add_by_hand (GPtrArray *all);
