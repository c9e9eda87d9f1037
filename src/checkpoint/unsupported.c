/* Checkpoints in a build without HDF5: there are none, and both functions say so. */
#include "base/base.h"
#include "optimizer/optimizer.h"

static secant_status refuse(secant_optimizer *optimizer)
{
  if (!optimizer) return SECANT_ERR_ARGUMENT;
  return secanti_fail(&optimizer->error, SECANT_ERR_UNSUPPORTED,
                      "checkpoints need HDF5, and this library was built without it (SECANT_WITH_HDF5=OFF)");
}

secant_status secant_checkpoint_save(secant_optimizer *optimizer, const char *path, const char *problem)
{
  (void)path;
  (void)problem;
  return refuse(optimizer);
}

secant_status secant_checkpoint_load(secant_optimizer *optimizer, const char *path, const char *problem)
{
  (void)path;
  (void)problem;
  return refuse(optimizer);
}
