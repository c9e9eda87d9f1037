/* lmvm of PETSc's TAO on the suite. --scalar: J0 a multiple of the identity instead of TAO's own, a diagonal. */
#include "suite/runner.h"

#include <petsctao.h>
#include <stdio.h>

static PetscErrorCode evaluate(Tao tao, Vec x, PetscReal *loss, Vec g, void *user)
{
  const PetscScalar *values;
  PetscScalar *gradient;
  (void)tao;
  PetscFunctionBeginUser;
  PetscCall(VecGetArrayRead(x, &values));
  PetscCall(VecGetArrayWrite(g, &gradient));
  *loss = suite_recorder_evaluate(user, values, gradient);
  PetscCall(VecRestoreArrayWrite(g, &gradient));
  PetscCall(VecRestoreArrayRead(x, &values));
  PetscFunctionReturn(0);
}

static PetscErrorCode create(suite_recorder *recorder, Vec x, Tao *tao)
{
  PetscFunctionBeginUser;
  PetscCall(TaoCreate(PETSC_COMM_SELF, tao));
  PetscCall(TaoSetType(*tao, TAOLMVM));
  PetscCall(TaoSetSolution(*tao, x));
  PetscCall(TaoSetObjectiveAndGradient(*tao, NULL, evaluate, recorder));
  PetscCall(TaoSetTolerances(*tao, 0.0, 0.0, 0.0));
  PetscCall(TaoSetMaximumIterations(*tao, SUITE_MOST_EVALUATIONS));
  PetscCall(TaoSetMaximumFunctionEvaluations(*tao, -1));
  PetscCall(TaoSetFromOptions(*tao));
  PetscFunctionReturn(0);
}

static PetscErrorCode run(suite_recorder *recorder, int n)
{
  Vec x;
  Tao tao;
  TaoConvergedReason reason;
  PetscScalar *values;
  PetscFunctionBeginUser;
  PetscCall(VecCreateSeq(PETSC_COMM_SELF, n, &x));
  PetscCall(VecGetArrayWrite(x, &values));
  suite_recorder_start(recorder, values);
  PetscCall(VecRestoreArrayWrite(x, &values));
  PetscCall(create(recorder, x, &tao));
  PetscCall(TaoSolve(tao));
  PetscCall(TaoGetConvergedReason(tao, &reason));
  PetscCall(VecGetArray(x, &values));
  suite_recorder_end(recorder, TaoConvergedReasons[reason], values);
}

static void solve(suite_recorder *recorder, int n, void *user)
{
  (void)user;
  const PetscErrorCode failed = run(recorder, n);
  double *x = suite_vector(n); /* the solver's own point is lost */
  char text[64];
  snprintf(text, sizeof text, "PETSc error %d", (int)failed);
  suite_recorder_start(recorder, x);
  suite_recorder_end(recorder, text, x);
}

int main(int argc, char **argv)
{
  const int scalar = suite_has_flag(argc, argv, "--scalar");
  int own = 1; /* what stands on the command line is not PETSc's */
  char **names = argv;
  PetscCall(PetscInitialize(&own, &names, NULL, NULL));
  PetscCall(PetscOptionsSetValue(NULL, "-tao_lmvm_mat_lmvm_hist_size", "10"));
  if (scalar) PetscCall(PetscOptionsSetValue(NULL, "-tao_lmvm_mat_lmvm_scale_type", "scalar"));
  const int code = suite_run(solve, NULL, argc, argv);
  PetscCall(PetscFinalize());
  return code;
}
