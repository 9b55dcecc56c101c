#!/usr/bin/env bash
# Runs the example in a new folder and checks what it prints: quickstart.sh PROGRAM
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cat >"$folder/expected" <<'END'
Afternoon sales of more than 20 pieces:
2011-03-01T21:00:00.000000Z  {"country": "Japan", "quantity": 21}
2011-03-01T22:00:00.000000Z  {"country": "Japan", "quantity": 22}
2011-03-01T23:00:00.000000Z  {"country": "Japan", "quantity": 23}
END
"$1" "$folder/flood" >"$folder/first"
diff "$folder/expected" "$folder/first"
# Recording the same events again changes nothing.
"$1" "$folder/flood" >"$folder/second"
diff "$folder/expected" "$folder/second"
