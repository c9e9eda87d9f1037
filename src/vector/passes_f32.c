/* The kernels for float. */
#define SECANT_T float
#define SECANT_H float
#define SECANT_NARROW 0
#define SECANT_NAME(name) name##_f32
#define SECANT_NAME_2(name) name##_f32_avx2
#define SECANT_NAME_3(name) name##_f32_avx512
#include "vector/families.inc.h"
