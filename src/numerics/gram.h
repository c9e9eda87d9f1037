/*
 * Inner products of the stored curvature pairs, and the two-loop recursion on them. No vector is touched here.
 *
 *   s_i, y_i  pair i, oldest first, i = 0 .. pairs-1
 *   sy(i,j)   s_i . y_j, stored for i <= j      yy(i,j)   y_i . W y_j, symmetric; W is one diagonal for all, often I
 *
 *        y_0   y_1   y_2
 *   s_0   *     *     *        appending a pair adds the last column (and, for yy, the last row);
 *   s_1         *     *        dropping the oldest removes row and column 0.
 *   s_2               *
 */
#ifndef SECANT_GRAM_H
#define SECANT_GRAM_H

#include <stddef.h>

typedef struct secanti_gram {
  int capacity; /* rows and columns of the two arrays */
  int pairs;
  double *sy; /* [capacity * capacity], row-major */
  double *yy; /* [capacity * capacity], row-major */
} secanti_gram;

static inline double secanti_gram_sy(const secanti_gram *gram, int i, int j)
{
  return gram->sy[(size_t)i * (size_t)gram->capacity + (size_t)j];
}

static inline double secanti_gram_yy(const secanti_gram *gram, int i, int j)
{
  return gram->yy[(size_t)i * (size_t)gram->capacity + (size_t)j];
}

/* s.y / y.W y of the newest pair: the factor of W in H0; pairs > 0. */
static inline double secanti_gram_scale(const secanti_gram *gram)
{
  const int newest = gram->pairs - 1;
  return secanti_gram_sy(gram, newest, newest) / secanti_gram_yy(gram, newest, newest);
}

/* Appends a pair; pairs < capacity.  sy [pairs+1]: s_i . y_new for i = 0 .. pairs (last: the new pair itself);
 * yy [pairs+1]: y_i . W y_new likewise. */
void secanti_gram_append(secanti_gram *gram, const double *sy, const double *yy);

/* Removes pair 0; pairs > 0. */
void secanti_gram_drop_oldest(secanti_gram *gram);

/* Replaces yy(i,j) for i, j >= first: `yy` has rows i = first, first + 1, .. with j = first .. i. */
void secanti_gram_replace_yy(secanti_gram *gram, int first, const double *yy);

/* alpha and beta [pairs] of  d = -gamma W g + sum gamma alpha_i W y_i - sum (alpha_i - beta_i) s_i.  See gram.c. */
void secanti_gram_direction(const secanti_gram *gram, double gamma, const double *sg, const double *yg, double *alpha,
                            double *beta);

/*
 * The same in two halves, for any H0: between them, q = g - sum alpha_i y_i is formed and multiplied.
 *   yr  [pairs] y_i . H0 q
 * Then d = -H0 q - sum (alpha_i - beta_i) s_i.
 */
void secanti_gram_first_loop(const secanti_gram *gram, const double *sg, double *alpha);
void secanti_gram_second_loop(const secanti_gram *gram, const double *yr, const double *alpha, double *beta);

/* g . d from the coefficients and gg = g . W g, and in `scale` the sum of the absolute values of its terms. */
double secanti_gram_slope(int pairs, double gamma, double gg, const double *sg, const double *yg, const double *alpha,
                          const double *beta, double *scale);

#endif
