#include "dsp/splices.h"

#include <cmath>

namespace twopop::dsp {
namespace {

std::int64_t next_fade(const SpliceList& list, std::size_t piece) {
  if (piece + 1 < list.pieces.size()) return list.pieces[piece + 1].fade_in.value;
  return list.cyclic ? list.pieces.front().fade_in.value : 0;
}

/// From the start of a piece to the start of the next.
std::int64_t advance(const SpliceList& list, std::size_t piece) {
  return list.pieces[piece].length.value - next_fade(list, piece);
}

struct Crossfade {
  float rising, falling;
};

/// Gains in the middle of sample i of n.
Crossfade crossfade_at(std::int64_t i, std::int64_t n, double correlation) {
  const double x = (static_cast<double>(i) + 0.5) / static_cast<double>(n);
  const double a = x * x * (3 - 2 * x), b = 1 - a;
  const double scale = 1 / std::sqrt(a * a + b * b + 2 * correlation * a * b);
  return {static_cast<float>(a * scale), static_cast<float>(b * scale)};
}

struct Heard {
  std::size_t piece;
  std::int64_t start;  ///< of the piece, in the list's time
};

/// Calls `visit` for each piece heard in [begin, end), in order.
template <class Visit>
Result<void> walk(const SpliceList& list, std::int64_t begin, std::int64_t end, Visit visit) {
  if (list.pieces.empty() || end <= begin) return {};
  const std::int64_t turn = length_of(list).value;
  std::int64_t start = 0;
  if (list.cyclic) {
    // One turn earlier than needed: its last piece still sounds in the first overlap.
    std::int64_t turns = begin / turn - (begin % turn < 0 ? 1 : 0) - 1;
    start = turns * turn;
  }
  for (std::size_t piece = 0;;) {
    if (start >= end) return {};
    if (start + list.pieces[piece].length.value > begin) TWOPOP_CHECK(visit(Heard{piece, start}));
    start += advance(list, piece);
    if (++piece == list.pieces.size()) {
      if (!list.cyclic) return {};
      piece = 0;
    }
  }
}

}  // namespace

Result<void> check(const SpliceList& list, SampleCount source_length) {
  const auto wrong = [](std::size_t piece, const std::string& what) {
    return Error{Code::InvalidArgument, fmt::format("splice list: piece {} {}", piece, what), "plan it again from its source"};
  };
  if (list.pieces.empty()) return Error{Code::InvalidArgument, "splice list: no piece", "plan it again from its source"};
  for (std::size_t k = 0; k < list.pieces.size(); ++k) {
    const SplicePiece& piece = list.pieces[k];
    if (piece.source_begin.value < 0 || piece.length.value < 1 || piece.source_begin + piece.length > SamplePosition{source_length.value})
      return wrong(k, fmt::format("covers {}..{} of a source of {} samples", piece.source_begin.value,
                                  piece.source_begin.value + piece.length.value, source_length.value));
    if (piece.fade_in.value < 0 || piece.correlation < 0 || piece.correlation > 1)
      return wrong(k, fmt::format("has a fade of {} samples at correlation {}", piece.fade_in.value, piece.correlation));
    if (k == 0 && !list.cyclic && piece.fade_in.value != 0) return wrong(k, "fades in with nothing before it");
    if (piece.fade_in.value + next_fade(list, k) > piece.length.value || advance(list, k) < 1)
      return wrong(k, fmt::format("is shorter ({}) than its crossfades", piece.length.value));
  }
  return {};
}

SampleCount length_of(const SpliceList& list) {
  std::int64_t length = 0;
  for (std::size_t k = 0; k < list.pieces.size(); ++k) length += advance(list, k);
  return {length};
}

std::vector<SampleRange> source_ranges(const SpliceList& list, SampleRange range) {
  std::vector<SampleRange> ranges;
  const auto found = walk(list, range.begin.value, range.end.value, [&](Heard heard) -> Result<void> {
    const SplicePiece& piece = list.pieces[heard.piece];
    const std::int64_t from = std::max<std::int64_t>(0, range.begin.value - heard.start);
    const std::int64_t to = std::min(piece.length.value, range.end.value - heard.start);
    ranges.push_back({piece.source_begin + SampleCount{from}, piece.source_begin + SampleCount{to}});
    return {};
  });
  TWOPOP_ASSERT(found.ok());
  return ranges;
}

Result<void> render_splices(const SpliceList& list, SamplePosition begin, const SourceReader& source, AudioView<float> out) {
  for (int c = 0; c < out.channels(); ++c) std::fill_n(out.channel(c), out.frames(), 0.0f);
  AudioBuffer<float> read;
  return walk(list, begin.value, begin.value + out.frames(), [&](Heard heard) -> Result<void> {
    const SplicePiece& piece = list.pieces[heard.piece];
    const std::int64_t from = std::max<std::int64_t>(0, begin.value - heard.start);
    const std::int64_t to = std::min(piece.length.value, begin.value + out.frames() - heard.start);
    if (read.frames() < to - from) read = AudioBuffer<float>(out.channels(), to - from);
    const AudioView<float> part = read.view().sub(0, to - from);
    TWOPOP_CHECK(source(piece.source_begin + SampleCount{from}, part));

    const std::int64_t rise = piece.fade_in.value, fall = next_fade(list, heard.piece), length = piece.length.value;
    const std::size_t next = heard.piece + 1 < list.pieces.size() ? heard.piece + 1 : 0;
    for (std::int64_t i = from; i < to; ++i) {
      float gain = 1;
      if (i < rise)
        gain = crossfade_at(i, rise, piece.correlation).rising;
      else if (i >= length - fall)
        gain = crossfade_at(i - (length - fall), fall, list.pieces[next].correlation).falling;
      const std::int64_t at = heard.start + i - begin.value;
      for (int c = 0; c < out.channels(); ++c) out.at(c, at) += gain * part.at(c, i - from);
    }
    return {};
  });
}

}  // namespace twopop::dsp
