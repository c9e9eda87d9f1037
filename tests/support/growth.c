#include "growth.h"
#include "support/faulty_comm.h"
#include "support/random.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 7 };

/* Sizes at which the tiles are the same with and without the third parameter, so that sums round alike. */
static const int64_t extents[GROWTH_PARAMETERS] = {501, 200, 150};

static double at(const growth_run *run, const void *array, size_t i)
{
  return run->dtype == SECANT_F32 ? (double)((const float *)array)[i] : ((const double *)array)[i];
}

static void put(const growth_run *run, void *array, size_t i, double value)
{
  if (run->dtype == SECANT_F32) {
    ((float *)array)[i] = (float)value;
  } else {
    ((double *)array)[i] = value;
  }
}

static double centre(size_t p, int64_t i)
{
  uint64_t state = (uint64_t)i * 8 + (uint64_t)p;
  return random_symmetric(&state);
}

static double weight(size_t p, int64_t i)
{
  return p < GROWTH_FIRST ? 1.0 + (double)((5 * i + (int64_t)p) % 97) : 0.5;
}

/* Where rank r's part begins; the third parameter is the last rank's alone. */
static int64_t begin_of(size_t p, int rank, int size)
{
  return p < GROWTH_FIRST ? extents[p] * rank / size : 0;
}

static size_t used(const growth_run *run)
{
  return run->grown ? GROWTH_PARAMETERS : GROWTH_FIRST;
}

static int64_t end_of(size_t p, int rank, int size)
{
  if (p >= GROWTH_FIRST && rank < size - 1) return 0;
  return rank == size - 1 ? extents[p] : begin_of(p, rank + 1, size);
}

growth_run *growth_create(secant_comm *comm, secant_dtype dtype, const secant_options *options)
{
  const int rank = secant_comm_rank(comm), size = secant_comm_size(comm);
  const size_t element = dtype == SECANT_F32 ? sizeof(float) : sizeof(double);
  growth_run *run = calloc(1, sizeof *run);
  if (!run) return NULL;
  run->dtype = dtype;
  for (size_t p = 0; p < GROWTH_PARAMETERS; p++) {
    run->first[p] = begin_of(p, rank, size);
    const size_t count = (size_t)(end_of(p, rank, size) - run->first[p]);
    run->parameters[p] = (secant_parameter){.dtype = dtype,
                                            .values = calloc(count + 1, element),
                                            .gradient = calloc(count + 1, element),
                                            .local_count = count};
    for (size_t i = 0; i < count; i++) {
      const int64_t global = run->first[p] + (int64_t)i;
      put(run, run->parameters[p].values, i, centre(p, global) + 0.5 * centre(p + 4, global));
      put(run, run->parameters[p].gradient, i, NAN); /* before an evaluation nobody may look at it */
    }
  }
  if (secant_create(&run->optimizer, run->parameters, GROWTH_FIRST, options, comm, NULL) == SECANT_OK) return run;
  growth_destroy(run);
  return NULL;
}

void growth_destroy(growth_run *run)
{
  if (!run) return;
  secant_destroy(run->optimizer);
  for (size_t p = 0; p < GROWTH_PARAMETERS; p++) {
    free(run->parameters[p].values);
    free(run->parameters[p].gradient);
  }
  free(run);
}

secant_status growth_add(growth_run *run, const secant_options *options)
{
  const secant_group group = {.parameters = &run->parameters[GROWTH_FIRST], .count = 1, .options = options};
  const secant_status status = secant_add_param_group(run->optimizer, &group);
  if (status == SECANT_OK) run->grown = true;
  return status;
}

int growth_closure(void *user, double *loss)
{
  const growth_run *run = user;
  *loss = 0.0;
  for (size_t p = 0; p < used(run); p++) {
    const secant_parameter *parameter = &run->parameters[p];
    for (size_t i = 0; i < parameter->local_count; i++) {
      const int64_t global = run->first[p] + (int64_t)i;
      const double e = at(run, parameter->values, i) - centre(p, global), w = weight(p, global);
      *loss += 0.5 * w * e * e + e * e * e * e / 20.0;
      put(run, parameter->gradient, i, w * e + e * e * e / 5.0);
    }
  }
  return 0;
}

double growth_error(const growth_run *run)
{
  double most = 0.0;
  for (size_t p = 0; p < used(run); p++) {
    const secant_parameter *parameter = &run->parameters[p];
    for (size_t i = 0; i < parameter->local_count; i++) {
      most = fmax(most, fabs(at(run, parameter->values, i) - centre(p, run->first[p] + (int64_t)i)));
    }
  }
  return most;
}

