#include "plain_nocedal_wright.h"
#include <math.h>
#include <stdbool.h>

enum { MAX_TRIALS = 51 };

typedef struct book {
  const scalar_function *function;
  double phi0, slope0;
  plain_search result;
} book;

static secanti_point visit(book *b, double a)
{
  b->result.steps[b->result.trials++] = a;
  return scalar_evaluate(b->function, a);
}

static bool out_of_trials(const book *b)
{
  return b->result.trials == MAX_TRIALS;
}

static plain_search end_at(book *b, secanti_point p, bool accepted)
{
  b->result.accepted = accepted;
  b->result.step = p.step, b->result.loss = p.loss, b->result.slope = p.slope;
  return b->result;
}

/* Book, equation 3.59, with the later point in the role of the newest. */
static double minimiser(secanti_point p, secanti_point q)
{
  if (p.step > q.step) {
    const secanti_point swap = p;
    p = q, q = swap;
  }
  const double d1 = p.slope + q.slope - 3.0 * (p.loss - q.loss) / (p.step - q.step);
  const double radicand = d1 * d1 - p.slope * q.slope;
  const double middle = p.step + (q.step - p.step) / 2.0;
  if (!(radicand >= 0.0)) return middle;
  const double d2 = sqrt(radicand);
  double a = q.step - (q.step - p.step) * ((q.slope + d2 - d1) / (q.slope - p.slope + 2.0 * d2));
  if (isnan(a)) return middle;
  if (a < p.step) a = p.step;
  if (a > q.step) a = q.step;
  const double width = q.step - p.step;
  return a - p.step < 0.1 * width || q.step - a < 0.1 * width ? middle : a;
}

static plain_search zoom(book *b, secanti_point lo, secanti_point hi)
{
  while (!out_of_trials(b) && fabs(hi.step - lo.step) >= 1e-8) {
    const double a = minimiser(lo, hi);
    if (a == lo.step || a == hi.step) break;
    const secanti_point p = visit(b, a);
    if (p.loss > b->phi0 + 1e-4 * a * b->slope0 || p.loss >= lo.loss) {
      hi = p;
    } else {
      if (fabs(p.slope) <= -0.9 * b->slope0) return end_at(b, p, true);
      if (p.slope * (hi.step - lo.step) >= 0.0) hi = lo;
      lo = p;
    }
  }
  return end_at(b, lo, false);
}

plain_search plain_nocedal_wright(const scalar_function *function, double first_trial)
{
  secanti_point before = scalar_evaluate(function, 0.0);
  book b = {.function = function, .phi0 = before.loss, .slope0 = before.slope};
  double a = first_trial;
  for (int i = 1;; i++) {
    const secanti_point p = visit(&b, a);
    if (p.loss > b.phi0 + 1e-4 * a * b.slope0) return zoom(&b, before, p);
    if (i > 1 && p.loss >= before.loss) return zoom(&b, before, p);
    if (fabs(p.slope) <= -0.9 * b.slope0) return end_at(&b, p, true);
    if (p.slope >= 0.0) return zoom(&b, p, before);
    a = 2.0 * a < 10.0 ? 2.0 * a : 10.0;
    if (out_of_trials(&b) || a <= p.step) return end_at(&b, p, false);
    before = p;
  }
}
