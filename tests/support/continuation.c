#include "support/continuation.h"
#include "support/random.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const int64_t extents[CONTINUATION_PARAMETERS] = {37, 0, 1, 1500};
static const int64_t shapes[CONTINUATION_PARAMETERS][2] = {{37}, {0}, {1}, {30, 50}};
static const char *const names[CONTINUATION_PARAMETERS] = {"layer/weight", "empty", "bias", "layer/matrix"};

static size_t element_bytes(secant_dtype dtype)
{
  return dtype == SECANT_F32 ? sizeof(float) : sizeof(double);
}

static double get(secant_dtype dtype, const void *array, size_t i)
{
  return dtype == SECANT_F32 ? (double)((const float *)array)[i] : ((const double *)array)[i];
}

static void put(secant_dtype dtype, void *array, size_t i, double value)
{
  if (dtype == SECANT_F32) {
    ((float *)array)[i] = (float)value;
  } else {
    ((double *)array)[i] = value;
  }
}

/* The end of rank r's part: rank 0 gets a third of an even share. What an idle rank would have goes to the next. */
static int64_t end_of(int64_t extent, int rank, int size, int idle)
{
  if (rank == idle) rank--;
  if (rank < 0) return 0;
  if (rank == size - 1) return extent;
  return rank == 0 ? extent / size / 3 : extent * (rank + 1) / size;
}

static void start_at(continuation *run, double shift)
{
  for (int p = 0; p < CONTINUATION_PARAMETERS; p++) {
    secant_parameter *parameter = &run->parameters[p];
    for (size_t i = 0; i < parameter->local_count; i++) {
      uint64_t state = (uint64_t)(run->first[p] + (int64_t)i) * 4 + (uint64_t)p;
      put(run->dtype, parameter->values, i, 3.0 * random_symmetric(&state) + shift);
      put(run->dtype, parameter->gradient, i, 0.0);
    }
  }
}

continuation *continuation_create(secant_comm *comm, secant_dtype dtype, const secant_options *options, double shift)
{
  return continuation_create_with_idle(comm, dtype, options, shift, -1);
}

continuation *continuation_create_with_idle(secant_comm *comm, secant_dtype dtype, const secant_options *options,
                                            double shift, int idle)
{
  const int rank = secant_comm_rank(comm), size = secant_comm_size(comm);
  continuation *run = calloc(1, sizeof *run);
  if (!run) return NULL;
  run->comm = comm;
  run->dtype = dtype;
  for (int p = 0; p < CONTINUATION_PARAMETERS; p++) {
    run->first[p] = end_of(extents[p], rank - 1, size, idle);
    const size_t count = (size_t)(end_of(extents[p], rank, size, idle) - run->first[p]);
    run->parameters[p] = (secant_parameter){.name = names[p],
                                            .dtype = dtype,
                                            .values = calloc(count + 1, element_bytes(dtype)),
                                            .gradient = calloc(count + 1, element_bytes(dtype)),
                                            .local_count = count,
                                            .shape = p == 3 ? shapes[p] : NULL,
                                            .dimensions = p == 3 ? 2 : 0};
  }
  start_at(run, shift);
  secant_error error;
  if (secant_create(&run->optimizer, run->parameters, CONTINUATION_PARAMETERS, options, comm, &error) == SECANT_OK) {
    return run;
  }
  continuation_destroy(run);
  return NULL;
}

void continuation_destroy(continuation *run)
{
  if (!run) return;
  secant_destroy(run->optimizer);
  for (int p = 0; p < CONTINUATION_PARAMETERS; p++) {
    free(run->parameters[p].values);
    free(run->parameters[p].gradient);
  }
  free(run);
}

