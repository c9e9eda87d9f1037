/* Chooses the kernels for an element type and this processor. */
#include "vector/passes.h"

const secanti_passes *secanti_passes_choose(secant_dtype dtype)
{
  const int single = dtype == SECANT_F32;
#ifdef SECANTI_X86
  if (__builtin_cpu_supports("avx512f")) return single ? &secanti_passes_f32_avx512 : &secanti_passes_f64_avx512;
  if (__builtin_cpu_supports("avx2")) return single ? &secanti_passes_f32_avx2 : &secanti_passes_f64_avx2;
#endif
  return single ? &secanti_passes_f32 : &secanti_passes_f64;
}
