/*
 * The kernels of passes.inc.h for each processor family: portable ones, with vectors of 16 bytes, and on x86 the same
 * with vectors of 32 and 64 bytes. Needs SECANT_T, SECANT_H and SECANT_NARROW, and SECANT_NAME(name), SECANT_NAME_2 and
 * SECANT_NAME_3, which make names for the three.
 */
#define SECANT_FN(name) SECANT_NAME(name)
#define SECANT_WIDTH 2
#include "vector/passes.inc.h"

#ifdef SECANTI_X86
SECANTI_TARGET_BEGIN(avx2)
#undef SECANT_FN
#undef SECANT_WIDTH
#define SECANT_FN(name) SECANT_NAME_2(name)
#define SECANT_WIDTH 4
#include "vector/passes.inc.h"
SECANTI_TARGET_END

SECANTI_TARGET_BEGIN(avx512f)
#undef SECANT_FN
#undef SECANT_WIDTH
#define SECANT_FN(name) SECANT_NAME_3(name)
#define SECANT_WIDTH 8
#include "vector/passes.inc.h"
SECANTI_TARGET_END
#endif