/* One term of the objective, from its global index alone. */
static double term(const continuation *run, int p, size_t i, double *slope)
{
  uint64_t state = 7919 * (uint64_t)(run->first[p] + (int64_t)i) + (uint64_t)p;
  const double w = random_power_of_ten(&state, 0.0, 3.0), c = random_symmetric(&state);
  const double x = get(run->dtype, run->parameters[p].values, i), e = x - c;
  *slope = w * e + e * e * e / 5.0;
  if (run->wall > 0.0 && fabs(x) > run->wall) return NAN;
  return w * e * e / 2.0 + e * e * e * e / 20.0;
}

int continuation_closure(void *user, double *loss)
{
  continuation *run = user;
  *loss = 0.0;
  for (int p = 0; p < CONTINUATION_PARAMETERS; p++) {
    for (size_t i = 0; i < run->parameters[p].local_count; i++) {
      double slope;
      *loss += term(run, p, i, &slope);
      put(run->dtype, run->parameters[p].gradient, i, slope);
    }
  }
  return 0;
}

int continuation_advance(continuation *run, int evaluations, bool ask)
{
  int told = 0;
  secant_request request = SECANT_EVALUATE;
  while (told < evaluations || ask) {
    if (secant_ask(run->optimizer, &request) != SECANT_OK) return -1;
    if (request == SECANT_DONE || told == evaluations) break;
    double loss;
    const int failed = continuation_closure(run, &loss);
    if (secant_tell(run->optimizer, loss, failed) != SECANT_OK) return -1;
    told++;
  }
  return told;
}

static bool same_bits(double a, double b)
{
  return memcmp(&a, &b, sizeof a) == 0;
}

static void compare_info(struct verdict *verdict, const secant_info *a, const secant_info *b, const char *when)
{
  const struct {
    const char *name;
    double a, b;
  } values[] = {
      {"loss", a->loss, b->loss},
      {"grad_inf", a->grad_inf, b->grad_inf},
      {"grad_l1", a->grad_l1, b->grad_l1},
      {"step", a->step, b->step},
      {"h_diag", a->h_diag, b->h_diag},
      {"previous_loss", a->previous_loss, b->previous_loss},
      {"step_inf", a->step_inf, b->step_inf},
  };
  const struct {
    const char *name;
    int64_t a, b;
  } counts[] = {
      {"reason", a->reason, b->reason},
      {"n_iter", a->n_iter, b->n_iter},
      {"func_evals", a->func_evals, b->func_evals},
      {"accepted", a->accepted, b->accepted},
      {"call_evals", a->call_evals, b->call_evals},
      {"pairs", a->pairs, b->pairs},
      {"skipped_pairs", a->skipped_pairs, b->skipped_pairs},
      {"redone_directions", a->redone_directions, b->redone_directions},
      {"allreduces", a->allreduces, b->allreduces},
  };
  for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
    CHECK(verdict, same_bits(values[i].a, values[i].b), "%s: %s is %a, not %a", when, values[i].name, values[i].b,
          values[i].a);
  }
  for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
    CHECK(verdict, counts[i].a == counts[i].b, "%s: %s is %lld, not %lld", when, counts[i].name, (long long)counts[i].b,
          (long long)counts[i].a);
  }
}

void continuation_compare(struct verdict *verdict, const continuation *a, const continuation *b, const char *when)
{
  const secant_info info_a = secant_get_info(a->optimizer), info_b = secant_get_info(b->optimizer);
  compare_info(verdict, &info_a, &info_b, when);
  for (int p = 0; p < CONTINUATION_PARAMETERS; p++) {
    for (size_t i = 0; i < a->parameters[p].local_count; i++) {
      const double xa = get(a->dtype, a->parameters[p].values, i), xb = get(b->dtype, b->parameters[p].values, i);
      CHECK(verdict, same_bits(xa, xb), "%s: x[%d][%zu] is %a, not %a", when, p, i, xb, xa);
    }
  }
}

void continuation_expect(struct verdict *verdict, const continuation *run, secant_status status, secant_status expected,
                         const char *when)
{
  CHECK(verdict, status == expected, "%s: status %d (%s), expected %d", when, (int)status,
        status ? secant_message(run->optimizer) : "success", (int)expected);
}