void growth_compare(struct verdict *verdict, const growth_run *a, const growth_run *b, const char *when)
{
  for (size_t p = 0; p < GROWTH_FIRST; p++) {
    for (size_t i = 0; i < a->parameters[p].local_count; i++) {
      const double want = at(a, a->parameters[p].values, i), got = at(b, b->parameters[p].values, i);
      CHECK(verdict, want == got, "%s: element %zu of parameter %zu is %a, not %a", when, i, p, got, want);
    }
  }
}

secant_options growth_options(secant_direction direction, secant_line_search search)
{
  secant_options options = secant_options_torch();
  options.direction = direction;
  options.line_search = search;
  options.history_size = 5;
  options.max_iter = ROUNDS;
  options.max_eval = 100;
  options.lr = search == SECANT_LINE_SEARCH_NONE ? 0.5 : 1.0;
  options.threads = 1;
  return options;
}

static void set_max_iter(const growth_run *run, int64_t max_iter, struct verdict *verdict)
{
  secant_options options = secant_options_default();
  secant_get_options(run->optimizer, &options);
  options.max_iter = max_iter;
  options.max_eval = max_iter * 2;
  CHECK(verdict, secant_set_options(run->optimizer, &options) == SECANT_OK, "%s", secant_message(run->optimizer));
}

static void step(growth_run *run, struct verdict *verdict)
{
  const secant_status status = secant_step(run->optimizer, growth_closure, run, NULL);
  CHECK(verdict, status == SECANT_OK, "a step fails: %s", secant_message(run->optimizer));
}

/* Everything that a run has learnt. */
static void compare_info(struct verdict *verdict, const growth_run *a, const growth_run *b, const char *when)
{
  const secant_info want = secant_get_info(a->optimizer), got = secant_get_info(b->optimizer);
  CHECK(verdict, got.n_iter == want.n_iter && got.func_evals == want.func_evals && got.accepted == want.accepted,
        "%s: %d iterations and %d evaluations, not %d and %d", when, (int)got.n_iter, (int)got.func_evals,
        (int)want.n_iter, (int)want.func_evals);
  CHECK(verdict, got.pairs == want.pairs && got.skipped_pairs == want.skipped_pairs, "%s: %d pairs, not %d", when,
        (int)got.pairs, (int)want.pairs);
  CHECK(verdict, got.h_diag == want.h_diag, "%s: gamma is %a, not %a", when, got.h_diag, want.h_diag);
}

/* The first iteration after the growth, beside one of a run that never grows; then both groups to their minimum. */
static void follow(struct verdict *verdict, growth_run *straight, growth_run *grown)
{
  step(straight, verdict);
  step(grown, verdict);
  CHECK(verdict, secant_get_info(straight->optimizer).pairs == 5, "the history is not full");
  CHECK(verdict, growth_add(grown, NULL) == SECANT_OK, "no growth: %s", secant_message(grown->optimizer));
  compare_info(verdict, straight, grown, "after the growth");
  CHECK(verdict, secant_get_info(grown->optimizer).reason == SECANT_REASON_NONE, "a reason is left");
  const int64_t before = secant_get_info(grown->optimizer).func_evals;
  set_max_iter(straight, 1, verdict);
  set_max_iter(grown, 1, verdict);
  step(straight, verdict);
  step(grown, verdict);
  growth_compare(verdict, straight, grown, "one iteration after the growth");
  compare_info(verdict, straight, grown, "one iteration after the growth");
  CHECK(verdict, secant_get_info(grown->optimizer).func_evals <= before + 2, "the first trial is refused");
  set_max_iter(grown, 2000, verdict);
  step(grown, verdict);
  const double tolerance = grown->dtype == SECANT_F32 ? 2e-3 : 1e-4; /* runs end where the loss changes by 1e-9 */
  CHECK(verdict, growth_error(grown) <= tolerance, "the error is %g in the end", growth_error(grown));
}

growth_kind growth_kind_of(int index)
{
  static const secant_initial_kind initial[] = {SECANT_INITIAL_IDENTITY, SECANT_INITIAL_SCALAR, SECANT_INITIAL_DIAGONAL,
                                                SECANT_INITIAL_OPERATOR};
  return (growth_kind){.dtype = index & 1 ? SECANT_F32 : SECANT_F64,
                       .direction = index & 2 ? SECANT_DIRECTION_TWO_LOOP : SECANT_DIRECTION_GRAM,
                       .search = index & 4 ? SECANT_LINE_SEARCH_STRONG_WOLFE : SECANT_LINE_SEARCH_NONE,
                       .initial = initial[index / 8 % 4]};
}

