#include <secant/secant.h>
#include <secant/version.h>
#include <string.h>

static double x = 3.0, g;

static int parabola(void *user, double *loss)
{
  (void)user;
  g = x - 1.0;
  *loss = 0.5 * g * g;
  return 0;
}

int main(void)
{
  const secant_parameter parameter = {.values = &x, .gradient = &g, .local_count = 1};
  secant_optimizer *optimizer;
  if (strcmp(secant_version(), SECANT_VERSION) != 0) return 1;
  if (secant_create(&optimizer, &parameter, 1, NULL, NULL, NULL) != SECANT_OK) return 1;
  const secant_status status = secant_minimize(optimizer, parabola, NULL);
  secant_destroy(optimizer);
  return status == SECANT_OK && x > 0.999999 && x < 1.000001 ? 0 : 1;
}
