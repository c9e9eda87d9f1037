/* The comparison rules for recorded trajectories. */
#include "golden_compare.h"
#include "golden_rules.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* One call under comparison: where, and what is allowed. */
typedef struct comparison {
  const golden_case *golden;
  size_t call;
  golden_rules rules;
  golden_report *report;
} comparison;

void golden_report_add(golden_report *report, const char *format, ...)
{
  const int line = report->failures++;
  if (line >= GOLDEN_LINES) return;
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(report->lines[line], sizeof report->lines[line], format, arguments);
  va_end(arguments);
}

void golden_report_print(const golden_report *report)
{
  for (int i = 0; i < report->failures && i < GOLDEN_LINES; i++)
    fprintf(stderr, "  %s %s\n", report->id, report->lines[i]);
  if (report->failures > GOLDEN_LINES)
    fprintf(stderr, "  %s ... and %d more\n", report->id, report->failures - GOLDEN_LINES);
}

/* |got - want| <= tolerance; a NaN on either side fails. */
static void require_near(const comparison *c, const char *field, double got, double want, double tolerance)
{
  if (fabs(got - want) <= tolerance) return;
  golden_report_add(c->report, "call %zu %s: got %.17g want %.17g tolerance %.2g", c->call + 1, field, got, want,
                    tolerance);
}

static void require_equal(const comparison *c, const char *field, int64_t got, int64_t want)
{
  if (got == want) return;
  golden_report_add(c->report, "call %zu %s: got %lld want %lld tolerance 0", c->call + 1, field, (long long)got,
                    (long long)want);
}

static void require_finite(const comparison *c, const char *field, double got)
{
  if (isfinite(got)) return;
  golden_report_add(c->report, "call %zu %s: got %g want a finite number", c->call + 1, field, got);
}

/* Relative to the larger of 1 and the recorded value. */
static void require_near_scaled(const comparison *c, const char *field, double got, double want, double relative)
{
  require_near(c, field, got, want, relative * fmax(1.0, fabs(want)));
}

/* Relative to the recorded value; nothing to compare if none was recorded. */
static void require_near_ratio(const comparison *c, const char *field, double got, double want, double drift)
{
  if (isnan(want)) return;
  require_near(c, field, got, want, golden_allowance(c->rules.ratio_floor, drift) * fabs(want));
}

/* w_i = ((7919 i) mod 1009) / 1009, i from 1 */
static double weight(size_t index)
{
  return (double)(7919 * (index + 1) % 1009) / 1009.0;
}

/* Large points are recorded by |x|_2 and sum w_i x_i. */
static void compare_summary(const comparison *c, const golden_step *want, const double *x, double relative)
{
  long double squares = 0.0, checksum = 0.0;
  for (size_t i = 0; i < c->golden->objective.n; i++) {
    squares += x[i] * x[i];
    checksum += weight(i) * x[i];
  }
  require_near_scaled(c, "x_norm2", sqrt((double)squares), want->x_norm2, relative);
  require_near_scaled(c, "x_checksum", (double)checksum, want->x_checksum, relative);
}

static void compare_point(const comparison *c, const golden_step *want, const double *x)
{
  const double relative = golden_allowance(c->rules.floor, want->drift_x);
  for (size_t i = 0; i < want->x_count; i++) {
    char field[32];
    snprintf(field, sizeof field, "x[%zu]", i);
    require_near_scaled(c, field, x[i], want->x[i], relative);
  }
  if (want->x_count < c->golden->objective.n) compare_summary(c, want, x, relative);
}

/* The recorded exit in the library's words. A search that failed is a step of its own kind there. */
static bool reason_fits(const golden_step *want, secant_reason reason)
{
  static const struct {
    const char *stop;
    secant_reason reason;
  } words[] = {{"grad_at_entry", SECANT_REASON_GRADIENT},
               {"grad", SECANT_REASON_GRADIENT},
               {"directional_derivative", SECANT_REASON_DIRECTIONAL_DERIVATIVE},
               {"max_iter", SECANT_REASON_MAX_ITER},
               {"max_eval", SECANT_REASON_MAX_EVAL},
               {"step", SECANT_REASON_STEP},
               {"loss", SECANT_REASON_LOSS}};
  const bool failed_search = strcmp(want->stop, "step") == 0 && want->t == 0.0;
  if (failed_search && (reason == SECANT_REASON_LINE_SEARCH || reason == SECANT_REASON_PRECISION)) return true;
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (strcmp(words[i].stop, want->stop) == 0) return words[i].reason == reason;
  return false;
}

static void compare_counts(const comparison *c, const golden_step *want, const golden_observed *got)
{
  require_equal(c, "n_iter", got->info.n_iter, want->n_iter);
  require_equal(c, "func_evals", got->info.func_evals, want->func_evals);
  require_equal(c, "hist", got->info.pairs, want->hist);
  require_equal(c, "length of f_trace", (int64_t)got->evaluations, (int64_t)want->evaluations);
  if (!reason_fits(want, got->info.reason))
    golden_report_add(c->report, "call %zu stop: got %s want %s", c->call + 1, secant_reason_name(got->info.reason),
                      want->stop);
}

