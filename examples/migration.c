/* The snippets of docs/migration.md, put together to a program: a fit of w to (1, 2, 3, 4) and of b to (5, 6). */
#include <math.h>
#include <secant/secant.h>
#include <stdio.h>

typedef struct model {
  double w[4], w_gradient[4], b[2], b_gradient[2];
  secant_optimizer *optimizer;
} model;

static secant_status create(model *m, secant_error *error)
{
  const int64_t shape[] = {2, 2};
  const secant_parameter parameters[] = {
      {.name = "w", .values = m->w, .gradient = m->w_gradient, .local_count = 4, .shape = shape, .dimensions = 2},
  };
  secant_options options = secant_options_torch();
  options.line_search = SECANT_LINE_SEARCH_STRONG_WOLFE;
  options.max_iter = 3;
  return secant_create(&m->optimizer, parameters, 1, &options, NULL, error);
}

static int closure(void *user, double *loss)
{
  model *m = user;
  *loss = 0.0;
  secant_zero_grad(m->optimizer, 0); /* zeros, for gradients that are added to */
  for (int i = 0; i < 4; i++) {
    const double rest = m->w[i] - (1 + i);
    *loss += rest * rest + pow(rest, 4) / 4;
    m->w_gradient[i] += 2 * rest + pow(rest, 3);
  }
  for (int i = 0; i < 2; i++) {
    const double rest = m->b[i] - (5 + i);
    *loss += 3 * rest * rest;
    m->b_gradient[i] += 6 * rest;
  }
  return 0;
}

static secant_status add_group(model *m)
{
  const secant_parameter b = {.name = "b", .values = m->b, .gradient = m->b_gradient, .local_count = 2};
  const secant_group group = {.parameters = &b, .count = 1};
  return secant_add_param_group(m->optimizer, &group);
}

static secant_status train(model *m, secant_schedule *schedule, int epochs)
{
  secant_status status = SECANT_OK;
  double loss;
  for (int epoch = 0; epoch < epochs && status == SECANT_OK; epoch++) {
    status = secant_step(m->optimizer, closure, m, &loss);
    if (status == SECANT_OK) status = secant_schedule_advance(schedule);
    if (status == SECANT_OK) printf("epoch %d began at loss %.3g\n", epoch, loss);
  }
  return status;
}

static int announce(secant_optimizer *optimizer, secant_step_call *call, void *user)
{
  (void)call;
  printf("%s %lld\n", (const char *)user, (long long)secant_get_info(optimizer).n_iter);
  return SECANT_HOOK_KEEP;
}

static secant_status hand_over(secant_optimizer *from, secant_optimizer *to)
{
  secant_node *dict = NULL;
  secant_status status = secant_state_dict(from, &dict);
  if (status == SECANT_OK) status = secant_load_state_dict(to, dict);
  secant_node_destroy(dict);
  return status;
}

static secant_status save(secant_optimizer *optimizer, const char *path, secant_error *error)
{
  secant_node *dict = NULL;
  secant_status status = secant_state_dict(optimizer, &dict);
  if (status == SECANT_OK) status = secant_state_dict_save(dict, path, NULL, error);
  secant_node_destroy(dict);
  return status;
}

static secant_status load(secant_optimizer *optimizer, const char *path)
{
  secant_node *dict = NULL;
  secant_status status = secant_state_dict_read(optimizer, path, &dict);
  if (status == SECANT_OK) status = secant_load_state_dict(optimizer, dict);
  secant_node_destroy(dict);
  return status;
}

static int norm_squared(void *user, const void *x, double *f, void *g)
{
  (void)user;
  const float *position = x;
  float *gradient = g;
  *f = 0.0;
  for (int i = 0; i < 2; i++) {
    *f += (double)position[i] * (double)position[i];
    if (gradient) gradient[i] = 2.0F * position[i];
  }
  return 0;
}

static secant_status minimize(secant_result *result, secant_error *error)
{
  float start[] = {1.3F, 2.7F};
  const float diagonal[] = {2.0F, 0.9F};
  const void *const h0[] = {diagonal};
  const secant_parameter position = {.dtype = SECANT_F32, .values = start, .local_count = 2};
  const secant_initial_matrix matrix = {.kind = SECANT_INITIAL_DIAGONAL, .diagonal = h0};
  secant_options options = secant_options_paddle();
  options.max_iter = 30;
  secant_minimization task = secant_minimization_default();
  task.objective = norm_squared;
  task.initial_position = &position;
  task.options = &options;
  task.initial_inverse_hessian = &matrix;
  result->struct_size = sizeof *result;
  return secant_minimize_lbfgs(&task, result, error);
}

/* The last part of the program: one call. 0 if it found the minimum. */
static int show_minimize(void)
{
  secant_result result;
  secant_error error;
  if (minimize(&result, &error) != SECANT_OK) return puts(error.message), 1;
  const float *x = result.position;
  const int found = result.is_converge && fabsf(x[0]) < 1e-6F && fabsf(x[1]) < 1e-6F;
  printf("%s after %lld calls\n", secant_reason_text(result.reason), (long long)result.num_func_calls);
  secant_result_free(&result);
  return found ? 0 : 1;
}

/* The state goes to a new optimizer, and through a file where the library can write one. */
static secant_status show_state(model *m, secant_error *error)
{
  const char *path = "migration_state.h5";
  secant_optimizer *trained = m->optimizer;
  secant_status status = create(m, error);
  if (status == SECANT_OK) status = add_group(m);
  if (status == SECANT_OK) status = hand_over(trained, m->optimizer);
  if (status == SECANT_OK) {
    status = save(trained, path, error);
    if (status == SECANT_OK) status = load(m->optimizer, path);
    if (status == SECANT_ERR_UNSUPPORTED) status = SECANT_OK;
    remove(path);
  }
  secant_destroy(trained);
  return status;
}

static secant_status show_steps(model *m, secant_error *error)
{
  static char label[] = "iterations so far:";
  secant_schedule *schedule = NULL;
  secant_status status = create(m, error);
  if (status == SECANT_OK) status = secant_register_step_post_hook(m->optimizer, announce, label, NULL);
  if (status == SECANT_OK) status = secant_schedule_exponential(&schedule, m->optimizer, 0.95);
  if (status == SECANT_OK) status = train(m, schedule, 2);
  if (status == SECANT_OK) status = add_group(m);
  if (status == SECANT_OK) status = train(m, schedule, 2);
  secant_schedule_destroy(schedule); /* before its optimizer */
  if (status == SECANT_OK) status = show_state(m, error);
  for (int i = 0; i < 10 && status == SECANT_OK; i++) status = secant_step(m->optimizer, closure, m, NULL);
  return status;
}

int main(void)
{
  model m = {.optimizer = NULL};
  secant_error error = {SECANT_OK, ""};
  const secant_status status = show_steps(&m, &error);
  if (status != SECANT_OK)
    printf("%s: %s %s\n", secant_status_text(status), error.message, secant_message(m.optimizer));
  const int found = fabs(m.w[3] - 4) < 1e-4 && fabs(m.b[1] - 6) < 1e-4;
  secant_destroy(m.optimizer);
  return status == SECANT_OK && found ? show_minimize() : 1;
}
