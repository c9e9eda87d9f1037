/*
 * What the fuzzers' targets share: small optimizers in several states, files that they write, and a directory in memory
 * for the file under test. A promise of the library that does not hold ends the program by abort(), which is what the
 * fuzzer looks for.
 */
#ifndef TESTS_FUZZ_SCENE_H
#define TESTS_FUZZ_SCENE_H

#include <secant/checkpoint.h>
#include <secant/inspect.h>
#include <secant/secant.h>
#include <secant/state.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PROBLEM "fuzz"

/* Ends the program if a promise does not hold. */
#define PROMISE(condition, ...) scene_promise((condition), #condition, __FILE__, __LINE__, __VA_ARGS__)
void scene_promise(bool holds, const char *condition, const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

enum { SCENE_UNKNOWNS = 14, SCENE_PARAMETERS = 3, SCENE_KINDS = 7 };

/* An optimizer over three parameters, of which one is empty. */
typedef struct scene {
  int kind; /* 0 .. SCENE_KINDS-1: options, and how far the run has come */
  double values[SCENE_UNKNOWNS], gradients[SCENE_UNKNOWNS]; /* float or double */
  secant_dtype dtype;
  secant_parameter parameters[SCENE_PARAMETERS];
  secant_optimizer *optimizer;
} scene;

/* NULL never comes back. */
scene *scene_create(int kind);
void scene_destroy(scene *s);

/* A quartic with its minimum between -1 and 1. */
int scene_evaluate(void *user, double *loss);

/* A number of everything that a load may change: parameters, gradients, counters, and the state dict. */
uint64_t scene_digest(scene *s);

bool scene_is_finite(const scene *s);

/* Steps go on from what was loaded, without leaving the finite numbers. */
void scene_go_on(scene *s);

/* ---- files -------------------------------------------------------------------------------------------------------- */

/* Path of one of the files in the directory for this process. */
const char *scene_path(const char *name);

/* A file as it was written. */
typedef struct image {
  uint8_t *bytes;
  size_t count;
} image;

/* A checkpoint, or a file of a state dict, of a scene of this kind; owned by scene.c. */
const image *scene_checkpoint(int kind);
const image *scene_state_file(int kind);

/* Writes a file whole. */
void scene_write(const char *path, const void *bytes, size_t count);
image scene_read(const char *path);

/* An error is one sentence: not empty, in one line, and it names the file. */
void scene_check_sentence(const char *message, const char *path);

#endif
