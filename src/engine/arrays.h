/*
 * Parts of vectors as plain arrays of a type that the caller names. Where it is not the vector's own, elements are
 * converted: a history may be stored in f32 under parameters in f64.
 */
#ifndef SECANT_ARRAYS_H
#define SECANT_ARRAYS_H

#include "vector/vectors.h"

/* Elements first .. first+count of the part of a vector that belongs to a segment. */
typedef struct secanti_range {
  size_t segment, first, count;
} secanti_range;

/* An array as one of another type, or of the same. Returns whether all elements kept their values, as below. */
bool secanti_array_convert(const void *from, secant_dtype from_dtype, void *to, secant_dtype to_dtype, size_t count);

/* The range as an array of `dtype`. */
void secanti_vectors_export_as(secanti_vectors *vectors, secanti_vector vector, secanti_range range, secant_dtype dtype,
                               void *out);

/* The range from an array of `dtype`. Returns whether all elements kept their values; rounding may change one, and a
 * NaN that is converted counts as changed. */
bool secanti_vectors_import_as(secanti_vectors *vectors, secanti_vector vector, secanti_range range, secant_dtype dtype,
                               const void *in);

#endif
