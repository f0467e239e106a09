#!/bin/bash
# An interview without a picture: builds it, turns its first line down, builds again, and says what was made anew.
#   examples/interview.sh TWOPOP FOLDER_OF_RECORDINGS FILM
set -eu
twopop=$1 recordings=$2 film=$3

"$twopop" new "$film" --from "$recordings"
"$twopop" build "$film" --json > "$film/first.json"

# The first line's id stands in session.json, as does everything that was decided.
line=$(grep -o '"c[0-9]\{6,\}": *{' "$film/session.json" | head -1 | tr -d '": {')
echo "turning down $line"
"$twopop" edit "$film" --set "/dialogue/clips/$line/gain_db=-6" --reason "too close to the microphone"
"$twopop" build "$film" --json > "$film/second.json"
for build in first second; do
  echo "$build build: $(tr -d ' \n' < "$film/$build.json" | grep -o '"chunks":{[^}]*}')"
done

"$twopop" undo "$film"
"$twopop" history "$film"
