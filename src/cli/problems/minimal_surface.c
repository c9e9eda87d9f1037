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
 * The unknowns are cut where the library would cut them, at tiles, so that a run has the same bits on any number of
 * ranks. A rank's part may begin in the middle of a row, and may be less than a row:
 *
 *     o o o o o o o o
 *     o h h h . . . o    # unknowns of this rank
 *     o # # # h h h o    h unknowns of other ranks that it needs, its halo
 *     o h h h # # # o    . unknowns that it has nothing to do with
 *     o . . . h h h o    o boundary
 *     o o o o o o o o
 *
 * Nodes are numbered row by row, the boundary included. A node belongs to the last unknown up to it, those before all
 * unknowns to the first one, so that a rank's nodes are an interval of numbers.
 *
 * Its triangles reach one row up and down: it needs the unknowns up to nx before its first and nx after its last. They
 * come from the neighbouring ranks in one exchange upwards and one downwards, from farther ones too if those have less
 * than a row. The triangles between two ranks are computed by both, which is cheaper than more messages. Each area is
 * counted once, with the node of its right angle.
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

/* Numbers first .. end - 1, of unknowns or of nodes. */
typedef struct interval {
  int64_t first;
  int64_t end;
} interval;

/* One rank's part of the grid. Columns 0 and nx + 1 and rows 0 and ny + 1 are the boundary. */
typedef struct cli_grid {
  int64_t nx, ny;
  int64_t width; /* nodes of a row, nx + 2 */
  double hx, hy;
  int size, rank;
  interval own;     /* this rank's unknowns */
  interval nodes;   /* this rank's nodes */
  interval window;  /* its nodes and a row before and after them, as far as there are any: what the arrays hold */
  double *u;        /* [window] */
  flux *lower;      /* [window] triangles with their right angle at the lower left */
  flux *upper;      /* [window] triangles with their right angle at the upper right */
  size_t message;   /* unknowns that one rank needs of another, at most; equal on all ranks */
  double *outgoing; /* [message] */
  double *incoming; /* [message] */
} cli_grid;

static int64_t smaller(int64_t a, int64_t b)
{
  return a < b ? a : b;
}

static int64_t larger(int64_t a, int64_t b)
{
  return a > b ? a : b;
}

static int64_t length(interval numbers)
{
  return larger(numbers.end - numbers.first, 0);
}

/* Place in the arrays of the node at a column and row of the grid. */
static int64_t at(const cli_grid *grid, int64_t column, int64_t row)
{
  return row * grid->width + column - grid->window.first;
}

/* ---- cuts ---------------------------------------------------------------------------------------------------------- */

static interval shard_of(const cli_grid *grid, int rank)
{
  int64_t first = 0, count = 0;
  /* The partition refuses only arguments that a communicator and a checked option cannot have; empty would be safe. */
  if (secant_partition(grid->nx * grid->ny, grid->size, rank, &first, &count) != SECANT_OK) count = 0;
  return (interval){first, first + count};
}

static int64_t node_of(const cli_grid *grid, int64_t unknown)
{
  return (unknown / grid->nx + 1) * grid->width + unknown % grid->nx + 1;
}

/* The nodes that belong to an interval of unknowns, which is not empty. */
static interval nodes_of(const cli_grid *grid, interval unknowns)
{
  const bool last = unknowns.end == grid->nx * grid->ny;
  return (interval){unknowns.first == 0 ? 0 : node_of(grid, unknowns.first),
                    last ? (grid->ny + 2) * grid->width : node_of(grid, unknowns.end)};
}

