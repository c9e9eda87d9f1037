#include "line_functions.h"
#include <math.h>

secanti_point line_function_at(line_kind kind, double t)
{
  const double away = t - 2.0;
  switch (kind) {
  case LINE_QUADRATIC: return (secanti_point){t, away * away, 2.0 * away};
  case LINE_NARROW: return (secanti_point){t, t * (5e4 * t - 1.0), 1e5 * t - 1.0};
  case LINE_EXPONENTIAL: return (secanti_point){t, expm1(50.0 * t) - 51.0 * t, 50.0 * exp(50.0 * t) - 51.0};
  case LINE_FLAT_TAIL: return (secanti_point){t, -log1p(t), -1.0 / (1.0 + t)};
  case LINE_NOISY: return (secanti_point){t, 1e8 + 1e-7 * away * away, 2e-7 * away};
  case LINE_BARRIER: return (secanti_point){t, -t - 1e-4 * log(1.0 - 500.0 * t), -1.0 + 5e-2 / (1.0 - 500.0 * t)};
  case LINE_WALL: return (secanti_point){t, t < 0.3 ? -t : INFINITY, -1.0};
  case LINE_PIT: return (secanti_point){t, t < 0.3 ? -t : -INFINITY, -1.0};
  case LINE_UNBOUNDED: return (secanti_point){t, -t, -1.0};
  default: return more_thuente_evaluate((int)kind + 1, t);
  }
}

bool line_is_good(secanti_point point)
{
  return isfinite(point.loss) && isfinite(point.slope);
}

secanti_search_limits line_limits(line_kind kind, const secanti_search_limits *usual)
{
  secanti_search_limits limits = *usual;
  if (kind >= LINE_QUADRATIC) return limits;
  const int number = (int)kind + 1;
  limits.armijo = number == 2 || number == 3 ? 0.1 : 0.001;
  limits.wolfe = number <= 3 ? 0.1 : 0.001;
  return limits;
}
