#!/bin/bash
# Puts the raw material of a small film together in demo/raw, out of real recordings that Debian packages hold (their origins
# and licences: README, "The demo"). The packages are taken apart, not installed.
#
# The film, "Weasels": 33 s at 25 frames per second. A telephone operator has a bad day. Picture: Creative Commons' "Wanna Work
# Together?" and a coin pushed about on a table. The cut carries the camera's guide sound: the lines from afar, with the noise
# of a room. A recorder ran beside it, with its own clock: it starts 3.2 s early and gains 42 ppm. While line 4 was spoken a
# furnace was on: the actress said that line again for ADR.
set -eu
cd "$(dirname "$0")/.."
raw=$PWD/demo/raw
stamp=$raw/.made
if [ -e "$stamp" ] && [ "$stamp" -nt tools/make_demo.sh ]; then exit 0; fi

fail() { echo "make_demo: $*" >&2; exit 1; }
command -v ffmpeg >/dev/null || fail "ffmpeg is missing: apt-get install ffmpeg"

# --- packages -------------------------------------------------------------------------------------------------------------
packages="asterisk-core-sounds-en-g722 gnome-shell-pomodoro-data minetest-data node-opencv openboard-common"
mkdir -p demo/packages demo/unpacked
for package in $packages; do
  [ -e "demo/unpacked/.$package" ] && continue
  if ! ls demo/packages/"$package"_*.deb >/dev/null 2>&1; then
    echo "fetching $package"
    (cd demo/packages && apt-get -qq download "$package" >/dev/null 2>&1) ||
      { apt-get -qq update >/dev/null 2>&1 || sudo -n apt-get -qq update >/dev/null 2>&1 || true
        (cd demo/packages && apt-get -qq download "$package" >/dev/null 2>&1); } ||
      fail "the Debian package $package cannot be fetched (no network?); the demo needs it, your own folder does not: ./run FOLDER"
  fi
  dpkg-deb -x "$(ls demo/packages/"$package"_*.deb | head -1)" demo/unpacked
  touch "demo/unpacked/.$package"
done
voice=$PWD/demo/unpacked/usr/share/asterisk/sounds/en_US_f_Allison
game=$PWD/demo/unpacked/usr/share/games/minetest/games/minetest_game/mods
board=$PWD/demo/unpacked/usr/share/openboard/library
coin=$PWD/demo/unpacked/usr/share/doc/node-opencv/examples/files/motion.mov
birds=$PWD/demo/unpacked/usr/share/gnome-pomodoro/sounds/birds.ogg
for file in "$voice/tt-weasels.g722" "$game/default" "$board/videos/wannaworktogether.mp4" "$coin" "$birds"; do
  [ -e "$file" ] || fail "a package does not hold $(basename "$file") any more"
done

echo "putting the demo's raw material together"
rm -rf "$raw"
mkdir -p "$raw"/{picture,sound,adr,ambience,effects,foley,music,script}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
ff() { ffmpeg -v error -nostdin -y -bitexact "$@"; }
seconds=33

# --- lines: when they start in the film, and their recordings ---------------------------------------------------------------
lines="0.80:hello-world 3.00:one-moment-please 5.60:tt-weasels 9.40:something-terribly-wrong 13.60:tt-monkeysintro
       20.60:tt-allbusy 30.20:please-try-again 31.80:goodbye"
inputs=() graph='' mix='' n=0
for line in $lines; do
  start=${line%%:*}
  inputs+=(-i "$voice/${line#*:}.g722")
  graph+="[$n]aresample=48000:resampler=soxr,adelay=$(awk "BEGIN { printf \"%d\", $start * 48000 }")S[l$n];"
  mix+="[l$n]" n=$((n + 1))
done
ff "${inputs[@]}" -filter_complex "${graph}${mix}amix=inputs=$n:normalize=0,apad,atrim=0:$seconds" -c:a pcm_f32le "$work/lines.wav"

# A phone's recording of a quiet table: the noise of a room. Each turn runs at its own speed, since no room repeats itself.
turns='' joined=''
for turn in 0 1 2 3 4 5 6 7 8 9; do
  turns+="[s$turn]asetrate=$((42000 + 1130 * turn)),aresample=48000:resampler=soxr[t$turn];" joined+="[t$turn]"
done
ff -i "$coin" -vn -filter_complex \
  "[0:a]aresample=48000:resampler=soxr,lowpass=f=9000,aformat=channel_layouts=mono,asplit=10[s0][s1][s2][s3][s4][s5][s6][s7][s8][s9];${turns}${joined}concat=n=10:v=0:a=1,atrim=0:60" \
  -c:a pcm_f32le "$work/room.wav"
ff -stream_loop 4 -i "$game/default/sounds/default_furnace_active.ogg" -t 4 -ac 1 -ar 48000 -c:a pcm_f32le "$work/furnace.wav"

# --- picture with the camera's guide sound ----------------------------------------------------------------------------------
ff -i "$work/lines.wav" -i "$work/room.wav" -filter_complex \
  "[0]highpass=f=160,lowpass=f=5200,aecho=0.8:0.7:19|31|47:0.35|0.25|0.18,volume=0.5[a];[1]volume=0.25,atrim=0:$seconds[b];[a][b]amix=inputs=2:normalize=0" \
  -c:a pcm_s16le "$work/guide.wav"
