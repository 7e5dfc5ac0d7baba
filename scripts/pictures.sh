#!/bin/sh
# Draws the pictures of the documentation from real scenarios. The same bytes each time.
set -eu
cd "$(dirname "$0")/.."
ioascope=${1:-$(swift build --show-bin-path)/ioascope}
"$ioascope" frame attach-pin-replace --at 241 --size 150x44 --format svg > docs/images/window.svg
"$ioascope" frame replace-vs-unmap --at 200 --size 80x24 --format svg > docs/images/small.svg
