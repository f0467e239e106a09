#include "analysis/defects.h"

#include "media/media.h"

namespace twopop::analysis {

const char* name_of(DefectKind kind) {
  switch (kind) {
    case DefectKind::Clipping: return "clipping";
    case DefectKind::Dropout: return "dropout";
    case DefectKind::Click: return "click";
    case DefectKind::Hum: return "hum";
    case DefectKind::DcOffset: return "dc_offset";
    case DefectKind::Silence: return "silence";
    case DefectKind::OutOfPhase: return "out_of_phase";
    case DefectKind::BandLimited: return "band_limited";
  }
  return "";
}

const char* unit_of(DefectKind kind) {
  switch (kind) {
    case DefectKind::Clipping:
    case DefectKind::Hum:
    case DefectKind::DcOffset:
    case DefectKind::Silence: return "dBFS";
    case DefectKind::Dropout: return "ms";
    case DefectKind::Click: return "dB";
    case DefectKind::BandLimited: return "Hz";
    case DefectKind::OutOfPhase: return "";
  }
  return "";
}

std::string sentence_of(const Defect& d) {
  const std::string where = d.channel < 0 ? std::string() : fmt::format(" on channel {}", d.channel + 1);
  switch (d.kind) {
    case DefectKind::Clipping: return fmt::format("clipped at {:.1f} dBFS ({} samples){}", d.figure, d.count, where);
    case DefectKind::Dropout: return fmt::format("sound drops out for {:.1f} ms{}", d.figure, where);
    case DefectKind::Click: return fmt::format("click, {:.0f} dB over the sound around it{}", d.figure, where);
    case DefectKind::Hum: return fmt::format("mains hum of {} lines at {:.1f} dBFS{}", d.count, d.figure, where);
    case DefectKind::DcOffset: return fmt::format("DC offset of {:.1f} dBFS{}", d.figure, where);
    case DefectKind::Silence: return fmt::format("silence at {:.0f} dBFS", d.figure);
    case DefectKind::OutOfPhase: return fmt::format("left and right are out of phase, correlation {:.2f}", d.figure);
    case DefectKind::BandLimited: return fmt::format("nothing above {:.1f} kHz{}", d.figure / 1000.0, where);
  }
  return {};
}

SoundFacts scan_defects(AudioView<const float> sound, SampleRate rate, const DefectOptions& options, SamplePosition begin) {
  DefectScanner scanner(rate, sound.channels(), options, begin);
  scanner.push(sound);
  return scanner.finish();
}

Result<SoundFacts> scan_defects(const std::filesystem::path& file, int audio_stream, const DefectOptions& options, SampleRange range) {
  TWOPOP_TRY(const std::unique_ptr<media::Reader> reader, media::Reader::open(file, audio_stream));
  const bool whole = range.empty();
  if (whole) range = {{0}, {INT64_MAX}};
  DefectScanner scanner(reader->rate(), reader->channels(), options, range.begin);
  AudioBuffer<float> block(reader->channels(), reader->rate().hz);
  for (SamplePosition at = range.begin; at < range.end;) {
    const std::int64_t want = std::min(block.frames(), (range.end - at).value);
    TWOPOP_TRY(const std::int64_t got, reader->read(at, block.view().sub(0, want)));
    scanner.push(block.view().sub(0, got));
    if (got < want) break;
    at = at + SampleCount{got};
  }
  return scanner.finish();
}

}  // namespace twopop::analysis
