/*
 * Tests that a loaded checkpoint goes on bit for bit, written so that they run on any number of ranks: verdicts are
 * collected, and whoever includes this asserts them.
 */
#ifndef TESTS_CONTINUATION_TESTS_H
#define TESTS_CONTINUATION_TESTS_H

#include "checkpoint/checkpoint.h"
#include "support/continuation.h"
#include <stdio.h>
#include <string.h>

#define PROBLEM "sum of quartics"

/* Small enough that every vector takes several transfers. */
enum { SMALL_PIECE = 300, LARGE_PIECE = 1 << 20 };

typedef struct variant {
  secant_dtype dtype;
  secant_direction direction;
  secant_line_search line_search;
  int64_t history_size;
  secant_history_dtype history_dtype;
} variant;

static inline secant_options options_of(const variant *v, int64_t max_iter)
{
  secant_options options = secant_options_default();
  options.direction = v->direction;
  options.line_search = v->line_search;
  options.history_size = v->history_size;
  options.history_dtype = v->history_dtype;
  options.max_iter = max_iter;
  options.threads = 1;
  if (v->history_size == 1) { /* refuses some of the pairs */
    options.curvature_test = SECANT_CURVATURE_ABSOLUTE;
    options.tolerance_curvature = 1000.0;
  }
  if (v->line_search == SECANT_LINE_SEARCH_STRONG_WOLFE) options.lr = 20.0; /* far too long: trials are rejected */
  return options;
}

static inline const char *describe(const variant *v, const char *what, int at)
{
  static char text[160];
  snprintf(text, sizeof text, "%s %d (%s, %s, %s, m = %d)", what, at, v->dtype == SECANT_F32 ? "f32" : "f64",
           v->direction == SECANT_DIRECTION_GRAM ? "gram" : "two_loop",
           v->line_search == SECANT_LINE_SEARCH_NONE ? "none" : "strong_wolfe", (int)v->history_size);
  return text;
}

/* Saves after `told` evaluations with one more asked for, lets the saver and a fresh loader go on, compares all three. */
static inline void check_interruption(struct verdict *verdict, secant_comm *comm, const char *path, const variant *v,
                                      const continuation *straight, int told, bool ask)
{
  const secant_options options = options_of(v, 12);
  const char *when = describe(v, ask ? "asked after evaluation" : "told evaluation", told);
  const size_t piece = told % 2 ? SMALL_PIECE : LARGE_PIECE;
  continuation *saver = continuation_create(comm, v->dtype, &options, 0.0);
  continuation *loader = continuation_create(comm, v->dtype, &options, 0.25);
  CHECK(verdict, saver && loader, "%s: no optimizer", when);
  if (!saver || !loader) return;
  continuation_advance(saver, told, ask);
  continuation_expect(verdict, saver, secanti_checkpoint_save(saver->optimizer, path, PROBLEM, piece), SECANT_OK, when);
  continuation_expect(verdict, loader, secanti_checkpoint_load(loader->optimizer, path, PROBLEM, piece), SECANT_OK,
                      when);
  CHECK(verdict, secant_get_info(loader->optimizer).resumed == 1, "%s: not marked as resumed", when);
  continuation_advance(saver, 1000, true);
  continuation_advance(loader, 1000, true);
  continuation_compare(verdict, straight, saver, when);
  continuation_compare(verdict, straight, loader, when);
  continuation_destroy(saver);
  continuation_destroy(loader);
}

/* Every instant of a run by ask and tell: before the first evaluation, between trials, at boundaries. */
static inline void check_every_instant(struct verdict *verdict, secant_comm *comm, const char *path, const variant *v,
                                       int stride)
{
  const secant_options options = options_of(v, 12);
  continuation *straight = continuation_create(comm, v->dtype, &options, 0.0);
  CHECK(verdict, straight, "no optimizer");
  if (!straight) return;
  const int all = continuation_advance(straight, 1000, true);
  CHECK(verdict, all > 12, "the run took only %d evaluations", all);
  for (int told = 0; told < all; told += stride) {
    check_interruption(verdict, comm, path, v, straight, told, true);
    if (told > 0) check_interruption(verdict, comm, path, v, straight, told, false);
  }
  continuation_destroy(straight);
}

/* A run that ended at a limit goes on in another process as it does in the same one, and as if there had been none. */
static inline void check_raised_limit(struct verdict *verdict, secant_comm *comm, const char *path, const variant *v)
{
  const secant_options few = options_of(v, 5), many = options_of(v, 12);
  const char *when = describe(v, "limit raised", 12);
  continuation *straight = continuation_create(comm, v->dtype, &many, 0.0);
  continuation *saver = continuation_create(comm, v->dtype, &few, 0.0);
  continuation *loader = continuation_create(comm, v->dtype, &many, 0.25);
  CHECK(verdict, straight && saver && loader, "%s: no optimizer", when);
  if (!straight || !saver || !loader) return;
  continuation_advance(straight, 1000, true);
  continuation_advance(saver, 1000, true);
  continuation_expect(verdict, saver, secant_checkpoint_save(saver->optimizer, path, PROBLEM), SECANT_OK, when);
  continuation_expect(verdict, loader, secant_checkpoint_load(loader->optimizer, path, PROBLEM), SECANT_OK, when);
  CHECK(verdict, secant_get_info(loader->optimizer).reason == SECANT_REASON_MAX_ITER, "%s: reason lost", when);
  continuation_compare(verdict, saver, loader, when);
  continuation_advance(loader, 1000, true);
  continuation_compare(verdict, straight, loader, when);
  continuation_destroy(straight);
  continuation_destroy(saver);
  continuation_destroy(loader);
}

/* Steps as torch takes them, saved after each; a fixed step then ends at a point that has not been evaluated. */
static inline void check_steps(struct verdict *verdict, secant_comm *comm, const char *path, const variant *v,
                               double lr, double wall)
{
  secant_options options = options_of(v, 2);
  if (lr > 0.0) options.lr = lr;
  const char *when = describe(v, "steps", 4);
  continuation *saver = continuation_create(comm, v->dtype, &options, 0.0);
  CHECK(verdict, saver, "%s: no optimizer", when);
  if (!saver) return;
  saver->wall = wall;
  for (int step = 0; step < 4; step++) {
    continuation *loader = continuation_create(comm, v->dtype, &options, 0.25);
    CHECK(verdict, loader, "%s: no optimizer", when);
    if (!loader) break;
    loader->wall = wall;
    continuation_expect(verdict, saver, secant_checkpoint_save(saver->optimizer, path, PROBLEM), SECANT_OK, when);
    continuation_expect(verdict, loader, secant_checkpoint_load(loader->optimizer, path, PROBLEM), SECANT_OK, when);
    continuation_compare(verdict, saver, loader, when);
    double a, b;
    continuation_expect(verdict, saver, secant_step(saver->optimizer, continuation_closure, saver, &a), SECANT_OK,
                        when);
    continuation_expect(verdict, loader, secant_step(loader->optimizer, continuation_closure, loader, &b), SECANT_OK,
                        when);
    CHECK(verdict, memcmp(&a, &b, sizeof a) == 0, "%s: loss %a, not %a", when, b, a);
    continuation_compare(verdict, saver, loader, when);
    continuation_destroy(loader);
  }
  continuation_destroy(saver);
}

#endif
