#include "scalar_functions.h"
#include "random.h"
#include <math.h>

scalar_function scalar_random(uint64_t seed, int kinds)
{
  uint64_t state = seed;
  const scalar_function function = {
      .kind = (scalar_kind)(seed % (uint64_t)kinds),
      .loss_unit = random_power_of_ten(&state, -6.0, 6.0),
      .step_unit = random_power_of_ten(&state, -3.0, 3.0),
      .offset = random_uniform(&state) < 0.5 ? 0.0 : 10.0 * random_symmetric(&state),
      .a = random_power_of_ten(&state, -2.0, 1.0),
      .b = random_uniform(&state) + 0.05,
      .c = 3.0 * random_symmetric(&state),
      .edge = random_power_of_ten(&state, -3.0, 1.0),
  };
  return function;
}

static secanti_point quartic(const scalar_function *p, double u)
{
  const double loss = ((p->a * u + p->c) * u * u - p->b) * u;
  return (secanti_point){u, loss, (4.0 * p->a * u + 3.0 * p->c) * u * u - p->b};
}

/* (u - edge)^2 / 2, less its value at 0 */
static secanti_point quadratic(const scalar_function *p, double u)
{
  return (secanti_point){u, u * (u / 2.0 - p->edge), u - p->edge};
}

static secanti_point oscillating(const scalar_function *p, double u)
{
  const double amplitude = fabs(p->c);
  const double frequency = 20.0 * p->b;
  const double loss = p->a * u * u - p->b * u - amplitude * sin(frequency * u);
  return (secanti_point){u, loss, 2.0 * p->a * u - p->b - amplitude * frequency * cos(frequency * u)};
}

/* -u / (u^2 + a): function 1 of More & Thuente 1994 */
static secanti_point flat_tail(const scalar_function *p, double u)
{
  const double bottom = u * u + p->a;
  return (secanti_point){u, -u / bottom, (u * u - p->a) / (bottom * bottom)};
}

/* -b u - mu log(1 - u / edge), mu < b edge */
static secanti_point log_barrier(const scalar_function *p, double u)
{
  const double mu = p->b * p->edge * fmin(0.9, p->a / 10.0);
  return (secanti_point){u, -p->b * u - mu * log(1.0 - u / p->edge), -p->b + mu / (p->edge - u)};
}

static secanti_point linear_before(const scalar_function *p, double u, double beyond)
{
  if (u >= p->edge) return (secanti_point){u, beyond, NAN};
  return (secanti_point){u, -p->b * u, -p->b};
}

static secanti_point evaluate_unit(const scalar_function *p, double u)
{
  switch (p->kind) {
  case SCALAR_QUADRATIC: return quadratic(p, u);
  case SCALAR_QUARTIC: return quartic(p, u);
  case SCALAR_EXPONENTIAL:
    return (secanti_point){u, expm1(p->a * u) - (p->a + p->b) * u, p->a * exp(p->a * u) - (p->a + p->b)};
  case SCALAR_OSCILLATING: return oscillating(p, u);
  case SCALAR_FLAT_TAIL: return flat_tail(p, u);
  case SCALAR_CONCAVE: return (secanti_point){u, -(p->a * u + p->b) * u, -(2.0 * p->a * u + p->b)};
  case SCALAR_LINEAR: return (secanti_point){u, -p->b * u, -p->b};
  case SCALAR_LOG_BARRIER: return log_barrier(p, u);
  case SCALAR_WALL: return linear_before(p, u, INFINITY);
  case SCALAR_PIT: return linear_before(p, u, -INFINITY);
  case SCALAR_NAN_ISLAND:
    if (p->edge < u && u < (1.0 + p->b) * p->edge) return (secanti_point){u, NAN, NAN};
    return quartic(p, u);
  case SCALAR_NAN_SLOPE: {
    secanti_point point = quadratic(p, u);
    if (u > p->edge * p->b) point.slope = NAN;
    return point;
  }
  default: return (secanti_point){u, NAN, NAN};
  }
}

secanti_point scalar_evaluate(const scalar_function *function, double step)
{
  const secanti_point unit = evaluate_unit(function, step / function->step_unit);
  return (secanti_point){.step = step,
                         .loss = function->loss_unit * (unit.loss + function->offset),
                         .slope = function->loss_unit / function->step_unit * unit.slope};
}

scalar_run scalar_search(const scalar_function *function, secanti_search_rule *rule,
                         const secanti_search_limits *limits, double first_trial)
{
  const secanti_point start = scalar_evaluate(function, 0.0);
  scalar_run run = {.verdict = SECANTI_SEARCH_TRY, .start = start, .all_finite = true};
  double kept = 0.0;
  secanti_search search;
  secanti_search_begin(&search, rule, limits, start.loss, start.slope, 1.0, first_trial);
  while (run.verdict == SECANTI_SEARCH_TRY && run.trials < SCALAR_RUN_CAPACITY) {
    const secanti_point told = scalar_evaluate(function, search.trial);
    run.steps[run.trials++] = told.step;
    run.all_finite = run.all_finite && isfinite(told.loss) && isfinite(told.slope);
    run.verdict = secanti_search_tell(&search, told.loss, told.slope);
    if (run.verdict == SECANTI_SEARCH_TRY && search.keep) kept = told.step;
  }
  const double last = run.steps[run.trials - 1];
  run.best = search.best;
  run.best_is_in_store = run.best.step == 0.0 || run.best.step == last || run.best.step == kept;
  return run;
}
