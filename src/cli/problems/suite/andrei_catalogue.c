/*
 * The problems of Andrei's collection that are not among those of Moré, Garbow and Hillstrom, with the starts that it
 * gives; the formulas are in the other files of this name. Left out are those whose formulas sources give differently,
 * those that have no lower bound and yet a local minimum, and extended Hiebert (33), at whose start the gradient is 20
 * and f 10^11, so that a test relative to f ends there.
 *
 * The minima hold at the n given here. They are closed forms or follow from an equation in one unknown, both with the
 * formulas; that of extended PSC1 from the two equations of its stationary points.
 *
 * Source: N. Andrei, An Unconstrained Optimization Test Functions Collection, Adv. Model. Optim. 10 (2008) 147-161.
 */
#include "cli/problems/suite/andrei.h"
#include "cli/problems/suite/families.h"
#include "cli/problems/suite/least_squares.h"
#include <math.h>

#define ANDREI(number) "Andrei 2008, " #number
#define DENNIS_SCHNABEL "Dennis, Schnabel 1983; CUTE"

/* u, v, u, v, ... */
static void alternate(int n, double *x, double u, double v)
{
  for (int i = 0; i < n; i++) x[i] = i % 2 == 0 ? u : v;
}

static void zeros(int n, double *x)
{
  suite_fill_all(x, n, 0.0);
}

static void hundredths(int n, double *x)
{
  suite_fill_all(x, n, 0.01);
}

static void tenths(int n, double *x)
{
  suite_fill_all(x, n, 0.1);
}

static void halves(int n, double *x)
{
  suite_fill_all(x, n, 0.5);
}

static void ones(int n, double *x)
{
  suite_fill_all(x, n, 1.0);
}

static void twos(int n, double *x)
{
  suite_fill_all(x, n, 2.0);
}

static void threes(int n, double *x)
{
  suite_fill_all(x, n, 3.0);
}

static void fours(int n, double *x)
{
  suite_fill_all(x, n, 4.0);
}

static void all_1_1(int n, double *x)
{
  suite_fill_all(x, n, 1.1);
}

static void all_1_5(int n, double *x)
{
  suite_fill_all(x, n, 1.5);
}

static void minus_ones(int n, double *x)
{
  suite_fill_all(x, n, -1.0);
}

static void nths(int n, double *x)
{
  suite_fill_all(x, n, 1.0 / n);
}

static void thousandths_of_n(int n, double *x)
{
  suite_fill_all(x, n, 0.001 / (n + 1));
}

/* 1, 1/2, 1/3, ... */
static void reciprocals(int n, double *x)
{
  for (int i = 0; i < n; i++) x[i] = 1.0 / (i + 1);
}

/* 1/(n + 1), 2/(n + 1), ... */
static void ramp(int n, double *x)
{
  for (int i = 0; i < n; i++) x[i] = (i + 1.0) / (n + 1.0);
}

static void start_rosenbrock(int n, double *x)
{
  alternate(n, x, -1.2, 1.0);
}

static void start_psc1(int n, double *x)
{
  alternate(n, x, 3.0, 0.1);
}

static void start_maratos(int n, double *x)
{
  alternate(n, x, 1.1, 0.1);
}

static void start_cliff(int n, double *x)
{
  alternate(n, x, 0.0, -1.0);
}

static void start_denschnf(int n, double *x)
{
  alternate(n, x, 2.0, 0.0);
}

static void start_nondquar(int n, double *x)
{
  alternate(n, x, 1.0, -1.0);
}

static void start_genhumps(int n, double *x)
{
  suite_fill_all(x, n, 506.2);
  x[0] = -506.0;
}

static void start_cragglvy(int n, double *x)
{
  suite_fill_all(x, n, 2.0);
  x[0] = 1.0;
}

static void start_denschnc(int n, double *x)
{
  suite_fill(x, n, (const double[]){2.0, 3.0});
}

static void start_denschnd(int n, double *x)
{
  suite_fill_all(x, n, 10.0);
}

static void start_denschne(int n, double *x)
{
  suite_fill(x, n, (const double[]){2.0, 3.0, -8.0});
}

