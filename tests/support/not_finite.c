#include "support/not_finite.h"
#include "support/valley.h"
#include <math.h>
#include <secant/state.h>
#include <string.h>

enum { UNKNOWNS = 96, PAIRS = 5 };

typedef struct scene {
  struct verdict *verdict;
  valley v;
  secant_optimizer *optimizer;
  int64_t at; /* 0 on ranks that evaluate as they should */
  int kind;
  char name[80];
} scene;

static bool all_finite(const double *values, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    if (!isfinite(values[i])) return false;
  }
  return true;
}

/* Every number under a node of a state dict. */
static bool node_is_finite(const secant_node *node)
{
  secant_tensor tensor;
  double real;
  if (secant_node_get_tensor(node, &tensor) == SECANT_OK)
    return tensor.dtype != SECANT_F64 || all_finite(tensor.data, tensor.local_count);
  if (secant_node_get_real(node, &real) == SECANT_OK) return isfinite(real);
  for (size_t i = 0; i < secant_node_size(node); i++) {
    if (!node_is_finite(secant_node_at(node, i))) return false;
  }
  return true;
}

static void spoil(scene *s, double *loss)
{
  static const double values[] = {NAN, INFINITY, -INFINITY};
  if (s->v.evaluations != s->at) return;
  if (s->kind < 3) *loss = values[s->kind];
  if (s->kind >= 3 && s->kind < 6) s->v.g[s->v.count / 2] = values[s->kind - 3];
  if (s->kind < 6) return;
  *loss = NAN;
  for (size_t i = 0; i < s->v.count; i++) s->v.g[i] = NAN;
}

/* Steps that are too long at first, so that searches reject some; without a search, steps that are short. */
static secant_options options_for(secant_line_search search)
{
  secant_options options = secant_options_default();
  options.line_search = search;
  options.history_size = PAIRS;
  options.tolerance_grad = 1e-3;
  options.lr = search == SECANT_LINE_SEARCH_NONE ? 0.5 : 3.0;
  return options;
}

/* Runs to its end, or until it is stopped with evaluation `stop`; x and what the optimizer tells are finite all the way. */
static void run(scene *s, int64_t stop)
{
  secant_request request;
  secant_status status = secant_ask(s->optimizer, &request);
  while (status == SECANT_OK && request == SECANT_EVALUATE) {
    double loss = 0.0;
    CHECK(s->verdict, all_finite(s->v.x, s->v.count), "%s: trial %lld", s->name, (long long)s->v.evaluations);
    valley_evaluate(&s->v, &loss);
    spoil(s, &loss);
    if (s->v.evaluations == stop) secant_request_stop(s->optimizer);
    status = secant_tell(s->optimizer, loss, 0);
    const secant_info info = secant_get_info(s->optimizer);
    const bool good = isfinite(info.loss) && isfinite(info.grad_inf);
    CHECK(s->verdict, good || info.reason == SECANT_REASON_NOT_FINITE, "%s: loss %a at evaluation %lld", s->name,
          info.loss, (long long)s->v.evaluations);
    if (status == SECANT_OK) status = secant_ask(s->optimizer, &request);
  }
  CHECK(s->verdict, status == SECANT_OK, "%s: %s", s->name, secant_message(s->optimizer));
}

/* The state dict at the accepted point where the run stands. */
static void check_state(scene *s)
{
  secant_node *dict = NULL;
  const secant_status status = secant_state_dict(s->optimizer, &dict);
  CHECK(s->verdict, status == SECANT_OK, "%s: state dict: %s", s->name, secant_message(s->optimizer));
  const secant_node *numbers = secant_node_find(dict, "state");
  CHECK(s->verdict, numbers && node_is_finite(numbers), "%s: the state is not finite", s->name);
  secant_node_destroy(dict);
}

static void check_end(scene *s, int64_t at)
{
  const secant_info info = secant_get_info(s->optimizer);
  const secant_reason want = at == 1 ? SECANT_REASON_NOT_FINITE : SECANT_REASON_GRADIENT;
  CHECK(s->verdict, info.reason == want, "%s: %s", s->name, secant_reason_text(info.reason));
  CHECK(s->verdict, all_finite(s->v.x, s->v.count), "%s: the end", s->name);
  CHECK(s->verdict, at == 1 || info.loss < 1e-4, "%s: loss %a", s->name, info.loss);
  if (at > 1) return;
  valley start = s->v; /* shares the arrays: the gradient is of no use any more */
  start.x = s->v.g;
  valley_start(&start);
  CHECK(s->verdict, memcmp(s->v.x, start.x, s->v.count * sizeof *start.x) == 0, "%s: left the start", s->name);
}

/* Stops several times after the spoilt evaluation: what was accepted then is still among the pairs. */
void not_finite_check(struct verdict *verdict, secant_comm *comm, secant_line_search search, int kind, int64_t at)
{
  const int ranks = secant_comm_size(comm), rank = secant_comm_rank(comm);
  scene s = {.verdict = verdict, .v = valley_create(UNKNOWNS, ranks, rank), .kind = kind};
  if (rank == (int)(at % ranks)) s.at = at;
  snprintf(s.name, sizeof s.name, "search %d, kind %d, evaluation %lld", (int)search, kind, (long long)at);
  const secant_parameter parameter = valley_parameter(&s.v);
  const secant_options options = options_for(search);
  const secant_status status = secant_create(&s.optimizer, &parameter, 1, &options, comm, NULL);
  CHECK(verdict, status == SECANT_OK, "%s: %s", s.name, secant_status_text(status));
  if (status == SECANT_OK) {
    for (int64_t stop = at; stop < at + PAIRS && at > 1; stop++) {
      run(&s, stop);
      check_state(&s);
    }
    run(&s, 0);
    check_end(&s, at);
    if (at > 1) check_state(&s);
  }
  secant_destroy(s.optimizer);
  valley_destroy(&s.v);
}
