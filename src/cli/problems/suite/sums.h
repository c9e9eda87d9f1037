/* Sums of alike terms, for the suite: a problem gives the term of one or two unknowns together with its derivatives. */
#ifndef SECANT_CLI_SUITE_SUMS_H
#define SECANT_CLI_SUITE_SUMS_H

/* Term i = 1, 2, ... of one unknown u. Stores its derivative. */
typedef double suite_term_of_one(double i, double u, double *du);

/* Term i = 1, 2, ... of two unknowns u and v. Stores its derivatives. */
typedef double suite_term_of_two(double i, double u, double v, double *du, double *dv);

/* Each returns the sum and fills the gradient [n]. */
double suite_sum_singles(suite_term_of_one *term, int n, const double *x, double *gradient); /* u = x_i */
double suite_sum_pairs(suite_term_of_two *term, int n, const double *x, double *gradient);   /* x_{2i-1}, x_{2i} */
double suite_sum_chain(suite_term_of_two *term, int n, const double *x, double *gradient);   /* x_i, x_{i+1} */

/* Sum of the terms i = 1 .. n of the partial sums x_1 + ... + x_i. */
double suite_sum_partial(suite_term_of_one *term, int n, const double *x, double *gradient);

/* x_1 + ... + x_n. */
double suite_total(int n, const double *x);

#endif
