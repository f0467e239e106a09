# Sourced by run and test: sets the machine up. Needs to be called from the project's folder.

say() { printf '%s\n' "$*"; }
fail() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; exit 1; }

# Packages of the named sections of packages.txt.
packages_of() {
  awk -v wanted=" $* " '/^# [a-z]+$/ { on = index(wanted, " " $2 " ") > 0; next } /^[a-z0-9]/ && on { print $1 }' packages.txt | sort -u
}

missing_packages() {
  local package
  for package in "$@"; do
    [ "$(dpkg-query -W -f='${db:Status-Abbrev}' "$package" 2>/dev/null | cut -c1-2)" = ii ] || printf '%s\n' "$package"
  done
}

# A command run as root, or a sentence that says why it cannot be.
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else fail "packages have to be installed and sudo is missing: as root, run  apt-get install $(echo "$missing" | tr '\n' ' ')"
  fi
}

check_machine() {
  command -v apt-get >/dev/null && command -v dpkg-query >/dev/null ||
    fail "apt-get is missing: Twopop sets itself up on Debian 12; elsewhere install what packages.txt names and build with cmake --preset release"
  # shellcheck disable=SC1091
  local id='' version=''
  id=$(. /etc/os-release && printf '%s' "${ID:-}") version=$(. /etc/os-release && printf '%s' "${VERSION_ID:-}")
  [ "$id $version" = "debian 12" ] || say "note: this is $id $version; Twopop is made and tested on Debian 12"
  case $(uname -m) in
    x86_64) grep -qw avx2 /proc/cpuinfo || fail "this processor has no AVX2: build by hand with cmake --preset release -DTWOPOP_ARCH=x86-64" ;;
  esac
}

# install_packages SECTION...: installs what is missing; touches no network if nothing is.
install_packages() {
  local missing
  # shellcheck disable=SC2046
  missing=$(missing_packages $(packages_of "$@"))
  [ -n "$missing" ] || return 0
  say "installing: $(echo "$missing" | tr '\n' ' ')"
  as_root apt-get -qq update </dev/null ||
    fail "the package lists cannot be fetched (no network?), and these packages are missing: $(echo "$missing" | tr '\n' ' ')"
  mkdir -p build
  # shellcheck disable=SC2086
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends $missing </dev/null >build/packages.log 2>&1 ||
    { tail -5 build/packages.log >&2; fail "these packages could not be installed (see build/packages.log): $(echo "$missing" | tr '\n' ' ')"; }
  rm -f build/packages.log
}

# npm, from Debian or from elsewhere: it only fetches the pinned Node that builds the studio.
install_studio_tools() {
  install_packages wasm
  command -v npm >/dev/null || install_packages studio
}

# build ON|OFF TARGET...: the release build, with or without tests and benches (which want libraries that the product does without);
# without a word if all is up to date.
build() {
  local tests=$1
  shift
  mkdir -p build
  cmake --preset release -DTWOPOP_TESTS="$tests" -DTWOPOP_BENCH="$tests" >build/configure.log 2>&1 || { tail -20 build/configure.log >&2; fail "configuring failed (see build/configure.log)"; }
  local log=build/build.log
  if [ -t 1 ]; then
    cmake --build build/release -j "$(nproc)" --target "$@" || fail "the build failed"
  else
    cmake --build build/release -j "$(nproc)" --target "$@" >$log 2>&1 || { grep -E -A5 'error|FAILED' $log | head -40 >&2; fail "the build failed (see $log)"; }
  fi
}
