/* One step of Adam with beta1 = 0 (Kingma & Ba 2015; StyleGAN2 uses no first moment) on weights [first, first + n):
 *   v <- beta2 v + (1 - beta2) g^2,  w <- w - rate g / (sqrt (v / correction) + eps),  correction = 1 - beta2^t.
 * A gradient that is not a number counts as 0, an infinite one as 1e5, as in the published training loop.
 * Work-item x: elements [x*block, (x+1)*block). */
__kernel void
adam (__global float *restrict w, __global float *restrict v, __global const float *restrict g, const int first, const int n,
      const int block, const float rate, const float beta2, const float correction, const float eps)
{
  const int begin = first + get_global_id (0) * block, end = min (begin + block, first + n);
  int i = begin;
  for (; i + V <= end; i += V) {
    floatV d = LOAD (g, i);
    d = select (d, (floatV) (0.0f), isnan (d));
    d = clamp (d, (floatV) (-1e5f), (floatV) (1e5f));
    floatV s = beta2 * LOAD (v, i) + (1.0f - beta2) * d * d;
    STORE (s, v, i);
    STORE (LOAD (w, i) - rate * d / (sqrt (s / correction) + eps), w, i);
  }
  for (; i < end; i++) {
    float d = clamp (isnan (g[i]) ? 0.0f : g[i], -1e5f, 1e5f);
    float s = beta2 * v[i] + (1.0f - beta2) * d * d;
    v[i] = s;
    w[i] -= rate * d / (sqrt (s / correction) + eps);
  }
}

/* average <- w + keep (average - w): the exponential moving average of weights. */
__kernel void
average (__global float *restrict mean, __global const float *restrict w, const int n, const int block, const float keep)
{
  const int begin = get_global_id (0) * block, end = min (begin + block, n);
  int i = begin;
  for (; i + V <= end; i += V) {
    floatV x = LOAD (w, i);
    STORE (x + keep * (LOAD (mean, i) - x), mean, i);
  }
  for (; i < end; i++)
    mean[i] = w[i] + keep * (mean[i] - w[i]);
}

/* sum[i] <- sum[i] + value[0]: running sums of scalars. */
__kernel void
accumulate (__global float *restrict sum, __global const float *restrict value, const int i)
{
  sum[i] += value[0];
}