/* name, source, n, step, least, optimum, traits, start, evaluate */
static const suite_problem problems[] = {
    {"generalized-rosenbrock", ANDREI(4), 100, 1, 2, 0.0, 0, start_rosenbrock, andrei_generalized_rosenbrock},
    {"extended-white-holst", ANDREI(5), 100, 2, 2, 0.0, 0, start_rosenbrock, andrei_extended_white_holst},
    {"perturbed-quadratic", ANDREI(8), 100, 1, 1, 0.0, 0, halves, andrei_perturbed_quadratic},
    {"raydan-1", ANDREI(9), 100, 1, 1, 505.0, 0, ones, andrei_raydan_1},
    {"raydan-2", ANDREI(10), 1000, 1, 1, 1000.0, 0, ones, andrei_raydan_2},
    {"diagonal-1", ANDREI(11), 100, 1, 1, -15706.741958037948, 0, nths, andrei_diagonal_1},
    {"diagonal-2", ANDREI(12), 100, 1, 1, 15.741353701188775, 0, reciprocals, andrei_diagonal_2},
    {"diagonal-3", ANDREI(13), 100, 1, 1, NAN, 0, ones, andrei_diagonal_3},
    {"hager", ANDREI(14), 100, 1, 1, -653.0786727330618, 0, ones, andrei_hager},
    {"generalized-tridiagonal-1", ANDREI(15), 100, 1, 2, NAN, 0, twos, andrei_generalized_tridiagonal_1},
    {"extended-tridiagonal-1", ANDREI(16), 100, 2, 2, 0.0, 0, twos, andrei_extended_tridiagonal_1},
    {"extended-tet", ANDREI(17), 100, 2, 2, 127.96333483291077, 0, tenths, andrei_extended_tet},
    {"generalized-tridiagonal-2", ANDREI(18), 100, 1, 2, NAN, 0, minus_ones, andrei_generalized_tridiagonal_2},
    {"diagonal-4", ANDREI(19), 100, 2, 2, 0.0, 0, ones, andrei_diagonal_4},
    {"diagonal-5", ANDREI(20), 1000, 1, 1, 693.1471805599453, 0, all_1_1, andrei_diagonal_5},
    {"extended-himmelblau", ANDREI(21), 100, 2, 2, 0.0, 0, ones, andrei_extended_himmelblau},
    {"generalized-white-holst", ANDREI(22), 100, 1, 2, 0.0, 0, start_rosenbrock, andrei_generalized_white_holst},
    {"generalized-psc1", ANDREI(23), 100, 1, 2, 99.0, 0, start_psc1, andrei_generalized_psc1},
    {"extended-psc1", ANDREI(24), 100, 2, 2, 38.659952824646186, 0, start_psc1, andrei_extended_psc1},
    {"full-hessian-1", ANDREI(26), 100, 1, 2, 0.0, 0, hundredths, andrei_full_hessian_1},
    {"full-hessian-2", ANDREI(27), 100, 1, 2, 0.0, 0, hundredths, andrei_full_hessian_2},
    {"extended-bd1", ANDREI(28), 100, 2, 2, 0.0, 0, tenths, andrei_extended_bd1},
    {"extended-maratos", ANDREI(29), 100, 2, 2, -50.03121103483703, 0, start_maratos, andrei_extended_maratos},
    {"extended-cliff", ANDREI(30), 100, 2, 2, 9.989330683884976, 0, start_cliff, andrei_extended_cliff},
    {"quadratic-diagonal-perturbed", ANDREI(31), 100, 1, 1, 0.0, 0, halves, andrei_quadratic_diagonal_perturbed},
    {"qf1", ANDREI(34), 100, 1, 1, -0.005, 0, ones, andrei_qf1},
    {"qp1", ANDREI(35), 100, 1, 2, 390.0625, 0, ones, andrei_qp1},
    {"qp2", ANDREI(36), 100, 1, 2, 0.0, 0, ones, andrei_qp2},
    {"qf2", ANDREI(37), 100, 1, 1, -1.0012468905232357, 0, halves, andrei_qf2},
    {"extended-ep1", ANDREI(38), 100, 2, 2, 793.1762881472698, 0, all_1_5, andrei_extended_ep1},
    {"extended-tridiagonal-2", ANDREI(39), 100, 1, 2, NAN, 0, ones, andrei_extended_tridiagonal_2},
    {"fletchcr", ANDREI(41), 100, 1, 2, 0.0, 0, zeros, andrei_fletchcr},
    {"bdqrtic", ANDREI(42), 100, 1, 5, NAN, 0, ones, andrei_bdqrtic},
    {"tridia", ANDREI(43), 100, 1, 2, 0.0, 0, ones, andrei_tridia},
    {"arwhead", ANDREI(45), 1000, 1, 2, 0.0, 0, ones, andrei_arwhead},
    {"nondia", ANDREI(46), 100, 1, 2, 0.0, 0, minus_ones, andrei_nondia},
    {"nondquar", ANDREI(47), 100, 1, 3, 0.0, 0, start_nondquar, andrei_nondquar},
    {"dqdrtic", ANDREI(48), 1000, 1, 3, 0.0, 0, threes, andrei_dqdrtic},
    {"eg2", ANDREI(49), 100, 1, 2, -99.5, 0, ones, andrei_eg2},
    {"curly20", ANDREI(50), 100, 1, 1, -10031.629024133108, 0, thousandths_of_n, andrei_curly20},
    {"dixmaan-a", ANDREI(51), 999, 3, 3, 1.0, 0, twos, andrei_dixmaan_a},
    {"dixmaan-d", ANDREI(51), 300, 3, 3, 1.0, 0, twos, andrei_dixmaan_d},
    {"dixmaan-e", ANDREI(51), 300, 3, 3, 1.0, 0, twos, andrei_dixmaan_e},
    {"dixmaan-h", ANDREI(51), 300, 3, 3, 1.0, 0, twos, andrei_dixmaan_h},
    {"dixmaan-i", ANDREI(51), 300, 3, 3, 1.0, 0, twos, andrei_dixmaan_i},
    {"dixmaan-l", ANDREI(51), 300, 3, 3, 1.0, 0, twos, andrei_dixmaan_l},
    {"partial-perturbed-quadratic", ANDREI(52), 100, 1, 1, 0.0, 0, halves, andrei_partial_perturbed_quadratic},
    {"almost-perturbed-quadratic", ANDREI(54), 100, 1, 2, 0.0, 0, halves, andrei_almost_perturbed_quadratic},
    {"perturbed-tridiagonal-quadratic", ANDREI(55), 100, 1, 3, 0.0, 0, halves, andrei_perturbed_tridiagonal_quadratic},
    {"staircase-1", ANDREI(56), 100, 1, 1, 0.0, 0, ones, andrei_staircase_1},
    {"staircase-2", ANDREI(57), 100, 1, 1, 0.0, 0, zeros, andrei_staircase_2},
    {"liarwhd", ANDREI(58), 100, 1, 1, 0.0, 0, fours, andrei_liarwhd},
    {"power", ANDREI(59), 100, 1, 1, 0.0, 0, ones, andrei_power},
    {"engval1", ANDREI(60), 1000, 1, 2, NAN, 0, twos, andrei_engval1},
    {"cragglvy", ANDREI(61), 100, 2, 4, NAN, 0, start_cragglvy, andrei_cragglvy},
    {"edensch", ANDREI(62), 1000, 1, 2, NAN, 0, zeros, andrei_edensch},
    {"indef", ANDREI(63), 100, 1, 3, -INFINITY, SUITE_UNBOUNDED, ramp, andrei_indef},
    {"cube", ANDREI(64), 100, 1, 2, 0.0, 0, start_rosenbrock, andrei_cube},
    {"genhumps", ANDREI(70), 100, 1, 2, 0.0, 0, start_genhumps, andrei_genhumps},
    {"nonscomp", ANDREI(72), 100, 1, 2, 0.0, 0, threes, andrei_nonscomp},
    {"quartc", ANDREI(74), 100, 1, 1, 0.0, 0, twos, andrei_quartc},
    {"sinquad", ANDREI(76), 100, 1, 3, 0.0, 0, tenths, andrei_sinquad},
    {"extended-denschnb", ANDREI(77), 100, 2, 2, 0.0, 0, ones, andrei_extended_denschnb},
    {"extended-denschnf", ANDREI(78), 100, 2, 2, 0.0, 0, start_denschnf, andrei_extended_denschnf},
    {"cosine", ANDREI(81), 1000, 1, 2, -999.0, 0, ones, andrei_cosine},
    {"sine", ANDREI(82), 100, 1, 2, -99.0, 0, ones, andrei_sine},
    {"biggsb1", ANDREI(83), 100, 1, 2, 0.0, 0, zeros, andrei_biggsb1},
    {"generalized-quartic", ANDREI(84), 100, 1, 2, 0.0, 0, ones, andrei_generalized_quartic},
    {"diagonal-9", ANDREI(89), 100, 1, 1, -15346.224939439138, 0, ones, andrei_diagonal_9},
    {"himmelbg", ANDREI(90), 100, 2, 2, 0.0, 0, all_1_5, andrei_himmelbg},
    {"denschna", DENNIS_SCHNABEL, 2, 0, 2, 0.0, 0, ones, andrei_denschna},
    {"denschnc", DENNIS_SCHNABEL, 2, 0, 2, 0.0, 0, start_denschnc, andrei_denschnc},
    {"denschnd", DENNIS_SCHNABEL, 3, 0, 3, 0.0, 0, start_denschnd, andrei_denschnd},
    {"denschne", DENNIS_SCHNABEL, 3, 0, 3, 0.0, 0, start_denschne, andrei_denschne},
};

const suite_family suite_andrei = {problems, sizeof problems / sizeof *problems};