/* Drift of the loss at the point where this call began: none was measured before the first. */
static double drift_at_start(const comparison *c)
{
  return c->call == 0 ? 0.0 : c->golden->steps[c->call - 1].drift_f;
}

/* No drift was measured for the point before the last iteration, so the bound is wide, as for values of f_trace. */
static void compare_previous_loss(const comparison *c, const golden_step *want, double got)
{
  const double drift = fmax(want->drift_f, drift_at_start(c));
  if (!isnan(want->prev_loss))
    require_near_scaled(c, "prev_loss", got, want->prev_loss, golden_allowance(c->rules.inner_floor, drift));
}

/* The losses of all evaluations, within the same wide bound. */
static void compare_trace(const comparison *c, const golden_step *want, const golden_observed *got)
{
  const double relative = golden_allowance(c->rules.inner_floor, fmax(want->drift_f, drift_at_start(c)));
  for (size_t i = 0; i < want->evaluations && i < got->evaluations; i++) {
    char field[32];
    snprintf(field, sizeof field, "f_trace[%zu]", i);
    require_near_scaled(c, field, got->trace[i], want->trace[i], relative);
  }
}

static void compare_closely(const comparison *c, const golden_step *want, const golden_observed *got)
{
  compare_counts(c, want, got);
  compare_point(c, want, got->x);
  require_near_scaled(c, "f", got->f, want->f, golden_allowance(c->rules.floor, want->drift_f));
  require_near_scaled(c, "loss", got->loss, want->loss, golden_allowance(c->rules.floor, drift_at_start(c)));
  require_near_ratio(c, "t", got->info.step, want->t, want->drift_t);
  require_near_ratio(c, "H_diag", got->info.h_diag, want->h_diag, want->drift_h);
  compare_previous_loss(c, want, got->info.previous_loss);
  compare_trace(c, want, got);
}

static bool converged(const golden_step *want)
{
  return strcmp(want->stop, "max_iter") != 0 && strcmp(want->stop, "max_eval") != 0;
}

/* For points that rounding moves too far: only where a converged run ended is compared. */
static void compare_loosely(const comparison *c, const golden_step *want, const golden_observed *got)
{
  const bool last = c->call + 1 == c->golden->step_count;
  require_finite(c, "loss", got->loss);
  if (last && converged(want))
    require_near_scaled(c, "final f", got->f, want->f, c->rules.converged_loss);
  else
    require_finite(c, "f", got->f);
}

/* For defects of the reference: no non-finite point may be accepted. */
static void check_finite(const comparison *c, const golden_observed *got)
{
  require_finite(c, "loss", got->loss);
  require_finite(c, "f", got->f);
  for (size_t i = 0; i < c->golden->objective.n; i++) {
    char field[32];
    snprintf(field, sizeof field, "x[%zu]", i);
    require_finite(c, field, got->x[i]);
  }
}

void golden_compare(const golden_case *golden, const golden_observed *observed, golden_report *report)
{
  comparison c = {golden, 0, golden_rules_for(golden->dtype), report};
  for (; c.call < golden->step_count; c.call++) {
    const golden_step *want = &golden->steps[c.call];
    if (golden->quirk)
      check_finite(&c, &observed[c.call]);
    else if (want->counts_stable && want->drift_x <= c.rules.drift_limit)
      compare_closely(&c, want, &observed[c.call]);
    else
      compare_loosely(&c, want, &observed[c.call]);
  }
}

/* Equal to the last bit; two NaNs are equal. */
static void require_same(const comparison *c, const char *field, double got, double want)
{
  if (got == want || (isnan(got) && isnan(want))) return;
  golden_report_add(c->report, "call %zu %s: %a in one run, %a in the other", c->call + 1, field, got, want);
}

static void compare_call_bits(const comparison *c, const golden_observed *one, const golden_observed *other)
{
  for (size_t i = 0; i < c->golden->objective.n; i++) {
    char field[32];
    snprintf(field, sizeof field, "x[%zu]", i);
    require_same(c, field, one->x[i], other->x[i]);
  }
  require_same(c, "loss", one->loss, other->loss);
  require_same(c, "t", one->info.step, other->info.step);
  require_same(c, "H_diag", one->info.h_diag, other->info.h_diag);
  require_same(c, "prev_loss", one->info.previous_loss, other->info.previous_loss);
  require_equal(c, "n_iter", one->info.n_iter, other->info.n_iter);
  require_equal(c, "func_evals", one->info.func_evals, other->info.func_evals);
  require_equal(c, "hist", one->info.pairs, other->info.pairs);
  require_equal(c, "reason", (int64_t)one->info.reason, (int64_t)other->info.reason);
}

void golden_compare_bits(const golden_case *golden, const golden_observed *one, const golden_observed *other,
                         golden_report *report)
{
  comparison c = {golden, 0, golden_rules_for(golden->dtype), report};
  for (; c.call < golden->step_count; c.call++) compare_call_bits(&c, &one[c.call], &other[c.call]);
}
