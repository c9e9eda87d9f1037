/* Learning-rate schedules in closed form, alone and in sequence. */
#include "optimizer/schedule.h"
#include "base/base.h"
#include "optimizer/optimizer.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

const secanti_schedule_form secanti_schedule_forms[SECANTI_SCHEDULE_KINDS] = {
    [SECANTI_SCHEDULE_CONSTANT] = {"constant", "total", {"factor"}},
    [SECANTI_SCHEDULE_STEP_DECAY] = {"step_decay", "size", {"gamma"}},
    [SECANTI_SCHEDULE_EXPONENTIAL] = {"exponential", NULL, {"gamma"}},
    [SECANTI_SCHEDULE_COSINE_ANNEALING] = {"cosine_annealing", "t_max", {"eta_min"}},
    [SECANTI_SCHEDULE_LINEAR] = {"linear", "total", {"start", "end"}},
    [SECANTI_SCHEDULE_SEQUENTIAL] = {"sequential", NULL, {NULL}},
};

/* ---- the learning rate ------------------------------------------------------------------------------------------- */

/* The closed forms of schedule.h; the same numbers as the classes of torch.optim.lr_scheduler. */
static double closed_form(secanti_schedule_kind kind, const secanti_schedule_values *v, int64_t k)
{
  static const double pi = 3.14159265358979323846;
  const double first = v->numbers[0], second = v->numbers[1];
  switch (kind) {
  case SECANTI_SCHEDULE_CONSTANT: return k < v->count ? v->base * first : v->base;
  case SECANTI_SCHEDULE_STEP_DECAY: return v->base * pow(first, (double)(k / v->count));
  case SECANTI_SCHEDULE_EXPONENTIAL: return v->base * pow(first, (double)k);
  case SECANTI_SCHEDULE_COSINE_ANNEALING:
    return first + (v->base - first) * (1.0 + cos(pi * (double)k / (double)v->count)) / 2.0;
  case SECANTI_SCHEDULE_LINEAR: {
    const double way = k < v->count ? (double)k / (double)v->count : 1.0;
    return v->base * (first * (1.0 - way) + second * way); /* never below 0 by rounding, and exact at both ends */
  }
  case SECANTI_SCHEDULE_SEQUENTIAL:
  case SECANTI_SCHEDULE_KINDS: break;
  }
  return NAN; /* a sequence has no form of its own */
}

/* The part that is in force at step k, and the step at which it began. */
static secant_schedule *part_at(const secant_schedule *sequence, int64_t k, int64_t *begin)
{
  size_t part = 0;
  while (part + 1 < sequence->part_count && k >= sequence->milestones[part]) part++;
  *begin = part > 0 ? sequence->milestones[part - 1] : 0;
  return sequence->parts[part];
}

static secant_status set_lr(secant_optimizer *optimizer, double lr)
{
  secant_options options = optimizer->options;
  options.lr = lr;
  return secant_set_options(optimizer, &options);
}

/* Goes to step k of a schedule. Nothing has changed if the options refuse the learning rate. Collective. */
static secant_status go_to(secant_schedule *schedule, int64_t k)
{
  int64_t begin = 0;
  secant_schedule *part = schedule->kind == SECANTI_SCHEDULE_SEQUENTIAL ? part_at(schedule, k, &begin) : schedule;
  const double lr = closed_form(part->kind, &part->values, k - begin);
  const secant_status status = set_lr(schedule->optimizer, lr);
  if (status != SECANT_OK) return status;
  part->values.steps = k - begin;
  part->values.last_lr = lr;
  schedule->values.steps = k;
  schedule->values.last_lr = lr;
  return SECANT_OK;
}

secant_status secant_schedule_advance(secant_schedule *schedule)
{
  if (!schedule) return SECANT_ERR_ARGUMENT;
  return go_to(schedule, schedule->values.steps + 1);
}

double secant_schedule_last_lr(const secant_schedule *schedule)
{
  return schedule ? schedule->values.last_lr : NAN;
}

int64_t secant_schedule_steps(const secant_schedule *schedule)
{
  return schedule ? schedule->values.steps : 0;
}

/* ---- creation ---------------------------------------------------------------------------------------------------- */

static bool is_amount(double value)
{
  return isfinite(value) && value >= 0.0;
}

