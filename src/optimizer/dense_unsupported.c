/* Dense matrices in a build without LAPACK: there are none, and whoever brings one is told so. */
#include "optimizer/dense_matrix.h"

#ifndef SECANT_HAVE_LAPACK
#include "base/base.h"

secant_status secanti_dense_check(const double *matrix, int64_t n, secant_error *error)
{
  (void)matrix;
  (void)n;
  return secanti_fail(error, SECANT_ERR_UNSUPPORTED,
                      "a dense initial inverse Hessian needs LAPACK, and this library was built without it "
                      "(SECANT_WITH_LAPACK=OFF)");
}

secant_status secanti_dense_create(secanti_dense **out, const double *matrix, const secanti_parameters *parameters,
                                   secant_comm *comm, secant_error *error)
{
  (void)parameters;
  (void)comm;
  *out = NULL;
  return secanti_dense_check(matrix, 0, error);
}

void secanti_dense_destroy(void *dense)
{
  (void)dense;
}

int secanti_dense_apply(void *dense, const void *const *input, void *const *output)
{
  (void)dense;
  (void)input;
  (void)output;
  return 1;
}

#endif
