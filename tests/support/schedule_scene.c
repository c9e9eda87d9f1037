#include "support/schedule_scene.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

secant_optimizer *schedule_scene_optimizer(const valley *v, double lr)
{
  secant_optimizer *optimizer;
  secant_options options = secant_options_torch();
  options.lr = lr;
  const secant_parameter parameter = valley_parameter(v);
  assert_int_equal(secant_create(&optimizer, &parameter, 1, &options, NULL, NULL), SECANT_OK);
  return optimizer;
}

double schedule_scene_lr(const secant_optimizer *optimizer)
{
  secant_options options = secant_options_default();
  secant_get_options(optimizer, &options);
  return options.lr;
}

secant_schedule *schedule_scene_warm_up_then_cosine(secant_optimizer *optimizer)
{
  secant_schedule *parts[2], *schedule;
  const int64_t milestone = 20;
  assert_int_equal(secant_schedule_linear(&parts[0], optimizer, 0.1, 1.0, 20), SECANT_OK);
  assert_int_equal(secant_schedule_cosine_annealing(&parts[1], optimizer, 80, 3e-5), SECANT_OK);
  assert_int_equal(secant_schedule_sequential(&schedule, optimizer, parts, 2, &milestone), SECANT_OK);
  return schedule;
}

double schedule_scene_number(const secant_node *dict, const char *path)
{
  double value = (double)NAN;
  if (secant_node_get_real(secant_node_find(dict, path), &value) != SECANT_OK) fail_msg("no number at %s", path);
  return value;
}
