#include "numerics/gram.h"
#include <math.h>
#include <string.h>

/* Index of row i, column j. */
static size_t at(const secanti_gram *gram, int i, int j)
{
  return (size_t)i * (size_t)gram->capacity + (size_t)j;
}

void secanti_gram_append(secanti_gram *gram, const double *sy, const double *yy)
{
  const int newest = gram->pairs;
  for (int i = 0; i <= newest; i++) {
    gram->sy[at(gram, i, newest)] = sy[i];
    gram->yy[at(gram, i, newest)] = yy[i];
    gram->yy[at(gram, newest, i)] = yy[i];
  }
  gram->pairs = newest + 1;
}

/* The rows move up by one and to the left by one; what becomes the last row and column is no longer read. */
void secanti_gram_drop_oldest(secanti_gram *gram)
{
  const int left = gram->pairs - 1;
  const size_t row_bytes = (size_t)left * sizeof(double);
  for (int i = 0; i < left; i++) {
    memmove(&gram->sy[at(gram, i, 0)], &gram->sy[at(gram, i + 1, 1)], row_bytes);
    memmove(&gram->yy[at(gram, i, 0)], &gram->yy[at(gram, i + 1, 1)], row_bytes);
  }
  gram->pairs = left;
}

void secanti_gram_replace_yy(secanti_gram *gram, int first, const double *yy)
{
  for (int i = first; i < gram->pairs; i++) {
    for (int j = first; j <= i; j++) {
      gram->yy[at(gram, i, j)] = *yy;
      gram->yy[at(gram, j, i)] = *yy++;
    }
  }
}

/*
 * First loop, newest to oldest: alpha_i = s_i . q / s_i . y_i, where q = g - sum_{j>i} alpha_j y_j is never formed:
 *   s_i . q = s_i . g - sum_{j>i} alpha_j s_i . y_j
 */
void secanti_gram_first_loop(const secanti_gram *gram, const double *sg, double *alpha)
{
  for (int i = gram->pairs - 1; i >= 0; i--) {
    double sq = sg[i];
    for (int j = i + 1; j < gram->pairs; j++) sq -= alpha[j] * secanti_gram_sy(gram, i, j);
    alpha[i] = sq / secanti_gram_sy(gram, i, i);
  }
}

/* beta_i from the betas before it and yr = y_i . H0 q:  (yr + sum_{j<i} (alpha_j - beta_j) s_j . y_i) / s_i . y_i */
static double next_beta(const secanti_gram *gram, int i, double yr, const double *alpha, const double *beta)
{
  for (int j = 0; j < i; j++) yr += (alpha[j] - beta[j]) * secanti_gram_sy(gram, j, i);
  return yr / secanti_gram_sy(gram, i, i);
}

/*
 * Second loop, oldest to newest: beta_i = y_i . r / s_i . y_i with r = H0 q + sum_{j<i} (alpha_j - beta_j) s_j. Where
 * H0 is gamma W,
 *   y_i . H0 q = gamma (y_i . W g - sum_j alpha_j y_i . W y_j)
 */
static void second_loop(const secanti_gram *gram, double gamma, const double *yg, const double *alpha, double *beta)
{
  for (int i = 0; i < gram->pairs; i++) {
    double yq = yg[i];
    for (int j = 0; j < gram->pairs; j++) yq -= alpha[j] * secanti_gram_yy(gram, i, j);
    beta[i] = next_beta(gram, i, gamma * yq, alpha, beta);
  }
}

void secanti_gram_second_loop(const secanti_gram *gram, const double *yr, const double *alpha, double *beta)
{
  for (int i = 0; i < gram->pairs; i++) beta[i] = next_beta(gram, i, yr[i], alpha, beta);
}

/*
 * Two-loop recursion on inner products: the coefficients of d = -H g.
 *   gamma   H0 = gamma W, > 0; W is the diagonal that the table yy was made with, often I
 *   sg, yg  [pairs] s_i . g and y_i . W g
 * Requires s_i . y_i > 0 for every pair. O(pairs^2); no failure is possible, and a NaN anywhere reaches alpha or beta.
 * Source: Nocedal 1980 (Math. Comp. 35), on inner products as in Chen, Wang & Zhou 2014 (NIPS).
 */
void secanti_gram_direction(const secanti_gram *gram, double gamma, const double *sg, const double *yg, double *alpha,
                            double *beta)
{
  secanti_gram_first_loop(gram, sg, alpha);
  second_loop(gram, gamma, yg, alpha, beta);
}

/*
 * g . d = -gamma g.W g + sum gamma alpha_i y_i.W g - sum (alpha_i - beta_i) s_i.g.
 * The terms may cancel: the rounding error of the result is a small multiple of the machine epsilon times `scale`.
 */
double secanti_gram_slope(int pairs, double gamma, double gg, const double *sg, const double *yg, const double *alpha,
                          const double *beta, double *scale)
{
  double slope = -gamma * gg;
  double size = fabs(slope);
  for (int i = 0; i < pairs; i++) {
    const double along_y = gamma * alpha[i] * yg[i];
    const double along_s = (alpha[i] - beta[i]) * sg[i];
    slope += along_y - along_s;
    size += fabs(along_y) + fabs(along_s);
  }
  *scale = size;
  return slope;
}
