#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs one fuzz target for FOVEA_FUZZ_SECONDS (60), from its seeds and what earlier runs found.
# Usage: run.sh PROGRAM TARGET FOLDER     the folder keeps the corpus and what made it fail
set -eu
seeds=$(dirname "$0")/seeds/$2
mkdir -p "$3/corpus"
cd "$3"
[ -d "$seeds" ] || seeds=
FOVEA_FUZZ=$2 exec "$1" -max_total_time="${FOVEA_FUZZ_SECONDS:-60}" -timeout=5 -rss_limit_mb=512 \
    -max_len=8192 -print_final_stats=1 -verbosity=0 -artifact_prefix="$3/" corpus $seeds
