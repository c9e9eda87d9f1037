/*
 * Times lmvm of PETSc's TAO. Its own options come after those of measure.h; the one that makes the initial Hessian a
 * multiple of the identity is -tao_lmvm_mat_lmvm_scale_type scalar.
 */
#include "count_allreduce.h"
#include "measure.h"

#include <petsctao.h>
#include <secant/secant.h>

typedef struct runner {
  bench_measure *measure;
  int completed;
} runner;

/* TAO wants the global value, so the objective has to add it up. */
static PetscErrorCode evaluate(Tao tao, Vec x, PetscReal *loss, Vec g, void *user)
{
  runner *self = user;
  const PetscScalar *values;
  PetscScalar *gradient;
  (void)tao;
  PetscFunctionBeginUser;
  PetscCall(VecGetArrayRead(x, &values));
  PetscCall(VecGetArrayWrite(g, &gradient));
  double share = bench_measure_evaluate(self->measure, self->completed, values, gradient);
  PetscCall(VecRestoreArrayWrite(g, &gradient));
  PetscCall(VecRestoreArrayRead(x, &values));
  PetscCallMPI(MPI_Allreduce(&share, loss, 1, MPI_DOUBLE, MPI_SUM, PETSC_COMM_WORLD));
  PetscFunctionReturn(0);
}

static PetscErrorCode monitor(Tao tao, void *user)
{
  PetscInt completed;
  PetscFunctionBeginUser;
  PetscCall(TaoGetIterationNumber(tao, &completed));
  runner *self = user;
  self->completed = (int)completed;
  if (bench_measure_done(self->measure)) PetscCall(TaoSetConvergedReason(tao, TAO_CONVERGED_USER));
  PetscFunctionReturn(0);
}

static PetscErrorCode begin_round(runner *self, Vec x, Vec g)
{
  PetscScalar *values, *gradient;
  PetscFunctionBeginUser;
  PetscCall(VecGetArrayWrite(x, &values));
  PetscCall(VecGetArrayWrite(g, &gradient));
  bench_measure_begin(self->measure, values, gradient);
  PetscCall(VecRestoreArrayWrite(g, &gradient));
  PetscCall(VecRestoreArrayWrite(x, &values));
  self->completed = 0;
  PetscFunctionReturn(0);
}

static PetscErrorCode run_round(runner *self, Vec x, Vec g)
{
  Tao tao;
  PetscFunctionBeginUser;
  PetscCall(begin_round(self, x, g));
  PetscCall(TaoCreate(PETSC_COMM_WORLD, &tao));
  PetscCall(TaoSetType(tao, TAOLMVM));
  PetscCall(TaoSetSolution(tao, x));
  PetscCall(TaoSetObjectiveAndGradient(tao, g, evaluate, self));
  PetscCall(TaoSetTolerances(tao, 0.0, 0.0, 0.0));
  PetscCall(TaoSetMaximumIterations(tao, bench_measure_iterations(self->measure)));
  PetscCall(TaoSetMaximumFunctionEvaluations(tao, -1));
  PetscCall(TaoSetMonitor(tao, monitor, self, NULL));
  PetscCall(TaoSetFromOptions(tao));
  PetscCall(TaoSolve(tao));
  PetscCall(TaoDestroy(&tao));
  PetscFunctionReturn(0);
}

/* Rank 0 reports; what the others found is added. */
static PetscErrorCode report(runner *self, Vec x, Vec g, int ranks, int rank, int *code)
{
  const PetscScalar *values;
  PetscScalar *gradient;
  double loss, grad_inf;
  PetscBool scalar;
  PetscFunctionBeginUser;
  PetscCall(VecGetArrayRead(x, &values));
  PetscCall(VecGetArrayWrite(g, &gradient));
  bench_measure_final(self->measure, values, gradient, &loss, &grad_inf);
  PetscCall(VecRestoreArrayWrite(g, &gradient));
  PetscCall(VecRestoreArrayRead(x, &values));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &loss, 1, MPI_DOUBLE, MPI_SUM, PETSC_COMM_WORLD));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &grad_inf, 1, MPI_DOUBLE, MPI_MAX, PETSC_COMM_WORLD));
  PetscCall(PetscOptionsHasName(NULL, NULL, "-tao_lmvm_mat_lmvm_scale_type", &scalar));
  if (rank == 0) *code = bench_measure_report(self->measure, scalar ? "tao scalar" : "tao", ranks, loss, grad_inf);
  PetscFunctionReturn(0);
}

static PetscErrorCode run(runner *self, int *code)
{
  Vec x, g;
  int ranks, rank;
  int64_t first, count;
  char pairs[32];
  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_size(PETSC_COMM_WORLD, &ranks));
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  PetscCheck(secant_partition(self->measure->given.n, ranks, rank, &first, &count) == SECANT_OK, PETSC_COMM_WORLD,
             PETSC_ERR_ARG_OUTOFRANGE, "no partition");
  bench_measure_place(self->measure, first, count);
  PetscCall(PetscSNPrintf(pairs, sizeof pairs, "%d", self->measure->given.m));
  PetscCall(PetscOptionsSetValue(NULL, "-tao_lmvm_mat_lmvm_hist_size", pairs));
  PetscCall(VecCreateMPI(PETSC_COMM_WORLD, (PetscInt)count, (PetscInt)self->measure->given.n, &x));
  PetscCall(VecDuplicate(x, &g));
  for (int round = 0; round < self->measure->given.rounds; round++) PetscCall(run_round(self, x, g));
  PetscCall(report(self, x, g, ranks, rank, code));
  PetscCall(VecDestroy(&g));
  PetscCall(VecDestroy(&x));
  PetscFunctionReturn(0);
}

int main(int argc, char **argv)
{
  int code = 0;
  runner self = {.measure = bench_measure_create(argc, argv)};
  self.measure->traffic = bench_count_allreduce;
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  PetscCall(run(&self, &code));
  PetscCall(PetscFinalize());
  bench_measure_destroy(self.measure);
  return code;
}
