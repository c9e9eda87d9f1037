/* The Taylor test of a gradient: moves, evaluations and sums. What they say is judged in numerics/taylor.c. */
#include "base/base.h"
#include "base/binned.h"
#include "comm/equal.h"
#include "numerics/taylor.h"
#include "optimizer/optimizer.h"
#include "vector/sums.h"
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

void secant_gradient_check_options_init(secant_gradient_check_options *options, size_t size)
{
  const secant_gradient_check_options all = {.size = size, .along = SECANT_CHECK_RANDOM};
  memset(options, 0, size);
  memcpy(options, &all, size < sizeof all ? size : sizeof all);
}

/* One test. Vectors are the parameters' arrays one after the other, in their type. */
typedef struct gradient_test {
  secant_optimizer *optimizer;
  secant_closure *closure;
  void *user;
  secant_gradient_check_options options;
  char *x;         /* where the test began */
  char *found;     /* the gradient arrays as they were */
  char *gradient;  /* g at x */
  unsigned *marks; /* [parameters] what was noted of absent gradients */
  size_t tile;     /* elements whose terms are added before a sum gets them */
  double gradient_inf;
  double norm; /* of the direction before it is divided by it */
  int64_t evaluations;
  secanti_reduction reduction;
  secanti_taylor taylor;
} gradient_test;

static double read_element(secant_dtype dtype, const void *array, size_t i)
{
  return dtype == SECANT_F32 ? (double)((const float *)array)[i] : ((const double *)array)[i];
}

static double write_element(secant_dtype dtype, void *array, size_t i, double value)
{
  if (dtype == SECANT_F32) ((float *)array)[i] = (float)value;
  if (dtype == SECANT_F64) ((double *)array)[i] = value;
  return read_element(dtype, array, i);
}

