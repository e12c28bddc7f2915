/* The kernel of the map's repulsion, 1 / (1 + r^2), sampled at nodes `step` apart on the doubled, periodic axes: columns 0 to width
 * of 2 height rows, complex. Work-item (x, y): one sample. */
__kernel void
kernel_sample (__global float2 *restrict out, const int width, const int height, const float step)
{
  const int x = get_global_id (0), y = get_global_id (1);
  if (x > width || y >= 2 * height)
    return;
  const float dx = x * step, dy = min (y, 2 * height - y) * step;
  out[(size_t) y * (width + 1) + x] = (float2) (1 / (1 + dx * dx + dy * dy), 0);
}
