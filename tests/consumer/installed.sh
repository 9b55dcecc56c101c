#!/usr/bin/env bash
# Installs a build tree below a new folder and uses it from a project of its own.
#   installed.sh BUILD_DIR PROJECT_DIR COMPILER COMPILER_FLAGS
set -euo pipefail
build=$1 project=$2 compiler=$3 flags=$4
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
prefix=$folder/prefix

cmake --install "$build" --prefix "$prefix" >"$folder/install.log" || { cat "$folder/install.log"; exit 1; }

echo "== every public header compiles by itself"
for header in "$prefix"/include/flashflood/*.h; do
  "$compiler" -std=c++20 -Wall -Wextra -Wpedantic -Wshadow -Werror -fsyntax-only \
    -I "$prefix/include" -include "$header" -x c++ /dev/null
done

echo "== find_package"
cmake -S "$project" -B "$folder/build" -DCMAKE_PREFIX_PATH="$prefix" \
  -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_CXX_FLAGS="$flags"
cmake --build "$folder/build"
"$folder/build/consumer" "$folder/flood-cmake"

echo "== pkg-config"
PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name flashflood.pc)")
export PKG_CONFIG_PATH
libraries=$(pkg-config --variable=libdir flashflood)
# The flags are lists of words.
# shellcheck disable=SC2046,SC2086
"$compiler" -std=c++20 $flags "$project/main.cc" -o "$folder/consumer" \
  $(pkg-config --cflags --libs flashflood) "-Wl,-rpath,$libraries"
"$folder/consumer" "$folder/flood-pkg-config"

if [ -x "$prefix/bin/flashflood" ]; then
  echo "== the installed command reads what the consumer wrote"
  "$prefix/bin/flashflood" --store "$folder/flood-cmake" get greeting | grep -qx '{"text": "hello"}'
fi
