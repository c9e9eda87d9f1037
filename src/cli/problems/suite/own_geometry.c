/*
 * Points, springs and waves. Points of space are three unknowns each; r_ij is the distance of two of them.
 *
 *   lennard-jones-N          sum 4 (r_ij^-12 - r_ij^-6) over pairs of N = 3, 4, 7 points; start on a cube of side 1.2,
 *                            moved by sin(5 i) / 10; minimum -3, -6 and -16.505384 (Hoare, Pal 1971)
 *   coulomb-sphere-N         sum 1/r_ij of N = 6, 12 points x / |x| on a sphere; start sin(3 i + 1) + 10^-3 i; minimum
 *                            9.985281 and 49.165253 (Thomson's problem)
 *   distance-geometry        sum (r_ij^2 - d_ij^2)^2 over pairs of 6 points, d_ij from the points sin(2 i) in their
 *                            order; start cos(4 i)
 *   hanging-springs          a chain of n/2 weights between (0, 0) and (1, 0): 50 sum (l_k - l)^2 + sum of heights / n,
 *                            l_k the length of spring k, l = 1.5 / (n/2 + 1); start on the line between its ends
 *   soft-discs               sum max(0, 1 - r_ij)^2 over pairs of 10 points of the plane, + |x|^2 / 100; start sin(3 i) / 2
 *   smoothed-variation       1/2 sum (x_i - d_i)^2 + sum sqrt((x_{i+1} - x_i)^2 + 10^-4), d_i = 1 where 10 i / n is odd,
 *                            else 0, + sin(7 i) / 5; start d
 *   egg-box                  sum x_i^2 + 10 (1 - cos(2 pi x_i)); start 0.3 + i/100 (after Rastrigin)
 *   product-of-waves         1 + |x|^2 / 4000 - prod cos(x_i / sqrt(i + 1)); start 1 (after Griewank)
 *
 * The minimum of the last two is 0, as that of distance-geometry.
 */
#include "cli/problems/suite/families.h"
#include "cli/problems/suite/least_squares.h"
#include <math.h>

