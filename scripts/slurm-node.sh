#!/usr/bin/env bash
# A Slurm of one node, this machine, for tests:
#   slurm-node.sh start DIRECTORY   starts munged, slurmctld and slurmd with everything they write in DIRECTORY
#   slurm-node.sh stop DIRECTORY    ends its jobs and the three daemons; removes nothing
# Then `SLURM_CONF=DIRECTORY/slurm.conf sbatch ...` speaks to it. A Slurm or munge that the machine has is left alone:
# key, socket and ports are others. As root.
set -euo pipefail
action=${1:?start or stop} directory=$(realpath "${2:?a directory}")
export SLURM_CONF=$directory/slurm.conf
PATH=$PATH:/usr/sbin:/sbin
host=$(hostname -s)

fail() {
  echo "slurm-node: $*" >&2
  exit 1
}

# Two TCP ports that nobody listens on.
free_ports() {
  python3 -c 'import socket; a, b = (socket.create_server(("127.0.0.1", 0)) for _ in range(2))
print(a.getsockname()[1], b.getsockname()[1])'
}

# wait_until SECONDS COMMAND...: whether the command succeeds within that time.
wait_until() {
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < end)) || return 1
    sleep 0.2
  done
}

# Requeued jobs wait for the life of a credential, two minutes by default. Control groups and accounting are left out:
# containers have neither. nproc alone would answer with OMP_NUM_THREADS.
write_configuration() {
  local ports
  read -ra ports < <(free_ports)
  cat >"$SLURM_CONF" <<END
ClusterName=test
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=${ports[0]}
SlurmdPort=${ports[1]}
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(env --unset=OMP_NUM_THREADS nproc) State=UNKNOWN
PartitionName=test Nodes=$host Default=YES MaxTime=INFINITE State=UP
AuthType=auth/munge
AuthInfo=socket=$directory/munge.socket,cred_expire=5
SlurmUser=root
SlurmdUser=root
StateSaveLocation=$directory/state
SlurmdSpoolDir=$directory/spool
SlurmctldPidFile=$directory/slurmctld.pid
SlurmdPidFile=$directory/slurmd.pid
SlurmctldLogFile=$directory/slurmctld.log
SlurmdLogFile=$directory/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SchedulerType=sched/builtin
SchedulerParameters=sched_interval=2,batch_sched_delay=0
KillWait=10
MpiDefault=none
ReturnToService=2
END
}

# --force: a test's directory may be closed to other users, and munge would insist that they reach its socket.
start_munge() {
  dd if=/dev/urandom of="$directory/munge.key" bs=1024 count=1 status=none
  chmod 600 "$directory/munge.key"
  munged --force --key-file="$directory/munge.key" --socket="$directory/munge.socket" \
    --pid-file="$directory/munged.pid" --log-file="$directory/munged.log" --seed-file="$directory/munge.seed" \
    2>"$directory/munged.err" || fail "munged does not start: $(<"$directory/munged.err")"
}

idle() { [[ $(sinfo --noheader --format %T) == idle ]]; }

start() {
  mkdir -p "$directory/state" "$directory/spool"
  chmod 755 "$directory"
  write_configuration
  start_munge
  slurmctld -f "$SLURM_CONF"
  slurmd -f "$SLURM_CONF"
  wait_until 30 idle || fail "the node is not ready after 30 seconds; see $directory/slurmctld.log and slurmd.log"
}

no_jobs() { [[ -z $(squeue --noheader) ]]; }

# A process that has ended may wait for long to be noticed by its parent.
gone() {
  local state
  state=$(ps -o stat= -p "$1") || true
  [[ -z $state || $state == Z* ]]
}

# Ends the daemon of a file with its process id, and returns when it is gone.
stop_daemon() {
  local process
  [[ -f $directory/$1.pid ]] && process=$(<"$directory/$1.pid") || return 0
  kill "$process" 2>/dev/null || return 0
  wait_until 10 gone "$process" || kill -KILL "$process" 2>/dev/null || true
}

# Slurm sends the processes of a job TERM and, after KillWait, KILL. It takes the job for over when its script is, while
# mpirun may still be about to end its ranks: so all of them are waited for.
stop_jobs() {
  local process processes
  processes=$(scontrol listpids 2>/dev/null | awk 'NR > 1 && $1 > 0 { print $1 }') || true
  squeue --noheader --format=%A | xargs --no-run-if-empty scancel || true
  wait_until 30 no_jobs || true
  for process in $processes; do
    wait_until 10 gone "$process" || kill -KILL "$process" 2>/dev/null || true
  done
}

stop() {
  if [[ -f $directory/slurmctld.pid ]] && timeout 5 squeue --noheader >/dev/null 2>&1; then stop_jobs; fi
  stop_daemon slurmd
  stop_daemon slurmctld
  stop_daemon munged
}

case $action in
start | stop) "$action" ;;
*) fail "start or stop, not $action" ;;
esac
