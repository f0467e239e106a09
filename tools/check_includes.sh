#!/bin/bash
# Checks that includes follow the arrows: a room of engine/ includes only itself and rooms above it in the list, phases do
# not include one another (their tests may: one is the other's fixture), and what is in a room's detail/ stays there. Prints each line that does not.
cd "$(dirname "$0")/.." || exit 2
# apps/ and tests/ may include every room.
grep -rnE '^#include "' engine --include='*.h' --include='*.cpp' | awk -F: '
  BEGIN {
    while (("ls tests" | getline name) > 0) shared[name] = 1  # helpers of tests lie there
    split("core cache dsp media session analysis signal phases interchange deliver farm", order, " ")
    for (i in order) rank[order[i]] = i + 0
    split("dialogue adr design foley music mix", names, " ")
    for (i in names) phase[names[i]] = 1
  }
  {
    file = $1; split(file, here, "/"); room = here[2]
    match($0, /"[^"]*"/); included = substr($0, RSTART + 1, RLENGTH - 2)
    parts = split(included, there, "/"); to = there[1]
    is_test = file ~ /_test\.cpp$/
    serves_tests = is_test || file ~ /\.h$/  # headers may serve tests alone
    why = ""
    if (!(room in rank)) why = "engine/" room " is no room"
    else if (parts > 1 && !(to in rank)) why = "names no room"
    else if (parts > 1 && rank[to] > rank[room]) why = room " stands above " to
    else if (room == "phases" && to == "phases" && (here[3] in phase) && (there[2] in phase) && here[3] != there[2] && !is_test) why = "phases do not include one another"
    else if (parts > 2 && to != room && there[2] == "detail" && !is_test) why = "is private to " to
    else if (parts == 1 && !(serves_tests && (included in shared))) why = "name its room: \"" room "/" included "\""
    if (why != "") { printf "%s:%s: %s: %s\n", file, $2, included, why; bad++ }
  }
  END { if (bad) { printf "%d includes against the arrows\n", bad; exit 1 } print "includes follow the arrows" }'
