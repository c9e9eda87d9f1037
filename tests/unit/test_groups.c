/* Parameter groups: names, arrays, options, tolerances, and a group that joins a run. */
#include "support/growth.h"
#include <math.h>
#include <secant/secant.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void assert_good(const struct verdict *verdict)
{
  if (verdict->failures) fail_msg("%s", verdict->first);
}

/* Memory for parameters that may overlap: 8 values and 8 gradients. */
static double arena[16];

static secant_parameter part(const char *name, size_t values, size_t gradient, size_t count)
{
  return (secant_parameter){.name = name, .values = arena + values, .gradient = arena + gradient, .local_count = count};
}

static secant_optimizer *create(const secant_parameter *parameters, size_t count, const secant_options *options)
{
  secant_optimizer *optimizer = NULL;
  secant_error error;
  if (secant_create(&optimizer, parameters, count, options, NULL, &error) != SECANT_OK) fail_msg("%s", error.message);
  return optimizer;
}

static void refuse(const secant_parameter *parameters, size_t count, const char *words)
{
  secant_optimizer *optimizer;
  secant_error error;
  assert_int_equal(secant_create(&optimizer, parameters, count, NULL, NULL, &error), SECANT_ERR_ARGUMENT);
  assert_null(optimizer);
  if (!strstr(error.message, words)) fail_msg("'%s' does not say '%s'", error.message, words);
}

static void refuse_group(secant_optimizer *optimizer, const secant_parameter *parameters, size_t count,
                         const secant_options *options, const char *words)
{
  const secant_group group = {.parameters = parameters, .count = count, .options = options};
  const size_t groups = secant_group_count(optimizer), before = secant_parameter_count(optimizer);
  assert_int_equal(secant_add_param_group(optimizer, &group), SECANT_ERR_ARGUMENT);
  if (!strstr(secant_message(optimizer), words)) fail_msg("'%s' does not say '%s'", secant_message(optimizer), words);
  assert_int_equal(secant_group_count(optimizer), groups);
  assert_int_equal(secant_parameter_count(optimizer), before);
}

static void all_parameters_are_named_or_none(void **state)
{
  (void)state;
  const secant_parameter mixed[] = {part("a", 0, 8, 2), part(NULL, 2, 10, 2)};
  const secant_parameter reversed[] = {part(NULL, 0, 8, 2), part("a", 2, 10, 2)};
  refuse(mixed, 2, "name all or none");
  refuse(reversed, 2, "name all or none");
  secant_optimizer *optimizer = create(mixed, 1, NULL);
  refuse_group(optimizer, &mixed[1], 1, NULL, "name all or none");
  refuse_group(optimizer, &reversed[1], 1, NULL, "same name");
  secant_destroy(optimizer);
  optimizer = create(reversed, 1, NULL);
  refuse_group(optimizer, &reversed[1], 1, NULL, "name all or none");
  assert_null(secant_parameter_name(optimizer, 0));
  secant_destroy(optimizer);
}

/* Two parameters of three elements each, with every distance between any two of their four arrays. */
static void arrays_that_overlap_are_refused_and_neighbours_are_not(void **state)
{
  (void)state;
  for (size_t at = 0; at + 3 <= 16; at++) {
    const secant_parameter values[] = {part(NULL, 5, 13, 3), part(NULL, at, 0, 0)};
    secant_parameter second = part(NULL, at, 0, 3);
    double other[3];
    second.gradient = other;
    const bool meets_values = at + 3 > 5 && at<8, meets_gradient = at + 3> 13;
    const secant_parameter both[] = {values[0], second};
    secant_parameter swapped[] = {values[0], second};
    swapped[1].values = second.gradient;
    swapped[1].gradient = second.values;
    if (meets_values || meets_gradient) {
      refuse(both, 2, meets_values ? "the values of parameter 0 overlap" : "the gradient of parameter 0 overlap");
      refuse(swapped, 2, "overlap");
      secant_optimizer *optimizer = create(both, 1, NULL);
      refuse_group(optimizer, &both[1], 1, NULL, "overlap");
      secant_destroy(optimizer);
    } else {
      secant_destroy(create(both, 2, NULL));
      secant_destroy(create(swapped, 2, NULL));
    }
    secant_destroy(create(values, 2, NULL)); /* an empty one overlaps nothing */
  }
  const secant_parameter itself = part(NULL, 0, 2, 3);
  refuse(&itself, 1, "the values of parameter 0 and the gradient of parameter 0 overlap");
}

