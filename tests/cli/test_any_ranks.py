#!/usr/bin/env python3
"""`secant run` has the same bits on any number of ranks and threads, `secant fit` on any number of threads."""

from bits import check_same, dense_softmax, sparse_logistic
from command import main, options


def every_way(command):
    return [(ranks, threads) for ranks in command.ranks for threads in (1, 2, 3)]


def large_problems_do_not_depend_on_ranks_and_threads(command):
    """Large enough that a quarter still occupies three threads, but for the first one."""
    for job in [["rosenbrock", *options(n=100000), "--max-iter", 20],
                ["rosenbrock", *options(n=540000), "--history-size", 4, "--max-iter", 8],
                ["quadratic", *options(n=540001, condition=1e4), "--history-size", 4, "--max-iter", 8]]:
        check_same(command, ["run", *job], every_way(command))


def small_problems_do_not_depend_on_ranks(command):
    """Tiles shrink with the problem, to 512 and 8 unknowns; a shard can be empty. From iteration 21 on the quadratics have a
    diagonal H0."""
    jobs = [["quadratic", *options(n=50001, condition=1e4), "--direction", "two_loop", "--max-iter", 30],
            ["rosenbrock", *options(n=20000), "--history-size", 5, "--max-iter", 15],
            ["rosenbrock", *options(n=20000), "--history-dtype", "f32", "--max-iter", 15],
            ["quadratic", *options(n=999), "--max-iter", 22],
            ["quadratic", *options(n=30001, condition=1e6), "--max-iter", 22],
            ["quadratic", *options(n=11), "--max-iter", 5]]
    for job in jobs:
        check_same(command, ["run", *job], [(ranks, 1) for ranks in command.ranks])


def a_surface_does_not_depend_on_ranks_and_threads(command):
    """Rows of 701 nodes are no multiple of a tile: cuts fall into the middle of rows."""
    check_same(command, ["run", "minimal-surface", *options(nx=701, ny=403), "--max-iter", 8], every_way(command))


def a_surface_may_have_rows_longer_than_shards(command):
    """Halos then come from more than one rank, or from none."""
    for nx, ny in [(701, 3), (20000, 2), (3000, 1), (1, 50), (5, 1)]:
        check_same(command, ["run", "minimal-surface", *options(nx=nx, ny=ny), "--max-iter", 8],
                   [(ranks, 1) for ranks in command.ranks])


def a_fit_does_not_depend_on_threads(command):
    for job in [sparse_logistic(), dense_softmax()]:
        for ranks in command.ranks:
            check_same(command, job, [(ranks, threads) for threads in (1, 2, 3)])


if __name__ == "__main__":
    main([large_problems_do_not_depend_on_ranks_and_threads, small_problems_do_not_depend_on_ranks,
          a_surface_does_not_depend_on_ranks_and_threads, a_surface_may_have_rows_longer_than_shards,
          a_fit_does_not_depend_on_threads])
