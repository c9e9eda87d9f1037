/* What tests of learning-rate schedules share: an optimizer with a learning rate, and the documented example of a
 * sequence. Asserts. */
#ifndef TESTS_SCHEDULE_SCENE_H
#define TESTS_SCHEDULE_SCENE_H

#include "support/valley.h"
#include <secant/secant.h>

/* An optimizer of torch's defaults on the valley. */
secant_optimizer *schedule_scene_optimizer(const valley *v, double lr);

double schedule_scene_lr(const secant_optimizer *optimizer);

/* A linear warm-up from a tenth over 20 steps, then a cosine over 80 down to 3e-5. */
secant_schedule *schedule_scene_warm_up_then_cosine(secant_optimizer *optimizer);

/* The number at a path of a dict, which must be there. */
double schedule_scene_number(const secant_node *dict, const char *path);

#endif
