#pragma once
/* What a slide is known by, wherever its file lies and whatever it is called. */

#include <gio/gio.h>
#include <stdbool.h>
#include <stdint.h>

#define TSR_SLIDE_FINGERPRINT 32 /* bytes */

/** Size of the file and its fingerprint: SHA-256 (FIPS 180-4) of the size (8 bytes, little endian)
 * and of sixteen pieces of 64 KiB, the first and the last of the file and fourteen evenly between
 * them; of all bytes where the file has no more than these. So it takes one megabyte of reading
 * however large the slide. Two scans differ in it, because compressed tissue differs everywhere; a
 * file that was damaged between the pieces does not. False with one sentence (TSR_ERROR_IMAGE). */
bool tsr_slide_fingerprint (const char *path, int64_t *size,
                            uint8_t fingerprint[TSR_SLIDE_FINGERPRINT], GError **error);
