#!/usr/bin/env python3
"""A signal to one rank stops all ranks at one iteration, with a checkpoint that the same command goes on from."""

import os
import signal
import sys

from command import SKIPPED, check_same_end, has_checkpoints, main, options, rows, wait_for_rows

LIMIT = 150
ENDLESS = 100000000
FLAGS = ["run", "quadratic", "--json", "--quiet", "--tolerance-grad", "0", *options(n=100000, condition=1e12)]


def supported(command, folder):
    if not has_checkpoints(command, folder):
        print("skipped: built without HDF5")
        sys.exit(SKIPPED)


def stop(command, files, trace, send):
    """Runs without a limit until `send` has signalled it in iteration 20 or later; returns the result."""
    process = command.start(*FLAGS, *files, "--max-iter", ENDLESS)
    wait_for_rows(trace, 20, process)
    send(process)
    return command.finish(process)


def check_stopped_and_resumed(command, folder, send):
    trace, whole, checkpoint = (os.path.join(folder, name) for name in ["t.csv", "whole.csv", "c.h5"])
    files = ["--checkpoint", checkpoint, "--trace", trace, "--resume"]
    for left in filter(os.path.exists, [trace, whole, checkpoint]):
        os.remove(left)
    stopped = stop(command, files, trace, send)
    assert stopped.exit_status == 75, "exit status %d\n%s" % (stopped.exit_status, stopped.stderr)
    values = stopped.json()
    assert values["status"] == "stopped" and values["reason"] == "stop_requested", values
    assert os.path.exists(checkpoint)
    at = values["n_iter"]
    assert len(rows(trace)) == at, "stopped at %d, but the trace has %d rows" % (at, len(rows(trace)))
    limit = max(LIMIT, at + 10)
    got = command.run(*FLAGS, *files, "--max-iter", limit)
    want = command.run(*FLAGS, "--trace", whole, "--max-iter", limit)
    assert got.json()["resumed_from"] == at, got.stdout
    check_same_end(got.json(), want.json())
    assert rows(trace) == rows(whole), "the traces differ"


def usr1_to_any_one_rank_stops_all(command, folder):
    ranks = 1
    for index in range(64):
        if index >= ranks:
            break

        def send(process):
            nonlocal ranks
            pids = command.ranks(process)
            ranks = len(pids)
            os.kill(pids[index], signal.SIGUSR1)

        check_stopped_and_resumed(command, folder, send)


def every_stop_signal_writes_a_checkpoint(command, folder):
    for number in [signal.SIGUSR2, signal.SIGTERM, signal.SIGINT]:
        check_stopped_and_resumed(command, folder, lambda process: os.kill(command.ranks(process)[-1], number))


def usr1_to_mpirun_reaches_the_run(command, folder):
    if command.under_mpirun:
        check_stopped_and_resumed(command, folder, lambda process: process.send_signal(signal.SIGUSR1))


def requeued_job_goes_on_until_it_is_done(command, folder):
    checkpoint, trace, whole = (os.path.join(folder, name) for name in ["c.h5", "t.csv", "whole.csv"])
    flags = ["run", "quadratic", "--json", "--quiet", *options(n=100000, condition=1e4)]
    files = ["--checkpoint", checkpoint, "--trace", trace, "--resume", "--max-time", "0.3"]
    for job in range(200):
        result = command.run(*flags, *files)
        assert result.exit_status in (0, 75), "exit status %d\n%s" % (result.exit_status, result.stderr)
        if result.exit_status == 0:
            break
        assert result.json()["reason"] == "max_time", result.stdout
    assert job > 0, "the problem is too easy for this test"
    check_same_end(result.json(), command.run(*flags, "--trace", whole).json())
    assert rows(trace) == rows(whole), "the traces differ"


def stop_whose_checkpoint_fails_is_a_failure(command, folder):
    inner = os.path.join(folder, "inner")
    os.mkdir(inner)
    trace, checkpoint = os.path.join(folder, "t.csv"), os.path.join(inner, "c.h5")

    def send(process):
        os.rmdir(inner)
        os.kill(command.ranks(process)[0], signal.SIGUSR1)

    result = stop(command, ["--checkpoint", checkpoint, "--trace", trace], trace, send)
    assert result.exit_status == 1, "exit status %d\n%s" % (result.exit_status, result.stderr)
    assert any("was not written" in sentence for sentence in result.sentences), result.sentences


main([
    supported,
    usr1_to_any_one_rank_stops_all,
    every_stop_signal_writes_a_checkpoint,
    usr1_to_mpirun_reaches_the_run,
    requeued_job_goes_on_until_it_is_done,
    stop_whose_checkpoint_fails_is_a_failure,
])
