/*
 * Minimal surface: the function u on the square (-1/2, 1/2)^2 with given values on the boundary whose graph has the
 * least area. The boundary values are those of Enneper's surface, which is the solution of the continuous problem.
 *
 * A grid of nx x ny interior nodes, spacings hx and hy. Each cell is halved into two triangles, and u is linear on
 * each. The unknowns are the values at the interior nodes, in rows from the bottom up.
 *
 *     (i,j+1) ------ (i+1,j+1)    The lower triangle has its right angle at (i,j) and the slopes
 *        |  \   upper   |           p = (u(i+1,j) - u(i,j)) / hx,          q = (u(i,j+1) - u(i,j)) / hy,
 *        |     \        |         the upper one at (i+1,j+1) and
 *        |  lower  \    |           p = (u(i+1,j+1) - u(i,j+1)) / hx,      q = (u(i+1,j+1) - u(i+1,j)) / hy.
 *      (i,j) -------- (i+1,j)     Its area is hx hy / 2 * w, w = sqrt(1 + p^2 + q^2).
 *
 * With the flux (p, q) / w of each triangle, the gradient at a node is the sum of what flows through the triangles that
 * touch it: a discrete -div(grad u / w), which vanishes on a minimal surface.
 *
 * The grid is cut into strips of rows, one a rank. To form the triangles that touch its own rows, a rank needs one row
 * of each neighbour, its halo: two exchanges an evaluation. The few triangles that touch the rows of two ranks are
 * computed by both, which is cheaper than a third message. Each area is counted once, by the rank of its right angle.
 *
 * Source: Averick, Carter, Moré, Xue, The MINPACK-2 Test Problem Collection, 1992, problem "minimal surface area".
 */
#include "cli/problems/problem.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What the triangle with its right angle at a node contributes: its flux, scaled by its area over the spacings. */
typedef struct flux {
  double x;
  double y;
} flux;

/*
 * One rank's strip. Local rows: 0 is the halo below, 1 .. rows are its own, rows + 1 is the halo above; for the lowest
 * and the highest rank the halo is the boundary. Columns: 0 and nx + 1 are the boundary.
 */
typedef struct cli_strip {
  int64_t nx, ny;
  int64_t first_row; /* global number of local row 1, counted from 1 */
  int64_t rows;      /* 0 on ranks beyond the last row of the grid */
  int below, above;  /* neighbouring ranks; -1: none, the boundary is there */
  double hx, hy;
  double *u;   /* [rows + 2][nx + 2] */
  flux *lower; /* [rows + 2][nx + 2] triangles with their right angle at the lower left */
  flux *upper; /* [rows + 2][nx + 2] triangles with their right angle at the upper right */
} cli_strip;

static int64_t at(const cli_strip *strip, int64_t row, int64_t column)
{
  return row * (strip->nx + 2) + column;
}

/* ---- boundary and start -------------------------------------------------------------------------------------------- */

/*
 * Height of Enneper's surface above (x, y): a^2 - b^2, where (a, b) solves
 *
 *   a + a b^2 - a^3/3 = x,   -b - a^2 b + b^3/3 = y,
 *
 * by Newton's method from (x, -y). On the square it converges in a handful of steps.
 */
static double enneper_height(double x, double y)
{
  double a = x, b = -y;
  for (int newton = 0; newton < 20; newton++) {
    const double residual_x = a + a * b * b - a * a * a / 3.0 - x;
    const double residual_y = -b - a * a * b + b * b * b / 3.0 - y;
    if (hypot(residual_x, residual_y) <= 1e-15) break;
    const double diagonal = 1.0 - a * a + b * b; /* the Jacobian is (diagonal, 2ab; -2ab, -(1 + a^2 - b^2)) */
    const double other = -1.0 - a * a + b * b, cross = 2.0 * a * b;
    const double determinant = diagonal * other + cross * cross;
    a -= (residual_x * other - residual_y * cross) / determinant;
    b -= (residual_y * diagonal + residual_x * cross) / determinant;
  }
  return a * a - b * b;
}

/* Boundary value at column i, row j of the whole grid, nodes counted from 0 to nx + 1 and ny + 1. */
static double boundary(const cli_strip *strip, int64_t i, int64_t j)
{
  return enneper_height((double)i * strip->hx - 0.5, (double)j * strip->hy - 0.5);
}

