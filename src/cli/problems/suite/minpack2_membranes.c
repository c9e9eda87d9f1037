/*
 * Functions v on a rectangle that minimise an energy: the integral of density(grad v) minus load v. A grid of
 * SIDE x SIDE interior nodes, whose values are the unknowns, in rows; each cell is halved into two triangles, a lower
 * one with its right angle at the lower left and an upper one with it at the upper right, and v is linear on each.
 *
 *                     rectangle                  density                                   load            boundary
 *   minimal-surface   (-1/2, 1/2)^2              sqrt(1 + |grad v|^2)                      0               Enneper
 *   optimal-design    (0, 1)^2                   psi(|grad v|)                             -1              0
 *   torsion           (0, 1)^2                   |grad v|^2/2                              5               0
 *   journal-bearing   (0, 2 pi) x (0, 20)        (1 + cos(x)/10)^3 |grad v|^2/2            sin(x)/10       0
 *
 *   psi' is continuous: t^2 up to sqrt(lambda), then linear up to 2 sqrt(lambda), then t^2/2 + lambda; lambda = 0.008.
 *   The coefficient of the bearing is the mean of its values at the corners of the triangle.
 *
 * Torsion and bearing are without the bounds that the source has. The least value of torsion is, by its eigenvectors,
 * -b^2/2 sum over j, k of (s_j s_k)^2/(m_j + m_k), b = 5 h^2, m_j = 2 - 2 cos(pi j h), s_j = sqrt(2 h) times the sum
 * over i of sin(pi i j h), h = 1/(SIDE + 1).
 *
 *   solid-fuel-ignition   sum of the squares of the residuals of -div grad v = 5 exp(v) on (0, 1)^2, v = 0 on the
 *                         boundary, by the five-point formula; each is multiplied by the area of a cell
 *
 * Source: Averick, Carter, Moré, Xue, The MINPACK-2 Test Problem Collection (1992), minimal surface
 * area, optimal design with composites, elastic-plastic torsion, pressure in a journal bearing, solid fuel ignition.
 */
#include "cli/problems/suite/least_squares.h"
#include "cli/problems/suite/minpack2.h"
#include <math.h>
#include <stddef.h>

enum { SIDE = MINPACK2_SIDE, WIDTH = SIDE + 2, NODES = WIDTH * WIDTH };

/* Returns the density for slopes p and q, and its derivatives. The right angle of the triangle is at x, another corner
 * above or below it, and the third at x_other. */
typedef double energy_density(double x, double x_other, double p, double q, double *dp, double *dq);

typedef struct energy {
  double left, bottom; /* corner of the rectangle */
  double hx, hy;       /* spacings */
  energy_density *density;
  double (*load)(double x);
  double (*boundary)(double x, double y); /* NULL: 0 */
} energy;

static int node_of(int unknown)
{
  return (unknown / SIDE + 1) * WIDTH + unknown % SIDE + 1;
}

static double x_of(const energy *e, int node)
{
  return e->left + node % WIDTH * e->hx;
}

static double y_of(const energy *e, int node)
{
  return e->bottom + node / WIDTH * e->hy;
}

/* The values at all nodes. */
static void spread(const energy *e, const double *x, double *v)
{
  for (int node = 0; node < NODES; node++) v[node] = e->boundary ? e->boundary(x_of(e, node), y_of(e, node)) : 0.0;
  for (int k = 0; k < SIDE * SIDE; k++) v[node_of(k)] = x[k];
}

/* The triangle with its right angle at a node, to the next nodes in direction `step`: 1 right and up, -1 back. */
static double triangle(const energy *e, const double *v, double *slope, int node, int step)
{
  const int beside = node + step, above = node + step * WIDTH;
  const double hx = step * e->hx, hy = step * e->hy, area = 0.5 * e->hx * e->hy;
  double dp = 0.0, dq = 0.0;
  const double density =
      e->density(x_of(e, node), x_of(e, beside), (v[beside] - v[node]) / hx, (v[above] - v[node]) / hy, &dp, &dq);
  slope[beside] += area * dp / hx;
  slope[above] += area * dq / hy;
  slope[node] -= area * (dp / hx + dq / hy);
  return area * density;
}

