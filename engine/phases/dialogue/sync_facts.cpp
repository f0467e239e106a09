#include "phases/dialogue/sync_facts.h"

#include "core/bytes.h"
#include "signal/known_fact.h"

#include <algorithm>

namespace twopop::phases::detail {
namespace {

constexpr int kVersion = 7;
constexpr const char* kStretches = "stretches in the cut";

Error damaged(const std::string& what) {
  return {Code::Damaged, fmt::format("what is known of {} cannot be read", what), "remove the film's cache folder"};
}

void put(ByteWriter& out, const std::vector<analysis::SyncWindow>& windows) {
  out.put(static_cast<std::uint64_t>(windows.size()));
  for (const analysis::SyncWindow& w : windows) out.put(w.at_s).put(w.left_s).put(w.on_line);
}

std::vector<analysis::SyncWindow> windows_from(ByteReader& in) {
  std::vector<analysis::SyncWindow> windows;
  for (std::uint64_t n = in.get<std::uint64_t>(); n > 0 && in.ok(); --n) {
    analysis::SyncWindow w;
    w.at_s = in.get<double>();
    w.left_s = in.get<double>();
    w.on_line = in.get<bool>();
    windows.push_back(w);
  }
  return windows;
}

cache::Bytes bytes_of(const analysis::SyncResult& r) {
  ByteWriter out;
  out.put(r.placed).put(r.offset_s).put(r.offset_interval_s).put(r.drift_ppm).put(r.drift_interval_ppm).put(r.residual_rms_ms);
  out.put(r.confidence).put(r.score).put(r.shared).put(r.foreground).put(r.waveform).put(r.runner_up.has_value()).put(r.runner_up.value_or(analysis::SyncRunnerUp{}));
  out.put(r.overlap_begin_s).put(r.overlap_end_s).put(r.windows_used).put(r.windows_tried).put(r.inverted).put(r.steps).put(r.reason);
  put(out, r.windows);
  return out.take();
}

analysis::SyncResult sync_from(ByteReader& in) {
  analysis::SyncResult r;
  r.placed = in.get<bool>();
  r.offset_s = in.get<double>();
  r.offset_interval_s = in.get<double>();
  r.drift_ppm = in.get<double>();
  r.drift_interval_ppm = in.get<double>();
  r.residual_rms_ms = in.get<double>();
  r.confidence = in.get<double>();
  r.score = in.get<double>();
  r.shared = in.get<double>();
  r.foreground = in.get<double>();
  r.waveform = in.get<double>();
  const bool second = in.get<bool>();
  const auto runner_up = in.get<analysis::SyncRunnerUp>();
  if (second) r.runner_up = runner_up;
  r.overlap_begin_s = in.get<double>();
  r.overlap_end_s = in.get<double>();
  r.windows_used = in.get<int>();
  r.windows_tried = in.get<int>();
  r.inverted = in.get<bool>();
  r.steps = in.vector<analysis::SyncStep>();
  r.reason = in.text();
  r.windows = windows_from(in);
  return r;
}

cache::Bytes bytes_of(const analysis::ConformResult& result) {
  ByteWriter out;
  out.put(static_cast<std::uint64_t>(result.segments.size()));
  for (const analysis::ConformSegment& s : result.segments) {
    out.put(s.cut_begin_s).put(s.cut_end_s).put(s.source).put(s.source_begin_s).put(s.drift_ppm).put(s.drift_interval_ppm).put(s.confidence).put(s.score).put(s.shared).put(s.foreground).put(s.copy).put(s.reason);
    put(out, s.windows);
  }
  out.put(static_cast<std::uint64_t>(result.log.size()));
  for (const std::string& line : result.log) out.put(line);
  return out.take();
}

analysis::ConformResult conform_from(ByteReader& in) {
  analysis::ConformResult result;
  for (std::uint64_t n = in.get<std::uint64_t>(); n > 0 && in.ok(); --n) {
    analysis::ConformSegment s;
    s.cut_begin_s = in.get<double>();
    s.cut_end_s = in.get<double>();
    s.source = in.get<int>();
    s.source_begin_s = in.get<double>();
    s.drift_ppm = in.get<double>();
    s.drift_interval_ppm = in.get<double>();
    s.confidence = in.get<double>();
    s.score = in.get<double>();
    s.shared = in.get<double>();
    s.foreground = in.get<double>();
    s.copy = in.get<bool>();
    s.reason = in.text();
    s.windows = windows_from(in);
    result.segments.push_back(std::move(s));
  }
  for (std::uint64_t n = in.get<std::uint64_t>(); n > 0 && in.ok(); --n) result.log.push_back(in.text());
  return result;
}

/// Settings of what is measured between two media, by what the document knows of them.
std::optional<Hash> pair_of(const Context& context, const session::Id& reference, const session::Id& file) {
  const auto a = context.document.media.find(reference), b = context.document.media.find(file);
  if (a == context.document.media.end() || b == context.document.media.end()) return std::nullopt;
  const auto one = parse_hash(a->second.fingerprint), other = parse_hash(b->second.fingerprint);
  if (!one || !other) return std::nullopt;
  return Hasher().add(*one).add(*other).finish();
}

}  // namespace

Result<analysis::SyncResult> sync_of(const Context& context, const session::Id& reference, const session::Id& file, analysis::SourceShelf& shelf) {
  TWOPOP_TRY(const signal::MediaDescription a, describe_media(context, reference));
  TWOPOP_TRY(const signal::MediaDescription b, describe_media(context, file));
  const std::string name = fmt::format("sync of {} against {}", context.document.media.at(file).name, context.document.media.at(reference).name);
  const Hash settings = Hasher().add(a.fingerprint).add(b.fingerprint).finish();
  TWOPOP_TRY(const cache::Blob blob, context.work.fact(name, "sync", kVersion, settings, [&]() -> Result<cache::Bytes> {
    TWOPOP_TRY(const analysis::SyncResult measured, analysis::sync_files(a.path, b.path, shelf));
    return bytes_of(measured);
  }));
  ByteReader in(*blob);
  analysis::SyncResult result = sync_from(in);
  if (!in.ok()) return damaged(name);
  return result;
}

std::optional<analysis::SyncResult> known_sync_of(const Context& context, const session::Id& reference, const session::Id& file) {
  const auto pair = pair_of(context, reference, file);
  const auto blob = pair ? signal::known_fact(context.work, "sync", kVersion, *pair) : nullptr;
  if (!blob) return std::nullopt;
  ByteReader in(*blob);
  analysis::SyncResult result = sync_from(in);
  if (!in.ok()) return std::nullopt;
  return result;
}

Result<analysis::ConformResult> conform_of(const Context& context, const session::Id& guide, const std::vector<session::Id>& sources) {
  TWOPOP_TRY(const signal::MediaDescription cut, describe_media(context, guide));
  Hasher hasher;
  hasher.add(cut.fingerprint);
  std::vector<signal::MediaDescription> media;
  for (const session::Id& id : sources) {
    TWOPOP_TRY(signal::MediaDescription m, describe_media(context, id));
    hasher.add(m.fingerprint);
    media.push_back(std::move(m));
  }
  const FrameRate frames = context.document.frames;
  hasher.add(frames.numerator).add(frames.denominator);
  const std::string name = fmt::format("the cut by its sound, of {} files", sources.size());
  TWOPOP_TRY(const cache::Blob blob, context.work.fact(name, "conform", kVersion, hasher.finish(), [&]() -> Result<cache::Bytes> {
    TWOPOP_TRY(const auto sound, analysis::open_source(cut.path));
    std::vector<std::unique_ptr<analysis::SampleSource>> open;
    std::vector<analysis::ConformSource> all;
    for (std::size_t i = 0; i < media.size(); ++i) {
      TWOPOP_TRY(auto source, analysis::open_source(media[i].path));
      open.push_back(std::move(source));
      all.push_back({context.document.media.at(sources[i]).name, open.back().get()});
    }
    analysis::ConformOptions options;
    if (frames.numerator > 0) options.frame_s = 1 / frames.hz();
    TWOPOP_TRY(const analysis::ConformResult measured, analysis::conform_by_sound(*sound, all, options));
    return bytes_of(measured);
  }));
  ByteReader in(*blob);
  analysis::ConformResult result = conform_from(in);
  if (!in.ok()) return damaged(name);
  // Each source's part by itself, as it was first measured, to be found without knowing which others it was looked for with.
  for (std::size_t i = 0; i < media.size(); ++i) {
    const Hash pair = Hasher().add(cut.fingerprint).add(media[i].fingerprint).finish();
    TWOPOP_CHECK(context.work.fact(fmt::format("stretches of {} in the cut", context.document.media.at(sources[i]).name), kStretches, kVersion, pair, [&]() -> Result<cache::Bytes> {
      const auto of_source = [&](const analysis::ConformSegment& s) { return s.source == static_cast<int>(i); };
      ByteWriter out;
      out.put(static_cast<std::uint64_t>(std::count_if(result.segments.begin(), result.segments.end(), of_source)));
      for (const analysis::ConformSegment& s : result.segments)
        if (of_source(s)) out.put(bytes_of(analysis::as_sync(s)));
      return out.take();
    }));
  }
  return result;
}

std::vector<analysis::SyncResult> known_conform_of(const Context& context, const session::Id& guide, const session::Id& source) {
  std::vector<analysis::SyncResult> stretches;
  const auto pair = pair_of(context, guide, source);
  const auto blob = pair ? signal::known_fact(context.work, kStretches, kVersion, *pair) : nullptr;
  if (!blob) return stretches;
  ByteReader in(*blob);
  for (std::uint64_t n = in.get<std::uint64_t>(); n > 0 && in.ok(); --n) {
    const std::vector<std::byte> one = in.vector<std::byte>();
    ByteReader part(one);
    stretches.push_back(sync_from(part));
    if (!in.ok() || !part.ok()) return {};
  }
  return stretches;
}

}  // namespace twopop::phases::detail
