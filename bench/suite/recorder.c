#include "suite/recorder.h"
#include "cli/problems/suite/suite.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#define TOLERANCE 1e-6
#define BOTTOMLESS (-1e20) /* an unbounded f that has come so far will go on */

struct suite_recorder {
  const suite_problem *problem;
  int to_the_end;
  int evaluations;
  int solved;     /* the first evaluation that meets the criterion, 0: none */
  int bottomless; /* the first with f below BOTTOMLESS, 0: none */
  int ended;      /* the solver stopped by itself */
  double first;   /* f at the start */
  double value;   /* f where it was solved */
  double loss;    /* f and |g|_inf where the solver stopped */
  double gradient;
  char reason[96];
};

suite_recorder *suite_recorder_create(void)
{
  void *memory = mmap(NULL, sizeof(suite_recorder), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  return memory == MAP_FAILED ? NULL : memory;
}

const char *suite_recorder_name(int index)
{
  return suite_at(index) ? suite_at(index)->name : NULL;
}

int suite_recorder_begin(suite_recorder *recorder, const char *name, int to_the_end)
{
  const suite_problem *problem = suite_find(name);
  *recorder =
      (suite_recorder){.problem = problem, .to_the_end = to_the_end, .value = NAN, .loss = NAN, .gradient = NAN};
  return problem ? problem->n : 0;
}

void suite_recorder_enter(void)
{
  const struct rlimit time = {SUITE_MOST_SECONDS, SUITE_MOST_SECONDS + 1}, core = {0, 0};
  if (setrlimit(RLIMIT_CPU, &time) != 0 || setrlimit(RLIMIT_CORE, &core) != 0) {
    perror("suite: setrlimit");
    _exit(1);
  }
}

void suite_recorder_start(const suite_recorder *recorder, double *x)
{
  recorder->problem->start(recorder->problem->n, x);
}

/* NaN if an entry is. */
static double largest(const double *g, int n)
{
  double most = 0.0;
  for (int i = 0; i < n; i++) {
    const double size = fabs(g[i]);
    if (!(size <= most)) most = size;
    if (isnan(size)) break;
  }
  return most;
}

static int is_solved(const suite_recorder *recorder, double f, double gradient)
{
  const double optimum = fabs(recorder->problem->optimum); /* NaN, which fmin passes over, if it is not known */
  if (!isfinite(f) || !isfinite(gradient) || f > recorder->first) return 0;
  return gradient <= TOLERANCE * fmax(1.0, fmin(fabs(f), optimum));
}

static void judge(suite_recorder *recorder, double f, const double *g)
{
  const int now = ++recorder->evaluations;
  if (now == 1) recorder->first = isfinite(f) ? f : INFINITY;
  if (!recorder->solved && is_solved(recorder, f, largest(g, recorder->problem->n))) {
    recorder->solved = now;
    recorder->value = f;
  }
  if (!recorder->bottomless && f < BOTTOMLESS) recorder->bottomless = now;
}

/* An unbounded f grows so large that the criterion may hold by |f| alone: there it says nothing. */
static int is_known(const suite_recorder *recorder)
{
  if (recorder->to_the_end) return 0;
  if (recorder->evaluations >= SUITE_MOST_EVALUATIONS) return 1;
  return recorder->problem->traits & SUITE_UNBOUNDED ? recorder->bottomless : recorder->solved;
}

double suite_recorder_evaluate(suite_recorder *recorder, const double *x, double *gradient)
{
  const double f = recorder->problem->evaluate(recorder->problem->n, x, gradient);
  judge(recorder, f, gradient);
  if (is_known(recorder)) _exit(0);
  return f;
}

void suite_recorder_end(suite_recorder *recorder, const char *reason, const double *x)
{
  const suite_problem *problem = recorder->problem;
  double *g = calloc((size_t)problem->n, sizeof *g);
  if (!g) _exit(1);
  recorder->loss = problem->evaluate(problem->n, x, g);
  recorder->gradient = largest(g, problem->n);
  snprintf(recorder->reason, sizeof recorder->reason, "%s", reason);
  recorder->ended = 1;
  _exit(0);
}

/* JSON knows neither infinities nor NaN. */
static void print_number(const char *key, double value)
{
  if (isfinite(value))
    printf(", \"%s\": %.17g", key, value);
  else
    printf(", \"%s\": null", key);
}

/* Quotes and control characters, which would need escapes, are left out. */
static void print_text(const char *key, const char *text)
{
  printf(", \"%s\": \"", key);
  for (; *text; text++)
    if (*text != '"' && *text != '\\' && (unsigned char)*text >= ' ') putchar(*text);
  putchar('"');
}

int suite_recorder_print(const suite_recorder *recorder, int signal)
{
  const suite_problem *problem = recorder->problem;
  printf("{\"problem\": \"%s\", \"n\": %d, \"traits\": %u", problem->name, problem->n, problem->traits);
  print_text("source", problem->source);
  print_number("optimum", problem->optimum);
  printf(", \"evaluations\": %d, \"solved\": %d, \"bottomless\": %d, \"ended\": %d, \"signal\": %d",
         recorder->evaluations, recorder->solved, recorder->bottomless, recorder->ended, signal);
  print_text("reason", recorder->reason);
  print_number("value", recorder->value);
  print_number("loss", recorder->loss);
  print_number("gradient", recorder->gradient);
  puts("}");
  return fflush(stdout) == 0 ? 0 : 1;
}
