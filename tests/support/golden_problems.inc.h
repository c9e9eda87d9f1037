/*
 * The objectives over one element type. golden_problems.c includes this file once per type, with
 *   REAL      the type            FN(name)   the name of a function for it
 *   MATH(function)   that function of <math.h> for it
 * Terms are formed in REAL, added in long double and rounded once: in a plain sum of 500 equal terms the rounding errors add up to
 * more than the recorded sensitivity of a run allows for. Each function fills g [n] and returns f.
 */
#define R(constant) ((REAL)(constant))

/* sum over pairs (u, v) of 100 (v - u^2)^2 + (1 - u)^2 */
static REAL FN(rosenbrock)(const golden_problem *problem, const REAL *x, REAL *g)
{
  long double sum = 0.0;
  for (size_t i = 0; i + 1 < problem->n; i += 2) {
    const REAL u = x[i], r = x[i + 1] - u * u, q = 1 - u;
    sum += (100 * r * r + q * q);
    g[i] = -400 * u * r - 2 * q;
    g[i + 1] = 200 * r;
  }
  return R(sum);
}

/* 1/2 sum lambda_i (x_i - c_i)^2 */
static REAL FN(quad)(const golden_problem *problem, const REAL *x, REAL *g)
{
  long double sum = 0.0;
  for (size_t i = 0; i < problem->n; i++) {
    const REAL e = x[i] - R(problem->centre[i]);
    g[i] = R(problem->lambda[i]) * e;
    sum += (g[i] * e);
  }
  return R(0.5) * R(sum);
}

/* sum over k = 1, 2, 3 of (a_k + x (y^k - 1))^2 with a = 1.5, 2.25, 2.625 */
static REAL FN(beale)(const golden_problem *problem, const REAL *x, REAL *g)
{
  (void)problem;
  const REAL y = x[1], a[3] = {R(1.5), R(2.25), R(2.625)};
  const REAL factor[3] = {y - 1, y * y - 1, y * y * y - 1};
  const REAL slope[3] = {1, 2 * y, 3 * y * y};
  double f = 0.0, gx = 0.0, gy = 0.0;
  for (int k = 0; k < 3; k++) {
    const REAL r = a[k] + x[0] * factor[k];
    f += (double)(r * r);
    gx += (double)(r * factor[k]);
    gy += (double)(r * x[0] * slope[k]);
  }
  g[0] = 2 * R(gx);
  g[1] = 2 * R(gy);
  return R(f);
}

/* 100 (x2-x1^2)^2 + (1-x1)^2 + 90 (x4-x3^2)^2 + (1-x3)^2 + 10 (x2+x4-2)^2 + 0.1 (x2-x4)^2 */
static REAL FN(wood)(const golden_problem *problem, const REAL *x, REAL *g)
{
  (void)problem;
  const REAL valley1 = x[1] - x[0] * x[0], valley3 = x[3] - x[2] * x[2];
  const REAL rest1 = 1 - x[0], rest3 = 1 - x[2];
  const REAL both = x[1] + x[3] - 2, apart = x[1] - x[3];
  g[0] = -400 * x[0] * valley1 - 2 * rest1;
  g[1] = 200 * valley1 + 20 * both + R(0.2) * apart;
  g[2] = -360 * x[2] * valley3 - 2 * rest3;
  g[3] = 180 * valley3 + 20 * both - R(0.2) * apart;
  const double first = (double)(100 * valley1 * valley1) + (double)(rest1 * rest1);
  const double second = (double)(90 * valley3 * valley3) + (double)(rest3 * rest3);
  return R(first + second + (double)(10 * both * both) + (double)(R(0.1) * apart * apart));
}

/* blocks (a, b, c, d): (a + 10 b)^2 + 5 (c - d)^2 + (b - 2 c)^4 + 10 (a - d)^4 */
static REAL FN(powell)(const golden_problem *problem, const REAL *x, REAL *g)
{
  long double sum = 0.0;
  for (size_t i = 0; i + 3 < problem->n; i += 4) {
    const REAL p = x[i] + 10 * x[i + 1], q = x[i + 2] - x[i + 3];
    const REAL r = x[i + 1] - 2 * x[i + 2], s = x[i] - x[i + 3];
    const REAL r3 = r * r * r, s3 = s * s * s;
    g[i] = 2 * p + 40 * s3;
    g[i + 1] = 20 * p + 4 * r3;
    g[i + 2] = 10 * q - 8 * r3;
    g[i + 3] = -10 * q - 40 * s3;
    sum += (p * p + 5 * q * q + r3 * r + 10 * s3 * s);
  }
  return R(sum);
}

