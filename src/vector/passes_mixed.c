/* The kernels for parameters in double with a history in float. */
#define SECANT_T double
#define SECANT_H float
#define SECANT_NARROW 1
#define SECANT_NAME(name) name##_mixed
#define SECANT_NAME_2(name) name##_mixed_avx2
#define SECANT_NAME_3(name) name##_mixed_avx512
#include "vector/families.inc.h"
