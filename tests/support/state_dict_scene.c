#include "support/state_dict_scene.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/verdict_assert.h"

secant_options state_dict_options(secant_direction direction)
{
  secant_options options = secant_options_torch();
  options.line_search = SECANT_LINE_SEARCH_STRONG_WOLFE;
  options.max_iter = 5;
  options.history_size = 4;
  options.direction = direction;
  return options;
}

continuation *state_dict_run(secant_dtype dtype, secant_direction direction, int calls)
{
  struct verdict verdict = {0};
  const secant_options options = state_dict_options(direction);
  continuation *run = continuation_create(NULL, dtype, &options, 0.0);
  state_dict_advance(&verdict, run, calls, "a run");
  assert_good(&verdict);
  return run;
}

secant_node *state_dict_of(secant_optimizer *optimizer)
{
  secant_node *dict = NULL;
  assert_int_equal(secant_state_dict(optimizer, &dict), SECANT_OK);
  assert_non_null(dict);
  return dict;
}

void state_dict_expect_integer(const secant_node *node, const char *what, int64_t want)
{
  int64_t got = -1;
  assert_int_equal(secant_node_get_integer(node, &got), SECANT_OK);
  if (got != want) fail_msg("%s is %lld, not %lld", what, (long long)got, (long long)want);
}
