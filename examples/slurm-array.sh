#!/usr/bin/env bash
#SBATCH --job-name=flashflood
#SBATCH --array=1-64
#SBATCH --cpus-per-task=2
#SBATCH --output=flashflood-%A_%a.log
#SBATCH --export=PATH
# Reads a flood in a bucket with a job array of Slurm, each task one split into a file of its own.
#
#   flashflood splits --store s3://bucket/prefix --count 64 --presign 12h > splits.ndjson
#   mkdir parts
#   sbatch examples/slurm-array.sh splits.ndjson parts
#   cat parts/*.ndjson                           # when it is done: the events in their order
#
# The splits are presigned: the nodes need no keys, and get none (--export). Let 12h be long enough for
# the queue too. Where fewer splits than tasks were made, the last tasks have nothing to do. A task
# that failed can be run again: sbatch --array=17 examples/slurm-array.sh splits.ndjson parts
#
# The tests run this script with SLURM_ARRAY_TASK_ID set to each number, one after the other; it was
# not tried on a cluster.
set -euo pipefail
task=${SLURM_ARRAY_TASK_ID:?is set by Slurm: sbatch examples/slurm-array.sh SPLITS FOLDER}
splits=${1:?the file of the splits}
folder=${2:?the folder for the events}

split=$(sed -n "${task}p" "$splits")
if [ -z "$split" ]; then
  echo "there is no split $task" >&2
  exit 0
fi
part=$(printf '%s/%05d.ndjson' "$folder" "$task")
flashflood read-split <<<"$split" >"$part.incomplete"
mv "$part.incomplete" "$part"
