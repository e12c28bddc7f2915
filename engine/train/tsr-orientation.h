#pragma once
/* Which ways up a set of tiles can lie. Tissue lies as it was cut: all four turns, mirrored or not,
 * are as likely, and training on them all is eight times the tiles. A scan of a patient has one way
 * up, and turning it would make up images that do not exist. */

#include <stdbool.h>
#include <stdint.h>

/** How many orientations there are at most: four turns, each mirrored or not. */
#define TSR_SYMMETRIES 8

/** Orientations the tiles are to be shown in, found from the tiles [n][r][r][channels] themselves:
 * 8 where the mean tile is the same however it is turned, 2 where it is only when mirrored left to
 * right, else 1. "The same" allows a difference of a tenth of the tiles' variance, which leaves
 * room for small sets and patients' own asymmetry (docs/results.md has the measure on real sets).
 */
int tsr_orientations_of (const uint8_t *tiles, uint32_t n, int resolution, int channels);

/** The number a model's metadata holds (1, 2 or 8); 8 where it holds none or nonsense, because
 * older models were shown all. */
int tsr_orientations_parse (const char *text);

/** The pixel of an upright tile (y r + x) that pixel (y, x) shows in orientation `turn` (0 upright,
 * 1 mirrored, up to 7); as draw_tiles.cl. */
static inline int
tsr_oriented_pixel (int resolution, int turn, int y, int x)
{
  int sx = turn & 1 ? resolution - 1 - x : x, sy = turn & 2 ? resolution - 1 - y : y;
  return turn & 4 ? sx * resolution + sy : sy * resolution + sx;
}
