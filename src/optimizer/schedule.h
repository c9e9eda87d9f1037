/* What a learning-rate schedule is made of, for those who run it and those who export and load it. */
#ifndef SECANT_OPTIMIZER_SCHEDULE_H
#define SECANT_OPTIMIZER_SCHEDULE_H

#include <secant/schedule.h>
#include <stdbool.h>

typedef enum secanti_schedule_kind {
  SECANTI_SCHEDULE_CONSTANT,
  SECANTI_SCHEDULE_STEP_DECAY,
  SECANTI_SCHEDULE_EXPONENTIAL,
  SECANTI_SCHEDULE_COSINE_ANNEALING,
  SECANTI_SCHEDULE_LINEAR,
  SECANTI_SCHEDULE_SEQUENTIAL,
  SECANTI_SCHEDULE_KINDS
} secanti_schedule_kind;

enum { SECANTI_SCHEDULE_NUMBERS = 2 };

/* What a kind is called, and the names of its numbers; NULL where it has none. Drives checks, export and load. */
typedef struct secanti_schedule_form {
  const char *name;
  const char *count;
  const char *numbers[SECANTI_SCHEDULE_NUMBERS];
} secanti_schedule_form;

extern const secanti_schedule_form secanti_schedule_forms[SECANTI_SCHEDULE_KINDS];

/* Everything that an exported schedule consists of, but for its parts. */
typedef struct secanti_schedule_values {
  int64_t count;
  double numbers[SECANTI_SCHEDULE_NUMBERS];
  double base;
  int64_t steps; /* k */
  double last_lr;
} secanti_schedule_values;

struct secant_schedule {
  secanti_schedule_kind kind;
  secant_optimizer *optimizer; /* borrowed */
  secanti_schedule_values values;
  secant_schedule **parts; /* [part_count], owned; only of a sequence */
  size_t part_count;
  int64_t *milestones; /* [part_count - 1] */
  bool is_part;        /* of a sequence, which owns it */
};

#endif
