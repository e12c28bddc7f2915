/* Comes first in every program. V (1, 2, 4, 8 or 16) is how many neighbouring floats one work-item handles as one vector:
 * floatV, intV and uintV are types of that width, loadV and storeV work like vloadn and vstoren (index in vectors), and
 * LOAD and STORE take an offset in elements. */

#ifndef V
#define V 1
#endif

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_ (a, b)

#if V == 1
#define floatV float
#define intV int
#define uintV uint
#define loadV(i, p) ((p)[i])
#define storeV(v, i, p) ((p)[i] = (v))
#define as_floatV as_float
#define as_intV as_int
#define as_uintV as_uint
#define convert_floatV convert_float
#define convert_intV convert_int
#define convert_uintV convert_uint
#else
#define floatV JOIN (float, V)
#define intV JOIN (int, V)
#define uintV JOIN (uint, V)
#define loadV(i, p) JOIN (vload, V) ((i), (p))
#define storeV(v, i, p) JOIN (vstore, V) ((v), (i), (p))
#define as_floatV JOIN (as_float, V)
#define as_intV JOIN (as_int, V)
#define as_uintV JOIN (as_uint, V)
#define convert_floatV JOIN (convert_float, V)
#define convert_intV JOIN (convert_int, V)
#define convert_uintV JOIN (convert_uint, V)
#endif

#define LOAD(p, offset) loadV (0, (p) + (offset))
#define STORE(v, p, offset) storeV ((v), 0, (p) + (offset))

/* The sum of a vector's elements. */
static inline float
sumV (floatV v)
{
#if V == 1
  return v;
#elif V == 2
  return v.s0 + v.s1;
#elif V == 4
  float2 b = v.lo + v.hi;
  return b.s0 + b.s1;
#elif V == 8
  float4 a = v.lo + v.hi;
  float2 b = a.lo + a.hi;
  return b.s0 + b.s1;
#else
  float8 c = v.lo + v.hi;
  float4 a = c.lo + c.hi;
  float2 b = a.lo + a.hi;
  return b.s0 + b.s1;
#endif
}
