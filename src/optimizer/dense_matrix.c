#include "optimizer/dense_matrix.h"

#ifdef SECANT_HAVE_LAPACK
#include "base/base.h"
#include <cblas.h>
#include <inttypes.h>
#include <lapacke.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/*
 * Columns are in the order of the gathered vector: all that rank 0 owns, parameter after parameter, then rank 1, and
 * so on. So are this rank's rows.
 */
struct secanti_dense {
  secant_comm *comm; /* borrowed */
  secant_dtype dtype;
  size_t parameters;
  size_t *counts; /* [parameters] of this rank */
  size_t rows;    /* sum of the counts */
  size_t n;
  int64_t *first; /* [ranks + 1] where each rank's part of the gathered vector begins */
  double *matrix; /* [rows][n] */
  double *shard;  /* [rows] of the vector */
  double *whole;  /* [n] gathered */
  double *result; /* [rows] */
};

/* ---- check ------------------------------------------------------------------------------------------------------- */

static double largest_entry(const double *matrix, size_t n)
{
  double largest = 0.0;
  for (size_t i = 0; i < n * n; i++) {
    if (!isfinite(matrix[i])) return NAN;
    largest = fmax(largest, fabs(matrix[i]));
  }
  return largest;
}

static secant_status check_symmetry(const double *matrix, size_t n, double largest, secant_error *error)
{
  for (size_t i = 0; i < n; i++) {
    for (size_t j = 0; j < i; j++) {
      const double above = matrix[j * n + i], below = matrix[i * n + j];
      if (fabs(above - below) > 1e-10 * largest) {
        return secanti_fail(error, SECANT_ERR_ARGUMENT,
                            "the initial inverse Hessian is not symmetric: entry (%zu, %zu) is %g, (%zu, %zu) is %g", j,
                            i, above, i, j, below);
      }
    }
  }
  return SECANT_OK;
}

/* A matrix is positive definite exactly if its Cholesky factorisation goes through (up to rounding). */
static secant_status check_definite(const double *matrix, size_t n, secant_error *error)
{
  double *factor = secanti_alloc(n, n * sizeof *factor);
  if (!factor) {
    return secanti_fail(error, SECANT_ERR_MEMORY, "no memory to check an initial inverse Hessian of %zu rows", n);
  }
  memcpy(factor, matrix, n * n * sizeof *factor);
  const lapack_int info = LAPACKE_dpotrf_work(LAPACK_COL_MAJOR, 'L', (lapack_int)n, factor, (lapack_int)n);
  free(factor);
  if (info == 0) return SECANT_OK;
  return secanti_fail(error, SECANT_ERR_ARGUMENT,
                      "the initial inverse Hessian is not positive definite: its leading minor of order %" PRId64
                      " is not positive",
                      (int64_t)info);
}

secant_status secanti_dense_check(const double *matrix, int64_t n, secant_error *error)
{
  if (!matrix) return secanti_fail(error, SECANT_ERR_ARGUMENT, "the dense initial inverse Hessian is NULL");
  if (n > INT_MAX) {
    return secanti_fail(error, SECANT_ERR_ARGUMENT, "%" PRId64 " unknowns are too many for a dense matrix", n);
  }
  const double largest = largest_entry(matrix, (size_t)n);
  if (isnan(largest)) {
    return secanti_fail(error, SECANT_ERR_ARGUMENT, "an entry of the initial inverse Hessian is not finite");
  }
  const secant_status status = check_symmetry(matrix, (size_t)n, largest, error);
  return status == SECANT_OK ? check_definite(matrix, (size_t)n, error) : status;
}

/* ---- creation ---------------------------------------------------------------------------------------------------- */

static secanti_dense *allocate(const secanti_parameters *parameters, secant_comm *comm)
{
  secanti_dense *dense = secanti_alloc(1, sizeof *dense);
  if (!dense) return NULL;
  dense->comm = comm;
  dense->dtype = parameters->dtype;
  dense->parameters = parameters->count;
  dense->n = (size_t)parameters->extent;
  dense->counts = secanti_alloc(parameters->count, sizeof *dense->counts);
  for (size_t i = 0; dense->counts && i < parameters->count; i++) {
    dense->rows += dense->counts[i] = parameters->segments[i].count;
  }
  dense->first = secanti_alloc((size_t)comm->size + 1, sizeof *dense->first);
  dense->matrix = secanti_alloc(dense->rows, dense->n * sizeof *dense->matrix);
  dense->shard = secanti_alloc(dense->rows, sizeof *dense->shard);
  dense->whole = secanti_alloc(dense->n, sizeof *dense->whole);
  dense->result = secanti_alloc(dense->rows, sizeof *dense->result);
  if (dense->counts && dense->first && dense->matrix && dense->shard && dense->whole && dense->result) return dense;
  secanti_dense_destroy(dense);
  return NULL;
}

