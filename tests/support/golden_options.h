/* Options of the reference in the library's words. */
#ifndef SECANT_TEST_GOLDEN_OPTIONS_H
#define SECANT_TEST_GOLDEN_OPTIONS_H

#include "golden_file.h"

/* Gives the library's option the meaning of one option of the reference; false if it has no counterpart. */
bool golden_apply_setting(secant_options *options, const golden_setting *setting);

#endif
