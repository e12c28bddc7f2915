/* One pass of Stockham's Fourier transform (Van Loan 1992, section 1.7; engine/map/tsr-fft.c), of many sequences of length n at
 * once: where `stride` transforms of parts are done, RADIX of them become one. Defines:
 *   RADIX           2, 3, 4, 5, 8 or 16
 *   ALONG_ROWS      sequences are the rows of the array, else its columns
 * and for what the convolution of the map's repulsion reads and writes at the ends (a grid of height x width nodes, in arrays of
 * twice that, half of them empty; the transform back is that of numbers with their parts exchanged):
 *   FROM_CHARGES    reads charges [height][width] in fixed point, columns c and c + width / 2 as one sequence of complex numbers
 *   FROM_COLUMNS    reads the transforms of such sequences, [2 height][width / 2], apart again: row k of frequencies 0 to height
 *   TIMES_KERNEL    multiplies what it reads by the kernel [height + 1][2 width], and exchanges the parts
 *   FROM_HALVES     reads columns 0 to width of an even, real array, [2 height][width + 1], as rows of 2 width
 *   FROM_ROWS       reads rows, parts exchanged, as sequences of two columns again; exchanges the parts
 *   TO_POTENTIALS   writes what FROM_CHARGES reads, as floats
 * Work-item (sequence, place) for columns, (place, sequence) for rows; place is one of n / RADIX. */

#if defined FROM_CHARGES
#define IN long
#else
#define IN float2
#endif
#if defined TO_POTENTIALS
#define OUT float
#else
#define OUT float2
#endif
#ifdef ALONG_ROWS
#define AT(element, sequence) ((size_t) (sequence) * s.n + (element))
#else
#define AT(element, sequence) ((size_t) (element) * s.sequences + (sequence))
#endif

typedef struct {
  int n, sequences, width, height;
  float unit;
} Shape;

/* Element `element` of a sequence, as the transform takes it. */
static inline float2
load (__global const IN *in, __global const float *kern, Shape s, int element, int sequence)
{
#if defined FROM_CHARGES
  if (element >= s.height)
    return (float2) (0, 0);
  __global const long *row = in + element * s.width + sequence;
  return (float2) (convert_float (row[0]), convert_float (row[s.width / 2])) * s.unit;
#elif defined FROM_COLUMNS
  if (element >= s.width)
    return (float2) (0, 0);
  const int pairs = s.width / 2, column = element < pairs ? element : element - pairs;
  const int mirrored = sequence == 0 ? 0 : 2 * s.height - sequence;
  const float2 z = in[(size_t) sequence * pairs + column], m = in[(size_t) mirrored * pairs + column];
  return element < pairs ? 0.5f * (float2) (z.x + m.x, z.y - m.y) : 0.5f * (float2) (z.y + m.y, m.x - z.x);
#elif defined FROM_HALVES
  const int column = element <= s.width ? element : s.n - element;
  return (float2) (in[(size_t) sequence * (s.width + 1) + column].x, 0);
#elif defined TIMES_KERNEL
  return in[AT (element, sequence)].yx * kern[AT (element, sequence)];
#elif defined FROM_ROWS
  const bool mirrored = element > s.height;
  __global const float2 *row = in + (size_t) (mirrored ? s.n - element : element) * (2 * s.width) + sequence;
  float2 a = row[0].yx, b = row[s.width / 2].yx;
  if (mirrored)
    a.y = -a.y, b.y = -b.y;
  return (float2) (a.y + b.x, a.x - b.y);
#else
  return in[AT (element, sequence)];
#endif
}

static inline void
store (__global OUT *out, Shape s, int element, int sequence, float2 value)
{
#if defined TO_POTENTIALS
  if (element >= s.height)
    return;
  __global float *row = out + element * s.width + sequence;
  row[0] = value.y;
  row[s.width / 2] = value.x;
#else
  out[AT (element, sequence)] = value;
#endif
}

static inline float2
times (float2 a, float2 b)
{
  return (float2) (a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x);
}

/* -i a */
static inline float2
turned (float2 a)
{
  return (float2) (a.y, -a.x);
}

/* The transforms of two and of four numbers, in place. */
static inline void
two (float2 *a, float2 *b)
{
  const float2 d = *a - *b;
  *a += *b;
  *b = d;
}

static inline void
four (float2 *a, float2 *b, float2 *c, float2 *d)
{
  const float2 p = *a + *c, m = *a - *c, u = *b + *d, v = turned (*b - *d);
  *a = p + u;
  *b = m + v;
  *c = p - u;
  *d = m - v;
}