/* (x^2 + y - 11)^2 + (x + y^2 - 7)^2 */
static REAL FN(himmelblau)(const golden_problem *problem, const REAL *x, REAL *g)
{
  (void)problem;
  const REAL a = x[0] * x[0] + x[1] - 11, b = x[0] + x[1] * x[1] - 7;
  g[0] = 4 * x[0] * a + 2 * b;
  g[1] = 2 * a + 4 * x[1] * b;
  return R((double)(a * a) + (double)(b * b));
}

/* log(1 + exp(z)) without overflow */
static REAL FN(softplus)(REAL z)
{
  return (z > 0 ? z : 0) + MATH(log1p)(MATH(exp)(-MATH(fabs)(z)));
}

/* 1 / (1 + exp(-z)) in the branch that does not overflow */
static REAL FN(sigmoid)(REAL z)
{
  if (z >= 0) return 1 / (1 + MATH(exp)(-z));
  const REAL e = MATH(exp)(z);
  return e / (1 + e);
}

/* -y_i (<w, a_i> + b), the argument of row i's loss */
static REAL FN(negative_margin)(const golden_problem *problem, size_t row, const REAL *x)
{
  const size_t d = problem->n - 1;
  double dot = 0.0;
  for (size_t j = 0; j < d; j++) dot += (double)(R(problem->rows[row * d + j]) * x[j]);
  return -(R(problem->labels[row]) * (R(dot) + x[d]));
}

/* g_j of the data term from the derivatives k_i of the rows' losses; column d is the bias */
static REAL FN(column_sum)(const golden_problem *problem, const double *k, size_t column)
{
  const size_t d = problem->n - 1;
  long double sum = 0.0;
  for (size_t i = 0; i < problem->m; i++) {
    const REAL entry = column < d ? R(problem->rows[i * d + column]) : 1;
    sum += (entry * R(k[i]));
  }
  return R(sum);
}

/* (1/m) sum_i log(1 + exp(-y_i (<w, a_i> + b))) + (l2/2) <w, w>, x = (w, b) */
static REAL FN(logistic)(const golden_problem *problem, const REAL *x, REAL *g)
{
  const size_t d = problem->n - 1, m = problem->m;
  const REAL rows = R(m), half_l2 = R(0.5 * problem->l2), l2 = R(problem->l2);
  long double loss = 0.0, square = 0.0;
  for (size_t i = 0; i < m; i++) {
    const REAL z = FN(negative_margin)(problem, i, x);
    loss += (double)FN(softplus)(z);
    problem->scratch[i] = (double)(-(R(problem->labels[i]) * FN(sigmoid)(z)) / rows);
  }
  for (size_t j = 0; j < d; j++) {
    square += (double)(x[j] * x[j]);
    g[j] = FN(column_sum)(problem, problem->scratch, j) + l2 * x[j];
  }
  g[d] = FN(column_sum)(problem, problem->scratch, d);
  return R(loss) / rows + half_l2 * R(square);
}

/* sum over i < n of c (x_{i+1} - x_i^2)^2 + (1 - x_i)^2 */
static REAL FN(chain)(const golden_problem *problem, const REAL *x, REAL *g)
{
  const REAL c = R(problem->c);
  long double sum = 0.0;
  g[0] = 0;
  for (size_t i = 0; i + 1 < problem->n; i++) {
    const REAL u = x[i], r = x[i + 1] - u * u, q = 1 - u;
    sum += (c * r * r + q * q);
    g[i] += -4 * c * u * r - 2 * q;
    g[i + 1] = 2 * c * r;
  }
  return R(sum);
}

/* -1/4 sum x_i^4 / i */
static REAL FN(negquartic)(const golden_problem *problem, const REAL *x, REAL *g)
{
  long double sum = 0.0;
  for (size_t i = 0; i < problem->n; i++) {
    const REAL cube = 1 / R(i + 1) * x[i] * x[i] * x[i];
    g[i] = -cube;
    sum += (cube * x[i]);
  }
  return R(-0.25) * R(sum);
}

/* sum (x_i - log x_i); NaN where some x_i < 0 */
static REAL FN(barrier)(const golden_problem *problem, const REAL *x, REAL *g)
{
  long double sum = 0.0;
  for (size_t i = 0; i < problem->n; i++) {
    g[i] = 1 - 1 / x[i];
    sum += (x[i] - MATH(log)(x[i]));
  }
  return R(sum);
}

/* sum (exp(x_i) - 3 x_i); +Inf for large x */
static REAL FN(overflow)(const golden_problem *problem, const REAL *x, REAL *g)
{
  long double sum = 0.0;
  for (size_t i = 0; i < problem->n; i++) {
    const REAL e = MATH(exp)(x[i]);
    g[i] = e - 3;
    sum += (e - 3 * x[i]);
  }
  return R(sum);
}

#undef R
