/* Driving the library through a recorded case. */
#include "golden_run.h"
#include "golden_options.h"
#include "golden_state.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A case under way. The whole vectors hold all tensors one after the other, the shards this rank's parts of them. */
typedef struct run {
  const golden_case *golden;
  const golden_setup *setup;
  golden_report *report;
  golden_way way;
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
  double *trace;      /* [GOLDEN_TRACE] losses of these */
} run;

/* First element of tensor `tensor` that rank `rank` owns. */
static size_t first_owned(const run *r, size_t tensor, int rank)
{
  return golden_first_owned(r->setup->layout, tensor, golden_case_extent(r->golden, tensor), rank,
                            r->setup->ranks.size);
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

/* Copies this rank's part of the whole vector into its shards, but for tensors that are `left_out` (NULL: none are). */
static void scatter(const run *r, const char *whole, char *shard, const bool *left_out)
{
  const int rank = r->setup->ranks.rank;
  for (size_t tensor = 0; tensor < r->golden->tensors; tensor++) {
    const size_t bytes = r->parameters[tensor].local_count * r->element;
    if (!left_out || !left_out[tensor]) memcpy(shard, whole + first_owned(r, tensor, rank) * r->element, bytes);
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

/* The closure, as one would write it for torch: gradients are cleared first. As a sum of shares, the loss is all rank
 * 0's. */
static int objective(void *user, double *loss)
{
  run *r = user;
  double f = 0.0;
  secant_zero_grad(r->optimizer, 1);
  if (!evaluate(r, &f)) return 1;
  if (r->evaluations < GOLDEN_TRACE) r->trace[r->evaluations] = f;
  r->evaluations++;
  scatter(r, r->whole_g, r->shard_g, r->way.writes_zeros ? NULL : r->golden->without_gradient);
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

static bool apply(run *r, const golden_setting *setting)
{
  if (golden_apply_setting(&r->options, setting)) return true;
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
  scatter(r, r->whole_x, r->shard_x, NULL);
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
static bool start_afresh(run *r, int64_t history_size)
{
  secant_options other = secant_options_torch();
  other.lr = 123.0;
  other.max_iter = 1;
  other.direction = r->options.direction;
  other.loss = r->options.loss;
  other.history_size = history_size;
  secant_destroy(r->optimizer);
  r->optimizer = NULL;
  for (size_t i = 0; i < r->golden->objective.n; i++) {
    set_element(r, r->shard_x, i, 7.0);
    set_element(r, r->shard_g, i, -7.0);
  }
  return create_optimizer(r, &other);
}

/* By a checkpoint, which holds the parameters but not the options. Without HDF5 there is nothing to do. */
static bool pass_by_checkpoint(run *r)
{
  const char *path = r->setup->file;
  secant_status status = secant_checkpoint_save(r->optimizer, path, r->golden->id);
  if (status == SECANT_ERR_UNSUPPORTED) return true;
  if (!succeeded(r, "secant_checkpoint_save", status, secant_message(r->optimizer))) return false;
  if (!start_afresh(r, r->options.history_size)) return false;
  status = secant_checkpoint_load(r->optimizer, path, r->golden->id);
  if (r->setup->ranks.rank == 0) remove(path);
  return succeeded(r, "secant_checkpoint_load", status, secant_message(r->optimizer)) && set_options(r);
}

/* By a state dict, which holds the options but not the parameters. Collective. */
static bool pass_on(run *r, const golden_event *event, const secant_node *dict)
{
  golden_state_compare(r->golden, event, dict, r->setup->ranks.comm, r->report);
  const secant_status status = secant_load_state_dict(r->optimizer, dict);
  scatter(r, r->whole_x, r->shard_x, NULL);
  return succeeded(r, "secant_load_state_dict", status, secant_message(r->optimizer));
}

static bool pass_in_memory(run *r, const golden_event *event)
{
  secant_node *dict = NULL;
  const secant_status status = secant_state_dict(r->optimizer, &dict);
  const bool passed = succeeded(r, "secant_state_dict", status, secant_message(r->optimizer)) && gather_point(r) &&
                      start_afresh(r, 2) && pass_on(r, event, dict);
  secant_node_destroy(dict);
  return passed;
}

/* Writes the state dict to the file. `unsupported` tells that this build cannot. */
static bool write_state(run *r, bool *unsupported)
{
  secant_error error = {SECANT_OK, ""};
  secant_node *dict = NULL;
  secant_status status = secant_state_dict(r->optimizer, &dict);
  if (status == SECANT_OK) status = secant_state_dict_save(dict, r->setup->file, r->setup->ranks.comm, &error);
  secant_node_destroy(dict);
  *unsupported = status == SECANT_ERR_UNSUPPORTED;
  return *unsupported || succeeded(r, "secant_state_dict_save", status, error.message);
}

/* Collective. Without HDF5 there is nothing to do. */
static bool pass_by_file(run *r, const golden_event *event)
{
  bool unsupported = false;
  if (!write_state(r, &unsupported)) return false;
  if (unsupported) return true;
  if (!gather_point(r) || !start_afresh(r, 2)) return false;
  secant_node *dict = NULL;
  const secant_status status = secant_state_dict_read(r->optimizer, r->setup->file, &dict);
  if (r->setup->ranks.rank == 0) remove(r->setup->file);
  const bool passed =
      succeeded(r, "secant_state_dict_read", status, secant_message(r->optimizer)) && pass_on(r, event, dict);
  secant_node_destroy(dict);
  return passed;
}

/* Saves, and goes on in a fresh optimizer that loads. */
static bool save_and_load(run *r, const golden_event *event)
{
  switch (r->way.passage) {
  case GOLDEN_STATE_DICT: return pass_in_memory(r, event);
  case GOLDEN_STATE_FILE: return pass_by_file(r, event);
  case GOLDEN_CHECKPOINT: return pass_by_checkpoint(r);
  case GOLDEN_UNINTERRUPTED: break;
  }
  return true;
}

static bool happen(run *r, const golden_event *event)
{
  switch (event->type) {
  case GOLDEN_SAVE_LOAD: return save_and_load(r, event);
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

/* What the closure left alone is absent, on every rank; what it wrote is present where there is something to write. */
static void check_absence(run *r)
{
  for (size_t tensor = 0; tensor < r->golden->tensors; tensor++) {
    const bool left_alone = r->golden->without_gradient[tensor] && !r->way.writes_zeros;
    const bool absent = secant_gradient_is_absent(r->optimizer, tensor);
    if (left_alone != absent && (left_alone || r->parameters[tensor].local_count > 0))
      golden_report_add(r->report, "call %zu: the gradient of tensor %zu is %s", r->call + 1, tensor,
                        absent ? "absent" : "present");
  }
}

static bool one_call(run *r, golden_observed *seen)
{
  if (!events_before_call(r)) return false;
  r->evaluations = 0;
  r->trace = seen->trace;
  const secant_status status = secant_step(r->optimizer, objective, r, &seen->loss);
  if (!succeeded(r, "secant_step", status, secant_message(r->optimizer))) return false;
  check_absence(r);
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

bool golden_follow(const golden_case *golden, const golden_setup *setup, golden_way way, golden_observed *seen,
                   golden_report *report)
{
  run r = {.golden = golden, .setup = setup, .way = way, .report = report};
  const bool done = run_case(&r, seen);
  release(&r);
  return done;
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
