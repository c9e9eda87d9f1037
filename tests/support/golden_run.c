/* Driving the library through a recorded case. */
#include "golden_run.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A case under way. The whole vectors hold all tensors one after the other, the shards this rank's parts of them. */
typedef struct run {
  const golden_case *golden;
  const golden_setup *setup;
  golden_report *report;
  bool with_checkpoints;
  size_t call; /* calls made so far */

  golden_problem *problem;
  size_t element; /* bytes */
  char *whole_x;
  char *whole_g;
  char *shard_x;
  char *shard_g;
  int *first; /* [size + 1] scratch of a gather */

  secant_parameter *parameters; /* [tensors] */
  secant_options options;
  secant_optimizer *optimizer;
  size_t evaluations; /* closure calls of the current call */
} run;

/* First element of tensor `tensor` that rank `rank` owns: deliberately not where the library would cut. */
static size_t first_owned(const run *r, size_t tensor, int rank)
{
  return golden_case_extent(r->golden, tensor) * (size_t)rank / (size_t)r->setup->ranks.size;
}

static double element_at(const run *r, const char *array, size_t i)
{
  if (r->golden->dtype == SECANT_F64) return ((const double *)(const void *)array)[i];
  return (double)((const float *)(const void *)array)[i];
}

static void set_element(const run *r, char *array, size_t i, double value)
{
  if (r->golden->dtype == SECANT_F64)
    ((double *)(void *)array)[i] = value;
  else
    ((float *)(void *)array)[i] = (float)value;
}

/* Copies this rank's part of the whole vector into its shards. */
static void scatter(const run *r, const char *whole, char *shard)
{
  const int rank = r->setup->ranks.rank;
  for (size_t tensor = 0; tensor < r->golden->tensors; tensor++) {
    const size_t bytes = r->parameters[tensor].local_count * r->element;
    memcpy(shard, whole + first_owned(r, tensor, rank) * r->element, bytes);
    shard += bytes;
    whole += golden_case_extent(r->golden, tensor) * r->element;
  }
}

/* Collects the current point from the shards of all ranks. Collective. */
static bool gather_point(run *r)
{
  const char *shard = r->shard_x;
  char *whole = r->whole_x;
  for (size_t tensor = 0; tensor < r->golden->tensors; tensor++) {
    for (int rank = 0; rank <= r->setup->ranks.size; rank++)
      r->first[rank] = (int)(first_owned(r, tensor, rank) * r->element);
    if (r->setup->ranks.gather(shard, whole, r->first) != 0) return false;
    shard += r->parameters[tensor].local_count * r->element;
    whole += golden_case_extent(r->golden, tensor) * r->element;
  }
  return true;
}

/* A tensor whose gradient the recorded run never set counts as one with gradient zero. */
static void clear_absent_gradients(const run *r)
{
  char *g = r->whole_g;
  for (size_t tensor = 0; tensor < r->golden->tensors; tensor++) {
    const size_t bytes = golden_case_extent(r->golden, tensor) * r->element;
    if (r->golden->without_gradient[tensor]) memset(g, 0, bytes);
    g += bytes;
  }
}

/* Value and whole gradient at the current point, on every rank. Collective. */
static bool evaluate(run *r, double *f)
{
  if (!gather_point(r)) return false;
  *f = golden_problem_evaluate(r->problem, r->golden->dtype, r->whole_x, r->whole_g);
  clear_absent_gradients(r);
  return true;
}

/* The closure. As a sum of shares, the loss is all rank 0's. */
static int objective(void *user, double *loss)
{
  run *r = user;
  double f = 0.0;
  r->evaluations++;
  if (!evaluate(r, &f)) return 1;
  scatter(r, r->whole_g, r->shard_g);
  *loss = r->setup->loss == SECANT_LOSS_REPLICATED || r->setup->ranks.rank == 0 ? f : 0.0;
  return 0;
}

static bool succeeded(run *r, const char *what, secant_status status, const char *message)
{
  if (status == SECANT_OK) return true;
  golden_report_add(r->report, "call %zu %s: got %s (%s) want success", r->call + 1, what, secant_status_text(status),
                    message);
  return false;
}

/* Gives the library's option the meaning of one option of the reference. */
static bool apply_setting(secant_options *options, const golden_setting *setting)
{
  if (strcmp(setting->key, "line_search_fn") == 0) {
    const bool wolfe = setting->text && strcmp(setting->text, "strong_wolfe") == 0;
    options->line_search = wolfe ? SECANT_LINE_SEARCH_STRONG_WOLFE : SECANT_LINE_SEARCH_NONE;
    return true;
  }
  if (strcmp(setting->key, "lr") == 0)
    options->lr = setting->number;
  else if (strcmp(setting->key, "max_iter") == 0)
    options->max_iter = (int64_t)setting->number;
  else if (strcmp(setting->key, "max_eval") == 0)
    options->max_eval = (int64_t)setting->number;
  else if (strcmp(setting->key, "tolerance_grad") == 0)
    options->tolerance_grad = setting->number;
  else if (strcmp(setting->key, "tolerance_change") == 0)
    options->tolerance_change = setting->number;
  else if (strcmp(setting->key, "history_size") == 0)
    options->history_size = (int64_t)setting->number;
  else
    return false;
  return true;
}

