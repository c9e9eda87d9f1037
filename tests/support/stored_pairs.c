#include "support/stored_pairs.h"
#include <math.h>

/* Vector i of a list, or NULL if it is none in double. */
static const double *vector_at(const secant_node *list, int i, size_t *count)
{
  secant_tensor tensor;
  if (secant_node_get_tensor(secant_node_at(list, (size_t)i), &tensor) != SECANT_OK) return NULL;
  *count = tensor.local_count;
  return tensor.dtype == SECANT_F64 ? tensor.data : NULL;
}

static double product(const double *a, const double *b, size_t count)
{
  long double sum = 0.0L;
  for (size_t i = 0; i < count; i++) sum += (long double)a[i] * (long double)b[i];
  return (double)sum;
}

static bool is_single(const double *a, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    if ((double)(float)a[i] != a[i]) return false;
  }
  return true;
}

stored_pairs stored_pairs_of(const secant_node *dict)
{
  const secant_node *s_list = secant_node_find(dict, "state/0/old_stps");
  const secant_node *y_list = secant_node_find(dict, "state/0/old_dirs");
  const size_t listed = secant_node_size(s_list);
  const double *s[STORED_PAIRS_MOST], *y[STORED_PAIRS_MOST];
  stored_pairs pairs = {.single = true};
  size_t count = 0;
  if (listed > STORED_PAIRS_MOST) return pairs;
  for (int i = 0; i < (int)listed; i++) {
    s[i] = vector_at(s_list, i, &count);
    y[i] = vector_at(y_list, i, &count);
    if (!s[i] || !y[i]) return pairs;
    pairs.single = pairs.single && is_single(s[i], count) && is_single(y[i], count);
  }
  pairs.count = (int)listed;
  for (int i = 0; i < pairs.count; i++) {
    for (int j = 0; j < pairs.count; j++) {
      pairs.sy[i][j] = product(s[i], y[j], count);
      pairs.yy[i][j] = product(y[i], y[j], count);
      pairs.ss[i][j] = product(s[i], s[j], count);
    }
  }
  return pairs;
}

static const double *table(const secant_node *dict, const char *path, size_t elements)
{
  secant_tensor tensor;
  if (secant_node_get_tensor(secant_node_find(dict, path), &tensor) != SECANT_OK) return NULL;
  return tensor.local_count == elements ? tensor.data : NULL;
}

void stored_pairs_check(struct verdict *verdict, const stored_pairs *pairs, const secant_node *dict, const char *when)
{
  const int k = pairs->count;
  const double *sy = table(dict, "state/secant/gram_sy", (size_t)(k * k));
  const double *yy = table(dict, "state/secant/gram_yy", (size_t)(k * k));
  CHECK(verdict, k > 0 && sy && yy, "%s: no inner products of %d pairs", when, k);
  if (!sy || !yy) return;
  for (int i = 0; i < k; i++) {
    CHECK(verdict, pairs->sy[i][i] > 0.0, "%s: s.y of pair %d is %a", when, i, pairs->sy[i][i]);
    for (int j = 0; j < k; j++) {
      const double size_s = sqrt(pairs->ss[i][i]), size_yi = sqrt(pairs->yy[i][i]), size_yj = sqrt(pairs->yy[j][j]);
      const double got_sy = sy[i * k + j], got_yy = yy[i * k + j];
      CHECK(verdict, i > j || fabs(got_sy - pairs->sy[i][j]) <= 1e-13 * size_s * size_yj, "%s: s_%d.y_%d is %a, not %a",
            when, i, j, got_sy, pairs->sy[i][j]);
      CHECK(verdict, fabs(got_yy - pairs->yy[i][j]) <= 1e-13 * size_yi * size_yj, "%s: y_%d.y_%d is %a, not %a", when,
            i, j, got_yy, pairs->yy[i][j]);
    }
  }
}