static void a_further_group_has_the_first_ones_options_but_for_its_tolerance(void **state)
{
  (void)state;
  const secant_parameter parameters[] = {part("a", 0, 8, 2), part("b", 2, 10, 2), part("c", 4, 12, 2)};
  secant_options options = secant_options_torch(), read = secant_options_default();
  options.lr = 0.25;
  options.tolerance_grad = 1e-3;
  secant_optimizer *optimizer = create(parameters, 1, &options);
  secant_options other = options;
  other.lr = 0.5;
  refuse_group(optimizer, &parameters[1], 1, &other, "option lr of a further group");
  other = options;
  other.history_size = 3;
  refuse_group(optimizer, &parameters[1], 1, &other, "option history_size");
  other = options;
  other.armijo = 2.0;
  refuse_group(optimizer, &parameters[1], 1, &other, "armijo");
  other = options;
  other.tolerance_grad = 1e-5;
  const secant_group own = {.parameters = &parameters[1], .count = 1, .options = &other};
  const secant_group following = {.parameters = &parameters[2], .count = 1};
  assert_int_equal(secant_add_param_group(optimizer, &own), SECANT_OK);
  assert_int_equal(secant_add_param_group(optimizer, &following), SECANT_OK);
  assert_int_equal(secant_group_count(optimizer), 3);
  for (size_t i = 0; i < 3; i++) {
    assert_int_equal(secant_parameter_group(optimizer, i), i);
    assert_string_equal(secant_parameter_name(optimizer, i), parameters[i].name);
    assert_int_equal(secant_get_group_options(optimizer, i, &read), SECANT_OK);
    assert_true(read.lr == 0.25 && read.tolerance_grad == (i == 1 ? 1e-5 : 1e-3));
  }
  assert_int_equal(secant_parameter_group(optimizer, 3), 3);
  assert_null(secant_parameter_name(optimizer, 3));
  assert_int_equal(secant_get_group_options(optimizer, 3, &read), SECANT_ERR_ARGUMENT);

  options.lr = 2.0;
  options.tolerance_grad = 1e-4;
  assert_int_equal(secant_set_options(optimizer, &options), SECANT_OK);
  for (size_t i = 0; i < 3; i++) {
    assert_int_equal(secant_get_group_options(optimizer, i, &read), SECANT_OK);
    assert_true(read.lr == 2.0 && read.tolerance_grad == (i == 1 ? 1e-5 : 1e-4));
  }
  secant_destroy(optimizer);
}

static void a_group_that_makes_no_sense_is_refused(void **state)
{
  (void)state;
  secant_parameter parameters[] = {part(NULL, 0, 8, 2), part(NULL, 2, 10, 2)};
  secant_optimizer *optimizer = create(parameters, 1, NULL);
  assert_int_equal(secant_add_param_group(optimizer, NULL), SECANT_ERR_ARGUMENT);
  assert_int_equal(secant_add_param_group(NULL, NULL), SECANT_ERR_ARGUMENT);
  refuse_group(optimizer, NULL, 1, NULL, "at least one parameter");
  refuse_group(optimizer, parameters, 0, NULL, "at least one parameter");
  refuse_group(optimizer, &parameters[0], 1, NULL, "overlap");
  parameters[1].dtype = SECANT_F32;
  refuse_group(optimizer, &parameters[1], 1, NULL, "element type");
  secant_destroy(optimizer);
}

static void a_group_cannot_join_while_an_evaluation_is_wanted(void **state)
{
  (void)state;
  const secant_parameter parameters[] = {part(NULL, 0, 8, 2), part(NULL, 2, 10, 2)};
  const secant_group group = {.parameters = &parameters[1], .count = 1};
  secant_optimizer *optimizer = create(parameters, 1, NULL);
  secant_request request;
  assert_int_equal(secant_ask(optimizer, &request), SECANT_OK);
  assert_int_equal(secant_add_param_group(optimizer, &group), SECANT_ERR_STATE);
  assert_non_null(strstr(secant_message(optimizer), "secant_add_param_group"));
  assert_int_equal(secant_group_count(optimizer), 1);
  secant_reset(optimizer);
  assert_int_equal(secant_add_param_group(optimizer, &group), SECANT_OK);
  secant_destroy(optimizer);
}