static double evaluate(const energy *e, const double *x, double *gradient)
{
  double v[NODES], slope[NODES] = {0.0}, f = 0.0;
  spread(e, x, v);
  for (int row = 0; row <= SIDE; row++)
    for (int column = 0; column <= SIDE; column++) {
      const int node = row * WIDTH + column;
      f += triangle(e, v, slope, node, 1) + triangle(e, v, slope, node + WIDTH + 1, -1);
    }
  for (int k = 0; k < SIDE * SIDE; k++) {
    const double weight = e->load(x_of(e, node_of(k))) * e->hx * e->hy;
    gradient[k] = slope[node_of(k)] - weight;
    f -= weight * x[k];
  }
  return f;
}

static double no_load(double x)
{
  (void)x;
  return 0.0;
}

/* Distance of an unknown's node to the boundary of the unit square. */
static double depth(int unknown)
{
  const int column = unknown % SIDE + 1, row = unknown / SIDE + 1;
  const int across = column < WIDTH - 1 - column ? column : WIDTH - 1 - column;
  const int along = row < WIDTH - 1 - row ? row : WIDTH - 1 - row;
  return (double)(across < along ? across : along) / (SIDE + 1);
}

/* ---- minimal surface --------------------------------------------------------------------------------------------- */

static double area_density(double x, double x_other, double p, double q, double *dp, double *dq)
{
  (void)x, (void)x_other;
  const double w = sqrt(1.0 + p * p + q * q);
  *dp = p / w;
  *dq = q / w;
  return w;
}

/* Height of Enneper's surface: a^2 - b^2, where a + a b^2 - a^3/3 = x, -b - a^2 b + b^3/3 = y; by Newton's method. */
static double enneper(double x, double y)
{
  double a = x, b = -y;
  for (int i = 0; i < 10; i++) {
    const double r = a + a * b * b - a * a * a / 3.0 - x, s = -b - a * a * b + b * b * b / 3.0 - y;
    const double r_a = 1.0 + b * b - a * a, r_b = 2.0 * a * b, s_b = b * b - 1.0 - a * a; /* s_a is -r_b */
    const double determinant = r_a * s_b + r_b * r_b;
    a -= (r * s_b - s * r_b) / determinant;
    b -= (s * r_a + r * r_b) / determinant;
  }
  return a * a - b * b;
}

static const energy surface = {.left = -0.5,
                               .bottom = -0.5,
                               .hx = 1.0 / (SIDE + 1),
                               .hy = 1.0 / (SIDE + 1),
                               .density = area_density,
                               .load = no_load,
                               .boundary = enneper};

double minpack2_minimal_surface(int n, const double *x, double *gradient)
{
  (void)n;
  return evaluate(&surface, x, gradient);
}

/* The mean of the linear interpolations left to right and bottom to top. */
void minpack2_start_minimal_surface(int n, double *x)
{
  for (int k = 0; k < n; k++) {
    const double a = x_of(&surface, node_of(k)), b = y_of(&surface, node_of(k)), s = a + 0.5, t = b + 0.5;
    const double across = (1.0 - s) * enneper(-0.5, b) + s * enneper(0.5, b);
    const double along = (1.0 - t) * enneper(a, -0.5) + t * enneper(a, 0.5);
    x[k] = 0.5 * (across + along);
  }
}

/* ---- optimal design with composites ------------------------------------------------------------------------------ */

static double design_density(double x, double x_other, double p, double q, double *dp, double *dq)
{
  (void)x, (void)x_other;
  const double lambda = 0.008, t = hypot(p, q), first = sqrt(lambda), second = 2.0 * first;
  /* psi'(t)/t, which is finite at 0 */
  const double ratio = t <= first ? 2.0 : t < second ? 2.0 * first / t : 1.0;
  *dp = ratio * p;
  *dq = ratio * q;
  if (t <= first) return t * t;
  return t < second ? 2.0 * first * t - lambda : 0.5 * t * t + lambda;
}

