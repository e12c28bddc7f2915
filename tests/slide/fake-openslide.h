#pragma once
/* The drawn slide of fake-openslide.c, and what shows on it. */

#include <stdbool.h>
#include <stdint.h>

#define FAKE_W       1100
#define FAKE_H       700
#define FAKE_LABEL_W 701 /* three pieces of shared memory, the last in part */
#define FAKE_LABEL_H 300

/* 0xRRGGBB at a pixel of a level; level 3 is the label. */
static inline uint32_t
fake_pixel (int level, int x, int y)
{
  uint32_t mixed = ((uint32_t)x * 0x9E3779B1u ^ (uint32_t)y * 0x85EBCA77u ^ (uint32_t)level << 28);
  mixed = (mixed ^ mixed >> 15) * 0x2C1B3C6Du;
  return mixed >> 8;
}
