/* The monitor: what the engine shows at an accepted point, handed on to a function of the caller's. */
#include "base/base.h"
#include "optimizer/optimizer.h"
#include <secant/monitor.h>

/* A secanti_observer. What the caller does in it is not the library's time. */
static int report(void *user)
{
  secant_optimizer *optimizer = user;
  const secant_info info = secant_get_info(optimizer);
  const double begin = secanti_now();
  optimizer->monitoring = true;
  const int stops = optimizer->monitor(&info, optimizer->monitor_user);
  optimizer->monitoring = false;
  optimizer->seconds -= secanti_now() - begin;
  return stops;
}

void secant_set_monitor(secant_optimizer *optimizer, secant_monitor *monitor, void *user)
{
  if (!optimizer) return;
  optimizer->monitor = monitor;
  optimizer->monitor_user = user;
  optimizer->engine.observer = (secanti_observer){.accepted = monitor ? report : NULL, .user = optimizer};
}

secant_status secanti_monitor_forbids(secant_optimizer *optimizer, const char *function)
{
  if (!optimizer->monitoring) return SECANT_OK;
  return secanti_fail(&optimizer->error, SECANT_ERR_STATE, "%s() was called by a monitor, which may change nothing",
                      function);
}
