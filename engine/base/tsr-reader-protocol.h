#pragma once
/* What the program and its readers (engine/reader) say to each other. One reader a
 * file: it is asked to open one first. Each request is one packet, each answer one packet, in turn;
 * pixels and coordinates travel through memory that both see. Both are of one build and one
 * machine, so numbers are the machine's own. */

#include <stdint.h>

#define TSR_READER_MAGIC   0x54535231u /* "TSR1": a change of anything here is another number */
#define TSR_READER_SOCKET  3           /* descriptors of the reader: the packets */
#define TSR_READER_MEMORY  4           /* and the shared memory */
#define TSR_READER_SIDE    4096        /* pixels along a region's side, at most */
#define TSR_READER_AREA    (1 << 20)   /* and pixels in all */
#define TSR_READER_SHARED  ((size_t)TSR_READER_AREA * 3) /* bytes */
#define TSR_READER_NUMBERS 6
#define TSR_READER_TEXT    ((size_t)1 << 17) /* bytes of a packet after its head, at most */

/** What is asked, with its numbers and text, and what the answer holds. */
typedef enum {
  /* text: path | of slides, numbers: levels, properties, images; text: the vendor; of coordinates,
   * numbers: tiles, 65,536 times their side; text: the slide's name */
  TSR_READER_OPEN = 1,
  TSR_READER_LEVEL,    /* level | numbers: width, height, those of its tiles or 0 */
  TSR_READER_PROPERTY, /* index | numbers: bytes of the name; text: name, value */
  TSR_READER_IMAGE,    /* index | numbers: width, height; text: name */
  TSR_READER_REGION,   /* level, its x, y, width, height | shared: RGB, white outside */
  TSR_READER_PIXELS,   /* image, first pixel, pixels | shared: their RGB */
  TSR_READER_PLACES,   /* first tile, tiles | shared: x and y of each, int64_t */
} TsrReaderKind;

typedef enum {
  TSR_READER_OK,
  TSR_READER_NOT_MINE, /* the library does not know the file */
  TSR_READER_DAMAGED,  /* text: what the library says */
} TsrReaderStatus;

/** Begins each packet in both directions. */
typedef struct {
  uint32_t magic;
  uint32_t serial; /* of the request; its answer repeats it */
  uint32_t what;   /* TsrReaderKind, TsrReaderStatus */
  uint32_t length; /* bytes of text that follow */
  int64_t numbers[TSR_READER_NUMBERS];
} TsrReaderHead;
