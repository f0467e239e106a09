#!/bin/bash
# The commands that make and change a film, as a person types them. $1 is the program.
set -u
twopop=$1
command -v ffmpeg >/dev/null || { echo "needs ffmpeg to make its files"; exit 77; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
export TWOPOP_AUTHOR=Ann
failed=0

# check NAME WANTED-EXIT-CODE WANTED-TEXT COMMAND...: the text must stand in what the command prints.
check() {
  local name=$1 code=$2 text=$3 out
  shift 3
  out=$("$@" 2>&1 </dev/null)
  local got=$?
  if [ $got -ne "$code" ] || ! grep -qF -- "$text" <<<"$out"; then
    printf 'FAILED: %s\n  exit %s, wanted %s; wanted: %s\n%s\n' "$name" "$got" "$code" "$text" "$out"
    failed=1
  fi
}
make_sound() { ffmpeg -v error -f lavfi -i "anoisesrc=d=$2:c=pink:r=48000:seed=$3" -ac 1 "$1"; }

mkdir -p raw/{picture,rushes,sound,adr,ambience,foley/steps,music,notes}
ffmpeg -v error -f lavfi -i "testsrc=d=4:s=64x36:r=25" -f lavfi -i "anoisesrc=d=4:r=48000:seed=1" -timecode 01:00:00:00 -shortest -c:v mpeg4 -c:a aac raw/picture/cut.mp4
ffmpeg -v error -f lavfi -i "testsrc=d=6:s=64x36:r=25" -f lavfi -i "anoisesrc=d=6:r=48000:seed=2" -timecode 01:00:10:00 -shortest -c:v mpeg4 -c:a aac raw/rushes/A001_C001.mp4
make_sound raw/sound/REC_0001.wav 6 3
make_sound raw/sound/roomtone.wav 3 4
make_sound raw/adr/line1_take1.wav 2 5
make_sound raw/ambience/birds.wav 3 6
make_sound raw/foley/steps/step1.wav 1 7
make_sound raw/music/theme.wav 5 8
echo "this is no sound" >raw/sound/broken.wav
: >raw/sound/empty.wav
echo "remember the milk" >raw/notes/todo.txt
cat >raw/picture/cut.edl <<'EDL'
TITLE: TEST
FCM: NON-DROP FRAME

001  A001C001 AA/V  C        01:00:11:00 01:00:13:00 01:00:00:00 01:00:02:00
* FROM CLIP NAME: A001_C001
EDL

# A folder is taken by its sub-folders' names and by looking into the files.
check "new" 0 "1 events, 1 with their rush" "$twopop" new film.twopop --from raw
for pair in "picture cut.mp4" "rushes A001_C001.mp4" "recording REC_0001.wav" "room-tone roomtone.wav" "take line1_take1.wav" "ambience birds.wav" "foley step1.wav" "music theme.wav" "edl cut.edl"; do
  set -- $pair
  check "$2 is taken as $1" 0 "\"kind\": \"$1\"" grep -A8 "\"$2\"" film.twopop/session.json
done
check "a file that cannot be read costs itself" 0 '"problem"' grep '"problem": "[^"]' film.twopop/session.json
check "what is neither sound nor picture is left out" 1 "" grep todo.txt film.twopop/session.json
check "the rush's second comes from timecode" 0 '"source_in_s": 1.0' cat film.twopop/session.json
check "a film is not made twice" 4 "holds a film" "$twopop" new film.twopop
check "json says what was taken" 0 '"left_out"' "$twopop" new other.twopop --from raw --json
check "a folder that is not there" 3 "is no folder" "$twopop" new third.twopop --from nowhere
check "a picture without picture" 7 "no moving picture" "$twopop" new third.twopop --picture raw/sound/REC_0001.wav
check "an unknown preset" 3 "ebu-r128" "$twopop" new third.twopop --preset vhs
check "new with settings" 0 "is ready" "$twopop" new fourth.twopop --fps 30 --start 00:00:30:00 --layout 5.1 --rate 44100
check "the start is kept" 0 '"start_frame": 900,' cat fourth.twopop/session.json
check "layout is kept" 0 '"layout": "5.1"' cat fourth.twopop/session.json

# Files are added once.
make_sound extra.wav 2 9
check "add" 0 "recording" "$twopop" add film.twopop extra.wav --as recording
check "add again" 0 "in the film already" "$twopop" add film.twopop extra.wav
check "add what is not there" 3 "is not there" "$twopop" add film.twopop missing.wav
check "take with its cue" 0 "take" "$twopop" add film.twopop raw/foley/steps --as take --cue A1

# Edits, their history, and the way back.
check "edit" 0 "revision" "$twopop" edit film.twopop --set "/name=My film" --reason "its real title"
check "a text may look like a number" 0 "revision" "$twopop" edit film.twopop --set /media/extra.wav/take=3
check "an edit that changes nothing" 0 "nothing changed" "$twopop" edit film.twopop --set "/name=My film"
check "history says why" 0 "its real title" "$twopop" history film.twopop
check "history of an item" 0 "/media/extra.wav/take" "$twopop" history film.twopop --item /media/extra.wav --last 2
check "undo" 0 "revision" "$twopop" undo film.twopop
check "redo" 0 "revision" "$twopop" redo film.twopop --json
check "undo by another" 3 "no edit by Bob" "$twopop" undo film.twopop --author Bob
check "a value out of range" 2 "/delivery/target_lufs: 3 is above 0 LUFS" "$twopop" edit film.twopop --set /delivery/target_lufs=3
check "an unknown key" 2 "did you mean muted" "$twopop" edit film.twopop --set '/mix/strips/x={"mutde": true}'
check "a reference to nothing" 10 "there is no media 'm9'" "$twopop" edit film.twopop --set '/music/cues/1M1={"media": "m9"}'
check "an edit on an older revision collides" 9 "collides with revision" "$twopop" edit film.twopop --set /name=Other --base 1
check "a film that is not there" 3 "twopop new" "$twopop" edit nothing.twopop --set /name=x

# The session as text, edited by hand.
check "export" 0 "revision" "$twopop" export film.twopop out.json
sed -i 's/"name": "My film"/"name": "Our film"/' out.json
check "import" 0 "revision" "$twopop" import film.twopop out.json --reason "by hand"
check "import again" 0 "nothing changed" "$twopop" import film.twopop film.twopop/session.json
sed 's/"drop_frame"/"dorp_frame"/' out.json >wrong.json
check "import with a mistake" 2 "/dorp_frame: there is no such key" "$twopop" import film.twopop wrong.json
check "export to standard output" 0 "Our film" "$twopop" export film.twopop -

# Media that moved, and media brought together.
mkdir moved && mv raw/sound/REC_0001.wav moved/renamed.wav
check "relink" 0 "renamed.wav" "$twopop" relink film.twopop moved
check "relinked" 0 "every file is where" "$twopop" relink film.twopop moved
check "collect" 0 "A001_C001.mp4" "$twopop" collect film.twopop
check "collected media are named from the film" 0 '"path": "media/picture/cut.mp4"' cat film.twopop/session.json
rm -r film.twopop/media/picture
check "what is lost is said" 3 "MISSING" "$twopop" relink film.twopop moved

# Every command explains itself.
check "schema" 0 "json-schema.org" "$twopop" schema
for command in new add build spot render explain status review approve edit undo redo history relink collect export import schema measure sync; do
  check "$command --help has an example" 0 "Example:" "$twopop" "$command" --help
done
check "measure" 0 '"integrated_lufs"' "$twopop" measure extra.wav --json
check "measure what is no sound" 3 "nowhere.wav" "$twopop" measure nowhere.wav
check "an unknown command" 2 "" "$twopop" polish film.twopop

[ $failed -eq 0 ] && echo "all passed"
exit $failed
