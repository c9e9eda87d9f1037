/* Rows B5 and B16 of the parity table: recorded runs of torch.optim.LBFGS that save and load their state. */
#include "support/golden_file.h"
#include "support/golden_options.h"
#include "support/state_dict_scene.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { MOST_UNKNOWNS = 16, MOST_TENSORS = 4 };

/* ---- recorded runs ----------------------------------------------------------------------------------------------- */

/* A recorded case under way, its tensors one after the other in x. */
typedef struct play {
  const golden_case *golden;
  golden_problem *problem;
  double x[MOST_UNKNOWNS]; /* as floats in the case of single precision */
  double g[MOST_UNKNOWNS];
  secant_parameter parameters[MOST_TENSORS];
  secant_optimizer *optimizer;
} play;

static golden_file *open_record(void)
{
  const char *complaint = NULL;
  golden_file *file = golden_file_read(SECANT_TEST_DATA "/torch_lbfgs.json", &complaint);
  if (!file) fail_msg("%s", complaint);
  return file;
}

static const golden_case *find_case(const golden_file *file, const char *id)
{
  for (size_t i = 0; i < file->case_count; i++) {
    if (strcmp(file->cases[i].id, id) == 0) return &file->cases[i];
  }
  fail_msg("there is no case %s", id);
  return NULL;
}

static void put(secant_dtype dtype, void *array, size_t i, double value)
{
  if (dtype == SECANT_F32) {
    ((float *)array)[i] = (float)value;
  } else {
    ((double *)array)[i] = value;
  }
}

static int evaluate(void *user, double *loss)
{
  play *p = user;
  *loss = golden_problem_evaluate(p->problem, p->golden->dtype, p->x, p->g);
  return 0;
}

static void new_optimizer(play *p, const secant_options *options)
{
  assert_int_equal(secant_create(&p->optimizer, p->parameters, p->golden->tensors, options, NULL, NULL), SECANT_OK);
}

static void begin(play *p, const golden_case *golden)
{
  const size_t n = golden->objective.n, element = golden->dtype == SECANT_F32 ? sizeof(float) : sizeof(double);
  double start[MOST_UNKNOWNS];
  *p = (play){.golden = golden};
  assert_true(n <= MOST_UNKNOWNS && golden->tensors <= MOST_TENSORS);
  p->problem = golden_problem_create(golden->objective.problem, n, &golden->objective.args);
  assert_non_null(p->problem);
  golden_problem_start(p->problem, start);
  for (size_t i = 0; i < n; i++) put(golden->dtype, p->x, i, golden->x0 ? golden->x0[i] : start[i]);
  for (size_t i = 0, first = 0; i < golden->tensors; i++) {
    p->parameters[i] = (secant_parameter){.dtype = golden->dtype,
                                          .values = (char *)p->x + first * element,
                                          .gradient = (char *)p->g + first * element,
                                          .local_count = golden_case_extent(golden, i),
                                          .shape = golden->shapes[i],
                                          .dimensions = golden->dimensions[i]};
    first += p->parameters[i].local_count;
  }
  secant_options options = secant_options_torch();
  for (size_t i = 0; i < golden->setting_count; i++) {
    assert_true(golden_apply_setting(&options, &golden->settings[i]));
  }
  new_optimizer(p, &options);
}

static void end(play *p)
{
  secant_destroy(p->optimizer);
  golden_problem_destroy(p->problem);
}

/* Goes on in a new optimizer with other options, as the recorded run did. */
static void save_and_load(play *p)
{
  secant_node *dict = state_dict_of(p->optimizer);
  const secant_options other = secant_options_torch();
  secant_destroy(p->optimizer);
  new_optimizer(p, &other);
  assert_int_equal(secant_load_state_dict(p->optimizer, dict), SECANT_OK);
  secant_node_destroy(dict);
}

static const golden_event *saved_after(const golden_case *golden, size_t call)
{
  for (size_t i = 0; i < golden->event_count; i++) {
    const golden_event *event = &golden->events[i];
    if (event->after_call == call && event->type == GOLDEN_SAVE_LOAD) return event;
  }
  return NULL;
}

static void B5_a_saved_and_loaded_run_has_the_bits_of_an_uninterrupted_one(void **state)
{
  (void)state;
  static const char *const ids[] = {"repeat_saveload_sw", "repeat_saveload_fixed", "repeat_saveload_f32"};
  golden_file *file = open_record();
  for (size_t k = 0; k < sizeof ids / sizeof *ids; k++) {
    play whole, parts;
    const golden_case *golden = find_case(file, ids[k]);
    size_t loads = 0;
    begin(&whole, golden);
    begin(&parts, golden);
    for (size_t call = 1; call <= golden->step_count; call++) {
      double loss_whole = 0.0, loss_parts = 1.0;
      assert_int_equal(secant_step(whole.optimizer, evaluate, &whole, &loss_whole), SECANT_OK);
      assert_int_equal(secant_step(parts.optimizer, evaluate, &parts, &loss_parts), SECANT_OK);
      const secant_info a = secant_get_info(whole.optimizer), b = secant_get_info(parts.optimizer);
      assert_memory_equal(whole.x, parts.x, sizeof whole.x);
      assert_true(loss_whole == loss_parts && a.step == b.step && a.h_diag == b.h_diag);
      assert_int_equal(a.func_evals, b.func_evals);
      assert_int_equal(a.n_iter, b.n_iter);
      assert_int_equal(a.n_iter, golden->steps[call - 1].n_iter);
      if (!saved_after(golden, call)) continue;
      save_and_load(&parts);
      loads++;
    }
    assert_true(loads > 0);
    end(&parts);
    end(&whole);
  }
  golden_file_free(file);
}

