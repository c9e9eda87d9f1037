#include "engine/arrays.h"
#include "base/base.h"
#include <string.h>

enum { PIECE = 512 };

static void widen(const float *from, size_t count, double *to)
{
  for (size_t i = 0; i < count; i++) to[i] = (double)from[i];
}

/* To the nearest float. Returns whether nothing was lost. */
static bool narrow(const double *from, size_t count, float *to)
{
  bool kept = true;
  for (size_t i = 0; i < count; i++) {
    to[i] = (float)from[i];
    kept = kept && (double)to[i] == from[i];
  }
  return kept;
}

bool secanti_array_convert(const void *from, secant_dtype from_dtype, void *to, secant_dtype to_dtype, size_t count)
{
  if (from_dtype == to_dtype) {
    memcpy(to, from, count * secanti_element_bytes(to_dtype));
    return true;
  }
  if (to_dtype == SECANT_F32) return narrow(from, count, to);
  widen(from, count, to);
  return true;
}

static void export_piece(secanti_vectors *vectors, secanti_vector vector, secanti_range piece, secant_dtype dtype,
                         void *out)
{
  double wide[PIECE];
  float single[PIECE];
  void *own = dtype == SECANT_F32 ? (void *)wide : (void *)single;
  secanti_vectors_export(vectors, vector, piece.segment, piece.first, piece.count, own);
  if (dtype == SECANT_F32) {
    narrow(wide, piece.count, out);
  } else {
    widen(single, piece.count, out);
  }
}

static bool import_piece(secanti_vectors *vectors, secanti_vector vector, secanti_range piece, secant_dtype dtype,
                         const void *in)
{
  double wide[PIECE];
  float single[PIECE];
  bool kept = true;
  if (dtype == SECANT_F32) {
    widen(in, piece.count, wide);
  } else {
    kept = narrow(in, piece.count, single);
  }
  const void *own = dtype == SECANT_F32 ? (const void *)wide : (const void *)single;
  secanti_vectors_import(vectors, vector, piece.segment, piece.first, piece.count, own);
  return kept;
}

/* The first piece of what is left of a range. */
static secanti_range first_piece(const secanti_range *rest)
{
  return (secanti_range){rest->segment, rest->first, rest->count < PIECE ? rest->count : PIECE};
}

static void advance(secanti_range *rest, size_t count)
{
  rest->first += count;
  rest->count -= count;
}

void secanti_vectors_export_as(secanti_vectors *vectors, secanti_vector vector, secanti_range range, secant_dtype dtype,
                               void *out)
{
  if (secanti_vectors_dtype(vectors, vector.kind) == dtype) {
    secanti_vectors_export(vectors, vector, range.segment, range.first, range.count, out);
    return;
  }
  char *next = out;
  while (range.count > 0) {
    const secanti_range piece = first_piece(&range);
    export_piece(vectors, vector, piece, dtype, next);
    next += piece.count * secanti_element_bytes(dtype);
    advance(&range, piece.count);
  }
}

bool secanti_vectors_import_as(secanti_vectors *vectors, secanti_vector vector, secanti_range range, secant_dtype dtype,
                               const void *in)
{
  if (secanti_vectors_dtype(vectors, vector.kind) == dtype) {
    secanti_vectors_import(vectors, vector, range.segment, range.first, range.count, in);
    return true;
  }
  const char *next = in;
  bool kept = true;
  while (range.count > 0) {
    const secanti_range piece = first_piece(&range);
    kept = import_piece(vectors, vector, piece, dtype, next) && kept;
    next += piece.count * secanti_element_bytes(dtype);
    advance(&range, piece.count);
  }
  return kept;
}