static void fill_boundary(cli_strip *strip)
{
  const int64_t top = strip->rows + 1, right = strip->nx + 1, below = strip->first_row - 1;
  for (int64_t row = 0; row <= top; row++) {
    strip->u[at(strip, row, 0)] = boundary(strip, 0, below + row);
    strip->u[at(strip, row, right)] = boundary(strip, right, below + row);
  }
  for (int64_t i = 1; i <= strip->nx; i++) {
    if (strip->below < 0) strip->u[at(strip, 0, i)] = boundary(strip, i, 0);
    if (strip->above < 0) strip->u[at(strip, top, i)] = boundary(strip, i, strip->ny + 1);
  }
}

/* The standard start of the collection: the mean of the linear interpolations left to right and bottom to top. */
static void fill_start(const cli_strip *strip, double *x)
{
  const int64_t right = strip->nx + 1, top = strip->ny + 1;
  for (int64_t i = 1; i <= strip->nx; i++) {
    const double low = boundary(strip, i, 0), high = boundary(strip, i, top), s = (double)i * strip->hx;
    for (int64_t row = 1; row <= strip->rows; row++) {
      const double t = (double)(strip->first_row + row - 1) * strip->hy;
      const double across = (1.0 - s) * strip->u[at(strip, row, 0)] + s * strip->u[at(strip, row, right)];
      x[(row - 1) * strip->nx + i - 1] = 0.5 * (across + (1.0 - t) * low + t * high);
    }
  }
}

/* ---- evaluation ---------------------------------------------------------------------------------------------------- */

static void copy_unknowns(cli_strip *strip, const double *x)
{
  for (int64_t row = 1; row <= strip->rows; row++)
    memcpy(&strip->u[at(strip, row, 1)], &x[(row - 1) * strip->nx], (size_t)strip->nx * sizeof *x);
}

/* Every rank hands its top row up and gets its lower halo, then hands its bottom row down and gets its upper halo. */
static secant_status exchange_halo(cli_strip *strip, secant_comm *comm)
{
  if (strip->rows == 0) return SECANT_OK;
  const size_t bytes = (size_t)strip->nx * sizeof(double);
  double *const bottom_halo = &strip->u[at(strip, 0, 1)], *const bottom = &strip->u[at(strip, 1, 1)];
  double *const top = &strip->u[at(strip, strip->rows, 1)], *const top_halo = &strip->u[at(strip, strip->rows + 1, 1)];
  const secant_status status = secant_comm_exchange(comm, top, strip->above, bottom_halo, strip->below, bytes);
  if (status != SECANT_OK) return status;
  return secant_comm_exchange(comm, bottom, strip->below, top_halo, strip->above, bytes);
}

/* Flux of a triangle with slopes p and q; returns its w, the area relative to its projection. */
static double set_flux(const cli_strip *strip, double p, double q, flux *out)
{
  const double w = sqrt(1.0 + p * p + q * q);
  out->x = 0.5 * strip->hy * p / w;
  out->y = 0.5 * strip->hx * q / w;
  return w;
}

/* Lower triangles of a row, right angles at columns 0 .. nx. Returns the sum of w. */
static double lower_triangles(cli_strip *strip, int64_t row)
{
  const double *const u = &strip->u[at(strip, row, 0)], *const u_above = &strip->u[at(strip, row + 1, 0)];
  flux *const out = &strip->lower[at(strip, row, 0)];
  double sum = 0.0;
  for (int64_t i = 0; i <= strip->nx; i++)
    sum += set_flux(strip, (u[i + 1] - u[i]) / strip->hx, (u_above[i] - u[i]) / strip->hy, &out[i]);
  return sum;
}

/* Upper triangles of a row, right angles at columns 1 .. nx + 1. Returns the sum of w. */
static double upper_triangles(cli_strip *strip, int64_t row)
{
  const double *const u = &strip->u[at(strip, row, 0)], *const u_below = &strip->u[at(strip, row - 1, 0)];
  flux *const out = &strip->upper[at(strip, row, 0)];
  double sum = 0.0;
  for (int64_t i = 1; i <= strip->nx + 1; i++)
    sum += set_flux(strip, (u[i] - u[i - 1]) / strip->hx, (u[i] - u_below[i]) / strip->hy, &out[i]);
  return sum;
}

/* All triangles of local row `row`; returns the area of those that this rank counts. */
static double row_area(cli_strip *strip, int64_t row)
{
  double sum = 0.0;
  if (row <= strip->rows) {
    const double lower = lower_triangles(strip, row);
    if (row >= 1 || strip->below < 0) sum += lower;
  }
  if (row >= 1) {
    const double upper = upper_triangles(strip, row);
    if (row <= strip->rows || strip->above < 0) sum += upper;
  }
  return 0.5 * strip->hx * strip->hy * sum;
}

