/* The kernels for double. */
#define SECANT_T double
#define SECANT_H double
#define SECANT_NARROW 0
#define SECANT_NAME(name) name##_f64
#define SECANT_NAME_2(name) name##_f64_avx2
#define SECANT_NAME_3(name) name##_f64_avx512
#include "vector/families.inc.h"
