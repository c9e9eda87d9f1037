#include "support/state_dict_runs.h"
#include <math.h>
#include <string.h>

/* ---- ways to run ------------------------------------------------------------------------------------------------- */

static secant_options fixed_step(void)
{
  secant_options options = secant_options_torch();
  options.lr = 1e-3;
  options.max_iter = 4;
  options.max_eval = 1000;
  options.history_size = 3;
  return options;
}

static secant_options with_search(void)
{
  secant_options options = secant_options_torch();
  options.line_search = SECANT_LINE_SEARCH_STRONG_WOLFE;
  options.max_iter = 4;
  options.max_eval = 1000;
  options.history_size = 3;
  return options;
}

size_t state_dict_cases(state_dict_case *cases)
{
  size_t n = 0;
  cases[n++] = (state_dict_case){"fixed step, iteration limit", fixed_step(), 2, 2, SECANT_REASON_MAX_ITER};
  cases[n++] = (state_dict_case){"search, iteration limit", with_search(), 2, 2, SECANT_REASON_MAX_ITER};
  cases[n++] = (state_dict_case){"search, first call", with_search(), 1, 3, SECANT_REASON_MAX_ITER};
  cases[n] = (state_dict_case){"search, soft evaluation limit", with_search(), 2, 2, SECANT_REASON_MAX_EVAL};
  cases[n++].options.max_eval = 3;
  cases[n] = (state_dict_case){"search, hard evaluation limit", with_search(), 2, 3, SECANT_REASON_MAX_EVAL};
  cases[n].options.max_eval = 4;
  cases[n].options.max_iter = 100;
  cases[n++].options.max_eval_hard = 1;
  cases[n] = (state_dict_case){"search, gradient", with_search(), 1, 2, SECANT_REASON_GRADIENT};
  cases[n].options.max_iter = 100;
  cases[n++].options.tolerance_grad = 1.0;
  cases[n] = (state_dict_case){"search, gradient at entry", with_search(), 3, 2, SECANT_REASON_GRADIENT};
  cases[n].options.max_iter = 100;
  cases[n++].options.tolerance_grad = 1.0;
  cases[n] = (state_dict_case){"search, gradient at first entry", with_search(), 1, 2, SECANT_REASON_GRADIENT};
  cases[n++].options.tolerance_grad = 1e9;
  cases[n] = (state_dict_case){"search, step", with_search(), 1, 2, SECANT_REASON_STEP};
  cases[n].options.max_iter = 100;
  cases[n++].options.tolerance_change = 0.5;
  cases[n] = (state_dict_case){"fixed step, step", fixed_step(), 1, 2, SECANT_REASON_STEP};
  cases[n].options.max_iter = 100;
  cases[n++].options.tolerance_change = 1e-2;
  cases[n] = (state_dict_case){"search, slope", with_search(), 1, 2, SECANT_REASON_DIRECTIONAL_DERIVATIVE};
  cases[n++].options.tolerance_change = 1e12;
  cases[n] = (state_dict_case){"no iterations", with_search(), 1, 1, SECANT_REASON_MAX_ITER};
  cases[n++].options.max_iter = 0;
  cases[n] = (state_dict_case){"steepest descent", with_search(), 2, 2, SECANT_REASON_MAX_ITER};
  cases[n++].options.history_size = 0;
  cases[n] = (state_dict_case){"defaults to where nothing is left to gain", secant_options_default(), 1, 2,
                               SECANT_REASON_NONE};
  cases[n].options.tolerance_grad = 0.0;
  cases[n++].options.history_size = 5;
  return n;
}

/* ---- running ----------------------------------------------------------------------------------------------------- */

void state_dict_advance(struct verdict *verdict, continuation *run, int calls, const char *when)
{
  for (int i = 0; i < calls; i++) {
    const secant_status status = secant_step(run->optimizer, continuation_closure, run, NULL);
    continuation_expect(verdict, run, status, SECANT_OK, when);
  }
}

static size_t element_bytes(secant_dtype dtype)
{
  return dtype == SECANT_F32 ? sizeof(float) : sizeof(double);
}

static double value_at(const continuation *run, int parameter, size_t i)
{
  const void *values = run->parameters[parameter].values;
  return run->dtype == SECANT_F32 ? (double)((const float *)values)[i] : ((const double *)values)[i];
}

void state_dict_copy_point(const continuation *from, continuation *to)
{
  for (int p = 0; p < CONTINUATION_PARAMETERS; p++) {
    const size_t count = from->parameters[p].local_count;
    if (from->dtype == to->dtype) {
      memcpy(to->parameters[p].values, from->parameters[p].values, count * element_bytes(to->dtype));
      continue;
    }
    for (size_t i = 0; i < count; i++) {
      const double value = value_at(from, p, i);
      if (to->dtype == SECANT_F32) {
        ((float *)to->parameters[p].values)[i] = (float)value;
      } else {
        ((double *)to->parameters[p].values)[i] = value;
      }
    }
  }
}

double state_dict_distance(const continuation *a, const continuation *b)
{
  double largest = 0.0;
  for (int p = 0; p < CONTINUATION_PARAMETERS; p++) {
    for (size_t i = 0; i < a->parameters[p].local_count; i++) {
      const double x = value_at(a, p, i), difference = fabs(x - value_at(b, p, i)) / fmax(1.0, fabs(x));
      if (!(difference <= largest)) largest = difference;
    }
  }
  return largest;
}