/* exp (-2 pi i / 16) and its powers */
#define COS1  0.923879533f
#define SIN1  0.382683432f
#define ROOT2 0.707106781f

/* The transform of RADIX numbers, in place. Eight are four pairs, sixteen four fours: number t of the result is then at
 * RESULT (t). */
#if RADIX == 8
#define RESULT(t) ((t) % 4 * 2 + (t) / 4)
#elif RADIX == 16
#define RESULT(t) ((t) % 4 * 4 + (t) / 4)
#else
#define RESULT(t) (t)
#endif

static inline void
butterfly (float2 *a)
{
#if RADIX == 2
  two (a, a + 1);
#elif RADIX == 3
  const float2 s = a[1] + a[2], d = turned (0.866025404f * (a[1] - a[2])), c = a[0] - 0.5f * s;
  a[0] += s;
  a[1] = c + d;
  a[2] = c - d;
#elif RADIX == 4
  four (a, a + 1, a + 2, a + 3);
#elif RADIX == 5
  /* cos and sin of 72 and 144 degrees */
  const float c1 = 0.309016994f, s1 = 0.951056516f, c2 = -0.809016994f, s2 = 0.587785252f;
  const float2 p = a[1] + a[4], m = a[1] - a[4], u = a[2] + a[3], v = a[2] - a[3];
  const float2 e = a[0] + c1 * p + c2 * u, f = a[0] + c2 * p + c1 * u;
  const float2 g = turned (s1 * m + s2 * v), h = turned (s2 * m - s1 * v);
  a[0] += p + u;
  a[1] = e + g;
  a[2] = f + h;
  a[3] = f - h;
  a[4] = e - g;
#elif RADIX == 8
  four (a, a + 2, a + 4, a + 6);
  four (a + 1, a + 3, a + 5, a + 7);
  a[3] = ROOT2 * (float2) (a[3].x + a[3].y, a[3].y - a[3].x);
  a[5] = turned (a[5]);
  a[7] = ROOT2 * (float2) (a[7].y - a[7].x, -a[7].x - a[7].y);
  two (a, a + 1);
  two (a + 2, a + 3);
  two (a + 4, a + 5);
  two (a + 6, a + 7);
#elif RADIX == 16
  four (a, a + 4, a + 8, a + 12);
  four (a + 1, a + 5, a + 9, a + 13);
  four (a + 2, a + 6, a + 10, a + 14);
  four (a + 3, a + 7, a + 11, a + 15);
  a[5] = times (a[5], (float2) (COS1, -SIN1));
  a[6] = times (a[6], (float2) (ROOT2, -ROOT2));
  a[7] = times (a[7], (float2) (SIN1, -COS1));
  a[9] = times (a[9], (float2) (ROOT2, -ROOT2));
  a[10] = turned (a[10]);
  a[11] = times (a[11], (float2) (-ROOT2, -ROOT2));
  a[13] = times (a[13], (float2) (SIN1, -COS1));
  a[14] = times (a[14], (float2) (-ROOT2, -ROOT2));
  a[15] = times (a[15], (float2) (-COS1, SIN1));
  four (a, a + 1, a + 2, a + 3);
  four (a + 4, a + 5, a + 6, a + 7);
  four (a + 8, a + 9, a + 10, a + 11);
  four (a + 12, a + 13, a + 14, a + 15);
#endif
}

__kernel void
fft_pass (__global OUT *restrict out, __global const IN *restrict in, __global const float2 *restrict twiddle,
#ifdef TIMES_KERNEL
          __global const float *restrict kern,
#endif
          const int n, const int sequences, const int stride, const int width, const int height, const float unit)
{
#ifdef ALONG_ROWS
  const int place = get_global_id (0), sequence = get_global_id (1);
#else
  const int place = get_global_id (1), sequence = get_global_id (0);
#endif
  if (place >= n / RADIX || sequence >= sequences)
    return;
#ifndef TIMES_KERNEL
  __global const float *kern = 0;
#endif
  const Shape s = {n, sequences, width, height, unit};
  const int j = place / stride, q = place - j * stride;
  float2 a[RADIX];
  for (int t = 0; t < RADIX; t++)
    a[t] = load (in, kern, s, place + t * (n / RADIX), sequence);
  butterfly (a);
  store (out, s, j * RADIX * stride + q, sequence, a[0]);
  for (int t = 1; t < RADIX; t++)
    store (out, s, (j * RADIX + t) * stride + q, sequence, times (a[RESULT (t)], twiddle[j * t * stride]));
}