/* Where the parts of all ranks begin in the gathered vector. */
static secant_status find_cuts(secanti_dense *dense)
{
  double *rows = dense->whole; /* [ranks], in pieces: there may be more ranks than unknowns */
  secant_status status = SECANT_OK;
  for (int r = 0; r < dense->comm->size; r++) {
    rows[0] = r == dense->comm->rank ? (double)dense->rows : 0.0;
    SECANT_TRY(secant_comm_sum(dense->comm, rows, 1));
    dense->first[r + 1] = dense->first[r] + (int64_t)rows[0];
  }
done:
  return status;
}

/* The global number of each of this rank's unknowns, as doubles that travel like a vector. */
static void number_unknowns(const secanti_parameters *parameters, double *numbers)
{
  int64_t before = 0;
  for (size_t i = 0; i < parameters->count; i++) {
    const int64_t first = before + parameters->entries[i].first;
    for (size_t j = 0; j < parameters->segments[i].count; j++) *numbers++ = (double)(first + (int64_t)j);
    before += parameters->entries[i].extent;
  }
}

static secant_status gather(secanti_dense *dense)
{
  return dense->comm->operations->gather(dense->comm, dense->shard, dense->whole, dense->first, SECANT_F64);
}

secant_status secanti_dense_create(secanti_dense **out, const double *matrix, const secanti_parameters *parameters,
                                   secant_comm *comm, secant_error *error)
{
  secant_status status = SECANT_OK;
  secanti_dense *dense = allocate(parameters, comm);
  if (!dense) secanti_fail(error, SECANT_ERR_MEMORY, "no memory for the rows of the initial inverse Hessian");
  SECANT_TRY(secant_comm_agree(comm, error));
  SECANT_TRY(find_cuts(dense));
  number_unknowns(parameters, dense->shard);
  SECANT_TRY(gather(dense));
  for (size_t i = 0; i < dense->rows; i++) {
    const double *row = matrix + (size_t)dense->shard[i] * dense->n;
    for (size_t j = 0; j < dense->n; j++) dense->matrix[i * dense->n + j] = row[(size_t)dense->whole[j]];
  }
  *out = dense;
done:
  if (status != SECANT_OK) secanti_dense_destroy(dense);
  return status;
}

void secanti_dense_destroy(void *dense)
{
  secanti_dense *own = dense;
  if (!own) return;
  free(own->counts);
  free(own->first);
  free(own->matrix);
  free(own->shard);
  free(own->whole);
  free(own->result);
  free(own);
}

/* ---- multiplication ---------------------------------------------------------------------------------------------- */

static void spread(const secanti_dense *dense, const void *const *input)
{
  double *to = dense->shard;
  for (size_t i = 0; i < dense->parameters; i++) {
    for (size_t j = 0; j < dense->counts[i]; j++) {
      *to++ = dense->dtype == SECANT_F32 ? (double)((const float *)input[i])[j] : ((const double *)input[i])[j];
    }
  }
}

static void collect(const secanti_dense *dense, void *const *output)
{
  const double *from = dense->result;
  for (size_t i = 0; i < dense->parameters; i++) {
    for (size_t j = 0; j < dense->counts[i]; j++, from++) {
      if (dense->dtype == SECANT_F32) {
        ((float *)output[i])[j] = (float)*from;
      } else {
        ((double *)output[i])[j] = *from;
      }
    }
  }
}

int secanti_dense_apply(void *dense, const void *const *input, void *const *output)
{
  secanti_dense *own = dense;
  spread(own, input);
  if (gather(own) != SECANT_OK) return 1;
  if (own->rows > 0) {
    cblas_dgemv(CblasRowMajor, CblasNoTrans, (int)own->rows, (int)own->n, 1.0, own->matrix, (int)own->n, own->whole, 1,
                0.0, own->result, 1);
  }
  collect(own, output);
  return 0;
}

#endif
