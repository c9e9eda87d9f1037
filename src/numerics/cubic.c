#include "numerics/search.h"
#include <math.h>

/*
 * With Delta = (f_a - f_b) / (t_a - t_b), d1 = f'_a + f'_b - 3 Delta, r = sqrt(d1^2 - f'_a f'_b), and l, h the left and
 * the right one of the two points, the minimiser of the cubic is
 *   t = t_h - (t_h - t_l) (f'_h + r - d1) / (f'_h - f'_l + 2 r).
 * The order of a and b has no influence, not even in the last bit: every expression is symmetric or antisymmetric.
 * A cubic that degenerates to a line or to a concave parabola has its minimum at infinity, so one of the bounds is the
 * answer. A value that is not finite in a or b makes the result NaN, hence the midpoint: the interval is bisected.
 * Source: Nocedal & Wright 2006, equation 3.59.
 */
double secanti_cubic_minimiser(secanti_point a, secanti_point b, double lowest, double highest)
{
  const secanti_point left = a.step <= b.step ? a : b;
  const secanti_point right = a.step <= b.step ? b : a;
  const double midpoint = (lowest + highest) / 2.0;

  const double d1 = left.slope + right.slope - 3.0 * (left.loss - right.loss) / (left.step - right.step);
  const double discriminant = d1 * d1 - left.slope * right.slope;
  if (!(discriminant >= 0.0)) return midpoint;

  const double r = sqrt(discriminant);
  const double fraction = (right.slope + r - d1) / (right.slope - left.slope + 2.0 * r);
  const double minimiser = right.step - (right.step - left.step) * fraction;
  return isnan(minimiser) ? midpoint : fmin(fmax(minimiser, lowest), highest);
}