/* Two bowls, each in a group of its own: the run ends once each is within its tolerance, and not before. */
static int bowls(void *user, double *loss)
{
  (void)user;
  *loss = 0.0;
  for (size_t i = 0; i < 4; i++) {
    const double w = i < 2 ? 1.0 + (double)i : 30.0 * (double)i;
    arena[8 + i] = w * arena[i];
    *loss += 0.5 * w * arena[i] * arena[i];
  }
  return 0;
}

/* The run has ended, but nobody has asked yet: with the group there is more to do. */
static void a_group_that_joins_before_the_end_is_asked_for_is_minimised_over(void **state)
{
  (void)state;
  const secant_parameter parameters[] = {part(NULL, 0, 8, 2), part(NULL, 2, 10, 2)};
  const secant_group group = {.parameters = &parameters[1], .count = 1};
  for (size_t i = 0; i < 16; i++) arena[i] = 0.0;
  secant_optimizer *optimizer = create(parameters, 1, NULL);
  secant_request request;
  assert_int_equal(secant_ask(optimizer, &request), SECANT_OK);
  assert_int_equal(secant_tell(optimizer, 0.0, 0), SECANT_OK);
  assert_int_equal(secant_get_info(optimizer).reason, SECANT_REASON_GRADIENT);
  assert_int_equal(secant_add_param_group(optimizer, &group), SECANT_OK);
  assert_int_equal(secant_ask(optimizer, &request), SECANT_OK);
  assert_int_equal(request, SECANT_EVALUATE);
  secant_destroy(optimizer);
}

/* f and g of the bowls, but g is NaN in the new group at the first evaluation that it takes part in. */
static int bowls_with_a_hole(void *user, double *loss)
{
  int *left = user;
  bowls(NULL, loss);
  if (*left > 0 && --*left == 0) arena[10] = NAN;
  return 0;
}

/* The pair that the last step left behind waits for a gradient that can complete it. */
static void a_new_group_whose_gradient_is_nan_at_first_costs_no_pair(void **state)
{
  (void)state;
  const secant_parameter parameters[] = {part(NULL, 0, 8, 2), part(NULL, 2, 10, 2)};
  const secant_group group = {.parameters = &parameters[1], .count = 1};
  secant_options options = growth_options(SECANT_DIRECTION_GRAM, SECANT_LINE_SEARCH_STRONG_WOLFE);
  options.max_iter = 1;
  int left = 0;
  for (size_t i = 0; i < 4; i++) arena[i] = 1.0 + (double)i;
  secant_optimizer *optimizer = create(parameters, 1, &options);
  assert_int_equal(secant_step(optimizer, bowls_with_a_hole, &left, NULL), SECANT_OK);
  assert_int_equal(secant_add_param_group(optimizer, &group), SECANT_OK);
  left = 1;
  assert_int_equal(secant_step(optimizer, bowls_with_a_hole, &left, NULL), SECANT_OK);
  assert_int_equal(secant_get_info(optimizer).reason, SECANT_REASON_NOT_FINITE);
  assert_int_equal(secant_step(optimizer, bowls_with_a_hole, &left, NULL), SECANT_OK);
  assert_int_equal(secant_get_info(optimizer).pairs, 1);
  assert_int_equal(secant_get_info(optimizer).skipped_pairs, 0);
  secant_destroy(optimizer);
}

static double largest(const double *values)
{
  return fmax(fabs(values[0]), fabs(values[1]));
}

static void every_group_is_held_to_its_own_tolerance(void **state)
{
  (void)state;
  const secant_parameter parameters[] = {part(NULL, 0, 8, 2), part(NULL, 2, 10, 2)};
  for (int loose = 0; loose < 2; loose++) { /* the group that is easily content */
    secant_options first = secant_options_torch(), second;
    first.line_search = SECANT_LINE_SEARCH_STRONG_WOLFE;
    first.tolerance_change = 0.0;
    first.max_iter = 1;
    first.convergence_first = 1;
    first.tolerance_grad = loose == 0 ? 1e9 : 1e-6;
    second = first;
    second.tolerance_grad = loose == 1 ? 1e9 : 1e-6;
    const secant_group group = {.parameters = &parameters[1], .count = 1, .options = &second};
    for (size_t i = 0; i < 4; i++) arena[i] = 1.0 + (double)i;
    secant_optimizer *optimizer = create(parameters, 1, &first);
    assert_int_equal(secant_add_param_group(optimizer, &group), SECANT_OK);
    int steps = 0;
    do {
      assert_int_equal(secant_step(optimizer, bowls, NULL, NULL), SECANT_OK);
      const bool reached = largest(arena + (loose == 0 ? 10 : 8)) <= 1e-6;
      const bool ended = secant_get_info(optimizer).reason == SECANT_REASON_GRADIENT;
      assert_true(ended == reached);
      assert_true(secant_get_info(optimizer).grad_inf == fmax(largest(arena + 8), largest(arena + 10)));
    } while (secant_get_info(optimizer).reason != SECANT_REASON_GRADIENT && ++steps < 100);
    assert_true(steps > 1 && steps < 100);
    secant_destroy(optimizer);
  }
}

