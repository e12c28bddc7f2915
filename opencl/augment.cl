/* Adaptive discriminator augmentation (Karras et al. 2020, "Training generative adversarial networks with limited data"): what
 * happens to each image, drawn anew each step, and the strength p that the discriminator's certainty steers.
 *
 * A pixel of the result shows the source point map * pixel: the parts are drawn as inverses, which have the same distribution. */
#include "philox.clh"

static inline float
uniform (uint bits)
{
  return (float) (bits >> 8) * 0x1p-24f;
}

/* a <- a * b for affine maps (x' = a0 x + a1 y + a2, y' = a3 x + a4 y + a5). */
static inline void
compose (float *a, float b0, float b1, float b2, float b3, float b4, float b5)
{
  const float r0 = a[0] * b0 + a[1] * b3, r1 = a[0] * b1 + a[1] * b4, r2 = a[0] * b2 + a[1] * b5 + a[2];
  const float r3 = a[3] * b0 + a[4] * b3, r4 = a[3] * b1 + a[4] * b4, r5 = a[3] * b2 + a[4] * b5 + a[5];
  a[0] = r0, a[1] = r1, a[2] = r2, a[3] = r3, a[4] = r4, a[5] = r5;
}

/* (m, added) <- s (m, added): one more colour matrix of 3 x 3 after what there is. */
static inline void
mix (float *m, float *added, const float *s)
{
  float r[9], b[3];
  for (int i = 0; i < 3; i++) {
    b[i] = s[3 * i] * added[0] + s[3 * i + 1] * added[1] + s[3 * i + 2] * added[2];
    for (int j = 0; j < 3; j++)
      r[3 * i + j] = s[3 * i] * m[j] + s[3 * i + 1] * m[3 + j] + s[3 * i + 2] * m[6 + j];
  }
  for (int k = 0; k < 9; k++)
    m[k] = r[k];
  for (int k = 0; k < 3; k++)
    added[k] = b[k];
}

/* Each part happens with probability p; images keep their quarter turns and mirrorings, which the tiles get anyway. */
static inline void
draw_move (float *a, float p, float size, uint4 which, uint2 later, uint4 more, float2 normal, float2 shift)
{
  const float turn = 1.0f - sqrt (1.0f - p), full = 6.2831853071795864f;
  a[0] = a[4] = 1;
  a[1] = a[2] = a[3] = a[5] = 0;
  if (uniform (which.x) < p) /* whole pixels, at most an eighth of the image */
    compose (a, 1, 0, rint ((2 * uniform (more.x) - 1) * 0.125f * size), 0, 1, rint ((2 * uniform (more.y) - 1) * 0.125f * size));
  if (uniform (which.y) < p) {
    const float s = exp2 (0.2f * normal.x);
    compose (a, s, 0, 0, 0, s, 0);
  }
  if (uniform (which.z) < turn) {
    const float t = full * uniform (more.z);
    compose (a, cos (t), -sin (t), 0, sin (t), cos (t), 0);
  }
  if (uniform (which.w) < p) {
    const float s = exp2 (0.2f * normal.y);
    compose (a, s, 0, 0, 0, 1 / s, 0);
  }
  if (uniform (later.x) < turn) {
    const float t = full * uniform (more.w);
    compose (a, cos (t), -sin (t), 0, sin (t), cos (t), 0);
  }
  if (uniform (later.y) < p)
    compose (a, 1, 0, 0.125f * size * shift.x, 0, 1, 0.125f * size * shift.y);
}

/* Brightness, contrast, hue and saturation about the grey axis; `strength` 1 is the published one. A grey image has the first
 * two. Returns matrix and added colour of `channels` channels. */
static inline void
draw_colour (float *matrix, float *added, int channels, float p, float strength, uint4 which, float2 normal, float2 amount)
{
  float m[9] = {1, 0, 0, 0, 1, 0, 0, 0, 1}, b[3] = {0, 0, 0};
  if (uniform (which.x) < p) {
    const float light = 0.2f * strength * normal.x;
    b[0] += light, b[1] += light, b[2] += light;
  }
  if (uniform (which.y) < p) {
    const float c = exp2 (0.5f * strength * normal.y);
    const float s[9] = {c, 0, 0, 0, c, 0, 0, 0, c};
    mix (m, b, s);
  }
  if (channels == 1) {
    matrix[0] = m[0];
    added[0] = b[0];
    return;
  }
  if (uniform (which.z) < p) { /* a turn about (1, 1, 1) / sqrt 3 */
    const float t = 3.14159265358979f * strength * amount.x, c = cos (t), k = (1 - c) / 3, l = sin (t) * 0.57735026918962f;
    const float s[9] = {c + k, k - l, k + l, k + l, c + k, k - l, k - l, k + l, c + k};
    mix (m, b, s);
  }
  if (uniform (which.w) < p) {
    const float c = exp2 (strength * amount.y), k = (1 - c) / 3;
    const float s[9] = {c + k, k, k, k, c + k, k, k, k, c + k};
    mix (m, b, s);
  }
  for (int k = 0; k < 9; k++)
    matrix[k] = m[k];
  for (int k = 0; k < 3; k++)
    added[k] = b[k];
}

/* map [n][6 + channels^2] and added [n][channels] for the next n images; state[0] is p. Work-item x: image. Image i is
 * number before + i of the batch and draws the blocks of its stream from 8 times that on. */
__kernel void
draw_augmentation (__global float *restrict map, __global float *restrict added, __global const float *restrict state,
                   const int channels, const int size, const float colour, const int n, const int before, const ulong seed,
                   const ulong stream, const ulong step)
{
  if (get_global_id (0) >= n)
    return;
  const int i = get_global_id (0), width = 6 + channels * channels;
  const ulong first = (step << 32) + (ulong) (8 * (before + i));
  float a[6], m[9], b[3];
  const uint4 moves = philox (seed, stream, first), amounts = philox (seed, stream, first + 1),
              normals = philox (seed, stream, first + 2), colours = philox (seed, stream, first + 3),
              hues = philox (seed, stream, first + 4), again = philox (seed, stream, first + 5);
  const float2 hue = normal_pair (hues.x, hues.y);
  draw_move (a, state[0], (float) size, moves, again.zw, amounts, normal_pair (normals.x, normals.y), normal_pair (normals.z, normals.w));
  draw_colour (m, b, channels, state[0], colour, colours, normal_pair (again.x, again.y),
               (float2) (2 * uniform (hues.z) - 1, hue.x));
  for (int k = 0; k < 6; k++)
    map[i * width + k] = a[k];
  for (int k = 0; k < channels * channels; k++)
    map[i * width + 6 + k] = m[k];
  for (int k = 0; k < channels; k++)
    added[i * channels + k] = b[k];
}

/* state = {p, sum of the signs of D on real images, how many}. Every `interval` steps p moves by `amount` towards where the
 * mean sign is `target`. */
__kernel void
steer_augmentation (__global float *restrict state, __global const float *restrict sign_of_real, const int interval,
                    const float target, const float amount)
{
  float sum = state[1] + sign_of_real[0], count = state[2] + 1;
  if (count >= (float) interval) {
    const float mean = sum / count;
    state[0] = clamp (state[0] + (mean > target ? amount : mean < target ? -amount : 0.0f), 0.0f, 1.0f);
    sum = count = 0;
  }
  state[1] = sum;
  state[2] = count;
}
