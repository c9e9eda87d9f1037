#include "cli/check_gradient.h"
#include "cli/say.h"
#include <math.h>

static const char *verdict_name(secant_gradient_verdict verdict)
{
  switch (verdict) {
  case SECANT_GRADIENT_PASSES: return "passes";
  case SECANT_GRADIENT_FAILS: return "fails";
  case SECANT_GRADIENT_CANNOT_TELL: break;
  }
  return "cannot_tell";
}

static void say_verdict(const secant_gradient_check *check, secant_comm *comm)
{
  switch (check->verdict) {
  case SECANT_GRADIENT_PASSES:
    say(comm,
        "the gradient passes its test: it tells a slope of %.9g, which is %.9g by differences of the loss, to within "
        "%.1g",
        check->told, check->measured, check->precision);
    return;
  case SECANT_GRADIENT_FAILS:
    say(comm,
        "the gradient is wrong, and the run does not begin: it tells a slope of %.9g, which is %.9g by differences of "
        "the "
        "loss, to within %.1g",
        check->told, check->measured, check->precision);
    return;
  case SECANT_GRADIENT_CANNOT_TELL:
    if (isfinite(check->measured))
      say(comm,
          "the gradient could not be tested: differences of the loss tell its slope to within %.1g only, and it is "
          "%.9g",
          check->precision, check->told);
    else
      say(comm, "the gradient could not be tested: the loss or the gradient is not finite, or the gradient is zero");
  }
}

secant_status check_gradient(secant_optimizer *optimizer, secant_closure *closure, void *user, secant_comm *comm,
                             secant_gradient_check *check)
{
  secant_gradient_check_options options = secant_gradient_check_options_default();
  check->size = sizeof *check;
  secant_status status = secant_check_gradient(optimizer, closure, user, &options, check);
  if (status == SECANT_OK && check->verdict == SECANT_GRADIENT_CANNOT_TELL) {
    const secant_gradient_check first = *check;
    options.along = SECANT_CHECK_GRADIENT;
    status = secant_check_gradient(optimizer, closure, user, &options, check);
    if (status == SECANT_OK && check->verdict == SECANT_GRADIENT_CANNOT_TELL && isnan(check->measured)) {
      const int64_t second = check->evaluations;
      *check = first;
      check->evaluations = second;
    }
    if (status == SECANT_OK) check->evaluations += first.evaluations;
  }
  if (status == SECANT_OK) say_verdict(check, comm);
  return status;
}

void check_gradient_describe(const secant_gradient_check *check, cli_report *report)
{
  report_text(report, "gradient_check", verdict_name(check->verdict));
  report_number(report, "told_slope", check->told);
  report_number(report, "measured_slope", check->measured);
  report_number(report, "slope_precision", check->precision);
  report_number(report, "taylor_order", check->order);
  report_integer(report, "check_evals", check->evaluations);
}
