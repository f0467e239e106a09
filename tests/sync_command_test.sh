#!/bin/bash
# `twopop sync` by the convention of docs/cli.md: an event at second t of the reference is at second
# (t - offset_s) x (1 + drift_ppm x 1e-6) of the file. $1 is the program.
set -u
twopop=$1
shared=${TWOPOP_SHARED:-$(dirname "$0")/../../shared}
take=$shared/corpus/film/longtake/boom.flac
[ -f "$take" ] || { echo "needs the recordings in ../shared (or TWOPOP_SHARED)"; exit 77; }
command -v ffmpeg >/dev/null || { echo "needs ffmpeg to make its files"; exit 77; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# The file starts at second 12.5 of the reference: offset_s is 12.5.
ffmpeg -v error -t 120 -i "$take" -c:a pcm_s16le "$folder/reference.wav"
ffmpeg -v error -ss 12.5 -t 80 -i "$folder/reference.wav" -c:a pcm_s16le "$folder/file.wav"
ffmpeg -v error -f lavfi -i "anoisesrc=d=60:r=48000:seed=3" "$folder/noise.wav"
"$twopop" sync "$folder/reference.wav" "$folder/file.wav" "$folder/noise.wav" --json >"$folder/out.json" || { cat "$folder/out.json"; exit 1; }
figure() { grep -m1 "\"$1\"" "$folder/out.json" | sed 's/.*: //; s/,$//'; }
awk -v offset="$(figure offset_s)" -v drift="$(figure drift_ppm)" 'BEGIN {
  printf "offset %.6f s (12.5 is true), drift %.3f ppm (0 is true)\n", offset, drift
  exit !((offset - 12.5) ^ 2 < 1e-3 ^ 2 && drift ^ 2 < 2 ^ 2)
}' || exit 1
[ "$(grep -c '"placed": true' "$folder/out.json")" = 1 ] || { echo "noise was placed"; cat "$folder/out.json"; exit 1; }
"$twopop" sync "$folder/reference.wav" && { echo "one file is not enough"; exit 1; }
exit 0