/* A node draws on the triangles of its own right angle, and on those whose legs end in it. */
static void row_gradient(const cli_strip *strip, int64_t row, double *g)
{
  const flux *const lower = &strip->lower[at(strip, row, 0)], *const lower_below = &strip->lower[at(strip, row - 1, 0)];
  const flux *const upper = &strip->upper[at(strip, row, 0)], *const upper_above = &strip->upper[at(strip, row + 1, 0)];
  for (int64_t i = 1; i <= strip->nx; i++) {
    const double along_x = lower[i - 1].x - lower[i].x + upper[i].x - upper[i + 1].x;
    const double along_y = lower_below[i].y - lower[i].y + upper[i].y - upper_above[i].y;
    g[i - 1] = along_x + along_y;
  }
}

static int evaluate(void *user, double *loss)
{
  cli_problem *const problem = user;
  cli_strip *const strip = problem->own;
  copy_unknowns(strip, problem->x);
  if (exchange_halo(strip, problem->comm) != SECANT_OK) return 1;
#pragma omp parallel for schedule(static) num_threads(problem->threads)
  for (int64_t row = 0; row < problem->blocks; row++) problem->losses[row] = row_area(strip, row);
#pragma omp parallel for schedule(static) num_threads(problem->threads)
  for (int64_t row = 1; row <= strip->rows; row++) row_gradient(strip, row, &problem->g[(row - 1) * strip->nx]);
  *loss = problem_total(problem);
  return 0;
}

/* ---- beginning and end --------------------------------------------------------------------------------------------- */

/* First row of rank r where `ranks` share ny rows as evenly as whole rows allow; counted from 0. */
static int64_t first_row_of(int64_t ny, int64_t ranks, int64_t r)
{
  const int64_t each = ny / ranks, rest = ny % ranks;
  return r * each + (r < rest ? r : rest);
}

/* Whole rows in rank order. Ranks beyond the number of rows get none and have no neighbours. */
static cli_strip cut_rows(const cli_problem *problem, int size, int rank)
{
  cli_strip strip = {.nx = (int64_t)problem->option[0], .ny = (int64_t)problem->option[1], .below = -1, .above = -1};
  const int64_t working = size < strip.ny ? size : strip.ny;
  strip.hx = 1.0 / (double)(strip.nx + 1);
  strip.hy = 1.0 / (double)(strip.ny + 1);
  strip.first_row = strip.ny + 1;
  if (rank >= working) return strip;
  strip.first_row = 1 + first_row_of(strip.ny, working, rank);
  strip.rows = 1 + first_row_of(strip.ny, working, rank + 1) - strip.first_row;
  if (rank > 0) strip.below = rank - 1;
  if (rank + 1 < working) strip.above = rank + 1;
  return strip;
}

static void cut(cli_problem *problem, int size, int rank)
{
  const cli_strip strip = cut_rows(problem, size, rank);
  problem->first = (strip.first_row - 1) * strip.nx;
  problem->count = strip.rows * strip.nx;
  problem->blocks = strip.rows > 0 ? strip.rows + 2 : 0;
  problem->shape[0] = strip.ny;
  problem->shape[1] = strip.nx;
  problem->dimensions = 2;
}

static secant_status begin(cli_problem *problem)
{
  cli_strip *const strip = calloc(1, sizeof *strip);
  if (!strip) return SECANT_ERR_MEMORY;
  problem->own = strip;
  *strip = cut_rows(problem, secant_comm_size(problem->comm), secant_comm_rank(problem->comm));
  const size_t nodes = (size_t)(strip->rows + 2) * (size_t)(strip->nx + 2);
  strip->u = calloc(nodes, sizeof *strip->u);
  strip->lower = calloc(nodes, sizeof *strip->lower);
  strip->upper = calloc(nodes, sizeof *strip->upper);
  if (!strip->u || !strip->lower || !strip->upper) return SECANT_ERR_MEMORY;
  if (strip->rows == 0) return SECANT_OK;
  fill_boundary(strip);
  fill_start(strip, problem->x);
  return SECANT_OK;
}

static void end(cli_problem *problem)
{
  cli_strip *const strip = problem->own;
  if (!strip) return;
  free(strip->upper);
  free(strip->lower);
  free(strip->u);
  free(strip);
}

const cli_problem_kind problem_minimal_surface = {
    .name = "minimal-surface",
    .text = "surface of least area over a square, boundary from Enneper's surface (MINPACK-2)",
    .options = {{.name = "nx", .value = 100, .least = 1, .most = 1e7, .text = "interior nodes of a row"},
                {.name = "ny", .value = 100, .least = 1, .most = 1e7, .text = "rows of interior nodes"}},
    .optimum = NAN,
    .cut = cut,
    .begin = begin,
    .evaluate = evaluate,
    .end = end,
};
