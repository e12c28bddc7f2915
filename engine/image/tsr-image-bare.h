#pragma once
/* Image files without what was written beside the pixels. */

#include <glib.h>

/** The file's bytes without texts, dates, places and cameras: of JPEG, PNG, WebP and TIFF files
 * what EXIF, XMP, IPTC, comments and descriptions say, thumbnails in them included. Pixels are the
 * same bytes as before, and so are colour profiles and the way up. Whatever is behind the end of a
 * JPEG or PNG goes, too. Other formats say nothing of the kind and are returned as they are; of a
 * file that is damaged what cannot be told apart stays, and so does what no directory of a TIFF
 * points to any more. Transfer full. */
GBytes *tsr_image_bare (GBytes *file);