static bool apply(run *r, const golden_setting *setting)
{
  if (apply_setting(&r->options, setting)) return true;
  golden_report_add(r->report, "option %s of the record has no counterpart", setting->key);
  return false;
}

static bool choose_options(run *r)
{
  r->options = secant_options_torch();
  r->options.direction = r->setup->direction;
  r->options.loss = r->setup->loss;
  for (size_t i = 0; i < r->golden->setting_count; i++)
    if (!apply(r, &r->golden->settings[i])) return false;
  return true;
}

/* Cuts every tensor into shards; a rank that owns nothing of it has no arrays. False if the shapes do not add up. */
static bool describe_parameters(run *r)
{
  const int rank = r->setup->ranks.rank;
  size_t offset = 0, extent = 0;
  for (size_t tensor = 0; tensor < r->golden->tensors; tensor++) {
    const size_t owned = first_owned(r, tensor, rank + 1) - first_owned(r, tensor, rank);
    r->parameters[tensor] = (secant_parameter){.dtype = r->golden->dtype,
                                               .values = owned ? r->shard_x + offset * r->element : NULL,
                                               .gradient = owned ? r->shard_g + offset * r->element : NULL,
                                               .local_count = owned,
                                               .shape = r->golden->shapes[tensor],
                                               .dimensions = r->golden->dimensions[tensor]};
    offset += owned;
    extent += golden_case_extent(r->golden, tensor);
  }
  return extent == r->golden->objective.n;
}

/* Puts x [n] into the shards, in the element type. */
static void place(run *r, const double *x)
{
  for (size_t i = 0; i < r->golden->objective.n; i++) set_element(r, r->whole_x, i, x[i]);
  scatter(r, r->whole_x, r->shard_x);
}

static bool place_start(run *r)
{
  double *start = malloc(r->golden->objective.n * sizeof *start);
  if (!start) return false;
  golden_problem_start(r->problem, start);
  place(r, r->golden->x0 ? r->golden->x0 : start);
  free(start);
  return true;
}

static bool allocate(run *r)
{
  const golden_objective *made = &r->golden->objective;
  r->element = r->golden->dtype == SECANT_F64 ? sizeof(double) : sizeof(float);
  r->problem = golden_problem_create(made->problem, made->n, &made->args);
  r->whole_x = calloc(made->n, r->element);
  r->whole_g = calloc(made->n, r->element);
  r->shard_x = calloc(made->n, r->element);
  r->shard_g = calloc(made->n, r->element);
  r->first = calloc((size_t)r->setup->ranks.size + 1, sizeof *r->first);
  r->parameters = calloc(r->golden->tensors, sizeof *r->parameters);
  return r->problem && r->whole_x && r->whole_g && r->shard_x && r->shard_g && r->first && r->parameters;
}

static void release(run *r)
{
  secant_destroy(r->optimizer);
  golden_problem_destroy(r->problem);
  free(r->whole_x);
  free(r->whole_g);
  free(r->shard_x);
  free(r->shard_g);
  free(r->first);
  free(r->parameters);
}

static bool create_optimizer(run *r, const secant_options *options)
{
  secant_error error = {SECANT_OK, ""};
  const secant_status status =
      secant_create(&r->optimizer, r->parameters, r->golden->tensors, options, r->setup->ranks.comm, &error);
  return succeeded(r, "secant_create", status, error.message);
}

static bool set_options(run *r)
{
  const secant_status status = secant_set_options(r->optimizer, &r->options);
  return succeeded(r, "secant_set_options", status, secant_message(r->optimizer));
}

/* What another program would start with before it loads: other options, other values. */
static bool start_afresh(run *r)
{
  secant_options other = secant_options_torch();
  other.lr = 123.0;
  other.max_iter = 1;
  other.direction = r->options.direction;
  other.loss = r->options.loss;
  other.history_size = r->options.history_size;
  secant_destroy(r->optimizer);
  r->optimizer = NULL;
  for (size_t i = 0; i < r->golden->objective.n; i++) {
    set_element(r, r->shard_x, i, 7.0);
    set_element(r, r->shard_g, i, -7.0);
  }
  return create_optimizer(r, &other);
}

