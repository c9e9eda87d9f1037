# Sourced by the other scripts: where things are, and how to build and start ranks.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
jobs=$(nproc)
targets=all

# mpirun refuses to run as root unless told, and counts cores: containers and small machines need both.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
export OMPI_MCA_rmaps_base_oversubscribe=1

# build DIRECTORY [cmake options...]: configures $root in $root/DIRECTORY and builds $targets of it.
build() {
  local directory=$root/$1
  shift
  cmake -S "$root" -B "$directory" "$@" >"$directory.log" 2>&1 || { cat "$directory.log" >&2; return 1; }
  # shellcheck disable=SC2086
  cmake --build "$directory" --parallel "$jobs" --target $targets >>"$directory.log" 2>&1 ||
    { cat "$directory.log" >&2; return 1; }
}

# install_peers PACKAGE...: those of the packages that are missing. One by one: a peer that cannot be had is left out.
install_peers() {
  local package missing=() as_root=()
  for package; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  ((${#missing[@]} > 0)) || return 0
  ((EUID == 0)) || as_root=(sudo)
  echo "installing ${missing[*]}"
  "${as_root[@]}" apt-get update -qq || true
  for package in "${missing[@]}"; do
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" \
      >/dev/null || echo "no $package"
  done
}
