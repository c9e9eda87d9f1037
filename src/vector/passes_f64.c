/* The kernels for double. */
#define SECANT_T double
#define SECANT_FN(name) name##_f64
#define SECANT_WIDTH 2
#include "vector/passes.inc.h"

#ifdef SECANTI_X86
SECANTI_TARGET_BEGIN(avx2)
#undef SECANT_FN
#undef SECANT_WIDTH
#define SECANT_FN(name) name##_f64_avx2
#define SECANT_WIDTH 4
#include "vector/passes.inc.h"
SECANTI_TARGET_END

SECANTI_TARGET_BEGIN(avx512f)
#undef SECANT_FN
#undef SECANT_WIDTH
#define SECANT_FN(name) name##_f64_avx512
#define SECANT_WIDTH 8
#include "vector/passes.inc.h"
SECANTI_TARGET_END
#endif