/* Saves, and goes on in a fresh optimizer that loads. Without HDF5 there is nothing to do. */
static bool save_and_load(run *r)
{
  const char *path = r->setup->checkpoint;
  secant_status status = secant_checkpoint_save(r->optimizer, path, r->golden->id);
  if (status == SECANT_ERR_UNSUPPORTED) return true;
  if (!succeeded(r, "secant_checkpoint_save", status, secant_message(r->optimizer))) return false;
  if (!start_afresh(r)) return false;
  status = secant_checkpoint_load(r->optimizer, path, r->golden->id);
  if (r->setup->ranks.rank == 0) remove(path);
  return succeeded(r, "secant_checkpoint_load", status, secant_message(r->optimizer)) && set_options(r);
}

static bool happen(run *r, const golden_event *event)
{
  switch (event->type) {
  case GOLDEN_SAVE_LOAD: return !r->with_checkpoints || save_and_load(r);
  case GOLDEN_SET: return apply(r, &event->setting) && set_options(r);
  case GOLDEN_SET_X: place(r, event->x); return true;
  }
  return false;
}

static bool events_before_call(run *r)
{
  for (size_t i = 0; i < r->golden->event_count; i++)
    if (r->golden->events[i].after_call == r->call && !happen(r, &r->golden->events[i])) return false;
  return true;
}

/* Looks at the point reached, without the library. A maximum that keeps NaN. */
static bool observe(run *r, golden_observed *seen)
{
  if (!evaluate(r, &seen->f)) return false;
  seen->ginf = 0.0;
  for (size_t i = 0; i < r->golden->objective.n; i++) {
    const double size = fabs(element_at(r, r->whole_g, i));
    seen->x[i] = element_at(r, r->whole_x, i);
    if (!(size <= seen->ginf)) seen->ginf = size;
  }
  seen->evaluations = r->evaluations;
  seen->info = secant_get_info(r->optimizer);
  return true;
}

static bool one_call(run *r, golden_observed *seen)
{
  if (!events_before_call(r)) return false;
  r->evaluations = 0;
  const secant_status status = secant_step(r->optimizer, objective, r, &seen->loss);
  if (!succeeded(r, "secant_step", status, secant_message(r->optimizer))) return false;
  if (observe(r, seen)) return true;
  golden_report_add(r->report, "call %zu: the point could not be gathered", r->call + 1);
  return false;
}

/* All calls of the case; false after a failure, which is in the report. */
static bool run_case(run *r, golden_observed *seen)
{
  if (!allocate(r) || !describe_parameters(r) || !place_start(r)) {
    golden_report_add(r->report, "the case could not be set up");
    return false;
  }
  if (!choose_options(r) || !create_optimizer(r, &r->options)) return false;
  for (; r->call < r->golden->step_count; r->call++)
    if (!one_call(r, &seen[r->call])) return false;
  return true;
}

static golden_observed *observations(const golden_case *golden)
{
  golden_observed *seen = calloc(golden->step_count, sizeof *seen);
  double *x = calloc(golden->step_count * golden->objective.n, sizeof *x);
  for (size_t k = 0; seen && x && k < golden->step_count; k++) seen[k].x = x + k * golden->objective.n;
  if (seen && x) return seen;
  free(seen);
  free(x);
  return NULL;
}

static void free_observations(golden_observed *seen)
{
  if (seen) free(seen[0].x);
  free(seen);
}

static bool follow(const golden_case *golden, const golden_setup *setup, bool with_checkpoints, golden_observed *seen,
                   golden_report *report)
{
  run r = {.golden = golden, .setup = setup, .report = report, .with_checkpoints = with_checkpoints};
  const bool done = run_case(&r, seen);
  release(&r);
  return done;
}

static bool saves_and_loads(const golden_case *golden)
{
  for (size_t i = 0; i < golden->event_count; i++)
    if (golden->events[i].type == GOLDEN_SAVE_LOAD) return true;
  return false;
}

void golden_check_case(const golden_case *golden, const golden_setup *setup, golden_report *report)
{
  golden_observed *seen = observations(golden), *uninterrupted = observations(golden);
  if (!seen || !uninterrupted)
    golden_report_add(report, "out of memory");
  else if (follow(golden, setup, true, seen, report))
    golden_compare(golden, seen, report);
  if (report->failures == 0 && saves_and_loads(golden) && follow(golden, setup, false, uninterrupted, report))
    golden_compare_bits(golden, seen, uninterrupted, report);
  free_observations(seen);
  free_observations(uninterrupted);
}

static int gather_alone(const void *shard, void *whole, const int *first)
{
  memcpy(whole, shard, (size_t)first[1]);
  return 0;
}

golden_ranks golden_one_process(void)
{
  return (golden_ranks){.comm = NULL, .rank = 0, .size = 1, .gather = gather_alone};
}
