/* An exported state against the recorded one, entry by entry. */
#include "golden_state.h"
#include "golden_rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct comparison {
  const golden_case *golden;
  const golden_event *event;
  const golden_step *step; /* the call before the event: its drift is that of the state */
  golden_rules rules;
  const secant_node *dict;
  secant_comm *comm;
  golden_report *report;
  double *vector; /* [2 n] a gathered tensor, and how often each element of it was held */
} comparison;

/* Adds a failure unless `good`. */
static void require(const comparison *c, bool good, const char *entry, const char *complaint)
{
  if (!good) golden_report_add(c->report, "state after call %zu: %s %s", c->event->after_call, entry, complaint);
}

static void require_near(const comparison *c, const char *entry, double got, double want, double tolerance)
{
  if (fabs(got - want) <= tolerance) return;
  golden_report_add(c->report, "state after call %zu %s: got %.17g want %.17g tolerance %.2g", c->event->after_call,
                    entry, got, want, tolerance);
}

static secant_node *of_parameter(const comparison *c, const char *key)
{
  char path[64];
  snprintf(path, sizeof path, "state/0/%s", key);
  secant_node *node = secant_node_find(c->dict, path);
  require(c, node != NULL, key, "is missing");
  return node;
}

static void compare_integer(const comparison *c, const char *key, int64_t want)
{
  int64_t got = -1;
  const secant_status status = secant_node_get_integer(of_parameter(c, key), &got);
  require(c, status == SECANT_OK && got == want, key, "is not the recorded count");
}

static void compare_real(const comparison *c, const char *key, double want, double tolerance)
{
  double got = NAN;
  require(c, secant_node_get_real(of_parameter(c, key), &got) == SECANT_OK, key, "is not a number");
  require_near(c, key, got, want, tolerance);
}

/* A list of reals that are known to `relative`; a NaN in the record stands for an entry that is none. */
static void compare_reals(const comparison *c, const char *key, const double *want, size_t count, double relative)
{
  const secant_node *list = of_parameter(c, key);
  require(c, secant_node_get_kind(list) == SECANT_NODE_LIST && secant_node_size(list) == count, key,
          "is not a list of the recorded length");
  for (size_t i = 0; i < count; i++) {
    const secant_node *entry = secant_node_at(list, i);
    double got = NAN;
    if (isnan(want[i])) {
      require(c, entry && secant_node_get_kind(entry) == SECANT_NODE_NONE, key, "has a value where there was none");
    } else {
      require(c, secant_node_get_real(entry, &got) == SECANT_OK, key, "has an entry that is not a number");
      require_near(c, key, got, want[i], relative * fabs(want[i]));
    }
  }
}

static double element(const secant_tensor *tensor, size_t i)
{
  return tensor->dtype == SECANT_F64 ? ((const double *)tensor->data)[i] : (double)((const float *)tensor->data)[i];
}

/* This rank's pieces into the whole vector. False if they do not fit into it. */
static bool lay_out(const secant_tensor *tensor, size_t n, double *whole, double *held)
{
  size_t next = 0;
  for (size_t p = 0; p < tensor->pieces; p++) {
    const secant_piece piece = tensor->piece[p];
    if (piece.first < 0 || (size_t)piece.first + piece.count > n) return false;
    for (size_t i = 0; i < piece.count; i++) {
      whole[(size_t)piece.first + i] += element(tensor, next++);
      held[(size_t)piece.first + i] += 1.0;
    }
  }
  return next == tensor->local_count;
}

/* Puts the whole tensor into c->vector, and demands that it is one vector [n] of the case's type, each element of it
 * held by one rank. Collective. */
static void gather(const comparison *c, const char *key, const secant_node *node)
{
  const size_t n = c->golden->objective.n;
  secant_tensor tensor = {.pieces = 0};
  const bool readable = secant_node_get_tensor(node, &tensor) == SECANT_OK;
  memset(c->vector, 0, 2 * n * sizeof *c->vector);
  require(c, readable, key, "is not a tensor");
  if (readable) {
    require(c, tensor.dimensions == 1 && tensor.shape[0] == (int64_t)n, key, "has not the shape [n]");
    require(c, tensor.dtype == c->golden->dtype, key, "has not the parameters' type");
    require(c, lay_out(&tensor, n, c->vector, c->vector + n), key, "has pieces that do not fit");
  }
  require(c, secant_comm_sum(c->comm, c->vector, 2 * n) == SECANT_OK, key, "could not be gathered");
  for (size_t i = 0; i < n; i++) require(c, c->vector[n + i] == 1.0, key, "has an element that not one rank holds");
}

/* As x, but relative to the larger of 1 and the largest recorded entry: gradients are known to their size, not to that
 * of 1. */
