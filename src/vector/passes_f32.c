/* The kernels for float. */
#define SECANT_T float
#define SECANT_FN(name) name##_f32
#define SECANT_WIDTH 2
#include "vector/passes.inc.h"

#ifdef SECANTI_X86
SECANTI_TARGET_BEGIN(avx2)
#undef SECANT_FN
#undef SECANT_WIDTH
#define SECANT_FN(name) name##_f32_avx2
#define SECANT_WIDTH 4
#include "vector/passes.inc.h"
SECANTI_TARGET_END

SECANTI_TARGET_BEGIN(avx512f)
#undef SECANT_FN
#undef SECANT_WIDTH
#define SECANT_FN(name) name##_f32_avx512
#define SECANT_WIDTH 8
#include "vector/passes.inc.h"
SECANTI_TARGET_END
#endif
