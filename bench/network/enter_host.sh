#!/bin/sh
# Runs a command on one of the hosts that hosts.py made:
#
#   enter_host.sh [-OPTION...] ADDRESS COMMAND...
#
# It stands where Open MPI expects ssh, so options are passed over and the words of the command go to a shell. Open MPI
# tells hosts apart by their names: each command gets a name of its own, as it would on a machine of its own.
set -eu
while [ "${1#-}" != "$1" ]; do shift; done
host=$SECANT_BENCH_HOSTS-${1##*.}
shift
exec ip netns exec "$host" unshare --uts sh -c 'hostname "$1"; shift; exec sh -c "$*"' sh "$host" "$@"
