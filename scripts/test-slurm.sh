#!/usr/bin/env bash
# Starts a real Slurm of one node on this machine and gives it the job of examples/slurm/ with a time limit that the job
# cannot meet: it must be requeued, finish, and end in the bits of a run that nothing interrupted. Then the same with
# --max-time in the place of Slurm's signal, and a job that is cancelled and must stay so. About three minutes, as root.
#   test-slurm.sh [--install] [SIZE]
# --install installs missing packages first. SIZE are the nodes in a row of the minimal surface (default 800, about a
# minute on two processors); a fast machine may need more. Exit status 77: skipped.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/common.sh

skip() {
  echo "test-slurm: skipped: $*"
  exit 77
}

fail() {
  echo "test-slurm: $*" >&2
  tail -n 30 "$work"/*.out "$work"/*.err "$work"/slurm/slurm*.log >&2 || true
  exit 1
}

install=no
if [[ ${1:-} == --install ]]; then
  install=yes
  shift
fi
size=${1:-800}

# ---- what it takes ---------------------------------------------------------------------------------------------------

((EUID == 0)) || skip "Slurm's daemons need root"
packages=(slurmctld slurmd slurm-client munge python3-h5py) missing=() # slurm-wlm is the first three
for package in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
if [[ $install == yes ]]; then
  ./scripts/setup.sh
  if ((${#missing[@]} > 0)); then
    echo "test-slurm: installing ${missing[*]}"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
  fi
elif ((${#missing[@]} > 0)); then
  skip "without the packages ${missing[*]}; --install installs them"
fi

work=$(mktemp -d)
reference=
clean_up() {
  trap '' INT TERM # once is enough
  [[ -z $reference ]] || { kill "$reference" && wait "$reference"; } 2>/dev/null || true
  ./scripts/slurm-node.sh stop "$work/slurm" || true
  rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

mkdir -p build "$work/slurm"
echo "building ..."
build build/quickstart -DCMAKE_BUILD_TYPE=Release -DSECANT_BUILD_TESTS=OFF
export SECANT=$root/build/quickstart/secant OMP_NUM_THREADS=1

# ---- pieces ----------------------------------------------------------------------------------------------------------

surface() { echo "run minimal-surface --problem-option nx=$1 --problem-option ny=$1 --quiet --json"; }

# run_whole NAME SIZE: the run that nothing interrupts. In the background, so that Ctrl-C need not wait for its end, and
# in a session of its own: mpirun would leave its ranks behind if Ctrl-C and clean_up both told it to stop.
run_whole() {
  local began=$SECONDS
  # shellcheck disable=SC2046
  setsid mpirun -n 2 "$SECANT" $(surface "$2") --checkpoint "$work/$1.h5" >"$work/$1.json" &
  reference=$!
  wait "$reference" || fail "the uninterrupted run of size $2 failed"
  reference=
  echo "$1: $((SECONDS - began)) s without interruption"
}

# submit NAME [sbatch options...] -- [secant arguments...]: sets $job to the job's id. The ranks are two where there are
# two processors: the number does not change the bits.
submit() {
  local name=$1 options=()
  shift
  until [[ $1 == -- ]]; do
    options+=("$1")
    shift
  done
  shift
  job=$(CHECKPOINT=$work/$name.h5 sbatch --parsable --time=1 --ntasks=$((jobs > 1 ? 2 : 1)) --chdir="$work" \
    --output="$work/$name.out" --error="$work/$name.err" "${options[@]}" examples/slurm/secant.sbatch "$@")
}

state() { squeue --noheader --jobs "$job" --states=all --format="${1:-%T}"; }
restarts() { scontrol show job "$job" | sed -n 's/.*Restarts=\([0-9]*\).*/\1/p'; }

# wait_for STATE SECONDS: until the job is in that state; tells what happens on the way.
wait_for() {
  local began=$SECONDS now seen=
  while :; do
    now=$(state)
    [[ $now == "$seen" ]] || echo "  job $job after $((SECONDS - began)) s: $now"
    seen=$now
    case $now in
    "$1") return ;;
    COMPLETED | FAILED | CANCELLED | TIMEOUT | NODE_FAIL | OUT_OF_MEMORY) fail "job $job is $now, not $1" ;;
    esac
    ((SECONDS - began < $2)) || fail "job $job is still $now after $2 seconds ($(state %r))"
    sleep 1
  done
}

