#include "more_thuente.h"
#include <math.h>

static secanti_point flat_beyond(double t)
{
  const double bottom = t * t + 2.0;
  return (secanti_point){t, -t / bottom, (t * t - 2.0) / (bottom * bottom)};
}

static secanti_point quintic(double t)
{
  const double u = t + 0.004;
  return (secanti_point){t, (u - 2.0) * u * u * u * u, (5.0 * u - 8.0) * u * u * u};
}

/* |t - 1|, rounded at the corner, and a sine: many local minima. */
static secanti_point oscillating(double t)
{
  const double beta = 0.01, waves = 39.0, u = t - 1.0;
  double value = fabs(u), slope = u < 0.0 ? -1.0 : 1.0;
  if (fabs(u) < beta) {
    value = u * u / (2.0 * beta) + beta / 2.0;
    slope = u / beta;
  }
  const double angle = waves * acos(-1.0) / 2.0 * t;
  value += 2.0 * (1.0 - beta) / (waves * acos(-1.0)) * sin(angle);
  return (secanti_point){t, value, slope + (1.0 - beta) * cos(angle)};
}

/* Functions 4 to 6: two square roots, steep near 0 and near 1. */
static secanti_point two_roots(double t, double beta1, double beta2)
{
  const double weight1 = sqrt(1.0 + beta1 * beta1) - beta1, weight2 = sqrt(1.0 + beta2 * beta2) - beta2;
  const double root1 = sqrt((1.0 - t) * (1.0 - t) + beta2 * beta2), root2 = sqrt(t * t + beta1 * beta1);
  return (secanti_point){t, weight1 * root1 + weight2 * root2, weight1 * (t - 1.0) / root1 + weight2 * t / root2};
}

secanti_point more_thuente_evaluate(int number, double step)
{
  switch (number) {
  case 1: return flat_beyond(step);
  case 2: return quintic(step);
  case 3: return oscillating(step);
  case 4: return two_roots(step, 0.001, 0.001);
  case 5: return two_roots(step, 0.01, 0.001);
  default: return two_roots(step, 0.001, 0.01);
  }
}
