#!/bin/bash
# Runs the examples as a reader would. Needs the recordings of ../shared.
set -eu
twopop=$1
here=$(cd "$(dirname "$0")/.." && pwd)
shared=${TWOPOP_SHARED:-$here/../shared}
[ -d "$shared/corpus" ] || { echo "skipped: needs the recordings in ../shared, which are not on this machine"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/raw/sound"
cp "$shared/corpus/multi/timbl_1.mp3" "$work/raw/sound/"
bash "$here/examples/interview.sh" "$twopop" "$work/raw" "$work/interview.twopop" | tee "$work/log"
# The second build makes less than the first, and both came out.
rendered() { grep "^$1 build" "$work/log" | grep -o '"rendered":[0-9]*' | cut -d: -f2; }
[ "$(rendered second)" -gt 0 ]
[ "$(rendered second)" -lt "$(rendered first)" ]
[ -s "$work/interview.twopop/out/mix.wav" ]