static double load_of_design(double x)
{
  (void)x;
  return -1.0;
}

static const energy design = {
    .hx = 1.0 / (SIDE + 1), .hy = 1.0 / (SIDE + 1), .density = design_density, .load = load_of_design};

double minpack2_optimal_design(int n, const double *x, double *gradient)
{
  (void)n;
  return evaluate(&design, x, gradient);
}

void minpack2_start_optimal_design(int n, double *x)
{
  for (int k = 0; k < n; k++) x[k] = -depth(k) * depth(k);
}

/* ---- torsion ----------------------------------------------------------------------------------------------------- */

static double torsion_density(double x, double x_other, double p, double q, double *dp, double *dq)
{
  (void)x, (void)x_other;
  *dp = p;
  *dq = q;
  return 0.5 * (p * p + q * q);
}

static double load_of_torsion(double x)
{
  (void)x;
  return 5.0;
}

static const energy torsion = {
    .hx = 1.0 / (SIDE + 1), .hy = 1.0 / (SIDE + 1), .density = torsion_density, .load = load_of_torsion};

double minpack2_torsion(int n, const double *x, double *gradient)
{
  (void)n;
  return evaluate(&torsion, x, gradient);
}

void minpack2_start_torsion(int n, double *x)
{
  for (int k = 0; k < n; k++) x[k] = depth(k);
}

/* ---- journal bearing --------------------------------------------------------------------------------------------- */

#define TWO_PI 6.283185307179586

static double film(double x)
{
  const double gap = 1.0 + 0.1 * cos(x);
  return gap * gap * gap;
}

/* Two of the three corners are at x. */
static double bearing_density(double x, double x_other, double p, double q, double *dp, double *dq)
{
  const double coefficient = (2.0 * film(x) + film(x_other)) / 3.0;
  *dp = coefficient * p;
  *dq = coefficient * q;
  return 0.5 * coefficient * (p * p + q * q);
}

static double load_of_bearing(double x)
{
  return 0.1 * sin(x);
}

static const energy bearing = {
    .hx = TWO_PI / (SIDE + 1), .hy = 20.0 / (SIDE + 1), .density = bearing_density, .load = load_of_bearing};

double minpack2_journal_bearing(int n, const double *x, double *gradient)
{
  (void)n;
  return evaluate(&bearing, x, gradient);
}

void minpack2_start_journal_bearing(int n, double *x)
{
  for (int k = 0; k < n; k++) x[k] = fmax(sin(x_of(&bearing, node_of(k))), 0.0);
}

/* ---- solid fuel ignition ----------------------------------------------------------------------------------------- */

double minpack2_solid_fuel_ignition(int n, const double *x, double *gradient)
{
  const double strength = 5.0 / ((SIDE + 1) * (SIDE + 1));
  double v[NODES] = {0.0}, slope[NODES] = {0.0}, f = 0.0;
  for (int k = 0; k < n; k++) v[node_of(k)] = x[k];
  for (int k = 0; k < n; k++) {
    const int node = node_of(k);
    const double source = strength * exp(v[node]);
    const double r = 4.0 * v[node] - v[node - 1] - v[node + 1] - v[node - WIDTH] - v[node + WIDTH] - source;
    slope[node] += 2.0 * r * (4.0 - source);
    slope[node - 1] -= 2.0 * r;
    slope[node + 1] -= 2.0 * r;
    slope[node - WIDTH] -= 2.0 * r;
    slope[node + WIDTH] -= 2.0 * r;
    f += r * r;
  }
  for (int k = 0; k < n; k++) gradient[k] = slope[node_of(k)];
  return f;
}

void minpack2_start_solid_fuel_ignition(int n, double *x)
{
  for (int k = 0; k < n; k++) x[k] = 5.0 / 6.0 * sqrt(depth(k));
}