static cli_grid grid_of(const cli_problem *problem, int size, int rank)
{
  cli_grid grid = {.nx = (int64_t)problem->option[0], .ny = (int64_t)problem->option[1], .size = size, .rank = rank};
  grid.width = grid.nx + 2;
  grid.hx = 1.0 / (double)(grid.nx + 1);
  grid.hy = 1.0 / (double)(grid.ny + 1);
  grid.own = shard_of(&grid, rank);
  for (int r = 0; r < size; r++) grid.message = (size_t)larger((int64_t)grid.message, length(shard_of(&grid, r)));
  grid.message = (size_t)smaller((int64_t)grid.message, grid.nx);
  if (length(grid.own) == 0) return grid;
  grid.nodes = nodes_of(&grid, grid.own);
  grid.window.first = larger(grid.nodes.first - grid.width, 0);
  grid.window.end = smaller(grid.nodes.end + grid.width, (grid.ny + 2) * grid.width);
  return grid;
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

/* Boundary value at a column and row of the grid. */
static double boundary(const cli_grid *grid, int64_t column, int64_t row)
{
  return enneper_height((double)column * grid->hx - 0.5, (double)row * grid->hy - 0.5);
}

static void fill_boundary(cli_grid *grid)
{
  for (int64_t node = grid->window.first; node < grid->window.end; node++) {
    const int64_t column = node % grid->width, row = node / grid->width;
    if (column == 0 || column == grid->nx + 1 || row == 0 || row == grid->ny + 1)
      grid->u[at(grid, column, row)] = boundary(grid, column, row);
  }
}

/* The standard start of the collection: the mean of the linear interpolations left to right and bottom to top. */
static void fill_start(const cli_grid *grid, double *x)
{
  const int64_t right = grid->nx + 1, top = grid->ny + 1;
  for (int64_t k = grid->own.first; k < smaller(grid->own.first + grid->nx, grid->own.end); k++) {
    const int64_t column = k % grid->nx + 1;
    const double low = boundary(grid, column, 0), high = boundary(grid, column, top), s = (double)column * grid->hx;
    for (int64_t up = k; up < grid->own.end; up += grid->nx) {
      const int64_t row = up / grid->nx + 1;
      const double t = (double)row * grid->hy;
      const double across = (1.0 - s) * grid->u[at(grid, 0, row)] + s * grid->u[at(grid, right, row)];
      x[up - grid->own.first] = 0.5 * (across + (1.0 - t) * low + t * high);
    }
  }
}

/* ---- halo ---------------------------------------------------------------------------------------------------------- */

/* Puts the values of an interval of unknowns to their nodes, row by row. */
static void put(cli_grid *grid, interval unknowns, const double *values)
{
  for (int64_t k = unknowns.first, next = k; k < unknowns.end; k = next) {
    next = smaller((k / grid->nx + 1) * grid->nx, unknowns.end);
    memcpy(&grid->u[node_of(grid, k) - grid->window.first], &values[k - unknowns.first],
           (size_t)(next - k) * sizeof *values);
  }
}

/* What rank `user` needs of the unknowns of another rank: those within a row of its own. */
static interval needed(const cli_grid *grid, int owner, int user)
{
  if (owner < 0 || owner >= grid->size || user < 0 || user >= grid->size) return (interval){0, 0};
  const interval has = shard_of(grid, owner), of = shard_of(grid, user);
  if (length(of) == 0) return (interval){0, 0};
  return (interval){larger(has.first, of.first - grid->nx), smaller(has.end, of.end + grid->nx)};
}

/* Whether some rank `distance` or more away may be within a row of this one. */
static bool reaches(const cli_grid *grid, int distance)
{
  const int below = grid->rank - distance, above = grid->rank + distance;
  return (below >= 0 && shard_of(grid, below).end + grid->nx > grid->own.first) ||
         (above < grid->size && shard_of(grid, above).first - grid->nx < grid->own.end);
}

/* Hands rank `to` what it needs of this one, and takes what this one needs of rank `from`. Messages are equally long. */
static secant_status pass(cli_grid *grid, const cli_problem *problem, int to, int from)
{
  const interval given = needed(grid, grid->rank, to), taken = needed(grid, from, grid->rank);
  const bool gives = length(given) > 0, takes = length(taken) > 0;
  if (!gives && !takes) return SECANT_OK;
  if (gives) memcpy(grid->outgoing, &problem->x[given.first - grid->own.first], (size_t)length(given) * sizeof(double));
  const secant_status status = secant_comm_exchange(problem->comm, grid->outgoing, gives ? to : -1, grid->incoming,
                                                    takes ? from : -1, grid->message * sizeof(double));
  if (status == SECANT_OK) put(grid, taken, grid->incoming);
  return status;
}

/* Ranks with at least a row each exchange with the next ones only: twice. */
static secant_status exchange_halo(cli_grid *grid, const cli_problem *problem)
{
  secant_status status = SECANT_OK;
  for (int distance = 1; status == SECANT_OK && reaches(grid, distance); distance++) {
    const int below = grid->rank - distance, above = grid->rank + distance;
    status = pass(grid, problem, above, below);
    if (status == SECANT_OK) status = pass(grid, problem, below, above);
  }
  return status;
}

/* ---- evaluation ---------------------------------------------------------------------------------------------------- */

/* Flux of a triangle with slopes p and q; returns its w, the area relative to its projection. */
static double set_flux(const cli_grid *grid, double p, double q, flux *out)
{
  const double w = sqrt(1.0 + p * p + q * q);
  out->x = 0.5 * grid->hy * p / w;
  out->y = 0.5 * grid->hx * q / w;
  return w;
}

/* Triangles of the nodes in an interval of the columns of a row. Returns the sum of w. */
typedef double triangles(cli_grid *grid, int64_t row, interval columns);

/* There are none at the right end of a row, and in the highest row. */
static double lower_triangles(cli_grid *grid, int64_t row, interval columns)
{
  if (row > grid->ny) return 0.0;
  const int64_t first = at(grid, columns.first, row), count = smaller(columns.end, grid->nx + 1) - columns.first;
  const double *const u = &grid->u[first], *const u_above = &grid->u[first + grid->width];
  flux *const out = &grid->lower[first];
  double sum = 0.0;
  for (int64_t i = 0; i < count; i++)
    sum += set_flux(grid, (u[i + 1] - u[i]) / grid->hx, (u_above[i] - u[i]) / grid->hy, &out[i]);
  return sum;
}

/* There are none at the left end of a row, and in the lowest row. */
static double upper_triangles(cli_grid *grid, int64_t row, interval columns)
{
  if (row == 0) return 0.0;
  const int64_t from = larger(columns.first, 1), first = at(grid, from, row), count = columns.end - from;
  const double *const u = &grid->u[first], *const u_below = &grid->u[first - grid->width];
  flux *const out = &grid->upper[first];
  double sum = 0.0;
  for (int64_t i = 0; i < count; i++)
    sum += set_flux(grid, (u[i] - u[i - 1]) / grid->hx, (u[i] - u_below[i]) / grid->hy, &out[i]);
  return sum;
}

/* All triangles of one kind in an interval of nodes, row by row. Returns the sum of w. */
static double sweep(cli_grid *grid, interval nodes, triangles *triangles_of_row)
{
  double sum = 0.0;
  for (int64_t node = nodes.first, next = node; node < nodes.end; node = next) {
    const int64_t row = node / grid->width, row_begin = row * grid->width;
    next = smaller(row_begin + grid->width, nodes.end);
    sum += triangles_of_row(grid, row, (interval){node - row_begin, next - row_begin});
  }
  return sum;
}

/* The area that unknowns first .. end of the shard count: a sum in an order that does not depend on the ranks. */
static double block_area(const cli_problem *problem, int64_t first, int64_t end)
{
  cli_grid *const grid = problem->own;
  const interval nodes = nodes_of(grid, (interval){grid->own.first + first, grid->own.first + end});
  return 0.5 * grid->hx * grid->hy * (sweep(grid, nodes, lower_triangles) + sweep(grid, nodes, upper_triangles));
}

/* A node draws on the triangles of its own right angle, and on those whose legs end in it. */
static void block_gradient(const cli_problem *problem, int64_t first, int64_t end)
{
  const cli_grid *const grid = problem->own;
  for (int64_t k = first, next = k; k < end; k = next) {
    const int64_t unknown = grid->own.first + k, here = node_of(grid, unknown) - grid->window.first;
    const flux *const lower = &grid->lower[here], *const lower_below = &grid->lower[here - grid->width];
    const flux *const upper = &grid->upper[here], *const upper_above = &grid->upper[here + grid->width];
    next = smaller(k + grid->nx - unknown % grid->nx, end);
    for (int64_t i = 0; i < next - k; i++) {
      const double along_x = lower[i - 1].x - lower[i].x + upper[i].x - upper[i + 1].x;
      const double along_y = lower_below[i].y - lower[i].y + upper[i].y - upper_above[i].y;
      problem->g[k + i] = along_x + along_y;
    }
  }
}

static int evaluate(void *user, double *loss)
{
  cli_problem *const problem = user;
  cli_grid *const grid = problem->own;
  put(grid, grid->own, problem->x);
  if (exchange_halo(grid, problem) != SECANT_OK) return 1;
  *loss = problem_sum_blocks(problem, block_area);
  sweep(grid, (interval){grid->window.first, grid->nodes.first}, lower_triangles);
  sweep(grid, (interval){grid->nodes.end, grid->window.end}, upper_triangles);
#pragma omp parallel for schedule(static) num_threads(problem->threads)
  for (int64_t block = 0; block < problem->blocks; block++)
    block_gradient(problem, block * problem->block, problem_block_end(problem, block));
  return 0;
}

/* ---- beginning and end --------------------------------------------------------------------------------------------- */

static void cut(cli_problem *problem, int size, int rank)
{
  const int64_t nx = (int64_t)problem->option[0], ny = (int64_t)problem->option[1];
  problem_cut_at_tiles(problem, nx * ny, size, rank);
  problem->shape[0] = ny;
  problem->shape[1] = nx;
  problem->dimensions = 2;
}

static secant_status begin(cli_problem *problem)
{
  cli_grid *const grid = calloc(1, sizeof *grid);
  if (!grid) return SECANT_ERR_MEMORY;
  problem->own = grid;
  *grid = grid_of(problem, secant_comm_size(problem->comm), secant_comm_rank(problem->comm));
  const size_t nodes = (size_t)length(grid->window) + 1; /* one too many: an empty part is an array like any other */
  grid->u = calloc(nodes, sizeof *grid->u);
  grid->lower = calloc(nodes, sizeof *grid->lower);
  grid->upper = calloc(nodes, sizeof *grid->upper);
  grid->outgoing = calloc(grid->message, sizeof *grid->outgoing);
  grid->incoming = calloc(grid->message, sizeof *grid->incoming);
  if (!grid->u || !grid->lower || !grid->upper || !grid->outgoing || !grid->incoming) return SECANT_ERR_MEMORY;
  fill_boundary(grid);
  fill_start(grid, problem->x);
  return SECANT_OK;
}

static void end(cli_problem *problem)
{
  cli_grid *const grid = problem->own;
  if (!grid) return;
  free(grid->incoming);
  free(grid->outgoing);
  free(grid->upper);
  free(grid->lower);
  free(grid->u);
  free(grid);
}

const cli_problem_kind problem_minimal_surface = {
    .name = "minimal-surface",
    .text = "surface of least area over a square, boundary from Enneper's surface (MINPACK-2)",
    .source = "Averick, Carter, Moré, Xue 1992, minimal surface area",
    .options = {{.name = "nx", .value = 100, .least = 1, .most = 1e7, .text = "interior nodes of a row"},
                {.name = "ny", .value = 100, .least = 1, .most = 1e7, .text = "rows of interior nodes"}},
    .optimum = NAN,
    .cut = cut,
    .begin = begin,
    .evaluate = evaluate,
    .end = end,
};
