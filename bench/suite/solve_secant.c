/*
 * Secant on the suite, with the default preset. Unless it is to go to its own end (--to-the-end), no test of its own
 * stops it before the recorder does. --option name=value, any number of times.
 */
#include "suite/runner.h"

#include <secant/secant.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct settings {
  int argc;
  char **argv;
  secant_options options;
} settings;

typedef struct objective {
  suite_recorder *recorder;
  double *x, *g;
} objective;

static int evaluate(void *user, double *loss)
{
  const objective *self = user;
  *loss = suite_recorder_evaluate(self->recorder, self->x, self->g);
  return 0;
}

static void solve(suite_recorder *recorder, int n, void *user)
{
  const settings *given = user;
  objective self = {.recorder = recorder, .x = suite_vector(n), .g = suite_vector(n)};
  const secant_parameter parameter = {.values = self.x, .gradient = self.g, .local_count = (size_t)n};
  secant_optimizer *optimizer = NULL;
  secant_error error;
  suite_recorder_start(recorder, self.x);
  if (secant_create(&optimizer, &parameter, 1, &given->options, NULL, &error) != SECANT_OK)
    suite_recorder_end(recorder, error.message, self.x);
  if (secant_minimize(optimizer, evaluate, &self) != SECANT_OK)
    suite_recorder_end(recorder, secant_message(optimizer), self.x);
  suite_recorder_end(recorder, secant_reason_name(secant_get_info(optimizer).reason), self.x);
}

static secant_options options_of(int to_the_end)
{
  secant_options options = secant_options_default();
  options.threads = 1;
  if (to_the_end) return options;
  options.max_iter = options.max_eval = SUITE_MOST_EVALUATIONS;
  options.tolerance_grad = 0.0;
  options.tolerance_change = 0.0;
  return options;
}

static int set_options(settings *given)
{
  secant_error error;
  for (int i = 1; i + 1 < given->argc; i++) {
    char *const text = given->argv[i + 1], *const equals = strchr(text, '=');
    if (strcmp(given->argv[i], "--option") != 0 || !equals) continue;
    *equals = '\0';
    const secant_status status = secant_options_set(&given->options, text, equals + 1, &error);
    *equals = '=';
    if (status != SECANT_OK) return fprintf(stderr, "secant: %s\n", error.message), 1;
  }
  return 0;
}

int main(int argc, char **argv)
{
  settings given = {.argc = argc, .argv = argv, .options = options_of(suite_has_flag(argc, argv, "--to-the-end"))};
  return set_options(&given) == 0 ? suite_run(solve, &given, argc, argv) : 1;
}