static secant_status check_numbers(secanti_schedule_kind kind, const secanti_schedule_values *v, secant_error *error)
{
  const secanti_schedule_form *form = &secanti_schedule_forms[kind];
  for (int i = 0; i < SECANTI_SCHEDULE_NUMBERS && form->numbers[i]; i++) {
    if (!is_amount(v->numbers[i])) {
      return secanti_fail(error, SECANT_ERR_ARGUMENT, "%s of a %s schedule is %g, but must be a number >= 0",
                          form->numbers[i], form->name, v->numbers[i]);
    }
  }
  if (form->count && v->count < 1) {
    return secanti_fail(error, SECANT_ERR_ARGUMENT, "%s of a %s schedule is %" PRId64 ", but must be at least 1",
                        form->count, form->name, v->count);
  }
  return SECANT_OK;
}

/* A schedule whose base is that of the optimizer. NULL if there is no memory. */
static secant_schedule *allocate(secant_optimizer *optimizer, secanti_schedule_kind kind,
                                 const secanti_schedule_values *values)
{
  secant_schedule *schedule = secanti_alloc(1, sizeof *schedule);
  if (!schedule) return NULL;
  *schedule = (secant_schedule){.kind = kind, .optimizer = optimizer, .values = *values};
  schedule->values.base = isnan(optimizer->initial_lr) ? optimizer->options.lr : optimizer->initial_lr;
  return schedule;
}

/* Hands the schedule out at k = 0, or fails on all ranks alike: `error` is this rank's outcome so far. Collective. */
static secant_status publish(secant_schedule **out, secant_optimizer *optimizer, secant_schedule *schedule,
                             secant_error *error)
{
  if (error->status == SECANT_OK && !out) {
    secanti_fail(error, SECANT_ERR_ARGUMENT, "there is nowhere to put the schedule: `out` is NULL");
  }
  secant_status status = secant_comm_agree(optimizer->comm, error);
  if (status != SECANT_OK) {
    optimizer->error = *error;
    return status;
  }
  status = go_to(schedule, 0);
  if (status != SECANT_OK) return status;
  optimizer->initial_lr = schedule->values.base;
  *out = schedule;
  return SECANT_OK;
}

static secant_status create(secant_schedule **out, secant_optimizer *optimizer, secanti_schedule_kind kind,
                            secanti_schedule_values values)
{
  if (out) *out = NULL;
  if (!optimizer) return SECANT_ERR_ARGUMENT;
  secant_error error = {.status = SECANT_OK};
  secant_schedule *schedule = NULL;
  if (check_numbers(kind, &values, &error) == SECANT_OK) {
    schedule = allocate(optimizer, kind, &values);
    if (!schedule) secanti_fail(&error, SECANT_ERR_MEMORY, "no memory for a schedule");
  }
  const secant_status status = publish(out, optimizer, schedule, &error);
  if (status != SECANT_OK) secant_schedule_destroy(schedule);
  return status;
}

secant_status secant_schedule_constant(secant_schedule **out, secant_optimizer *optimizer, double factor, int64_t total)
{
  return create(out, optimizer, SECANTI_SCHEDULE_CONSTANT,
                (secanti_schedule_values){.count = total, .numbers = {factor}});
}

secant_status secant_schedule_step_decay(secant_schedule **out, secant_optimizer *optimizer, int64_t size, double gamma)
{
  return create(out, optimizer, SECANTI_SCHEDULE_STEP_DECAY,
                (secanti_schedule_values){.count = size, .numbers = {gamma}});
}

secant_status secant_schedule_exponential(secant_schedule **out, secant_optimizer *optimizer, double gamma)
{
  return create(out, optimizer, SECANTI_SCHEDULE_EXPONENTIAL, (secanti_schedule_values){.numbers = {gamma}});
}

secant_status secant_schedule_cosine_annealing(secant_schedule **out, secant_optimizer *optimizer, int64_t t_max,
                                               double eta_min)
{
  return create(out, optimizer, SECANTI_SCHEDULE_COSINE_ANNEALING,
                (secanti_schedule_values){.count = t_max, .numbers = {eta_min}});
}

secant_status secant_schedule_linear(secant_schedule **out, secant_optimizer *optimizer, double start, double end,
                                     int64_t total)
{
  return create(out, optimizer, SECANTI_SCHEDULE_LINEAR,
                (secanti_schedule_values){.count = total, .numbers = {start, end}});
}

