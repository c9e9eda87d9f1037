/*
 * Let e = f'(x; d) - g.d, the error to be found, and R(h) = e h + b h^2 + c h^3 + ... + noise. Two combinations of halved
 * steps are all that is needed:
 *
 *     (4 R(h/2) - R(h)) / h            = e - c h^2 / 2 + ...       at most 5 noises / h away from that
 *     R(h) - 6 R(h/2) + 8 R(h/4)       = 3 c h^3 / 8 + ...         at most 15 noises
 *
 * The second one, at the shortest steps, is noise and nothing else: a loss that was summed up carelessly, or in a shorter
 * type, is found out by it.
 */
#include "numerics/taylor.h"
#include <float.h>
#include <math.h>

enum { TAIL = 4, FEWEST = 6, FITTED = 8 };

/* A gradient passes if its error would be seen were it larger than this part of the slope. */
static const double VISIBLE = 5e-3;

/* What rounding alone does to a remainder. */
static double rounding_at(const secanti_taylor *taylor, int k)
{
  const double largest = fmax(fabs(taylor->loss), fmax(fabs(taylor->moved[k]), fabs(taylor->told) * taylor->step[k]));
  return fmax(taylor->noise, 2.0 * DBL_EPSILON * largest);
}

/* Three remainders below rounding have no more to tell. */
static bool is_spent(const secanti_taylor *taylor)
{
  if (taylor->count < FEWEST) return false;
  for (int k = taylor->count - 3; k < taylor->count; k++) {
    if (fabs(taylor->remainder[k]) > rounding_at(taylor, k)) return false;
  }
  return true;
}

bool secanti_taylor_add(secanti_taylor *taylor, double step, double loss, double linear)
{
  const double remainder = (loss - taylor->loss) - linear;
  if (!isfinite(remainder)) {
    taylor->count = 0;
    return true;
  }
  taylor->variation = fmax(taylor->variation, fabs(loss - taylor->loss));
  taylor->step[taylor->count] = step;
  taylor->moved[taylor->count] = loss;
  taylor->remainder[taylor->count++] = remainder;
  return taylor->count < SECANTI_TAYLOR_STEPS && !is_spent(taylor);
}

/* The third difference that begins at step k. */
static double difference(const secanti_taylor *taylor, int k)
{
  const double *r = taylor->remainder + k;
  return fabs(r[0] - 6.0 * r[1] + 8.0 * r[2]);
}

/*
 * Where the loss has few digits, it does not change at all at the shortest steps, and the remainders are -g.s, smooth
 * and wrong: the largest of them is a quarter to half a unit of its last digit. A loss that does not change at any step
 * accuses nobody.
 */
static double unit_of_loss(const secanti_taylor *taylor)
{
  int first = taylor->count;
  while (first > 0 && taylor->moved[first - 1] == taylor->loss) first--;
  return first < taylor->count ? 2.0 * fabs(taylor->remainder[first]) : 0.0;
}

/* The noise of a remainder apart from rounding. Of TAIL differences the largest is 5 to 15 noises. */
static double measure_noise(const secanti_taylor *taylor)
{
  double largest = 0.0;
  for (int k = taylor->count - 2 - TAIL; k < taylor->count - 2; k++) largest = fmax(largest, difference(taylor, k));
  return fmax(largest / 5.0, unit_of_loss(taylor));
}

/* How far the estimate of step k may be off: the smoothness that its neighbours show, and the noise. */
static double uncertainty(const secanti_taylor *taylor, int k, double noise)
{
  double departure = difference(taylor, k);
  if (k > 0) departure = fmax(departure, difference(taylor, k - 1) / 8.0);
  if (k + 3 < taylor->count) departure = fmax(departure, difference(taylor, k + 1));
  return (2.0 * departure + 6.0 * fmax(noise, rounding_at(taylor, k))) / taylor->step[k];
}

/* Slope of log |R| over log h at the shortest steps whose remainders stand out. */
static double observe_order(const secanti_taylor *taylor, double noise)
{
  double n = 0.0, sx = 0.0, sy = 0.0, sxx = 0.0, sxy = 0.0;
  for (int k = taylor->count - 1; k >= 0 && n < FITTED; k--) {
    const double remainder = fabs(taylor->remainder[k]);
    if (!(remainder > 10.0 * fmax(noise, rounding_at(taylor, k)))) continue;
    const double x = log(taylor->step[k]), y = log(remainder);
    n += 1.0;
    sx += x;
    sy += y;
    sxx += x * x;
    sxy += x * y;
  }
  return n >= 3.0 ? (n * sxy - sx * sy) / (n * sxx - sx * sx) : NAN;
}

/* Where the gradient is zero, there is no slope to compare with: the remainders must have the order of a minimum. */
static secant_gradient_verdict weigh(const secanti_taylor *taylor, const secanti_taylor_result *result)
{
  const double told = fabs(taylor->told), measured = fabs(taylor->told + result->error), error = fabs(result->error);
  const double slope = fmax(taylor->typical, fmax(told, measured));
  if (error > result->precision && error > taylor->tolerance * slope) return SECANT_GRADIENT_FAILS;
  if (result->precision <= VISIBLE * slope) return SECANT_GRADIENT_PASSES;
  return slope <= result->precision && taylor->typical == 0.0 && result->order >= 1.8 ? SECANT_GRADIENT_PASSES
                                                                                      : SECANT_GRADIENT_CANNOT_TELL;
}

secanti_taylor_result secanti_taylor_judge(const secanti_taylor *taylor)
{
  secanti_taylor_result result = {SECANT_GRADIENT_CANNOT_TELL, NAN, NAN, NAN, NAN, NAN, 0};
  if (taylor->count < FEWEST) return result;
  const double noise = measure_noise(taylor);
  double least = INFINITY;
  for (int k = 0; k + 2 < taylor->count; k++) {
    const double here = uncertainty(taylor, k, noise);
    if (!(here < least)) continue;
    least = here;
    result.best = k;
  }
  const double *r = taylor->remainder + result.best;
  result.error = (4.0 * r[1] - r[0]) / taylor->step[result.best];
  result.precision = 3.0 * least;
  result.order = observe_order(taylor, noise);
  result.noise = fmax(noise, rounding_at(taylor, result.best));
  result.bend = (r[0] / taylor->step[result.best] - result.error) / taylor->step[result.best];
  if (isfinite(result.error) && isfinite(least)) result.verdict = weigh(taylor, &result);
  return result;
}

double secanti_taylor_shorten(const secanti_taylor *taylor, const secanti_taylor_result *result)
{
  if (result->verdict != SECANT_GRADIENT_FAILS) return 0.0;
  const double longest = 0.125 * taylor->variation / fabs(taylor->told);
  return longest < taylor->step[result->best] ? longest : 0.0;
}

void secanti_taylor_confirm(const secanti_taylor *taylor, double behind, double half_behind,
                            secanti_taylor_result *result)
{
  const double other = -(4.0 * half_behind - behind) / taylor->step[result->best];
  if (fabs(other - result->error) > 2.0 * result->precision + 0.1 * fabs(result->error)) {
    result->verdict = SECANT_GRADIENT_CANNOT_TELL;
  }
}