/* Multiplies by 1 / sqrt(w), the third parameter by 1. */
static int multiply(void *user, const void *const *input, void *const *output)
{
  const growth_run *run = user;
  for (size_t p = 0; p < used(run); p++) {
    for (size_t i = 0; i < run->parameters[p].local_count; i++) {
      const double w = p < GROWTH_FIRST ? weight(p, run->first[p] + (int64_t)i) : 1.0;
      put(run, output[p], i, at(run, input[p], i) / sqrt(w));
    }
  }
  return 0;
}

/* The same operator, as its kind has it. */
static void set_initial(struct verdict *verdict, growth_run *run, secant_initial_kind kind)
{
  static double ones[1000], products[GROWTH_FIRST][1000];
  const void *const input[] = {ones, ones};
  void *const output[] = {products[0], products[1]};
  for (size_t i = 0; i < sizeof ones / (run->dtype == SECANT_F32 ? sizeof(float) : sizeof(double)); i++)
    put(run, ones, i, 1.0);
  multiply(run, input, output);
  const void *const diagonal[] = {products[0], products[1]};
  const secant_initial_matrix matrix = {
      .kind = kind, .scalar = 0.25, .diagonal = diagonal, .apply = multiply, .user = run};
  const secant_status status = secant_set_initial_matrix(run->optimizer, &matrix);
  CHECK(verdict, status == SECANT_OK, "no initial matrix: %s", secant_message(run->optimizer));
}

void growth_check(struct verdict *verdict, secant_comm *comm, const growth_kind *kind)
{
  const secant_options options = growth_options(kind->direction, kind->search);
  growth_run *straight = growth_create(comm, kind->dtype, &options);
  growth_run *grown = growth_create(comm, kind->dtype, &options);
  CHECK(verdict, straight && grown, "no optimizer");
  if (straight && grown) {
    set_initial(verdict, straight, kind->initial);
    set_initial(verdict, grown, kind->initial);
    follow(verdict, straight, grown);
  }
  growth_destroy(straight);
  growth_destroy(grown);
}

/* A run whose communicator breaks at call `fail_at` of secant_add_param_group(), 0: never. Returns the status of the
 * growth. */
static secant_status fail_once(struct verdict *verdict, secant_comm *comm, int64_t calls_before, int64_t fail_at)
{
  const secant_options options = growth_options(SECANT_DIRECTION_GRAM, SECANT_LINE_SEARCH_STRONG_WOLFE);
  secant_comm *faulty = faulty_comm_create(comm, fail_at ? calls_before + fail_at : 0);
  growth_run *straight = growth_create(comm, SECANT_F64, &options);
  growth_run *run = growth_create(faulty, SECANT_F64, &options);
  secant_status status = SECANT_ERR_MEMORY;
  CHECK(verdict, straight && run, "no optimizer");
  if (straight && run) {
    step(straight, verdict);
    step(run, verdict);
    status = growth_add(run, NULL);
    if (status != SECANT_OK) {
      CHECK(verdict, status == SECANT_ERR_COMM && *secant_message(run->optimizer), "call %d: status %d", (int)fail_at,
            (int)status);
      CHECK(verdict, secant_group_count(run->optimizer) == 1, "call %d left a group", (int)fail_at);
      CHECK(verdict, secant_parameter_count(run->optimizer) == GROWTH_FIRST, "call %d left a parameter", (int)fail_at);
      step(straight, verdict);
      step(run, verdict);
      growth_compare(verdict, straight, run, "a step after a growth that failed");
      compare_info(verdict, straight, run, "a step after a growth that failed");
    }
  }
  growth_destroy(straight);
  growth_destroy(run);
  secant_comm_destroy(faulty);
  return status;
}

/* Collective calls up to the growth. */
static int64_t count_calls(struct verdict *verdict, secant_comm *comm)
{
  const secant_options options = growth_options(SECANT_DIRECTION_GRAM, SECANT_LINE_SEARCH_STRONG_WOLFE);
  secant_comm *counting = faulty_comm_create(comm, 0);
  growth_run *run = growth_create(counting, SECANT_F64, &options);
  CHECK(verdict, run != NULL, "no optimizer");
  if (run) step(run, verdict);
  const int64_t calls = faulty_comm_calls(counting);
  growth_destroy(run);
  secant_comm_destroy(counting);
  return calls;
}

void growth_check_failures(struct verdict *verdict, secant_comm *comm)
{
  const int64_t before = count_calls(verdict, comm);
  int64_t n = 1;
  while (n < 100 && fail_once(verdict, comm, before, n) != SECANT_OK) n++;
  CHECK(verdict, n > 4 && n < 100, "%d collective calls", (int)n - 1);
}
