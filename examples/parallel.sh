#!/usr/bin/env bash
# Reads a flood in a bucket with all cores of this machine, by GNU parallel (Debian: parallel).
#
#   examples/parallel.sh s3://bucket/prefix 64 > events.ndjson
#   examples/parallel.sh s3://bucket/prefix 64 jq .quantity > quantities
#
# The flood is cut into so many splits; the events of each are the input of a process of the command
# (cat when none is given). What these print comes in the order of the events.
#
# The splits are presigned: who reads them has no keys, as `env -i` shows here. So the same works with
# other machines: parallel --sshlogin server1,server2 ... where nothing but flashflood is installed.
set -euo pipefail
[ $# -ge 2 ] || { sed -n '2,12s/^# \{0,1\}//p' "$0" >&2; exit 2; }
store=$1
count=$2
shift 2
[ $# -gt 0 ] || set -- cat

flashflood --store "$store" splits --count "$count" --presign 1h |
  parallel --pipe -N1 --block 16M --keep-order --halt now,fail=1 --quote \
    bash -o pipefail -c 'env -i PATH="$PATH" flashflood read-split | "$@"' bash "$@"
