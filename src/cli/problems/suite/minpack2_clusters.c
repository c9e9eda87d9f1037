/*
 * Lennard-Jones clusters: the sum over all pairs of atoms of 1/r^12 - 2/r^6, where r is their distance; in the plane
 * and in space. The start is a square or cubic lattice of spacing 1, filled row by row.
 *
 * Source: Averick, Carter, Moré, Xue, The MINPACK-2 Test Problem Collection (1992), Lennard-jones clusters;
 * start of its program. Minima in space: Wales, Doye, J. Phys. Chem. A 101 (1997) 5111.
 */
#include "cli/problems/suite/least_squares.h"
#include "cli/problems/suite/minpack2.h"
#include <math.h>

/* Atoms at a and b [dimensions]. */
static double bond(int dimensions, const double *a, const double *b, double *slope_a, double *slope_b)
{
  double square = 0.0;
  for (int k = 0; k < dimensions; k++) square += (a[k] - b[k]) * (a[k] - b[k]);
  const double attraction = 1.0 / (square * square * square);
  const double factor = 12.0 * attraction * (1.0 - attraction) / square;
  for (int k = 0; k < dimensions; k++) {
    slope_a[k] += factor * (a[k] - b[k]);
    slope_b[k] -= factor * (a[k] - b[k]);
  }
  return attraction * (attraction - 2.0);
}

static double lennard_jones(int dimensions, int n, const double *x, double *gradient)
{
  double f = 0.0;
  suite_fill_all(gradient, n, 0.0);
  for (int i = dimensions; i < n; i += dimensions)
    for (int j = 0; j < i; j += dimensions) f += bond(dimensions, &x[i], &x[j], &gradient[i], &gradient[j]);
  return f;
}

double minpack2_lennard_jones_2d(int n, const double *x, double *gradient)
{
  return lennard_jones(2, n, x, gradient);
}

void minpack2_start_lennard_jones_2d(int n, double *x)
{
  const int atoms = n / 2, side = (int)sqrt(atoms);
  for (int i = 0; i < atoms; i++) {
    x[2 * i] = i % side;
    x[2 * i + 1] = i / side;
  }
}

double minpack2_lennard_jones_3d(int n, const double *x, double *gradient)
{
  return lennard_jones(3, n, x, gradient);
}

void minpack2_start_lennard_jones_3d(int n, double *x)
{
  const int atoms = n / 3, side = (int)cbrt(atoms + 0.5);
  for (int i = 0; i < atoms; i++) {
    x[3 * i] = i % side;
    x[3 * i + 1] = i / side % side;
    x[3 * i + 2] = i / (side * side);
  }
}