film=$board/videos/wannaworktogether.mp4
look="fps=25,scale=640:360:force_original_aspect_ratio=decrease,pad=640:360:(ow-iw)/2:(oh-ih)/2,setsar=1,format=yuv420p"
ff -ss 0.5 -t 5 -i "$film" -ss 0 -t 8 -i "$coin" -ss 44 -t 12 -i "$film" -ss 149 -t 8 -i "$film" -i "$work/guide.wav" -filter_complex \
  "[0:v]$look[a];[1:v]$look[b];[2:v]$look[c];[3:v]$look[d];[a][b][c][d]concat=n=4:v=1:a=0,tpad=stop_mode=clone:stop_duration=1,trim=end_frame=$((seconds * 25))[v]" \
  -map '[v]' -map 4:a -c:v libx264 -preset veryfast -crf 23 -g 50 -c:a aac -b:a 128k -timecode 01:00:00:00 -movflags +faststart \
  "$raw/picture/weasels_cut.mp4"

# --- the recorder: channel 1 boom, channel 2 lavalier; 48002 Hz played as 48000 is a clock 42 ppm fast --------------------------
ff -i "$work/lines.wav" -i "$work/room.wav" -i "$work/furnace.wav" -filter_complex \
  "[0]adelay=153600S,asplit[l1][l2];[1]adelay=153600S,asplit[r1][r2];[2]volume=1.5,adelay=604800S,asplit[f1][f2];
   [l1]aecho=0.9:0.6:11|17:0.16|0.1[w];[r1]volume=0.06[n1];[r2]volume=0.03[n2];[f2]volume=0.7[f3];
   [w][n1][f1]amix=inputs=3:normalize=0,volume=0.7[boom];[l2]highpass=f=90[x];[x][n2][f3]amix=inputs=3:normalize=0,volume=0.7[lav];
   [boom][lav]join=inputs=2:channel_layout=stereo:map=0.0-FL|1.0-FR,atrim=0:39,aresample=48002:resampler=soxr:precision=28,asetrate=48000" \
  -c:a pcm_s24le -write_bext 1 -metadata description=$'sSCENE=1\r\nsTAKE=1\r\nsTRK1=Boom\r\nsTRK2=Lav' -metadata originator="demo recorder" \
  -metadata origination_date=2024-05-04 -metadata origination_time=00:59:56 -metadata time_reference=172646400 "$raw/sound/OPERATOR_001.wav"

# --- ADR: other takes of two lines, by the same voice ---------------------------------------------------------------------------
ff -i "$voice/tt-somethingwrong.g722" -c:a flac "$raw/adr/something_is_terribly_wrong_take1.flac"
ff -i "$voice/vm-pls-try-again.g722" -c:a flac "$raw/adr/please_try_again_take1.flac"

# --- ambience, effects, Foley, music ----------------------------------------------------------------------------------------------
ff -i "$birds" -t 40 -map_metadata 0:s:0 -metadata license="GPL-3+ (gnome-shell-pomodoro)" -c:a flac "$raw/ambience/birds.flac"
ff -i "$game/env_sounds/sounds/env_sounds_water.1.ogg" -c copy -metadata:s:a:0 title="Water" -metadata:s:a:0 artist="minetest_game" \
  -metadata:s:a:0 license="CC BY-SA 3.0" "$raw/ambience/water.ogg"
# Effects carry the film's timecode, which starts at 01:00:00:00: the place where they are heard.
effect() {  # name, second of the film, input, filter, author, licence
  ff -i "$3" -t 4 -af "aresample=48000:resampler=soxr,$4" -c:a pcm_s24le -write_bext 1 -metadata description="$1" -metadata originator="demo" \
    -metadata title="$1" -metadata artist="$5" -metadata copyright="$6" \
    -metadata time_reference="$(awk "BEGIN { printf \"%.0f\", (3600 + $2) * 48000 }")" "$raw/effects/$1.wav"
}
effect monkeys 16.6 "$voice/tt-monkeys.g722" "afade=t=out:st=3.4:d=0.6,volume=-4dB" "Allison Smith" "CC BY-SA 3.0"
effect door_close 12.8 "$game/doors/sounds/doors_door_close.ogg" "volume=-6dB" "minetest_game" "CC BY 3.0"
mkdir -p "$raw/foley/steps"
cp "$game"/default/sounds/default_wood_footstep.*.ogg "$game"/default/sounds/default_hard_footstep.*.ogg "$raw/foley/steps/"
{
  echo "timecode,pass,surface,character,action"
  for step in 10:22 11:10 11:23 12:11 25:07 25:20 26:08 26:22; do echo "01:00:$step,feet,hard,OPERATOR,step"; done
} >"$raw/foley/foley_sheet.csv"
ff -i "$board/audios/Sonata para piano.mp3" -c copy -metadata title="ogv266" -metadata license="GPL-3+ (OpenBoard)" "$raw/music/Sonata para piano.mp3"

cat >"$raw/script/weasels.fountain" <<'FOUNTAIN'
Title: Weasels

INT. TELEPHONE EXCHANGE - DAY

OPERATOR
Hello world.

OPERATOR
One moment please.

OPERATOR
Weasels have eaten our phone system.

OPERATOR
Something is terribly wrong.

OPERATOR
They have been carried away by monkeys.

INT. TELEPHONE EXCHANGE - LATER

OPERATOR
All of our household members are currently assisting other telemarketers. Please hold and your call will be answered in the order it was received.

OPERATOR
Please try again.

OPERATOR
Goodbye.
FOUNTAIN

touch "$stamp"
