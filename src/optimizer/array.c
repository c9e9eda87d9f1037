/* Arrays for parameters, on huge pages and near the threads that work on them. */
#include "base/base.h"
#include "optimizer/threads.h"
#include <secant/array.h>
#include <stdlib.h>
#include <string.h>

/* Zeroes one thread's part, whole lines but for the last: where it touches a page first, the page is its own. */
static void clear_part(char *array, size_t bytes, int part, int parts)
{
  const size_t share = bytes / SECANTI_CACHE_LINE / (size_t)parts * SECANTI_CACHE_LINE, first = share * (size_t)part;
  memset(array + first, 0, part + 1 < parts ? share : bytes - first);
}

secant_status secant_array_create(void **array, secant_dtype dtype, size_t count, int threads)
{
  if (!array) return SECANT_ERR_ARGUMENT;
  *array = NULL;
  if (!secanti_is_element_type(dtype) || threads < 1) return SECANT_ERR_ARGUMENT;
  const size_t element = secanti_element_bytes(dtype);
  char *const memory = secanti_alloc_huge(count, element);
  if (!memory) return SECANT_ERR_MEMORY;
  const int parts = secanti_worthwhile_threads(count, threads);
#ifdef _OPENMP
#pragma omp parallel for num_threads(parts) schedule(static, 1) if (parts > 1)
#endif
  for (int part = 0; part < parts; part++) clear_part(memory, count * element, part, parts);
  *array = memory;
  return SECANT_OK;
}

void secant_array_destroy(void *array)
{
  free(array);
}
