/* out[o][j][i] = in[o][j + shift][i] where 0 <= j + shift < in_length, else 0: slices (shift >= 0) and pads (shift < 0) along
 * one axis. Work-item (-, j, o). */
__kernel void
window (__global float *restrict out, __global const float *restrict in, const int outer, const int out_length,
        const int in_length, const int inner, const int shift)
{
  const int j = get_global_id (1), o = get_global_id (2), from = j + shift;
  __global float *q = out + ((long) o * out_length + j) * inner;
  if (from < 0 || from >= in_length)
    for (int i = 0; i < inner; i++)
      q[i] = 0;
  else {
    __global const float *p = in + ((long) o * in_length + from) * inner;
    for (int i = 0; i < inner; i++)
      q[i] = p[i];
  }
}
