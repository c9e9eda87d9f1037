/* The families of the suite, one for each source file. A new one is a line here and a row in suite.c. */
#ifndef SECANT_CLI_SUITE_FAMILIES_H
#define SECANT_CLI_SUITE_FAMILIES_H

#include "cli/problems/suite/suite.h"

extern const suite_family suite_more_plain, suite_more_fits, suite_more_scalable, suite_more_systems;
extern const suite_family suite_andrei, suite_minpack2;
extern const suite_family suite_nist_exponentials, suite_nist_peaks, suite_nist_powers, suite_nist_rationals,
    suite_nist_trigonometric;
extern const suite_family suite_own_scales, suite_own_flat, suite_own_domains, suite_own_offsets, suite_own_unbounded,
    suite_own_single, suite_own_models, suite_own_networks, suite_own_geometry;

#endif
