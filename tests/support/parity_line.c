/* Steps of the optimizer on functions of one variable. */
#include "parity_line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

int line_evaluate(void *user, double *loss)
{
  line *l = user;
  if (l->evaluations < LINE_TRIALS) l->trial[l->evaluations] = l->x;
  l->evaluations++;
  l->of(l->x, loss, &l->g);
  return 0;
}

secant_info line_step(line *l, line_function *of, double start, const secant_options *options)
{
  *l = (line){.of = of, .x = start};
  const secant_parameter parameter = {.values = &l->x, .gradient = &l->g, .local_count = 1};
  secant_optimizer *optimizer;
  assert_int_equal(secant_create(&optimizer, &parameter, 1, options, NULL, NULL), SECANT_OK);
  assert_int_equal(secant_step(optimizer, line_evaluate, l, NULL), SECANT_OK);
  const secant_info info = secant_get_info(optimizer);
  secant_destroy(optimizer);
  return info;
}

void line_parabola(double x, double *f, double *g)
{
  *f = x * x / 2.0;
  *g = x;
}
