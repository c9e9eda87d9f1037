#include "support/steep_run.h"
#include "support/random.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

steep_run *steep_run_create(secant_comm *comm, int64_t n, double bend, const secant_options *options, double shift)
{
  steep_run *run = calloc(1, sizeof *run);
  if (!run) return NULL;
  *run = (steep_run){.n = n, .bend = bend, .evaluate = steep_run_evaluate};
  secant_status status = secant_partition(n, secant_comm_size(comm), secant_comm_rank(comm), &run->first, &run->count);
  run->x = calloc((size_t)run->count + 1, sizeof *run->x);
  run->g = calloc((size_t)run->count + 1, sizeof *run->g);
  for (int64_t i = 0; i < run->count; i++) {
    uint64_t state = (uint64_t)(run->first + i);
    run->x[i] = 1.0 + random_symmetric(&state) + shift;
  }
  const secant_parameter parameter = {
      .name = "x", .dtype = SECANT_F64, .values = run->x, .gradient = run->g, .local_count = (size_t)run->count};
  if (status == SECANT_OK) status = secant_create(&run->optimizer, &parameter, 1, options, comm, NULL);
  if (status == SECANT_OK) return run;
  steep_run_destroy(run);
  return NULL;
}

void steep_run_destroy(steep_run *run)
{
  if (!run) return;
  secant_destroy(run->optimizer);
  free(run->x);
  free(run->g);
  free(run);
}

int steep_run_evaluate(void *user, double *loss)
{
  steep_run *run = user;
  secant_sum terms = {{0.0}};
  for (int64_t i = 0; i < run->count; i++) {
    const double part = (double)(run->first + i) / (double)(run->n - 1);
    const double l = pow(10.0, 12.0 * part - 6.0), u = run->x[i] - 1.0;
    run->g[i] = l * u * (1.0 + run->bend * u * u);
    secant_sum_add(&terms, l * u * u * (0.5 + 0.25 * run->bend * u * u));
  }
  secant_add_to_loss(run->optimizer, &terms);
  *loss = 0.0;
  return 0;
}

static int evaluate_valley(void *user, double *loss)
{
  const steep_run *run = user;
  const double away = run->x[0] - 1.0;
  run->g[0] = 2.0 * away;
  *loss = away * away;
  for (int64_t i = 0; i + 1 < run->n; i++) {
    const double u = run->x[i], rest = run->x[i + 1] - u * u * u;
    run->g[i] -= 600.0 * u * u * rest;
    run->g[i + 1] = 200.0 * rest;
    *loss += 100.0 * rest * rest;
  }
  return 0;
}

void steep_run_enter_valley(steep_run *run)
{
  for (int64_t i = 0; i < run->n; i++) run->x[i] = i % 2 ? 1.0 : -1.2;
  run->evaluate = evaluate_valley;
}

int steep_run_advance(steep_run *run, int evaluations)
{
  int told = 0;
  secant_request request = SECANT_EVALUATE;
  while (told < evaluations) {
    if (secant_ask(run->optimizer, &request) != SECANT_OK) return -1;
    if (request == SECANT_DONE) break;
    double loss;
    const int failed = run->evaluate(run, &loss);
    if (secant_tell(run->optimizer, loss, failed) != SECANT_OK) return -1;
    told++;
  }
  return told;
}

bool steep_run_is_diagonal(const steep_run *run)
{
  return run->optimizer->engine.here.diagonal.in_force;
}

void steep_run_compare(struct verdict *verdict, const steep_run *a, const steep_run *b, const char *when)
{
  const secant_info own = secant_get_info(a->optimizer), other = secant_get_info(b->optimizer);
  const struct {
    const char *name;
    double a, b;
  } values[] = {{"loss", own.loss, other.loss},
                {"grad_inf", own.grad_inf, other.grad_inf},
                {"step", own.step, other.step},
                {"h_diag", own.h_diag, other.h_diag},
                {"n_iter", (double)own.n_iter, (double)other.n_iter},
                {"func_evals", (double)own.func_evals, (double)other.func_evals},
                {"pairs", (double)own.pairs, (double)other.pairs},
                {"redone_directions", (double)own.redone_directions, (double)other.redone_directions},
                {"whether a diagonal is in force", steep_run_is_diagonal(a), steep_run_is_diagonal(b)}};
  for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
    CHECK(verdict, memcmp(&values[i].a, &values[i].b, sizeof(double)) == 0, "%s: %s is %a, not %a", when,
          values[i].name, values[i].b, values[i].a);
  }
  for (int64_t i = 0; i < b->count; i++) {
    const double want = a->x[b->first + i - a->first], got = b->x[i];
    CHECK(verdict, memcmp(&want, &got, sizeof got) == 0, "%s: x[%d] is %a, not %a", when, (int)(b->first + i), got,
          want);
  }
}
