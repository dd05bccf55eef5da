#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Starts Fovea: installs what is missing (Debian 12), builds, opens the window. Arguments go to the
# program: ./run.sh recording.dat. Without a display the same arguments go to `fovea detect`; without
# arguments ten seconds of detection on the synthetic camera run instead.
set -eu
top=$(cd "$(dirname "$0")" && pwd)
(
    cd "$top"
    . .ci/common.sh
    install_missing "$FOVEA_RUN_PACKAGES"
    configure release
    cmake --build --preset release --target programs
) >&2
programs=$top/build/release/bin

if why=$("$programs/fovea-gui" --check-display 2>&1); then
    exec "$programs/fovea-gui" "$@"
fi

printf '%s\nNo window can open.\n' "$why" >&2
if [ $# -gt 0 ]; then
    printf 'Detection on what was given follows: fovea detect %s\n' "$*" >&2
    exec "$programs/fovea" detect "$@"
fi

cat >&2 <<TEXT
Ten seconds of detection on the synthetic camera follow.
More without a window: $programs/fovea --help
TEXT
folder=$(mktemp -d)
results=${TMPDIR:-/tmp}/fovea-headless.jsonl
trap 'rm -rf "$folder"' EXIT
printf 'source: {kind: synthetic, seconds: 10}\nservice: {port: 0, output: %s}\n' \
    "$folder/results" >"$folder/config.yaml"
"$programs/fovea-detectd" --config "$folder/config.yaml"
mv -f "$folder/results" "$results"
echo "$(grep -c '"type":"detections"' "$results" || true) results, one JSON object a line: $results"