# compare NAME WHOLE REASON: the finished job $job was requeued, at least once for that reason, began every turn where
# the one before had stopped, and ended in the bits of the whole run.
compare() {
  /usr/bin/python3 - "$work/$1" "$work/$2" "$3" "$(restarts)" <<'END' || fail "$1 is not as it should be"
import json, sys, h5py
job, whole, reason, restarts = sys.argv[1:]
turns = [json.loads(line) for line in open(job + ".out") if line.startswith("{")]
want = json.load(open(whole + ".json"))
print("  %s restarts; turns: %s" % (restarts, ", ".join(
    "%(reason)s at iteration %(n_iter)d after %(wall_s).0f s" % turn for turn in turns)))
assert int(restarts) >= 1, "the job was never requeued: give this test a larger size"
assert len(turns) == int(restarts) + 1, "%d turns for %s restarts" % (len(turns), restarts)
assert reason in [turn["reason"] for turn in turns], "no turn ended by " + reason
for before, after in zip(turns, turns[1:]):
    assert before["status"] == "stopped" and after["resumed_from"] == before["n_iter"], (before, after)
for name in ["status", "reason", "loss", "grad_inf", "n_iter", "func_evals"]:
    assert turns[-1][name] == want[name], "%s: %r, uninterrupted %r" % (name, turns[-1][name], want[name])
x, want_x = (h5py.File(path + ".h5", "r")["parameters/0/x"][:] for path in [job, whole])
assert x.size > 0 and x.tobytes() == want_x.tobytes(), "x differs from that of the uninterrupted run"
print("  loss %.17g, grad_inf %.17g, n_iter %d, func_evals %d and %d unknowns: equal bits"
      % (want["loss"], want["grad_inf"], want["n_iter"], want["func_evals"], x.size))
END
}

# ---- the test --------------------------------------------------------------------------------------------------------

setsid --wait ./scripts/slurm-node.sh start "$work/slurm" # in a session of its own: Ctrl-C does not stop it half-way
export SLURM_CONF=$work/slurm/slurm.conf
echo "Slurm $(sinfo --version | cut -d' ' -f2) with one node, $(hostname -s)"

run_whole whole "$size"
echo "signalled: limit of 60 s, USR1 at least 40 s before it"
# shellcheck disable=SC2046
MARGIN=5 submit signalled --signal=B:USR1@40 -- $(surface "$size")
wait_for COMPLETED 600
compare signalled whole stop_requested

small=$((size * 2 / 5))
run_whole small-whole "$small"
echo "max_time: limit of 60 s, --max-time of 2 s"
# shellcheck disable=SC2046
MARGIN=58 submit max_time --signal=B:USR1@1 -- $(surface "$small")
wait_for COMPLETED 300
compare max_time small-whole max_time

echo "cancelled: the first job again, which takes far longer than to its first checkpoint"
# shellcheck disable=SC2046
MARGIN=5 CHECKPOINT_EVERY=1 submit cancelled -- $(surface "$size")
until [[ -f $work/cancelled.h5 ]]; do
  [[ $(state) =~ PENDING|CONFIGURING|RUNNING ]] || fail "the job to be cancelled is $(state)"
  sleep 0.5
done
scancel "$job"
wait_for CANCELLED 60
sleep 8 # longer than a requeued job waits
[[ $(state) == CANCELLED && $(restarts) == 0 ]] || fail "the cancelled job is $(state) after $(restarts) restarts"
echo "test-slurm: requeued jobs end as if nothing had happened; a cancelled one stays cancelled ($SECONDS s)"
