#include "plain_strong_wolfe.h"
#include <math.h>

enum { MAX_ITERATIONS = 25 };

typedef struct state {
  const scalar_function *function;
  double t, f_t, slope_t;    /* the trial */
  double f, slope;           /* at step 0 */
  double b[2], bf[2], bs[2]; /* the bracket: steps, losses, slopes */
  int low, high;
  int i;
  plain_search result;
} state;

static void evaluate(state *p)
{
  const secanti_point point = scalar_evaluate(p->function, p->t);
  p->f_t = point.loss;
  p->slope_t = point.slope;
  if (p->result.trials < SCALAR_RUN_CAPACITY) p->result.steps[p->result.trials++] = p->t;
}

static double cubic(double x1, double f1, double g1, double x2, double f2, double g2, double least, double most)
{
  const double d1 = g1 + g2 - 3.0 * (f1 - f2) / (x1 - x2);
  const double q = d1 * d1 - g1 * g2;
  if (!(q >= 0.0)) return (least + most) / 2.0;
  const double r = sqrt(q);
  double p;
  if (x1 <= x2)
    p = x2 - (x2 - x1) * ((g2 + r - d1) / (g2 - g1 + 2.0 * r));
  else
    p = x1 - (x1 - x2) * ((g1 + r - d1) / (g1 - g2 + 2.0 * r));
  if (p < least) p = least;
  if (p > most) p = most;
  return p;
}

static void set_bracket(state *p, double t, double f, double slope)
{
  p->b[0] = t, p->bf[0] = f, p->bs[0] = slope;
  p->b[1] = p->t, p->bf[1] = p->f_t, p->bs[1] = p->slope_t;
}

static void order(state *p)
{
  p->low = p->bf[0] <= p->bf[1] ? 0 : 1;
  p->high = 1 - p->low;
}

static void bracketing(state *p)
{
  double t_previous = 0.0;
  double f_previous = p->f;
  double slope_previous = p->slope;
  evaluate(p);
  for (p->i = 0; p->i < MAX_ITERATIONS; p->i++) {
    set_bracket(p, t_previous, f_previous, slope_previous);
    if (p->f_t > p->f + 1e-4 * p->t * p->slope) return;
    if (p->i > 1 && p->f_t >= f_previous) return;
    if (fabs(p->slope_t) <= -0.9 * p->slope) {
      p->result.accepted = true;
      set_bracket(p, p->t, p->f_t, p->slope_t);
      return;
    }
    if (p->slope_t >= 0.0) return;
    const double least = p->t + 0.01 * (p->t - t_previous);
    const double most = 10.0 * p->t;
    const double next = cubic(t_previous, f_previous, slope_previous, p->t, p->f_t, p->slope_t, least, most);
    t_previous = p->t;
    f_previous = p->f_t;
    slope_previous = p->slope_t;
    p->t = next;
    evaluate(p);
  }
  set_bracket(p, 0.0, p->f, p->slope);
}

static void keep_off_the_ends(state *p, bool *insufficient)
{
  const double lo = p->b[0] < p->b[1] ? p->b[0] : p->b[1];
  const double hi = p->b[0] < p->b[1] ? p->b[1] : p->b[0];
  const double eps = 0.1 * (hi - lo);
  const double distance = hi - p->t < p->t - lo ? hi - p->t : p->t - lo;
  if (distance < eps) {
    if (*insufficient || p->t >= hi || p->t <= lo) {
      p->t = fabs(p->t - hi) < fabs(p->t - lo) ? hi - eps : lo + eps;
      *insufficient = false;
    } else {
      *insufficient = true;
    }
  } else {
    *insufficient = false;
  }
}

static void replace(state *p)
{
  const int low = p->low;
  const int high = p->high;
  if (p->f_t > p->f + 1e-4 * p->t * p->slope || p->f_t >= p->bf[low]) {
    p->b[high] = p->t, p->bf[high] = p->f_t, p->bs[high] = p->slope_t;
    order(p);
    return;
  }
  if (fabs(p->slope_t) <= -0.9 * p->slope)
    p->result.accepted = true;
  else if (p->slope_t * (p->b[high] - p->b[low]) >= 0.0)
    p->b[high] = p->b[low], p->bf[high] = p->bf[low], p->bs[high] = p->bs[low];
  p->b[low] = p->t, p->bf[low] = p->f_t, p->bs[low] = p->slope_t;
}

static void zoom(state *p)
{
  bool insufficient = false;
  while (!p->result.accepted && p->i < MAX_ITERATIONS) {
    if (fabs(p->b[1] - p->b[0]) * 1.0 < 1e-9) return;
    const double lo = p->b[0] < p->b[1] ? p->b[0] : p->b[1];
    const double hi = p->b[0] < p->b[1] ? p->b[1] : p->b[0];
    p->t = cubic(p->b[0], p->bf[0], p->bs[0], p->b[1], p->bf[1], p->bs[1], lo, hi);
    keep_off_the_ends(p, &insufficient);
    evaluate(p);
    p->i++;
    replace(p);
  }
}

plain_search plain_strong_wolfe(const scalar_function *function, double first_trial)
{
  const secanti_point start = scalar_evaluate(function, 0.0);
  state p = {.function = function, .t = first_trial, .f = start.loss, .slope = start.slope};
  bracketing(&p);
  order(&p);
  zoom(&p);
  p.result.step = p.b[p.low];
  p.result.loss = p.bf[p.low];
  p.result.slope = p.bs[p.low];
  return p.result;
}
