/*
 * Unconstrained problems of the MINPACK-2 collection, and its systems of nonlinear equations as sums of squares; those
 * that are also among the problems of Moré, Garbow and Hillstrom are left out, and steady-state combustion, whose
 * energy has no lower bound and yet a local minimum. Formulas and starts are in the other files of this name.
 *
 * Source: Averick, Carter, Moré, Xue, The MINPACK-2 Test Problem Collection, Argonne MCS-P153-0692 (1992).
 */
#include "cli/problems/suite/families.h"
#include "cli/problems/suite/minpack2.h"
#include <math.h>

enum { GRID = MINPACK2_SIDE * MINPACK2_SIDE, VORTEX_GRID = 4 * MINPACK2_VORTEX_SIDE * MINPACK2_VORTEX_SIDE };

#define MINPACK2(problem) "MINPACK-2 1992, " problem

/* name, source, n, step, least, optimum, traits, start, evaluate */
static const suite_problem problems[] = {
    {"minimal-surface-grid", MINPACK2("minimal surface area"), GRID, 0, GRID, NAN, 0, minpack2_start_minimal_surface,
     minpack2_minimal_surface},
    {"optimal-design", MINPACK2("optimal design with composites"), GRID, 0, GRID, NAN, 0, minpack2_start_optimal_design,
     minpack2_optimal_design},
    {"torsion", MINPACK2("elastic-plastic torsion, without bounds"), GRID, 0, GRID, -0.43608612899269766, 0,
     minpack2_start_torsion, minpack2_torsion},
    {"journal-bearing", MINPACK2("journal bearing, without bounds"), GRID, 0, GRID, NAN, 0,
     minpack2_start_journal_bearing, minpack2_journal_bearing},
    {"solid-fuel-ignition", MINPACK2("solid fuel ignition"), GRID, 0, GRID, 0.0, 0, minpack2_start_solid_fuel_ignition,
     minpack2_solid_fuel_ignition},
    {"ginzburg-landau-1", MINPACK2("inhomogeneous superconductors"), 100, 4, 4, NAN, 0,
     minpack2_start_ginzburg_landau_1, minpack2_ginzburg_landau_1},
    {"ginzburg-landau-2", MINPACK2("Ginzburg-Landau"), VORTEX_GRID, 0, VORTEX_GRID, NAN, 0,
     minpack2_start_ginzburg_landau_2, minpack2_ginzburg_landau_2},
    {"lennard-jones-2d", MINPACK2("Lennard-Jones clusters"), 60, 2, 4, NAN, 0, minpack2_start_lennard_jones_2d,
     minpack2_lennard_jones_2d},
    {"lennard-jones-3d-13", MINPACK2("Lennard-Jones clusters"), 39, 3, 6, -44.326801, 0,
     minpack2_start_lennard_jones_3d, minpack2_lennard_jones_3d},
    {"lennard-jones-3d-38", MINPACK2("Lennard-Jones clusters"), 114, 3, 6, -173.928427, 0,
     minpack2_start_lennard_jones_3d, minpack2_lennard_jones_3d},
    {"channel-flow", MINPACK2("flow in a channel"), 80, 8, 8, 0.0, 0, minpack2_start_channel_flow,
     minpack2_channel_flow},
    {"swirling-flow", MINPACK2("swirling flow between disks"), 70, 14, 14, 0.0, 0, minpack2_start_swirling_flow,
     minpack2_swirling_flow},
    {"elastic-rod", MINPACK2("incompressible elastic rods"), 78, 0, 78, 0.0, 0, minpack2_start_elastic_rod,
     minpack2_elastic_rod},
    {"heart-dipole-1", MINPACK2("human heart dipole"), 8, 0, 8, 0.0, 0, minpack2_start_heart_dipole_1,
     minpack2_heart_dipole_1},
    {"heart-dipole-2", MINPACK2("human heart dipole"), 8, 0, 8, 0.0, 0, minpack2_start_heart_dipole_2,
     minpack2_heart_dipole_2},
    {"heart-dipole-3", MINPACK2("human heart dipole"), 8, 0, 8, 0.0, 0, minpack2_start_heart_dipole_3,
     minpack2_heart_dipole_3},
    {"propane-full", MINPACK2("combustion of propane, full"), 11, 0, 11, 0.0, SUITE_UNDEFINED,
     minpack2_start_propane_full, minpack2_propane_full},
    {"propane-reduced", MINPACK2("combustion of propane, reduced"), 5, 0, 5, 0.0, 0, minpack2_start_propane_reduced,
     minpack2_propane_reduced},
};

const suite_family suite_minpack2 = {problems, sizeof problems / sizeof *problems};
