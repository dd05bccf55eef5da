#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Starts Fovea: installs what is missing (Debian 12), builds, opens the window. Arguments go to the
# program: ./run.sh recording.dat. Without a display, ten seconds of detection on the synthetic
# camera run instead.
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

if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
    exec "$programs/fovea-gui" "$@"
fi

cat >&2 <<TEXT
There is no display (neither DISPLAY nor WAYLAND_DISPLAY is set), so no window can open.
Ten seconds of detection on the synthetic camera follow: one JSON object a result.
More without a window: $programs/fovea --help
TEXT
config=$(mktemp)
trap 'rm -f "$config"' EXIT
printf 'source: {kind: synthetic, seconds: 10}\nservice: {port: 0}\n' >"$config"
"$programs/fovea-detectd" --config "$config"
