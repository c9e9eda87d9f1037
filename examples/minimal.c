#include <secant/secant.h>
#include <stdio.h>

enum { N = 1000 };
static double x[N], g[N];

static int rosenbrock(void *user, double *loss) /* reads x, fills g and loss */
{
  (void)user;
  *loss = 0.0;
  for (int i = 0; i < N; i += 2) {
    const double bend = x[i + 1] - x[i] * x[i], rest = 1.0 - x[i];
    *loss += 100.0 * bend * bend + rest * rest;
    g[i] = -400.0 * x[i] * bend - 2.0 * rest;
    g[i + 1] = 200.0 * bend;
  }
  return 0; /* any other number reports failure */
}

int main(void)
{
  const secant_parameter parameter = {.name = "x", .values = x, .gradient = g, .local_count = N};
  secant_optimizer *optimizer;
  secant_error error;
  if (secant_create(&optimizer, &parameter, 1, NULL, NULL, &error) != SECANT_OK) return puts(error.message), 1;
  if (secant_minimize(optimizer, rosenbrock, NULL) != SECANT_OK) return puts(secant_message(optimizer)), 1;
  const secant_info info = secant_get_info(optimizer);
  printf("%s, f = %.1e, x[0] = %.6f\n", secant_reason_text(info.reason), info.loss, x[0]);
  secant_destroy(optimizer);
  return info.reason == SECANT_REASON_GRADIENT ? 0 : 1;
}