void secant_schedule_destroy(secant_schedule *schedule)
{
  if (!schedule) return;
  for (size_t i = 0; i < schedule->part_count; i++) secant_schedule_destroy(schedule->parts[i]);
  free(schedule->parts);
  free(schedule->milestones);
  free(schedule);
}

/* ---- sequences --------------------------------------------------------------------------------------------------- */

static secant_status check_part(const secant_optimizer *optimizer, secant_schedule *const *parts, size_t index,
                                secant_error *error)
{
  const secant_schedule *part = parts[index];
  const char *problem = NULL;
  if (!part) {
    problem = "is NULL";
  } else if (part->optimizer != optimizer) {
    problem = "belongs to another optimizer";
  } else if (part->kind == SECANTI_SCHEDULE_SEQUENTIAL || part->is_part) {
    problem = "is a sequence or belongs to one";
  }
  for (size_t i = 0; i < index && !problem; i++) {
    if (parts[i] == part) problem = "occurs twice";
  }
  if (!problem) return SECANT_OK;
  return secanti_fail(error, SECANT_ERR_ARGUMENT, "part %zu of a sequential schedule %s", index, problem);
}

static secant_status check_sequence(const secant_optimizer *optimizer, secant_schedule *const *parts, size_t count,
                                    const int64_t *milestones, secant_error *error)
{
  if (!parts || count < 1 || (count > 1 && !milestones)) {
    return secanti_fail(error, SECANT_ERR_ARGUMENT,
                        "a sequential schedule needs at least one part, and a milestone between any two");
  }
  for (size_t i = 0; i < count; i++) {
    if (check_part(optimizer, parts, i, error) != SECANT_OK) return error->status;
  }
  for (size_t i = 0; i + 1 < count; i++) {
    if (milestones[i] <= (i > 0 ? milestones[i - 1] : 0)) {
      return secanti_fail(error, SECANT_ERR_ARGUMENT,
                          "milestone %zu of a sequential schedule is %" PRId64
                          ", but milestones must be above 0 and increase",
                          i, milestones[i]);
    }
  }
  return SECANT_OK;
}

/* A sequence that refers to the parts but does not own them yet: part_count is still 0. */
static secant_schedule *allocate_sequence(secant_optimizer *optimizer, size_t count, const int64_t *milestones)
{
  secant_schedule *sequence = allocate(optimizer, SECANTI_SCHEDULE_SEQUENTIAL, &(secanti_schedule_values){0});
  if (!sequence) return NULL;
  sequence->parts = secanti_alloc(count, sizeof(secant_schedule *));
  sequence->milestones = secanti_alloc(count, sizeof(int64_t));
  if (sequence->parts && sequence->milestones) {
    for (size_t i = 0; i + 1 < count; i++) sequence->milestones[i] = milestones[i];
    return sequence;
  }
  secant_schedule_destroy(sequence);
  return NULL;
}

/* Lets the sequence own its parts, or lets go of them. */
static void own_parts(secant_schedule *sequence, secant_schedule *const *parts, size_t count)
{
  sequence->part_count = count;
  for (size_t i = 0; i < count; i++) sequence->parts[i] = parts[i];
}

secant_status secant_schedule_sequential(secant_schedule **out, secant_optimizer *optimizer,
                                         secant_schedule *const *parts, size_t count, const int64_t *milestones)
{
  if (out) *out = NULL;
  if (!optimizer) return SECANT_ERR_ARGUMENT;
  secant_error error = {.status = SECANT_OK};
  secant_schedule *sequence = NULL;
  if (check_sequence(optimizer, parts, count, milestones, &error) == SECANT_OK) {
    sequence = allocate_sequence(optimizer, count, milestones);
    if (sequence) {
      own_parts(sequence, parts, count);
    } else {
      secanti_fail(&error, SECANT_ERR_MEMORY, "no memory for a sequential schedule");
    }
  }
  const secant_status status = publish(out, optimizer, sequence, &error);
  if (status == SECANT_OK) {
    for (size_t i = 0; i < count; i++) {
      parts[i]->is_part = true;
      parts[i]->values.steps = 0; /* each begins anew at its milestone */
    }
  } else if (sequence) {
    own_parts(sequence, NULL, 0);
    secant_schedule_destroy(sequence);
  }
  return status;
}