static void compare_info(struct verdict *verdict, const secant_info *want, const secant_info *got, const char *when)
{
  const struct {
    const char *name;
    double want, got;
  } values[] = {
      {"loss", want->loss, got->loss},
      {"grad_inf", want->grad_inf, got->grad_inf},
      {"step", want->step, got->step},
      {"h_diag", want->h_diag, got->h_diag},
      {"previous_loss", want->previous_loss, got->previous_loss},
      {"reason", (double)want->reason, (double)got->reason},
      {"n_iter", (double)want->n_iter, (double)got->n_iter},
      {"func_evals", (double)want->func_evals, (double)got->func_evals},
      {"accepted", (double)want->accepted, (double)got->accepted},
      {"call_evals", (double)want->call_evals, (double)got->call_evals},
      {"pairs", (double)want->pairs, (double)got->pairs},
      {"skipped_pairs", (double)want->skipped_pairs, (double)got->skipped_pairs},
  };
  for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
    const bool both_nan = isnan(values[i].want) && isnan(values[i].got);
    const bool same = both_nan || memcmp(&values[i].want, &values[i].got, sizeof(double)) == 0;
    CHECK(verdict, same, "%s: %s is %a, not %a", when, values[i].name, values[i].got, values[i].want);
  }
}

void state_dict_compare(struct verdict *verdict, const continuation *want, const continuation *got, const char *when)
{
  const secant_info a = secant_get_info(want->optimizer), b = secant_get_info(got->optimizer);
  compare_info(verdict, &a, &b, when);
  for (int p = 0; p < CONTINUATION_PARAMETERS; p++) {
    const size_t bytes = want->parameters[p].local_count * element_bytes(want->dtype);
    const bool same = memcmp(want->parameters[p].values, got->parameters[p].values, bytes) == 0;
    CHECK(verdict, same, "%s: the values of parameter %d differ", when, p);
  }
}

/* A new optimizer with other options and another start, which goes on with the point and the state of `run`. */
static continuation *go_on_elsewhere(struct verdict *verdict, const continuation *run, secant_direction direction,
                                     const char *when)
{
  secant_options other = secant_options_default(), own = other;
  secant_node *dict = NULL;
  secant_get_options(run->optimizer, &own);
  other.direction = direction;
  other.history_dtype = own.history_dtype;
  other.history_size = 7;
  continuation *next = continuation_create(run->comm, run->dtype, &other, 5.0);
  continuation_expect(verdict, run, secant_state_dict(run->optimizer, &dict), SECANT_OK, when);
  continuation_expect(verdict, next, secant_load_state_dict(next->optimizer, dict), SECANT_OK, when);
  secant_node_destroy(dict);
  state_dict_copy_point(run, next);
  return next;
}

void state_dict_check_round_trip(struct verdict *verdict, secant_comm *comm, secant_dtype dtype,
                                 secant_direction direction, const state_dict_case *what)
{
  secant_options options = what->options;
  options.direction = direction;
  continuation *whole = continuation_create(comm, dtype, &options, 0.0);
  continuation *first = continuation_create(comm, dtype, &options, 0.0);
  state_dict_advance(verdict, whole, what->before + what->after, what->name);
  state_dict_advance(verdict, first, what->before, what->name);
  const secant_info info = secant_get_info(first->optimizer);
  const bool ended = what->reason == SECANT_REASON_NONE || info.reason == what->reason;
  CHECK(verdict, ended, "%s: ended by '%s', not '%s'", what->name, secant_reason_text(info.reason),
        secant_reason_text(what->reason));

  continuation *second = go_on_elsewhere(verdict, first, direction, what->name);
  continuation_destroy(first);
  state_dict_advance(verdict, second, what->after, what->name);
  state_dict_compare(verdict, whole, second, what->name);
  continuation_destroy(second);
  continuation_destroy(whole);
}

/* ---- trees ------------------------------------------------------------------------------------------------------- */

static bool same_tensors(const secant_node *a, const secant_node *b)
{
  secant_tensor left, right;
  if (secant_node_get_tensor(a, &left) != SECANT_OK || secant_node_get_tensor(b, &right) != SECANT_OK) return false;
  const size_t bytes = left.dtype == SECANT_F32 ? sizeof(float) : sizeof(double);
  return left.dtype == right.dtype && left.local_count == right.local_count &&
         memcmp(left.data, right.data, left.local_count * bytes) == 0;
}

bool state_dict_same_trees(const secant_node *a, const secant_node *b)
{
  double left = 0.0, right = 0.0;
  const secant_node_kind kind = secant_node_get_kind(a);
  if (kind != secant_node_get_kind(b) || secant_node_size(a) != secant_node_size(b)) return false;
  if (kind == SECANT_NODE_TENSOR) return same_tensors(a, b);
  if (kind == SECANT_NODE_TEXT) return strcmp(secant_node_get_text(a), secant_node_get_text(b)) == 0;
  if (secant_node_get_real(a, &left) == SECANT_OK && secant_node_get_real(b, &right) == SECANT_OK) {
    return memcmp(&left, &right, sizeof left) == 0;
  }
  for (size_t i = 0; i < secant_node_size(a); i++) {
    if (kind == SECANT_NODE_DICT && strcmp(secant_node_key(a, i), secant_node_key(b, i)) != 0) return false;
    if (!state_dict_same_trees(secant_node_at(a, i), secant_node_at(b, i))) return false;
  }
  return true;
}