static void a_gradient_that_is_nan_in_any_group_is_no_end(void **state)
{
  (void)state;
  const secant_parameter parameters[] = {part(NULL, 0, 8, 2), part(NULL, 2, 10, 2)};
  for (size_t group = 0; group < 2; group++) {
    for (size_t i = 0; i < 4; i++) arena[i] = 0.0;
    arena[2 * group] = NAN;
    secant_optimizer *optimizer = create(parameters, 1, NULL);
    const secant_group further = {.parameters = &parameters[1], .count = 1};
    assert_int_equal(secant_add_param_group(optimizer, &further), SECANT_OK);
    assert_int_equal(secant_minimize(optimizer, bowls, NULL), SECANT_OK);
    assert_int_equal(secant_get_info(optimizer).reason, SECANT_REASON_NOT_FINITE);
    assert_true(isnan(secant_get_info(optimizer).grad_inf));
    secant_destroy(optimizer);
  }
}

static void a_group_that_joins_in_mid_run_disturbs_nothing(void **state)
{
  (void)state;
  for (int index = 0; index < GROWTH_KINDS; index++) {
    struct verdict verdict = {0};
    const growth_kind kind = growth_kind_of(index);
    growth_check(&verdict, NULL, &kind);
    if (verdict.failures) fail_msg("kind %d: %s", index, verdict.first);
  }
}

static void a_growth_that_fails_changes_nothing(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  growth_check_failures(&verdict, NULL);
  assert_good(&verdict);
}

/* Before any step there is nothing to survive; after a reset neither. */
static void groups_from_the_start_give_the_bits_of_one_group(void **state)
{
  (void)state;
  const secant_options options = growth_options(SECANT_DIRECTION_GRAM, SECANT_LINE_SEARCH_STRONG_WOLFE);
  growth_run *split = growth_create(NULL, SECANT_F64, &options), *whole = growth_create(NULL, SECANT_F64, &options);
  assert_int_equal(growth_add(split, NULL), SECANT_OK);
  secant_destroy(whole->optimizer);
  whole->optimizer = create(whole->parameters, GROWTH_PARAMETERS, &options);
  whole->grown = true;
  for (int i = 0; i < 5; i++) {
    assert_int_equal(secant_step(split->optimizer, growth_closure, split, NULL), SECANT_OK);
    assert_int_equal(secant_step(whole->optimizer, growth_closure, whole, NULL), SECANT_OK);
    for (size_t p = 0; p < GROWTH_PARAMETERS; p++) {
      const secant_parameter *a = &whole->parameters[p], *b = &split->parameters[p];
      assert_memory_equal(a->values, b->values, a->local_count * sizeof(double));
    }
  }
  growth_destroy(split);
  growth_destroy(whole);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(all_parameters_are_named_or_none),
      cmocka_unit_test(arrays_that_overlap_are_refused_and_neighbours_are_not),
      cmocka_unit_test(a_further_group_has_the_first_ones_options_but_for_its_tolerance),
      cmocka_unit_test(a_group_that_makes_no_sense_is_refused),
      cmocka_unit_test(a_group_cannot_join_while_an_evaluation_is_wanted),
      cmocka_unit_test(a_group_that_joins_before_the_end_is_asked_for_is_minimised_over),
      cmocka_unit_test(a_new_group_whose_gradient_is_nan_at_first_costs_no_pair),
      cmocka_unit_test(every_group_is_held_to_its_own_tolerance),
      cmocka_unit_test(a_gradient_that_is_nan_in_any_group_is_no_end),
      cmocka_unit_test(a_group_that_joins_in_mid_run_disturbs_nothing),
      cmocka_unit_test(a_growth_that_fails_changes_nothing),
      cmocka_unit_test(groups_from_the_start_give_the_bits_of_one_group),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
