/* A build without HDF5: there are no checkpoints and no files of state dicts, and the functions say so. */
#include "base/base.h"
#include "optimizer/optimizer.h"
#include <secant/inspect.h>

static secant_status refuse(secant_error *error, const char *what)
{
  return secanti_fail(error, SECANT_ERR_UNSUPPORTED,
                      "%s need HDF5, and this library was built without it (SECANT_WITH_HDF5=OFF)", what);
}

secant_status secant_checkpoint_set_io(secant_optimizer *optimizer, secant_checkpoint_io io)
{
  (void)io;
  return optimizer ? refuse(&optimizer->error, "checkpoints") : SECANT_ERR_ARGUMENT;
}

secant_status secant_checkpoint_save(secant_optimizer *optimizer, const char *path, const char *problem)
{
  (void)path;
  (void)problem;
  return optimizer ? refuse(&optimizer->error, "checkpoints") : SECANT_ERR_ARGUMENT;
}

secant_status secant_checkpoint_load(secant_optimizer *optimizer, const char *path, const char *problem)
{
  (void)path;
  (void)problem;
  return optimizer ? refuse(&optimizer->error, "checkpoints") : SECANT_ERR_ARGUMENT;
}

secant_status secant_checkpoint_save_with(secant_optimizer *optimizer, const char *path, const char *problem,
                                          const secant_checkpoint_options *options)
{
  (void)options;
  return secant_checkpoint_save(optimizer, path, problem);
}

secant_status secant_checkpoint_load_newest(secant_optimizer *optimizer, const char *path, const char *problem,
                                            char *loaded, size_t size)
{
  if (loaded && size > 0) *loaded = '\0';
  return secant_checkpoint_load(optimizer, path, problem);
}

secant_status secant_checkpoint_describe(const char *path, secant_node **out, secant_error *error)
{
  (void)path;
  if (out) *out = NULL;
  return refuse(error, "checkpoints");
}

secant_status secant_checkpoint_diff(const char *a, const char *b, secant_node **out, secant_error *error)
{
  (void)a;
  (void)b;
  if (out) *out = NULL;
  return refuse(error, "checkpoints");
}

secant_status secant_checkpoint_export(const char *path, const char *to, secant_error *error)
{
  (void)path;
  (void)to;
  return refuse(error, "checkpoints");
}

secant_status secant_checkpoint_verify(const char *path, secant_error *error)
{
  (void)path;
  return refuse(error, "checkpoints");
}

secant_status secant_state_dict_save(const secant_node *dict, const char *path, secant_comm *comm, secant_error *error)
{
  (void)dict;
  (void)path;
  (void)comm;
  return refuse(error, "files of state dicts");
}

secant_status secant_state_dict_read(secant_optimizer *optimizer, const char *path, secant_node **dict)
{
  (void)path;
  if (dict) *dict = NULL;
  return optimizer ? refuse(&optimizer->error, "files of state dicts") : SECANT_ERR_ARGUMENT;
}