/* A number in +-[1/2, 3/2) that belongs to a seed and an index. Source: splitmix64, Steele, Lea and Flood 2014. */
static double random_entry(uint64_t seed, int64_t index)
{
  uint64_t z = seed + ((uint64_t)index + 1) * UINT64_C(0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  z ^= z >> 31;
  const double size = 0.5 + (double)(z >> 11) * 0x1p-53;
  return z & 1 ? size : -size;
}

/* The part of a parameter that this rank holds: where it begins in a saved vector, and among all unknowns. */
typedef struct part {
  const secanti_segment *segment;
  size_t saved;
  int64_t global;
} part;

/* The part of parameter `index`, which follows that of the one before. */
static part part_at(const secanti_parameters *parameters, size_t index)
{
  part at = {.segment = &parameters->segments[index], .global = parameters->entries[index].first};
  for (size_t i = 0; i < index; i++) {
    at.saved += parameters->segments[i].count;
    at.global += parameters->entries[i].extent;
  }
  return at;
}

/* An entry of the direction before it is divided by `norm`; that of the gradient cannot overflow when it is squared. */
static double raw_direction(const gradient_test *test, size_t saved, int64_t global)
{
  if (test->options.along == SECANT_CHECK_RANDOM) return random_entry(test->options.seed, global);
  return read_element(test->optimizer->parameters.dtype, test->gradient, saved) / test->gradient_inf;
}

/* Copies the values of all parameters, or their gradients, to `vector` or back from it. */
static void copy_arrays(const secanti_parameters *parameters, bool gradients, char *vector, bool back)
{
  for (size_t p = 0; p < parameters->count; p++) {
    const secanti_segment *segment = &parameters->segments[p];
    const size_t length = segment->count * secanti_element_bytes(parameters->dtype);
    void *array = gradients ? segment->gradient : segment->values;
    if (length > 0) memcpy(back ? array : vector, back ? vector : array, length);
    vector += length;
  }
}

/* Elements of all parameters on this rank. */
static size_t local_count(const secanti_parameters *parameters)
{
  size_t count = 0;
  for (size_t p = 0; p < parameters->count; p++) count += parameters->segments[p].count;
  return count;
}

static secant_status begin(gradient_test *test)
{
  const secanti_parameters *parameters = &test->optimizer->parameters;
  const size_t local = local_count(parameters);
  const size_t bytes = secanti_element_bytes(parameters->dtype);
  test->tile = secanti_tile_size(parameters->extent);
  test->x = secanti_alloc(local + 1, bytes);
  test->found = secanti_alloc(local + 1, bytes);
  test->gradient = secanti_alloc(local + 1, bytes);
  test->marks = secanti_alloc(parameters->count, sizeof *test->marks);
  if (!test->x || !test->found || !test->gradient || !test->marks) return SECANT_ERR_MEMORY;
  return secanti_reduction_create(&test->reduction, 3, true);
}

/* Keeps what the test changes, or puts it `back`. */
static void keep_state(gradient_test *test, bool back)
{
  secanti_parameters *parameters = &test->optimizer->parameters;
  copy_arrays(parameters, false, test->x, back);
  copy_arrays(parameters, true, test->found, back);
  for (size_t p = 0; p < parameters->count; p++) {
    secanti_parameter *entry = &parameters->entries[p];
    if (!back) test->marks[p] = (entry->absent ? 1U : 0U) | (entry->poisoned ? 2U : 0U);
    entry->absent = (test->marks[p] & 1U) != 0;
    entry->poisoned = (test->marks[p] & 2U) != 0;
  }
  memset(test->optimizer->engine.loss_terms, 0, sizeof test->optimizer->engine.loss_terms);
}

static void end(gradient_test *test)
{
  free(test->x);
  free(test->found);
  free(test->gradient);
  free(test->marks);
  secanti_reduction_destroy(&test->reduction);
}

/* A sum over elements: a binned one holds 2^31 terms, so that it gets those of a tile together. */
typedef struct tiled_sum {
  double *words; /* binned */
  double tile;   /* sum of the tile in work */
} tiled_sum;

/* Adds the term of element i of a part. */
static void add_term(const gradient_test *test, tiled_sum *sum, double term, const part *at, size_t i)
{
  sum->tile += term;
  if ((i + 1) % test->tile != 0 && i + 1 < at->segment->count) return;
  secanti_binned_add(sum->words, sum->tile);
  sum->tile = 0.0;
}

static tiled_sum tiled_sum_of(gradient_test *test, int index)
{
  return (tiled_sum){.words = secanti_reduction_words(&test->reduction, index)};
}

/* ---- moves and evaluations ----------------------------------------------------------------------------------------- */

/*
 * x = x0 + step d, rounded. `linear` gets this rank's sum of g.s, s the move as it was made: rounding x then is no error
 * of the test.
 */
static void move(gradient_test *test, double step, double *linear)
{
  const secanti_parameters *parameters = &test->optimizer->parameters;
  const secant_dtype dtype = parameters->dtype;
  tiled_sum sum = {.words = linear};
  for (size_t p = 0; p < parameters->count; p++) {
    const part at = part_at(parameters, p);
    for (size_t i = 0; i < at.segment->count; i++) {
      const double d = raw_direction(test, at.saved + i, at.global + (int64_t)i) / test->norm;
      const double from = read_element(dtype, test->x, at.saved + i);
      const double to = write_element(dtype, at.segment->values, i, from + step * d);
      add_term(test, &sum, read_element(dtype, test->gradient, at.saved + i) * (to - from), &at, i);
    }
  }
}

/* A replicated loss counts once. A rank that disagrees by a value that is not finite still spoils the sum. */
static void add_loss(gradient_test *test, double loss)
{
  const secant_optimizer *o = test->optimizer;
  const bool counts = o->options.loss == SECANT_LOSS_SHARE || o->comm->rank == 0;
  const double *terms = o->engine.loss_terms;
  if (counts || !isfinite(loss)) secanti_reduction_add(&test->reduction, 0, loss);
  if (counts || !isfinite(secanti_binned_value(terms))) {
    secanti_binned_merge(terms, secanti_reduction_words(&test->reduction, 0));
  }
}

/* Evaluates here: begins a message with the loss as sum 0, which is still to be sent. */
static void evaluate(gradient_test *test, int sums, int maxima)
{
  secant_optimizer *o = test->optimizer;
  double loss = 0.0;
  memset(o->engine.loss_terms, 0, sizeof o->engine.loss_terms);
  const int failed = test->closure(test->user, &loss);
  test->evaluations++;
  secanti_gradients_settle(&o->parameters);
  secanti_reduction_begin_binned(&test->reduction, sums, maxima);
  test->reduction.status = failed ? SECANT_ERR_CLOSURE : SECANT_OK;
  if (!failed) add_loss(test, loss);
}

/* Collective, as all that follows; the outcome is common. */
static secant_status reduce(gradient_test *test)
{
  secant_optimizer *o = test->optimizer;
  const secant_status status = secanti_reduce(o->comm, &test->reduction);
  if (status == SECANT_ERR_CLOSURE) {
    return secanti_fail(&o->error, status, "the objective reported failure on rank %d in evaluation %lld of the test",
                        test->reduction.failing_rank, (long long)test->evaluations);
  }
  return status == SECANT_OK ? status : secanti_fail(&o->error, status, "%s", secant_status_text(status));
}

/* f at a step, which may be negative, and g.s. */
static secant_status evaluate_at(gradient_test *test, double step, double *loss, double *linear)
{
  double words[SECANTI_BINNED_WORDS] = {0.0};
  move(test, step, words);
  evaluate(test, 2, 0);
  secanti_binned_merge(words, secanti_reduction_words(&test->reduction, 1));
  const secant_status status = reduce(test);
  *loss = secanti_reduction_sums(&test->reduction)[0];
  *linear = secanti_reduction_sums(&test->reduction)[1];
  return status;
}

/* f, g, |g|_inf and |x|_inf where the test begins. */
static secant_status evaluate_start(gradient_test *test, double *x_inf)
{
  const secanti_parameters *parameters = &test->optimizer->parameters;
  evaluate(test, 1, 2);
  copy_arrays(parameters, true, test->gradient, false);
  double *maximum = secanti_reduction_maxima(&test->reduction);
  for (size_t i = 0, local = local_count(parameters); i < local; i++) {
    maximum[0] = secanti_max(maximum[0], fabs(read_element(parameters->dtype, test->gradient, i)));
    maximum[1] = secanti_max(maximum[1], fabs(read_element(parameters->dtype, test->x, i)));
  }
  const secant_status status = reduce(test);
  test->taylor.loss = secanti_reduction_sums(&test->reduction)[0];
  test->gradient_inf = maximum[0];
  *x_inf = maximum[1];
  return status;
}

/* |x| and |g| in the 2-norm, divided by their largest entries, and that of the direction. */
static secant_status measure(gradient_test *test, double x_inf, double *x_norm, double *g_norm)
{
  const secanti_parameters *parameters = &test->optimizer->parameters;
  const double by_x = x_inf > 0.0 ? x_inf : 1.0, by_g = test->gradient_inf > 0.0 ? test->gradient_inf : 1.0;
  secanti_reduction_begin_binned(&test->reduction, 3, 0);
  tiled_sum xx = tiled_sum_of(test, 0), gg = tiled_sum_of(test, 1), dd = tiled_sum_of(test, 2);
  for (size_t p = 0; p < parameters->count; p++) {
    const part at = part_at(parameters, p);
    for (size_t i = 0; i < at.segment->count; i++) {
      const double x = read_element(parameters->dtype, test->x, at.saved + i) / by_x;
      const double g = read_element(parameters->dtype, test->gradient, at.saved + i) / by_g;
      const double d = raw_direction(test, at.saved + i, at.global + (int64_t)i);
      add_term(test, &xx, x * x, &at, i);
      add_term(test, &gg, g * g, &at, i);
      add_term(test, &dd, d * d, &at, i);
    }
  }
  const secant_status status = reduce(test);
  const double *sum = secanti_reduction_sums(&test->reduction);
  *x_norm = x_inf * sqrt(sum[0]);
  *g_norm = test->gradient_inf * sqrt(sum[1]);
  test->norm = sqrt(sum[2]);
  return status;
}

/* g.d: what a step of length 1 would tell, if x had no digits to lose. */
static secant_status tell_slope(gradient_test *test)
{
  const secanti_parameters *parameters = &test->optimizer->parameters;
  secanti_reduction_begin_binned(&test->reduction, 1, 0);
  tiled_sum sum = tiled_sum_of(test, 0);
  for (size_t p = 0; p < parameters->count; p++) {
    const part at = part_at(parameters, p);
    for (size_t i = 0; i < at.segment->count; i++) {
      const double d = raw_direction(test, at.saved + i, at.global + (int64_t)i) / test->norm;
      add_term(test, &sum, d * read_element(parameters->dtype, test->gradient, at.saved + i), &at, i);
    }
  }
  const secant_status status = reduce(test);
  test->taylor.told = secanti_reduction_sums(&test->reduction)[0];
  return status;
}

/* ---- the test ------------------------------------------------------------------------------------------------------ */

/* The remainders of a step that is halved as long as shorter ones could tell more. */
static secant_status take_steps(gradient_test *test, double longest)
{
  double step = longest;
  test->taylor.count = 0;
  for (int k = 0; k < SECANTI_TAYLOR_STEPS; k++, step *= 0.5) {
    double loss, linear;
    const secant_status status = evaluate_at(test, step, &loss, &linear);
    if (status != SECANT_OK) return status;
    if (!secanti_taylor_add(&test->taylor, step, loss, linear)) break;
  }
  return SECANT_OK;
}

/* Looks at the other side before a gradient is called wrong. */
static secant_status look_behind(gradient_test *test, secanti_taylor_result *result)
{
  double remainder[2];
  for (int k = 0; k < 2; k++) {
    double loss, linear;
    const secant_status status = evaluate_at(test, -test->taylor.step[result->best + k], &loss, &linear);
    if (status != SECANT_OK) return status;
    remainder[k] = (loss - test->taylor.loss) - linear;
  }
  secanti_taylor_confirm(&test->taylor, remainder[0], remainder[1], result);
  return SECANT_OK;
}

/* At a start without finite values, or up a gradient that is zero, there is nothing to be told. */
static secant_status run_test(gradient_test *test, secanti_taylor_result *result)
{
  const secanti_parameters *parameters = &test->optimizer->parameters;
  secanti_taylor *taylor = &test->taylor;
  const double roots = sqrt((double)parameters->extent);
  double x_inf, x_norm, g_norm;
  secant_status status = SECANT_OK;
  *result = (secanti_taylor_result){SECANT_GRADIENT_CANNOT_TELL, NAN, NAN, NAN, NAN, NAN, 0};
  taylor->told = NAN;
  SECANT_TRY(evaluate_start(test, &x_inf));
  if (!isfinite(taylor->loss) || !isfinite(test->gradient_inf) || !isfinite(x_inf)) return SECANT_OK;
  if (test->options.along == SECANT_CHECK_GRADIENT && test->gradient_inf == 0.0) return SECANT_OK;
  SECANT_TRY(measure(test, x_inf, &x_norm, &g_norm));
  SECANT_TRY(tell_slope(test));
  taylor->typical = g_norm / fmax(1.0, roots);
  taylor->tolerance = parameters->dtype == SECANT_F32 ? sqrt((double)FLT_EPSILON) : 1e-5;
  const double step = test->options.step > 0.0 ? test->options.step : 0x1p-6 * fmax(x_norm, roots);
  SECANT_TRY(take_steps(test, step));
  *result = secanti_taylor_judge(taylor);
  const double shorter = secanti_taylor_shorten(taylor, result);
  if (shorter > 0.0) {
    SECANT_TRY(take_steps(test, shorter));
    *result = secanti_taylor_judge(taylor);
    if (secanti_taylor_shorten(taylor, result) > 0.0) result->verdict = SECANT_GRADIENT_CANNOT_TELL;
  }
  if (result->verdict == SECANT_GRADIENT_FAILS) SECANT_TRY(look_behind(test, result));
done:
  return status;
}

/* Bytes that a newer caller knows and this library does not must be zero. */
static bool import_options(const secant_gradient_check_options *from, secant_gradient_check_options *to)
{
  *to = secant_gradient_check_options_default();
  if (!from) return true;
  if (from->size < sizeof from->size) return false;
  const char *bytes = (const char *)from;
  for (size_t i = sizeof *from; i < from->size; i++) {
    if (bytes[i] != 0) return false;
  }
  memcpy(to, from, from->size < sizeof *to ? from->size : sizeof *to);
  to->size = sizeof *to;
  const bool known = to->along == SECANT_CHECK_RANDOM || to->along == SECANT_CHECK_GRADIENT;
  return known && to->step >= 0.0 && isfinite(to->step);
}

/* What this rank alone can tell of its arguments, then what all must agree about. Collective. */
static secant_status prepare(gradient_test *test, const secant_gradient_check_options *options,
                             const secant_gradient_check *check)
{
  secant_optimizer *o = test->optimizer;
  if (secanti_optimizer_between_steps(o, "secant_check_gradient") == SECANT_OK) {
    if (!test->closure || !check || check->size < sizeof *check) {
      secanti_fail(&o->error, SECANT_ERR_ARGUMENT, "the test of a gradient needs a closure and a record to fill");
    } else if (!import_options(options, &test->options)) {
      secanti_fail(&o->error, SECANT_ERR_ARGUMENT,
                   "the options of the test were not made by secant_gradient_check_options_default(), or `along` or "
                   "`step` is outside its range");
    } else if (begin(test) != SECANT_OK) {
      secanti_fail(&o->error, SECANT_ERR_MEMORY, "no memory for the three vectors that the test of a gradient takes");
    }
  }
  const secant_status status = secant_comm_agree(o->comm, &o->error);
  if (status != SECANT_OK) return status;
  const secant_gradient_check_options *mine = &test->options;
  uint64_t hash = secanti_hash(SECANTI_HASH_START, &mine->along, sizeof mine->along);
  hash = secanti_hash(secanti_hash(hash, &mine->seed, sizeof mine->seed), &mine->step, sizeof mine->step);
  return secanti_require_equal(o->comm, hash, "the options of the test", &o->error);
}

secant_status secant_check_gradient(secant_optimizer *optimizer, secant_closure *closure, void *user,
                                    const secant_gradient_check_options *options, secant_gradient_check *check)
{
  if (!optimizer) return SECANT_ERR_ARGUMENT;
  gradient_test test = {.optimizer = optimizer, .closure = closure, .user = user};
  secanti_taylor_result result;
  secant_status status = SECANT_OK;
  SECANT_TRY(prepare(&test, options, check));
  keep_state(&test, false);
  status = run_test(&test, &result);
  keep_state(&test, true);
  if (status != SECANT_OK) goto done;
  *check = (secant_gradient_check){.size = check->size,
                                   .verdict = result.verdict,
                                   .told = test.taylor.told,
                                   .measured = test.taylor.told + result.error,
                                   .precision = result.precision,
                                   .order = result.order,
                                   .evaluations = test.evaluations};
done:
  end(&test);
  return status;
}