static void compare_vector(const comparison *c, const char *key, const secant_node *node, const double *want)
{
  const size_t n = c->golden->objective.n;
  double largest = 1.0;
  gather(c, key, node);
  for (size_t i = 0; i < n; i++) largest = fmax(largest, fabs(want[i]));
  for (size_t i = 0; i < n; i++)
    require_near(c, key, c->vector[i], want[i], golden_allowance(c->rules.floor, c->step->drift_x) * largest);
}

static void compare_vectors(const comparison *c, const char *key, const char *alias, const double *want)
{
  const secant_node *list = of_parameter(c, key);
  const size_t pairs = c->event->state.pairs;
  require(c, of_parameter(c, alias) == list, alias, "does not find the entry it stands for");
  require(c, secant_node_get_kind(list) == SECANT_NODE_LIST && secant_node_size(list) == pairs, key,
          "is not a list of the recorded length");
  for (size_t i = 0; i < pairs; i++) compare_vector(c, key, secant_node_at(list, i), want + i * c->golden->objective.n);
}

static void compare_state(const comparison *c)
{
  const golden_state *want = &c->event->state;
  const double ratio = golden_allowance(c->rules.ratio_floor, fmax(c->step->drift_t, c->step->drift_h));
  const double loss = golden_allowance(c->rules.inner_floor, c->step->drift_f) * fmax(1.0, fabs(want->prev_loss));
  require(c, secant_node_size(secant_node_find(c->dict, "state/0")) == 11, "state/0", "has not 11 entries");
  compare_integer(c, "n_iter", want->n_iter);
  compare_integer(c, "func_evals", want->func_evals);
  compare_real(c, "t", want->t, ratio * want->t);
  compare_real(c, "H_diag", want->h_diag, ratio * want->h_diag);
  compare_real(c, "prev_loss", want->prev_loss, loss);
  compare_reals(c, "ro", want->ro, want->pairs, ratio);
  compare_reals(c, "al", want->al, want->al_count, ratio);
  compare_vector(c, "d", of_parameter(c, "d"), want->d);
  compare_vector(c, "prev_flat_grad", of_parameter(c, "prev_flat_grad"), want->gradient);
  compare_vectors(c, "old_dirs", "y", want->y);
  compare_vectors(c, "old_stps", "s", want->s);
}

/* An option's value in the state; a max_eval of -1 stands for what the reference writes out, 5/4 of max_iter rounded
 * down. */
static bool read_number(const comparison *c, const char *path, const char *key, double *value)
{
  int64_t limit = 0;
  if (secant_node_get_real(secant_node_find(c->dict, path), value) != SECANT_OK) return false;
  if (strcmp(key, "max_eval") != 0 || *value != -1.0) return true;
  if (secant_node_get_integer(secant_node_find(c->dict, "param_groups/0/max_iter"), &limit) != SECANT_OK) return false;
  *value = (double)(5 * limit / 4);
  return true;
}

/* null and texts as they are, numbers exactly. */
static void compare_setting(const comparison *c, const golden_setting *want)
{
  char path[64];
  snprintf(path, sizeof path, "param_groups/0/%s", want->key);
  const secant_node *node = secant_node_find(c->dict, path);
  double got = NAN;
  if (want->text) {
    const char *text = secant_node_get_text(node);
    require(c, text && strcmp(text, want->text) == 0, path, "is not the recorded text");
  } else if (isnan(want->number)) {
    require(c, node && secant_node_get_kind(node) == SECANT_NODE_NONE, path, "is not none");
  } else {
    require(c, read_number(c, path, want->key, &got), path, "is not a number");
    require_near(c, path, got, want->number, 0.0);
  }
}

static void compare_group(const comparison *c)
{
  const golden_state *want = &c->event->state;
  const secant_node *ids = secant_node_find(c->dict, "param_groups/0/params");
  require(c, secant_node_size(secant_node_find(c->dict, "param_groups")) == 1, "param_groups", "is not one group");
  for (size_t i = 0; i < want->setting_count; i++) compare_setting(c, &want->settings[i]);
  require(c, secant_node_size(ids) == want->ids, "params", "has not one id for each tensor");
  for (size_t i = 0; i < want->ids; i++) {
    int64_t id = -1;
    const secant_status status = secant_node_get_integer(secant_node_at(ids, i), &id);
    require(c, status == SECANT_OK && id == (int64_t)i, "params", "does not count from 0");
  }
}

void golden_state_compare(const golden_case *golden, const golden_event *event, const secant_node *dict,
                          secant_comm *comm, golden_report *report)
{
  double *vector = calloc(2 * golden->objective.n, sizeof *vector);
  if (!vector) abort(); /* the other ranks wait in the reductions below */
  const comparison c = {.golden = golden,
                        .event = event,
                        .step = &golden->steps[event->after_call - 1],
                        .rules = golden_rules_for(golden->dtype),
                        .dict = dict,
                        .comm = comm,
                        .report = report,
                        .vector = vector};
  compare_state(&c);
  compare_group(&c);
  free(vector);
}
