/*
 * Where the time of an optimizer goes. A timer knows what is being done and since when: to turn to another activity
 * reads the clock once and counts the time since then for the one that is left. So no instant counts twice, and what is
 * entered in the middle of something else is not counted as that.
 */
#ifndef SECANT_TIMER_H
#define SECANT_TIMER_H

#include "base/base.h"

typedef enum secanti_activity {
  SECANTI_ACTIVITY_OTHER,      /* outside the library, or work on scalars; its seconds mean nothing */
  SECANTI_ACTIVITY_PASS_A,     /* forming directions, moving x */
  SECANTI_ACTIVITY_PASS_B,     /* inner products */
  SECANTI_ACTIVITY_REDUCTION,  /* of the engine, waiting included */
  SECANTI_ACTIVITY_CLOSURE,    /* an evaluation is wanted and not told yet */
  SECANTI_ACTIVITY_CHECKPOINT, /* saving or loading, with reductions of its own */
  SECANTI_ACTIVITIES
} secanti_activity;

/* All zero is a timer that begins. */
typedef struct secanti_timer {
  double seconds[SECANTI_ACTIVITIES];
  double since;
  secanti_activity activity;
} secanti_timer;

/* Turns to `next`; returns what was left, to go back to. */
static inline secanti_activity secanti_timer_enter(secanti_timer *timer, secanti_activity next)
{
  const secanti_activity left = timer->activity;
  if (next == left) return left;
  const double now = secanti_now();
  timer->seconds[left] += now - timer->since;
  timer->since = now;
  timer->activity = next;
  return left;
}

/* Leaves what is being done without counting it. */
static inline void secanti_timer_drop(secanti_timer *timer)
{
  timer->activity = SECANTI_ACTIVITY_OTHER;
}

#endif
