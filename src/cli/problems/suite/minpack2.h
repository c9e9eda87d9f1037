/* Formulas and starts of the MINPACK-2 collection, each in the file named: they return f and fill the gradient [n]. */
#ifndef SECANT_CLI_SUITE_MINPACK2_H
#define SECANT_CLI_SUITE_MINPACK2_H

/* minpack2_membranes.c: SIDE^2 unknowns */
enum { MINPACK2_SIDE = 20 };
double minpack2_minimal_surface(int n, const double *x, double *gradient);
void minpack2_start_minimal_surface(int n, double *x);
double minpack2_optimal_design(int n, const double *x, double *gradient);
void minpack2_start_optimal_design(int n, double *x);
double minpack2_torsion(int n, const double *x, double *gradient);
void minpack2_start_torsion(int n, double *x);
double minpack2_journal_bearing(int n, const double *x, double *gradient);
void minpack2_start_journal_bearing(int n, double *x);
double minpack2_solid_fuel_ignition(int n, const double *x, double *gradient);
void minpack2_start_solid_fuel_ignition(int n, double *x);

/* minpack2_superconductors.c: any number of unknowns from 4 on, and 4 VORTEX_SIDE^2 */
enum { MINPACK2_VORTEX_SIDE = 10 };
double minpack2_ginzburg_landau_1(int n, const double *x, double *gradient);
void minpack2_start_ginzburg_landau_1(int n, double *x);
double minpack2_ginzburg_landau_2(int n, const double *x, double *gradient);
void minpack2_start_ginzburg_landau_2(int n, double *x);

/* minpack2_clusters.c: 2 or 3 unknowns for each atom */
double minpack2_lennard_jones_2d(int n, const double *x, double *gradient);
void minpack2_start_lennard_jones_2d(int n, double *x);
double minpack2_lennard_jones_3d(int n, const double *x, double *gradient);
void minpack2_start_lennard_jones_3d(int n, double *x);

/* minpack2_collocation.c: 8, 14 and 15 unknowns for each interval, and 3 more for the rod */
double minpack2_channel_flow(int n, const double *x, double *gradient);
void minpack2_start_channel_flow(int n, double *x);
double minpack2_swirling_flow(int n, const double *x, double *gradient);
void minpack2_start_swirling_flow(int n, double *x);
double minpack2_elastic_rod(int n, const double *x, double *gradient);
void minpack2_start_elastic_rod(int n, double *x);

/* minpack2_systems.c: 8, 11 and 5 unknowns */
double minpack2_heart_dipole_1(int n, const double *x, double *gradient);
double minpack2_heart_dipole_2(int n, const double *x, double *gradient);
double minpack2_heart_dipole_3(int n, const double *x, double *gradient);
void minpack2_start_heart_dipole_1(int n, double *x);
void minpack2_start_heart_dipole_2(int n, double *x);
void minpack2_start_heart_dipole_3(int n, double *x);
double minpack2_propane_full(int n, const double *x, double *gradient);
void minpack2_start_propane_full(int n, double *x);
double minpack2_propane_reduced(int n, const double *x, double *gradient);
void minpack2_start_propane_reduced(int n, double *x);

#endif
