/*
 * Faults that the variable SECANT_FAULT orders, for tests of what runs inside a job: that of the objective returning
 * NaN, of a process killed, and the like. docs/faults.md describes the variable.
 */
#ifndef SECANT_CLI_FAULT_H
#define SECANT_CLI_FAULT_H

#include <secant/secant.h>
#include <stdint.h>

enum { FAULTS_MOST = 16 };

typedef enum fault_kind {
  FAULT_LOSS,     /* the loss of the rank becomes `value` */
  FAULT_GRADIENT, /* the first entry of the rank's gradient becomes `value` */
  FAULT_FAIL,     /* the evaluation reports failure */
  FAULT_SLEEP,    /* the evaluation takes `value` seconds more */
  FAULT_KILL      /* the process gets SIGKILL */
} fault_kind;

typedef struct cli_fault {
  int64_t evaluation; /* of this process, from 1 */
  int64_t rank;       /* -1: every rank */
  fault_kind kind;
  double value;
  char word[32]; /* as it was written: "nan" */
} cli_fault;

/* {0} has none. */
typedef struct cli_faults {
  cli_fault list[FAULTS_MOST];
  int count;
  int64_t evaluations; /* so far */
  int rank;
} cli_faults;

/*
 * Reads `text`, the value of the variable, NULL if it is not set. Ranks may have different texts. Says so if any rank
 * has faults to make. Collective.
 * Returns SECANT_OK, or SECANT_ERR_ARGUMENT or SECANT_ERR_COMM with one sentence in `error` (never NULL).
 */
secant_status faults_read(cli_faults *faults, const char *text, secant_comm *comm, secant_error *error);

/*
 * Makes the faults that are due after an evaluation that set `loss`, the gradients of the parameters [count], and
 * returned `failed`. Not collective.
 * Returns what the evaluation shall have returned.
 */
int faults_make(cli_faults *faults, const secant_parameter *parameters, size_t count, double *loss, int failed);

#endif
