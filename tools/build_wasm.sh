#!/bin/bash
# Compiles the live mixer (web/wasm and the engine's own mixing code) to build/web-wasm/live.wasm: tools/build_wasm.sh
# Makes only what has changed. Needs the packages of the section "wasm".
set -u
cd "$(dirname "$0")/.." || exit 1
out=build/web-wasm
mkdir -p $out/include $out/objects

# Headers of the system that do not depend on the machine; the others of /usr/include are not wanted here.
for header in fmt nlohmann xxhash.h; do ln -sfn /usr/include/$header $out/include/$header; done

sources='
  web/wasm/live.cpp web/wasm/runtime.cpp
  engine/core/result.cpp engine/core/hash.cpp engine/core/timecode.cpp
  engine/session/json.cpp engine/session/type_info.cpp engine/session/detail/dom.cpp engine/session/detail/convert.cpp
  engine/dsp/coefficients.cpp engine/dsp/compressor.cpp engine/dsp/equaliser.cpp engine/dsp/expander.cpp engine/dsp/limiter.cpp engine/dsp/pan.cpp
  engine/dsp/splices.cpp engine/dsp/true_peak.cpp
  engine/signal/node.cpp engine/signal/signals.cpp engine/signal/signals_gain.cpp engine/signal/signals_made.cpp engine/signal/playback.cpp engine/signal/detail/describe.cpp engine/signal/detail/fused.cpp
  engine/analysis/loudness_blocks.cpp engine/analysis/loudness_figures.cpp engine/analysis/loudness_measure.cpp
  engine/analysis/loudness_weights.cpp engine/analysis/true_peak.cpp engine/analysis/detail/k_weighting.cpp
  engine/phases/track.cpp engine/phases/mix/curves.cpp engine/phases/mix/graph.cpp engine/phases/mix/live.cpp engine/phases/mix/live_mix.cpp
  engine/phases/mix/strip.cpp engine/phases/mix/voices.cpp
'
# The flags that decide about bits are those of CMakeLists.txt: no contraction, no fast-math.
flags='--target=wasm32-wasi -mexec-model=reactor -std=c++20 -O2 -msimd128 -ffp-contract=off -fno-math-errno -fno-exceptions
  -fvisibility=hidden -ffunction-sections -fdata-sections
  -nostdinc++ -isystem web/wasm/include -isystem /usr/lib/llvm-16/include/wasm32-wasi/c++/v1 -isystem build/web-wasm/include -Iengine
  -DFMT_HEADER_ONLY -DFMT_USE_LOCALE=0 -DFMT_STATIC_THOUSANDS_SEPARATOR -DJSON_NOEXCEPTION -DXXH_INLINE_ALL -DNDEBUG -Wall -Wextra -Wno-unused-command-line-argument'
compiler=clang++-16
command -v ccache >/dev/null && compiler='ccache clang++-16'

exports=$(sed -nE 's/^EXPORT [^(]*[ *]([a-z_]+)\(.*/\1/p' web/wasm/live.cpp | sed 's/^/-Wl,--export=/' | tr '\n' ' ')
{
  # Quoted for ninja: its $in and $out, not the shell's.
  echo "builddir = $out"
  printf 'rule compile\n  command = %s %s -MD -MF $out.d -c $in -o $out\n  depfile = $out.d\n  deps = gcc\n' "$compiler" "$(echo $flags)"
  printf 'rule link\n  command = clang++-16 --target=wasm32-wasi -mexec-model=reactor -O2 -nostdlib++ -Wl,--gc-sections %s -Wl,--strip-all -Wl,-z,stack-size=262144 $in -L/usr/lib/llvm-16/lib/wasm32-wasi -lc++ -lc++abi -o $out\n' "$exports"
  objects=''
  for source in $sources; do
    object=$out/objects/$(echo "$source" | tr / _).o
    objects+=" $object"
    echo "build $object: compile $source"
  done
  echo "build $out/live.wasm: link$objects"
} >$out/build.ninja.new
cmp -s $out/build.ninja.new $out/build.ninja || cp $out/build.ninja.new $out/build.ninja
ninja -f $out/build.ninja $out/live.wasm >$out/log 2>&1 || { grep -vE '^(\[|ninja:)' $out/log | head -60 >&2; echo "build_wasm: failed (see $out/log)" >&2; exit 1; }
echo "build_wasm: $out/live.wasm, $(stat -c %s $out/live.wasm) bytes"
