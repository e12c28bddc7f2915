#include "tsr-outline.h"

#include <math.h>
#include <string.h>

TsrOutline *
tsr_outline_new (void)
{
  TsrOutline *self = g_new0 (TsrOutline, 1);
  self->points = g_array_new (FALSE, FALSE, sizeof (TsrOutlinePoint));
  self->rings = g_array_new (FALSE, FALSE, sizeof (TsrOutlineRing));
  self->x0 = self->y0 = INFINITY;
  self->x1 = self->y1 = -INFINITY;
  return self;
}

void
tsr_outline_free (TsrOutline *self)
{
  if (!self)
    return;
  g_array_unref (self->points);
  g_array_unref (self->rings);
  g_free (self);
}

bool
tsr_outline_add (TsrOutline *self, const TsrOutlinePoint *points, size_t n, bool hole)
{
  if (n > 1 && points[0].x == points[n - 1].x && points[0].y == points[n - 1].y)
    n--;
  /* GArray counts bytes in 32 bits. */
  size_t limit = ((size_t)1 << 31) / sizeof *points;
  if (n < 3 || n > limit - self->points->len || (hole && self->n_polygons == 0))
    return false;
  TsrOutlineRing ring = {self->points->len, (uint32_t)n,
                         hole ? self->n_polygons - 1 : self->n_polygons, hole};
  g_array_append_vals (self->points, points, (guint)n);
  g_array_append_val (self->rings, ring);
  self->n_polygons += !hole;
  for (size_t i = 0; i < n && !hole; i++) {
    self->x0 = MIN (self->x0, points[i].x);
    self->x1 = MAX (self->x1, points[i].x);
    self->y0 = MIN (self->y0, points[i].y);
    self->y1 = MAX (self->y1, points[i].y);
  }
  return true;
}

bool
tsr_outline_append (TsrOutline *self, const TsrOutline *other)
{
  for (guint i = 0; i < other->rings->len; i++) {
    const TsrOutlineRing *ring = &g_array_index (other->rings, TsrOutlineRing, i);
    if (!tsr_outline_add (self, &g_array_index (other->points, TsrOutlinePoint, ring->first),
                          ring->n, ring->hole))
      return false;
  }
  return true;
}

bool
tsr_outline_rectangle (const TsrOutline *self, double *x, double *y, double *width, double *height)
{
  if (self->rings->len != 1 || self->points->len != 4)
    return false;
  const TsrOutlinePoint *p = (const TsrOutlinePoint *)self->points->data;
  bool flat = p[0].y == p[1].y && p[1].x == p[2].x && p[2].y == p[3].y && p[3].x == p[0].x,
       steep = p[0].x == p[1].x && p[1].y == p[2].y && p[2].x == p[3].x && p[3].y == p[0].y;
  *x = self->x0;
  *y = self->y0;
  *width = self->x1 - self->x0;
  *height = self->y1 - self->y0;
  return (flat || steep) && *width > 0 && *height > 0;
}
