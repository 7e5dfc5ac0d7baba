#!/bin/sh
# Makes docs/mutations.md: what can be taken out of the 6.12 model, and which scenarios notice. Takes some ten minutes with a release build.
set -eu
cd "$(dirname "$0")/.."
ioascope=${1:-.build/release/ioascope}
"$ioascope" mutate --model linux-6.12 --max-states 20000 --expected scripts/mutations-expected.txt > docs/mutations.md.new
mv docs/mutations.md.new docs/mutations.md
