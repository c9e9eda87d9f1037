/*
 * Observations of the nonlinear regression problems among the Statistical Reference Datasets (StRD) of NIST, copied from
 * its data files, which are published at https://www.itl.nist.gov/div898/strd/nls/nls_main.shtml. From there are also
 * the models, two starts for each, and the certified least sums of squares.
 *
 * A problem has the trait SUITE_UNDEFINED if its model has a pole or a power whose base may be negative, or if an
 * exponential overflows where no parameter is more than ten times the size of its start.
 */
#ifndef SECANT_CLI_SUITE_NIST_DATA_H
#define SECANT_CLI_SUITE_NIST_DATA_H

#include "cli/problems/suite/least_squares.h"

#define NIST(name) "NIST StRD, " name

/* nist_data_exponentials.c; Misra1a to Misra1d are four models of one set of observations. */
extern const suite_data nist_misra1, nist_boxbod, nist_chwirut1, nist_chwirut2, nist_lanczos1, nist_lanczos2,
    nist_lanczos3, nist_mgh10, nist_mgh17, nist_rat42, nist_rat43;
extern const suite_data nist_nelson;           /* x is the time */
extern const double nist_nelson_temperature[]; /* the other predictor */

/* nist_data_peaks.c */
extern const suite_data nist_gauss1, nist_gauss2, nist_gauss3, nist_eckerle4;

/* nist_data_powers.c */
extern const suite_data nist_danwood, nist_bennett5;

/* nist_data_rationals.c */
extern const suite_data nist_kirby2, nist_hahn1, nist_mgh09, nist_thurber;

/* nist_data_trigonometric.c */
extern const suite_data nist_enso, nist_roszman1;

#endif
