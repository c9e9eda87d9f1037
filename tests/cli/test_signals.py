#!/usr/bin/env python3
"""A signal to one rank stops all ranks at one iteration, with a checkpoint that the same command goes on from."""

import os
import signal

from command import check_same_end, main, needs_hdf5, options, rows, wait_for_rows

LIMIT = 100
ENDLESS = 100000000
FLAGS = ["run", "quadratic", "--json", "--quiet", "--tolerance-grad", "0", "--scaling", "last_pair",
         *options(n=50000, condition=1e12)]


def stop(command, files, trace, send):
    """Runs without a limit until `send` has signalled it in iteration 10 or later; returns the result."""
    process = command.start(*FLAGS, *files, "--max-iter", ENDLESS)
    wait_for_rows(trace, 10, process)
    send(process)
    return command.finish(process)


def uninterrupted(command, limit, known={}):
    """Result and trace of a run of `limit` iterations that nothing stops. The usual one is made only once."""
    if limit not in known:
        result = command.run(*FLAGS, "--trace", "whole.csv", "--max-iter", limit)
        known[limit] = result.json(), rows("whole.csv")
    return known[limit]


def check_stopped_and_resumed(command, send):
    files = ["--checkpoint", "c.h5", "--trace", "t.csv", "--resume"]
    for left in filter(os.path.exists, ["t.csv", "c.h5", "c.h5.1"]):
        os.remove(left)
    stopped = stop(command, files, "t.csv", send)
    assert stopped.exit_status == 75, "exit status %d\n%s" % (stopped.exit_status, stopped.stderr)
    values = stopped.json()
    assert values["status"] == "stopped" and values["reason"] == "stop_requested", values
    assert os.path.exists("c.h5")
    at = values["n_iter"]
    assert len(rows("t.csv")) == at, "stopped at %d, but the trace has %d rows" % (at, len(rows("t.csv")))
    limit = LIMIT if at < LIMIT else at + 10
    got = command.run(*FLAGS, *files, "--max-iter", limit)
    want, want_rows = uninterrupted(command, limit)
    assert got.json()["resumed_from"] == at, got.stdout
    check_same_end(got.json(), want)
    assert rows("t.csv") == want_rows, "the traces differ"


@needs_hdf5
def usr1_to_any_one_rank_stops_all(command):
    ranks = 1
    for index in range(64):
        if index >= ranks:
            break

        def send(process):
            nonlocal ranks
            pids = command.processes(process)
            ranks = len(pids)
            os.kill(pids[index], signal.SIGUSR1)

        check_stopped_and_resumed(command, send)


@needs_hdf5
def every_stop_signal_writes_a_checkpoint(command):
    for number in [signal.SIGUSR2, signal.SIGTERM, signal.SIGINT]:
        check_stopped_and_resumed(command, lambda process: os.kill(command.processes(process)[-1], number))


@needs_hdf5
def usr1_to_mpirun_reaches_the_run(command):
    if not command.under_mpirun:
        return "no mpirun"
    check_stopped_and_resumed(command, lambda process: process.send_signal(signal.SIGUSR1))


@needs_hdf5
def requeued_job_goes_on_until_it_is_done(command):
    flags = ["run", "quadratic", "--json", "--quiet", "--scaling", "last_pair", *options(n=50000, condition=1e4)]
    files = ["--checkpoint", "c.h5", "--trace", "t.csv", "--resume", "--max-time", "0.3"]
    for job in range(200):
        result = command.run(*flags, *files)
        assert result.exit_status in (0, 75), "exit status %d\n%s" % (result.exit_status, result.stderr)
        if result.exit_status == 0:
            break
        assert result.json()["reason"] == "max_time", result.stdout
    assert job > 0, "the problem is too easy for this test"
    check_same_end(result.json(), command.run(*flags, "--trace", "whole.csv").json())
    assert rows("t.csv") == rows("whole.csv"), "the traces differ"


@needs_hdf5
def stop_whose_checkpoint_fails_is_a_failure(command):
    os.mkdir("inner")

    def send(process):
        os.rmdir("inner")
        os.kill(command.processes(process)[0], signal.SIGUSR1)

    result = stop(command, ["--checkpoint", "inner/c.h5", "--trace", "t.csv"], "t.csv", send)
    assert result.exit_status == 1, "exit status %d\n%s" % (result.exit_status, result.stderr)
    assert any("was not written" in sentence for sentence in result.sentences), result.sentences
    assert not any("goes on from" in sentence for sentence in result.sentences), result.sentences


main([
    usr1_to_any_one_rank_stops_all,
    every_stop_signal_writes_a_checkpoint,
    usr1_to_mpirun_reaches_the_run,
    requeued_job_goes_on_until_it_is_done,
    stop_whose_checkpoint_fails_is_a_failure,
])