static double dot(const double *a, const double *b)
{
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

static double lennard_jones(int n, const double *x, double *gradient)
{
  double f = 0.0;
  suite_fill_all(gradient, n, 0.0);
  for (int i = 0; i < n; i += 3) {
    for (int j = 0; j < i; j += 3) {
      const double away[] = {x[i] - x[j], x[i + 1] - x[j + 1], x[i + 2] - x[j + 2]};
      const double inverse = 1.0 / dot(away, away), sixth = inverse * inverse * inverse;
      f += 4.0 * sixth * (sixth - 1.0);
      for (int k = 0; k < 3; k++) {
        const double push = 24.0 * sixth * (1.0 - 2.0 * sixth) * inverse * away[k];
        gradient[i + k] += push;
        gradient[j + k] -= push;
      }
    }
  }
  return f;
}

static void start_on_cube(int n, double *x)
{
  for (int i = 0; i < n; i++) x[i] = 1.2 * ((i / 3) >> (i % 3) & 1) + 0.1 * sin(5.0 * i);
}

/* With points p = x / |x|: a push on p acts on x without its part along p, divided by |x|. */
static double coulomb_sphere(int n, const double *x, double *gradient)
{
  double f = 0.0;
  suite_fill_all(gradient, n, 0.0);
  for (int i = 0; i < n; i += 3) {
    const double own = sqrt(dot(x + i, x + i));
    for (int j = 0; j < n; j += 3) {
      if (j == i) continue;
      const double other = sqrt(dot(x + j, x + j));
      double away[3], push[3];
      for (int k = 0; k < 3; k++) away[k] = x[i + k] / own - x[j + k] / other;
      const double distance = sqrt(dot(away, away));
      for (int k = 0; k < 3; k++) push[k] = -away[k] / (distance * distance * distance);
      const double along = dot(push, x + i) / (own * own);
      if (j < i) f += 1.0 / distance;
      for (int k = 0; k < 3; k++) gradient[i + k] += (push[k] - along * x[i + k]) / own;
    }
  }
  return f;
}

static void start_around_sphere(int n, double *x)
{
  for (int i = 0; i < n; i++) x[i] = sin(3.0 * i + 1.0) + 1e-3 * i;
}

static double distance_geometry(int n, const double *x, double *gradient)
{
  double f = 0.0;
  suite_fill_all(gradient, n, 0.0);
  for (int i = 0; i < n; i += 3) {
    for (int j = 0; j < i; j += 3) {
      double r = 0.0;
      for (int k = 0; k < 3; k++) {
        const double known = sin(2.0 * (i + k)) - sin(2.0 * (j + k)), away = x[i + k] - x[j + k];
        r += away * away - known * known;
      }
      f += r * r;
      for (int k = 0; k < 3; k++) {
        gradient[i + k] += 4.0 * r * (x[i + k] - x[j + k]);
        gradient[j + k] -= 4.0 * r * (x[i + k] - x[j + k]);
      }
    }
  }
  return f;
}

static void start_cosines(int n, double *x)
{
  for (int i = 0; i < n; i++) x[i] = cos(4.0 * i);
}

/* Spring k joins weights k - 1 and k; those before the first and after the last are the ends. */
static double hanging_springs(int n, const double *x, double *gradient)
{
  const int weights = n / 2;
  const double rest = 1.5 / (weights + 1);
  double f = 0.0;
  for (int i = 0; i < n; i++) gradient[i] = i % 2 == 0 ? 0.0 : 1.0 / n;
  for (int k = 0; k <= weights; k++) {
    const double left[] = {k > 0 ? x[2 * k - 2] : 0.0, k > 0 ? x[2 * k - 1] : 0.0};
    const double right[] = {k < weights ? x[2 * k] : 1.0, k < weights ? x[2 * k + 1] : 0.0};
    const double across = right[0] - left[0], up = right[1] - left[1], length = hypot(across, up);
    const double pull = 100.0 * (length - rest) / length;
    f += 50.0 * (length - rest) * (length - rest) + (k < weights ? right[1] / n : 0.0);
    if (k < weights) {
      gradient[2 * k] += pull * across;
      gradient[2 * k + 1] += pull * up;
    }
    if (k > 0) {
      gradient[2 * k - 2] -= pull * across;
      gradient[2 * k - 1] -= pull * up;
    }
  }
  return f;
}

static void start_on_line(int n, double *x)
{
  for (int i = 0; i < n; i++) x[i] = i % 2 == 0 ? (i / 2 + 1.0) / (n / 2 + 1.0) : 0.0;
}

static double soft_discs(int n, const double *x, double *gradient)
{
  double f = 0.0;
  for (int i = 0; i < n; i++) {
    f += 0.01 * x[i] * x[i];
    gradient[i] = 0.02 * x[i];
  }
  for (int i = 0; i < n; i += 2) {
    for (int j = 0; j < i; j += 2) {
      const double across = x[i] - x[j], up = x[i + 1] - x[j + 1], distance = hypot(across, up);
      if (distance >= 1.0) continue;
      const double overlap = 1.0 - distance, push = -2.0 * overlap / distance;
      f += overlap * overlap;
      gradient[i] += push * across;
      gradient[i + 1] += push * up;
      gradient[j] -= push * across;
      gradient[j + 1] -= push * up;
    }
  }
  return f;
}

static void start_half_sines(int n, double *x)
{
  for (int i = 0; i < n; i++) x[i] = 0.5 * sin(3.0 * i);
}

static void start_at_signal(int n, double *x)
{
  for (int i = 0; i < n; i++) x[i] = (int)(10.0 * i / n) % 2 + 0.2 * sin(7.0 * i);
}

static double smoothed_variation(int n, const double *x, double *gradient)
{
  double f = 0.0;
  start_at_signal(n, gradient);
  for (int i = 0; i < n; i++) {
    gradient[i] = x[i] - gradient[i];
    f += 0.5 * gradient[i] * gradient[i];
  }
  for (int i = 0; i + 1 < n; i++) {
    const double jump = x[i + 1] - x[i], size = sqrt(jump * jump + 1e-4);
    f += size;
    gradient[i + 1] += jump / size;
    gradient[i] -= jump / size;
  }
  return f;
}

static double egg_box(int n, const double *x, double *gradient)
{
  const double turn = 2.0 * acos(-1.0);
  double f = 0.0;
  for (int i = 0; i < n; i++) {
    f += x[i] * x[i] + 10.0 * (1.0 - cos(turn * x[i]));
    gradient[i] = 2.0 * x[i] + 10.0 * turn * sin(turn * x[i]);
  }
  return f;
}

static void start_in_egg_box(int n, double *x)
{
  for (int i = 0; i < n; i++) x[i] = 0.3 + 0.01 * i;
}

/* The product without its factor i, of what is left and right of it: a cosine may vanish. */
static double product_of_waves(int n, const double *x, double *gradient)
{
  double f = 1.0, product = 1.0, right = 1.0;
  for (int i = 0; i < n; i++) {
    gradient[i] = product;
    product *= cos(x[i] / sqrt(i + 1.0));
  }
  for (int i = n - 1; i >= 0; i--) {
    const double scale = sqrt(i + 1.0);
    gradient[i] = x[i] / 2000.0 + gradient[i] * right * sin(x[i] / scale) / scale;
    f += x[i] * x[i] / 4000.0;
    right *= cos(x[i] / scale);
  }
  return f - product;
}

static void start_at_ones(int n, double *x)
{
  suite_fill_all(x, n, 1.0);
}

static const suite_problem problems[] = {
    {"lennard-jones-3", "Secant", 9, 0, 9, -3.0, SUITE_UNDEFINED, start_on_cube, lennard_jones},
    {"lennard-jones-4", "Secant", 12, 0, 12, -6.0, SUITE_UNDEFINED, start_on_cube, lennard_jones},
    {"lennard-jones-7", "Secant", 21, 0, 21, -16.505384, SUITE_UNDEFINED, start_on_cube, lennard_jones},
    {"coulomb-sphere-6", "Secant", 18, 0, 18, 9.985281, SUITE_UNDEFINED, start_around_sphere, coulomb_sphere},
    {"coulomb-sphere-12", "Secant", 36, 0, 36, 49.165253, SUITE_UNDEFINED, start_around_sphere, coulomb_sphere},
    {"distance-geometry", "Secant", 18, 0, 18, 0.0, 0, start_cosines, distance_geometry},
    {"hanging-springs", "Secant", 20, 2, 2, NAN, SUITE_UNDEFINED, start_on_line, hanging_springs},
    {"soft-discs", "Secant", 20, 0, 20, NAN, SUITE_UNDEFINED, start_half_sines, soft_discs},
    {"smoothed-variation", "Secant", 50, 1, 2, NAN, 0, start_at_signal, smoothed_variation},
    {"egg-box", "Secant", 10, 1, 1, 0.0, 0, start_in_egg_box, egg_box},
    {"product-of-waves", "Secant", 10, 1, 1, 0.0, 0, start_at_ones, product_of_waves},
};

const suite_family suite_own_geometry = {problems, sizeof problems / sizeof *problems};
