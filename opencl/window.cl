/* out[o][j][i] = in[o][j + shift][i] where 0 <= j + shift < in_length, else 0: slices (shift >= 0) and pads (shift < 0) along
 * one axis. Work-item (chunk of i, j, block of o). */
__kernel void
window (__global float *restrict out, __global const float *restrict in, const int outer, const int out_length,
        const int in_length, const int inner, const int shift, const int chunk, const int block)
{
  const int j = get_global_id (1), from = j + shift;
  const int first = get_global_id (0) * chunk, last = min (first + chunk, inner);
  const int end = min ((int) (get_global_id (2) + 1) * block, outer);
  for (int o = get_global_id (2) * block; o < end; o++) {
    __global float *q = out + ((long) o * out_length + j) * inner;
    if (from < 0 || from >= in_length)
      for (int i = first; i < last; i++)
        q[i] = 0;
    else {
      __global const float *p = in + ((long) o * in_length + from) * inner;
      for (int i = first; i < last; i++)
        q[i] = p[i];
    }
  }
}
