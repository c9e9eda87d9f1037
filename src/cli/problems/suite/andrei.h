/* The formulas of Andrei's collection, each in the file named: they return f and fill the gradient [n]. */
#ifndef SECANT_CLI_SUITE_ANDREI_H
#define SECANT_CLI_SUITE_ANDREI_H

/* andrei_singles.c */
double andrei_raydan_1(int n, const double *x, double *gradient);
double andrei_raydan_2(int n, const double *x, double *gradient);
double andrei_diagonal_1(int n, const double *x, double *gradient);
double andrei_diagonal_2(int n, const double *x, double *gradient);
double andrei_diagonal_3(int n, const double *x, double *gradient);
double andrei_hager(int n, const double *x, double *gradient);
double andrei_diagonal_5(int n, const double *x, double *gradient);
double andrei_power(int n, const double *x, double *gradient);
double andrei_quartc(int n, const double *x, double *gradient);
double andrei_diagonal_9(int n, const double *x, double *gradient);

/* andrei_pairs.c */
double andrei_extended_white_holst(int n, const double *x, double *gradient);
double andrei_generalized_white_holst(int n, const double *x, double *gradient);
double andrei_extended_tridiagonal_1(int n, const double *x, double *gradient);
double andrei_generalized_tridiagonal_1(int n, const double *x, double *gradient);
double andrei_extended_tet(int n, const double *x, double *gradient);
double andrei_diagonal_4(int n, const double *x, double *gradient);
double andrei_extended_himmelblau(int n, const double *x, double *gradient);
double andrei_extended_psc1(int n, const double *x, double *gradient);
double andrei_extended_bd1(int n, const double *x, double *gradient);
double andrei_extended_maratos(int n, const double *x, double *gradient);
double andrei_extended_cliff(int n, const double *x, double *gradient);
double andrei_extended_ep1(int n, const double *x, double *gradient);
double andrei_extended_denschnb(int n, const double *x, double *gradient);
double andrei_extended_denschnf(int n, const double *x, double *gradient);
double andrei_himmelbg(int n, const double *x, double *gradient);

/* andrei_chains.c */
double andrei_generalized_rosenbrock(int n, const double *x, double *gradient);
double andrei_generalized_psc1(int n, const double *x, double *gradient);
double andrei_extended_tridiagonal_2(int n, const double *x, double *gradient);
double andrei_fletchcr(int n, const double *x, double *gradient);
double andrei_tridia(int n, const double *x, double *gradient);
double andrei_engval1(int n, const double *x, double *gradient);
double andrei_edensch(int n, const double *x, double *gradient);
double andrei_cube(int n, const double *x, double *gradient);
double andrei_genhumps(int n, const double *x, double *gradient);
double andrei_nonscomp(int n, const double *x, double *gradient);
double andrei_cosine(int n, const double *x, double *gradient);
double andrei_sine(int n, const double *x, double *gradient);
double andrei_biggsb1(int n, const double *x, double *gradient);
double andrei_generalized_quartic(int n, const double *x, double *gradient);

/* andrei_sums.c */
double andrei_perturbed_quadratic(int n, const double *x, double *gradient);
double andrei_quadratic_diagonal_perturbed(int n, const double *x, double *gradient);
double andrei_qf1(int n, const double *x, double *gradient);
double andrei_qf2(int n, const double *x, double *gradient);
double andrei_qp1(int n, const double *x, double *gradient);
double andrei_qp2(int n, const double *x, double *gradient);
double andrei_almost_perturbed_quadratic(int n, const double *x, double *gradient);
double andrei_perturbed_tridiagonal_quadratic(int n, const double *x, double *gradient);
double andrei_staircase_1(int n, const double *x, double *gradient);
double andrei_staircase_2(int n, const double *x, double *gradient);
double andrei_partial_perturbed_quadratic(int n, const double *x, double *gradient);
double andrei_full_hessian_2(int n, const double *x, double *gradient);
double andrei_full_hessian_1(int n, const double *x, double *gradient);

/* andrei_bands.c */
double andrei_generalized_tridiagonal_2(int n, const double *x, double *gradient);
double andrei_bdqrtic(int n, const double *x, double *gradient);
double andrei_arwhead(int n, const double *x, double *gradient);
double andrei_nondia(int n, const double *x, double *gradient);
double andrei_liarwhd(int n, const double *x, double *gradient);
double andrei_nondquar(int n, const double *x, double *gradient);
double andrei_dqdrtic(int n, const double *x, double *gradient);
double andrei_eg2(int n, const double *x, double *gradient);
double andrei_curly20(int n, const double *x, double *gradient);
double andrei_cragglvy(int n, const double *x, double *gradient);
double andrei_indef(int n, const double *x, double *gradient);
double andrei_sinquad(int n, const double *x, double *gradient);

/* andrei_dixmaan.c */
double andrei_dixmaan_a(int n, const double *x, double *gradient);
double andrei_dixmaan_d(int n, const double *x, double *gradient);
double andrei_dixmaan_e(int n, const double *x, double *gradient);
double andrei_dixmaan_h(int n, const double *x, double *gradient);
double andrei_dixmaan_i(int n, const double *x, double *gradient);
double andrei_dixmaan_l(int n, const double *x, double *gradient);

/* andrei_denschn.c */
double andrei_denschna(int n, const double *x, double *gradient);
double andrei_denschnc(int n, const double *x, double *gradient);
double andrei_denschnd(int n, const double *x, double *gradient);
double andrei_denschne(int n, const double *x, double *gradient);

#endif
