/*
 * Recorded cases whose unknowns are cut into tensors out of one array, followed through the public functions alone.
 * Included once by each test program.
 */
#ifndef TESTS_TENSOR_RUN_H
#define TESTS_TENSOR_RUN_H

#include "support/golden_file.h"
#include "support/golden_rules.h"
#include <math.h>
#include <secant/secant.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

enum { TENSOR_MOST = 64, TENSOR_TRACE = 64, TENSOR_COUNT = 3 };

static golden_file *golden; /* the recorded cases */

/* Set-up and tear-down of a test program. */
static inline int tensor_read_cases(void **state)
{
  (void)state;
  const char *complaint = NULL;
  golden = golden_file_read(SECANT_TEST_DATA "/torch_lbfgs.json", &complaint);
  if (!golden) print_error("%s\n", complaint);
  return golden ? 0 : -1;
}

static inline int tensor_free_cases(void **state)
{
  (void)state;
  golden_file_free(golden);
  return 0;
}

static inline const golden_case *tensor_case(const char *id)
{
  for (size_t i = 0; i < golden->case_count; i++) {
    if (strcmp(golden->cases[i].id, id) == 0) return &golden->cases[i];
  }
  fail_msg("there is no case %s", id);
  return NULL;
}

/* ---- a run over tensors that are cut out of one array ------------------------------------------------------------ */

typedef enum tensor_manner { WRITES_ALL, LEAVES_ABSENT, WRITES_ZEROS } tensor_manner;

typedef struct tensor_run {
  golden_problem *problem;
  size_t n, tensors, extents[TENSOR_COUNT];
  size_t without; /* tensor whose gradient the closure does not write; TENSOR_COUNT: none */
  tensor_manner manner;
  double x[TENSOR_MOST], g[TENSOR_MOST];
  secant_parameter parameters[TENSOR_COUNT];
  secant_optimizer *optimizer;
  int calls;
  double trace[TENSOR_TRACE]; /* losses of the calls */
} tensor_run;

static inline int tensor_closure(void *user, double *loss)
{
  tensor_run *r = user;
  double g[TENSOR_MOST];
  *loss = golden_problem_f64(r->problem, r->x, g);
  if (r->manner == LEAVES_ABSENT) secant_zero_grad(r->optimizer, 1);
  for (size_t k = 0, at = 0; k < r->tensors; at += r->extents[k], k++) {
    const size_t bytes = r->extents[k] * sizeof *g;
    if (k != r->without) {
      memcpy(r->g + at, g + at, bytes);
    } else if (r->manner == WRITES_ZEROS) {
      memset(r->g + at, 0, bytes);
    }
  }
  if (r->calls < TENSOR_TRACE) r->trace[r->calls] = *loss;
  r->calls++;
  return 0;
}

/* Describes the tensors and sets the recorded start; no optimizer yet. */
static inline tensor_run *tensor_begin(const golden_case *recorded, size_t tensors, const size_t *extents)
{
  tensor_run *r = calloc(1, sizeof *r);
  assert_non_null(r);
  const golden_objective *objective = &recorded->objective;
  r->problem = golden_problem_create(objective->problem, objective->n, &objective->args);
  assert_non_null(r->problem);
  r->n = objective->n;
  r->tensors = tensors;
  r->without = TENSOR_COUNT;
  for (size_t k = 0, at = 0; k < tensors; at += extents[k], k++) {
    r->extents[k] = extents[k];
    r->parameters[k] = (secant_parameter){.values = r->x + at, .gradient = r->g + at, .local_count = extents[k]};
  }
  if (recorded->x0) {
    memcpy(r->x, recorded->x0, r->n * sizeof *r->x);
  } else {
    golden_problem_start(r->problem, r->x);
  }
  return r;
}

static inline void tensor_create(tensor_run *r, const secant_options *options)
{
  secant_error error;
  if (secant_create(&r->optimizer, r->parameters, r->tensors, options, NULL, &error) != SECANT_OK)
    fail_msg("%s", error.message);
}

static inline void tensor_end(tensor_run *r)
{
  secant_destroy(r->optimizer);
  golden_problem_destroy(r->problem);
  free(r);
}

static inline double tensor_step(tensor_run *r)
{
  double loss = NAN;
  if (secant_step(r->optimizer, tensor_closure, r, &loss) != SECANT_OK) fail_msg("%s", secant_message(r->optimizer));
  return loss;
}

/* The options of the cases used here. */
static inline secant_options tensor_options(int64_t max_iter, secant_line_search search)
{
  secant_options options = secant_options_torch();
  options.max_iter = max_iter;
  options.line_search = search;
  return options;
}

/* Whether `got` is what was recorded; floor and drift as in golden_allowance(). */
static inline bool tensor_near(double got, double want, double floor, double drift)
{
  return fabs(got - want) <= golden_allowance(floor, drift) * fmax(1.0, fabs(want));
}

static inline void tensor_expect(const tensor_run *r, const golden_step *want)
{
  const double floor = golden_rules_for(SECANT_F64).floor;
  for (size_t i = 0; i < want->x_count; i++) assert_true(tensor_near(r->x[i], want->x[i], floor, want->drift_x));
  const secant_info info = secant_get_info(r->optimizer);
  assert_int_equal(info.n_iter, want->n_iter);
  assert_int_equal(info.func_evals, want->func_evals);
  assert_int_equal(info.pairs, want->hist);
}

static const size_t tensor_split[] = {6, 2, 5};

#endif
