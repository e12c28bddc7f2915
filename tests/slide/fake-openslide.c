/* An OpenSlide for the reader (engine/reader) whose slide is drawn and which comes to grief where
 * $FAKE_OPENSLIDE says: "WHERE=HOW;...", WHERE is detect, open, property, image or COLUMN-ROW of a
 * block of level 0, HOW segv, abort, kill, stop, spin, exit or error. */

#include "fake-openslide.h"

#include <openslide.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct _openslide {
  const char *error;
};

static void
grieve (openslide_t *self, const char *where)
{
  const char *orders = getenv ("FAKE_OPENSLIDE");
  char wanted[64];
  snprintf (wanted, sizeof wanted, ";%s=", where);
  char *all = NULL;
  if (!orders || asprintf (&all, ";%s", orders) < 0)
    return;
  const char *how = strstr (all, wanted);
  how = how ? how + strlen (wanted) : "";
  if (strncmp (how, "segv", 4) == 0)
    raise (SIGSEGV);
  else if (strncmp (how, "abort", 5) == 0)
    abort ();
  else if (strncmp (how, "kill", 4) == 0)
    raise (SIGKILL);
  else if (strncmp (how, "stop", 4) == 0)
    raise (SIGSTOP);
  else if (strncmp (how, "exit", 4) == 0)
    exit (0);
  else if (strncmp (how, "error", 5) == 0 && self)
    self->error = "a tile\nis damaged";
  for (volatile bool spin = strncmp (how, "spin", 4) == 0; spin;)
    ;
  free (all);
}

const char *
openslide_detect_vendor (const char *path)
{
  grieve (NULL, "detect");
  return "fake";
}

openslide_t *
openslide_open (const char *path)
{
  openslide_t *self = calloc (1, sizeof *self);
  grieve (self, "open");
  return self;
}

void
openslide_close (openslide_t *self)
{
  free (self);
}

const char *
openslide_get_error (openslide_t *self)
{
  return self->error;
}

int32_t
openslide_get_level_count (openslide_t *self)
{
  return 2;
}

void
openslide_get_level_dimensions (openslide_t *self, int32_t level, int64_t *w, int64_t *h)
{
  *w = FAKE_W >> level;
  *h = FAKE_H >> level;
}

double
openslide_get_level_downsample (openslide_t *self, int32_t level)
{
  return 1 << level;
}

const char *const *
openslide_get_property_names (openslide_t *self)
{
  static const char *const names[] = {"openslide.mpp-x",   "openslide.mpp-y", "openslide.vendor",
                                      "hamamatsu.Product", "empty",           NULL};
  return names;
}

const char *
openslide_get_property_value (openslide_t *self, const char *name)
{
  if (strstr (name, "].tile-"))
    return strstr (name, "[0]") ? NULL : strstr (name, "width") ? "100" : "9";
  grieve (self, "property");
  return strstr (name, "mpp")          ? "0.25"
         : strcmp (name, "empty") == 0 ? NULL
         : strstr (name, "Product")    ? "C\377001"
                                       : "fake";
}

const char *const *
openslide_get_associated_image_names (openslide_t *self)
{
  static const char *const names[] = {"empty", "label", NULL};
  return names;
}

void
openslide_get_associated_image_dimensions (openslide_t *self, const char *name, int64_t *w,
                                           int64_t *h)
{
  *w = strcmp (name, "empty") == 0 ? 0 : FAKE_LABEL_W;
  *h = FAKE_LABEL_H;
}

void
openslide_read_associated_image (openslide_t *self, const char *name, uint32_t *argb)
{
  grieve (self, "image");
  for (int y = 0; y < FAKE_LABEL_H; y++)
    for (int x = 0; x < FAKE_LABEL_W; x++)
      *argb++ = 255u << 24 | fake_pixel (3, x, y);
}

/* Transparent outside. */
void
openslide_read_region (openslide_t *self, uint32_t *argb, int64_t x, int64_t y, int32_t level,
                       int64_t w, int64_t h)
{
  char where[64];
  snprintf (where, sizeof where, "%d-%d", (int)(x / 256), (int)(y / 256));
  if (level == 0)
    grieve (self, where);
  for (int64_t j = 0; j < h; j++)
    for (int64_t i = 0; i < w; i++) {
      int64_t u = (x >> level) + i, v = (y >> level) + j;
      *argb++ = u < FAKE_W >> level && v < FAKE_H >> level
                    ? 255u << 24 | fake_pixel (level, (int)u, (int)v)
                    : 0;
    }
}
