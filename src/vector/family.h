/*
 * Processor families: code that is compiled more than once, with short vectors for any processor and with longer ones for
 * those that have them. Which one runs is decided when the program does.
 */
#ifndef SECANT_FAMILY_H
#define SECANT_FAMILY_H

#include <stdbool.h>

#if defined(__x86_64__) && defined(__GNUC__)
#define SECANTI_X86
#endif

/* Between these two, functions are compiled for processors with `feature`. */
#define SECANTI_PRAGMA(text) _Pragma(#text)
#ifdef __clang__
#define SECANTI_TARGET_BEGIN(feature)                                                                                  \
  SECANTI_PRAGMA(clang attribute push(__attribute__((target(#feature))), apply_to = function))
#define SECANTI_TARGET_END SECANTI_PRAGMA(clang attribute pop)
#else
#define SECANTI_TARGET_BEGIN(feature) SECANTI_PRAGMA(GCC push_options) SECANTI_PRAGMA(GCC target(#feature))
#define SECANTI_TARGET_END SECANTI_PRAGMA(GCC pop_options)
#endif

/* Whether this processor has vectors of so many bits, 512 or 256, and the build may use them (passes.c). */
bool secanti_has_vectors(int bits);

#endif
