/* Chooses the kernels for a pair of types and this processor. */
#include "vector/passes.h"

/* The longest vectors that may be used: for tests of what does not depend on it. */
#ifndef SECANT_VECTOR_BITS
#define SECANT_VECTOR_BITS 512
#endif

bool secanti_has_vectors(int bits)
{
#ifdef SECANTI_X86
  if (bits > SECANT_VECTOR_BITS) return false;
  return bits > 256 ? __builtin_cpu_supports("avx512f") : __builtin_cpu_supports("avx2");
#else
  return (void)bits, false;
#endif
}

const secanti_passes *secanti_passes_choose(secant_dtype dtype, bool narrow)
{
  const bool single = dtype == SECANT_F32;
#ifdef SECANTI_X86
  if (secanti_has_vectors(512)) {
    return single ? &secanti_passes_f32_avx512 : narrow ? &secanti_passes_mixed_avx512 : &secanti_passes_f64_avx512;
  }
  if (secanti_has_vectors(256)) {
    return single ? &secanti_passes_f32_avx2 : narrow ? &secanti_passes_mixed_avx2 : &secanti_passes_f64_avx2;
  }
#endif
  return single ? &secanti_passes_f32 : narrow ? &secanti_passes_mixed : &secanti_passes_f64;
}
