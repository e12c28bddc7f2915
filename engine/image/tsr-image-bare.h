#pragma once
/* Image files without what was written beside the pixels. */

#include <glib.h>
#include <stdint.h>

/** Larger files are not made bare. */
#define TSR_IMAGE_BARE_MAX ((uint64_t)1 << 29)

/** The file's bytes without texts, dates, places and cameras, that is without EXIF, XMP, IPTC,
 * comments, descriptions, small pictures, tags and chunks that nobody here knows, and whatever lies
 * where nothing points to or behind the end. Of what remains nothing is coded anew: pixels (of all
 * pages, levels and pictures) are the same bytes, the way up stays, and so do colour profiles, but
 * for BMP's. NULL where it cannot be told what is pixels and what is not: the file is damaged, in a
 * way that a reader here may well overlook, too large, or of a format or compression that is not
 * known here. Whoever passes such a tile on decodes it and writes it anew. Transfer full. */
GBytes *tsr_image_bare (GBytes *file);