/* ---- what is in a dict ------------------------------------------------------------------------------------------- */

static double largest(const double *values, size_t n)
{
  double most = 0.0;
  for (size_t i = 0; i < n; i++) most = fmax(most, fabs(values[i]));
  return most;
}

static void expect_vector(const secant_node *node, const char *what, const double *want, size_t n)
{
  secant_tensor view;
  assert_int_equal(secant_node_get_tensor(node, &view), SECANT_OK);
  assert_int_equal(view.dimensions, 1);
  assert_int_equal(view.shape[0], n);
  const double scale = largest(want, n);
  for (size_t i = 0; i < n; i++) {
    const double got = ((const double *)view.data)[i];
    if (!(fabs(got - want[i]) <= 1e-6 * scale)) fail_msg("%s[%zu] is %.17g, not %.17g", what, i, got, want[i]);
  }
}

static void expect_real(const secant_node *node, const char *what, double want)
{
  double got = NAN;
  assert_int_equal(secant_node_get_real(node, &got), SECANT_OK);
  if (!(fabs(got - want) <= 1e-6 * fabs(want))) fail_msg("%s is %.17g, not %.17g", what, got, want);
}

static void expect_pairs(const secant_node *entry, const golden_state *want, size_t n)
{
  const secant_node *y = secant_node_find(entry, "old_dirs"), *s = secant_node_find(entry, "old_stps");
  assert_int_equal(secant_node_size(y), want->pairs);
  assert_int_equal(secant_node_size(s), want->pairs);
  assert_int_equal(secant_node_size(secant_node_find(entry, "ro")), want->pairs);
  for (size_t i = 0; i < want->pairs; i++) {
    expect_vector(secant_node_at(y, i), "old_dirs", want->y + i * n, n);
    expect_vector(secant_node_at(s, i), "old_stps", want->s + i * n, n);
    expect_real(secant_node_at(secant_node_find(entry, "ro"), i), "ro", want->ro[i]);
  }
}

/* The coefficients depend on differences that nearly cancel: they are compared with the largest of them. */
static void expect_alpha(const secant_node *list, const golden_state *want)
{
  double most = 0.0;
  assert_int_equal(secant_node_size(list), want->al_count);
  for (size_t i = 0; i < want->al_count; i++) most = isnan(want->al[i]) ? most : fmax(most, fabs(want->al[i]));
  for (size_t i = 0; i < want->al_count; i++) {
    double got = NAN;
    const bool number = secant_node_get_real(secant_node_at(list, i), &got) == SECANT_OK;
    assert_int_equal(number, !isnan(want->al[i]));
    if (number && !(fabs(got - want->al[i]) <= 1e-6 * most))
      fail_msg("al[%zu] is %.17g, not %.17g", i, got, want->al[i]);
  }
}

static void expect_recorded(const secant_node *dict, const golden_state *want, size_t n)
{
  const secant_node *entry = secant_node_find(dict, "state/0");
  assert_int_equal(secant_node_size(entry), 11);
  state_dict_expect_integer(secant_node_find(entry, "func_evals"), "func_evals", want->func_evals);
  state_dict_expect_integer(secant_node_find(entry, "n_iter"), "n_iter", want->n_iter);
  expect_vector(secant_node_find(entry, "d"), "d", want->d, n);
  expect_real(secant_node_find(entry, "t"), "t", want->t);
  expect_pairs(entry, want, n);
  expect_real(secant_node_find(entry, "H_diag"), "H_diag", want->h_diag);
  expect_vector(secant_node_find(entry, "prev_flat_grad"), "prev_flat_grad", want->gradient, n);
  expect_real(secant_node_find(entry, "prev_loss"), "prev_loss", want->prev_loss);
  expect_alpha(secant_node_find(entry, "al"), want);
}

/* The first export of each recorded run, while rounding has had no time to grow. */
static void B16_the_state_of_parameter_0_has_eleven_entries_as_recorded(void **state)
{
  (void)state;
  static const char *const ids[] = {"repeat_saveload_sw", "repeat_saveload_fixed"};
  golden_file *file = open_record();
  for (size_t k = 0; k < sizeof ids / sizeof *ids; k++) {
    for (int direction = 0; direction < 2; direction++) {
      play p;
      const golden_case *golden = find_case(file, ids[k]);
      begin(&p, golden);
      secant_options options = secant_options_default();
      secant_get_options(p.optimizer, &options);
      options.direction = (secant_direction)direction;
      secant_destroy(p.optimizer);
      new_optimizer(&p, &options);
      const golden_event *event = NULL;
      for (size_t call = 1; !event; call++) {
        assert_true(call <= golden->step_count);
        assert_int_equal(secant_step(p.optimizer, evaluate, &p, NULL), SECANT_OK);
        event = saved_after(golden, call);
      }
      secant_node *dict = state_dict_of(p.optimizer);
      expect_recorded(dict, &event->state, golden->objective.n);
      secant_node_destroy(dict);
      end(&p);
    }
  }
  golden_file_free(file);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(B5_a_saved_and_loaded_run_has_the_bits_of_an_uninterrupted_one),
      cmocka_unit_test(B16_the_state_of_parameter_0_has_eleven_entries_as_recorded),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
