#!/bin/bash
# Fuzzes every reader of foreign bytes with AddressSanitizer and UndefinedBehaviorSanitizer, then prints how much of
# each reader its inputs reach.
#
#   fuzz/run.sh            at least 1,000,000 runs each
#   fuzz/run.sh --short    20,000 runs each, seeds only, no coverage (for CI)
#   fuzz/run.sh --coverage no runs: only what the inputs found so far reach
#   fuzz/run.sh NAME...    only these (riff, ixml, edl, ...)
#
# Found inputs are kept in build/fuzz-corpus/NAME; crashes in build/fuzz-crashes. Exit code 1: something was found,
# or a reader is covered below 90 %.
set -u
cd "$(dirname "$0")/.."
runs=1000000 short=no fuzz=yes only=()
for argument in "$@"; do
  case $argument in
    --short) runs=20000 short=yes ;;
    --coverage) fuzz=no ;;
    --runs=*) runs=${argument#--runs=} ;;
    *) only+=("$argument") ;;
  esac
done
command -v clang++-16 >/dev/null || { echo "fuzz/run.sh: clang-16 is missing (apt-get install clang-16)" >&2; exit 2; }

# The readers whose lines count, for each fuzzer.
declare -A readers=(
  [riff]="engine/media/riff.cpp engine/media/bext.cpp"
  [ixml]="engine/media/ixml.cpp engine/media/bext.cpp engine/media/recorder_metadata.cpp"
  [edl]="engine/interchange/edl.cpp"
  [csv]="engine/interchange/csv.cpp"
  [sheet]="engine/interchange/sheets_read.cpp"
  [srt]="engine/interchange/subtitles.cpp"
  [script]="engine/interchange/script.cpp"
  [session_json]="engine/session/json.cpp engine/session/detail/convert.cpp engine/session/detail/dom.cpp engine/session/detail/patch_dom.cpp"
  [midi]="engine/dsp/midi.cpp"
)
names=()
for source in fuzz/*_fuzz.cpp; do
  name=$(basename "$source" _fuzz.cpp)
  [ ${#only[@]} -eq 0 ] || [[ " ${only[*]} " == *" $name "* ]] || continue
  names+=("$name")
done

jobs=${JOBS:-$(nproc)}
targets=("${names[@]/%/_fuzz}")
if [ $fuzz = yes ]; then
  cmake --preset fuzz >/dev/null && cmake --build build/fuzz -j "$jobs" --target "${targets[@]}" >build/fuzz/build.log 2>&1 ||
    { tail -30 build/fuzz/build.log >&2; echo "fuzz/run.sh: the fuzzers do not build" >&2; exit 2; }
fi

one() {  # name: prints one line, keeps its log
  local name=$1 corpus=build/fuzz-corpus/$1 seeds=fuzz/seeds/$1 log=build/fuzz-corpus/$1.log started=$SECONDS
  mkdir -p "$corpus" build/fuzz-crashes
  local dictionary=() folders=("$seeds")
  [ -f "fuzz/seeds/$name.dict" ] && dictionary=(-dict="fuzz/seeds/$name.dict")
  [ $short = yes ] && { corpus=$(mktemp -d); }
  folders=("$corpus"); [ -d "$seeds" ] && folders+=("$seeds")
  if ASAN_OPTIONS=detect_leaks=1 build/fuzz/fuzz/${name}_fuzz -runs="$runs" -seed=1 -max_len=8192 -timeout=10 -rss_limit_mb=2048 \
       "${dictionary[@]}" -artifact_prefix=build/fuzz-crashes/"$name"- "${folders[@]}" >"$log" 2>&1; then
    printf '%-14s %s, %d s, nothing found\n' "$name" "$(grep -o 'Done [0-9]* runs' "$log")" $((SECONDS - started))
  else
    printf '%-14s FOUND SOMETHING: see %s\n' "$name" "$log"
    tail -5 "$log"
    touch build/fuzz-corpus/failed
  fi
  [ $short = yes ] && rm -rf "$corpus"
}
mkdir -p build/fuzz-corpus
rm -f build/fuzz-corpus/failed
running=0
[ $fuzz = yes ] && for name in "${names[@]}"; do
  one "$name" &
  running=$((running + 1))
  [ $running -lt "$jobs" ] || { wait -n; running=$((running - 1)); }
done
wait
[ ! -e build/fuzz-corpus/failed ] || exit 1
[ $short = no ] || exit 0

cmake --preset fuzz -B build/fuzz-coverage -DTWOPOP_SANITIZE= \
  -DCMAKE_CXX_FLAGS="-fprofile-instr-generate -fcoverage-mapping" >/dev/null &&
  cmake --build build/fuzz-coverage -j "$jobs" --target "${targets[@]}" >build/fuzz-coverage/build.log 2>&1 ||
  { tail -30 build/fuzz-coverage/build.log >&2; exit 2; }
failed=0
for name in "${names[@]}"; do
  program=build/fuzz-coverage/fuzz/${name}_fuzz profile=build/fuzz-coverage/$name
  folders=(build/fuzz-corpus/"$name"); [ -d "fuzz/seeds/$name" ] && folders+=("fuzz/seeds/$name")
  LLVM_PROFILE_FILE=$profile.raw $program -runs=0 "${folders[@]}" >/dev/null 2>&1
  llvm-profdata-16 merge -sparse "$profile.raw" -o "$profile.data"
  for reader in ${readers[$name]:-}; do
    lines=$(llvm-cov-16 report "$program" -instr-profile="$profile.data" "$PWD/$reader" -summary-only 2>/dev/null | awk '$1 == "TOTAL" {print $10}')
    printf '%-14s %-44s %s of lines\n' "$name" "$reader" "${lines:-none}"
    awk -v share="${lines%\%}" 'BEGIN { exit !(share < 90) }' && failed=1
  done
done
exit $failed
