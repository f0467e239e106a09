#include "deliver/report_data.h"

#include "core/bytes.h"
#include "deliver/board.h"
#include "deliver/detail/report_tables.h"
#include "deliver/detail/text_file.h"
#include "media/picture.h"

#include <ctime>

namespace twopop::deliver {
namespace {

constexpr int kOutlineParts = 900;
constexpr std::int64_t kPeakSamples = 1024;
constexpr int kPictures = 14;

/// Outline of a stem over the film, from peaks of 1024 samples that are kept chunk by chunk.
Result<std::vector<media::Peak>> outline_of(signal::Workspace& work, const signal::Signal& sound, SampleRange film) {
  std::vector<media::Peak> fine;
  const auto hear = [](SampleRange, AudioView<const float> heard) -> Result<cache::Bytes> {
    ByteWriter writer;
    for (std::int64_t at = 0; at < heard.frames(); at += kPeakSamples) {
      const std::int64_t count = std::min(kPeakSamples, heard.frames() - at);
      media::Peak peak;
      double sum = 0.0;
      for (int c = 0; c < heard.channels(); ++c)
        for (std::int64_t i = at; i < at + count; ++i) {
          const float x = heard.at(c, i);
          peak.least = std::min(peak.least, x);
          peak.most = std::max(peak.most, x);
          sum += static_cast<double>(x) * static_cast<double>(x);
        }
      peak.mean_square = static_cast<float>(sum / static_cast<double>(count * heard.channels()));
      writer.put(peak.least).put(peak.most).put(peak.mean_square);
    }
    return writer.take();
  };
  const auto take = [&](SampleRange chunk, const cache::Blob& blob) -> Result<void> {
    ByteReader reader(*blob);
    for (std::int64_t at = 0; at < chunk.length().value; at += kPeakSamples) {
      media::Peak peak;
      peak.least = reader.get<float>();
      peak.most = reader.get<float>();
      peak.mean_square = reader.get<float>();
      fine.push_back(peak);
    }
    return {};
  };
  TWOPOP_CHECK(work.chunk_facts(sound, film, "outline", 1, {}, hear, take));
  std::vector<media::Peak> outline;
  const std::size_t parts = std::min<std::size_t>(kOutlineParts, fine.size());
  for (std::size_t i = 0; i < parts; ++i) {
    const std::size_t from = i * fine.size() / parts, to = (i + 1) * fine.size() / parts;
    media::Peak part;
    double sum = 0.0;
    for (std::size_t k = from; k < to; ++k) {
      part.least = std::min(part.least, fine[k].least);
      part.most = std::max(part.most, fine[k].most);
      sum += static_cast<double>(fine[k].mean_square);
    }
    part.mean_square = static_cast<float>(sum / static_cast<double>(to - from));
    outline.push_back(part);
  }
  return outline;
}

/// A stem as delivered is its bus times the master's gain; buses and gain are what is stored, so the outline of a bus is scaled
/// by the master gain. What the limiter takes from single peaks is not drawn.
std::vector<media::Peak> louder(std::vector<media::Peak> outline, Decibels gain) {
  const float g = static_cast<float>(gain_of(gain).value);
  for (media::Peak& p : outline) {
    p.least *= g;
    p.most *= g;
    p.mean_square *= g * g;
  }
  return outline;
}

std::string today() {
  const std::time_t now = std::time(nullptr);
  std::tm tm{};
  gmtime_r(&now, &tm);
  char text[40];
  std::strftime(text, sizeof text, "%e %B %Y, %H:%M UTC", &tm);
  return text[0] == ' ' ? text + 1 : text;
}

/// Pictures of the film at equal distances, kept as a fact of the picture's file.
void add_pictures(const BuildPlace& place, const session::Document& document, ReportData& data) {
  const auto picture = document.media.find(document.picture.media);
  if (picture == document.media.end() || data.length.value <= 0) return;
  const phases::Context context{document, place.bundle, place.work, {}};
  std::vector<double> times;
  for (int i = 0; i < kPictures; ++i) times.push_back(seconds(data.length, data.rate) * (i + 0.5) / kPictures);
  const Hash settings = Hasher().add(picture->second.fingerprint).add(times.front()).add(kPictures).finish();
  const auto blob = place.work.fact("pictures of the report", "report pictures", 1, settings, [&]() -> Result<cache::Bytes> {
    TWOPOP_TRY(const std::vector<std::string> images, media::thumbnails(phases::media_path(context, picture->second), times, 200));
    ByteWriter writer;
    for (const std::string& image : images) writer.put(image);
    return writer.take();
  });
  if (!blob) return;  // the report does without
  ByteReader reader(**blob);
  for (const double time : times) data.frames.push_back({time, reader.text()});
}

std::string layout_text(session::LayoutName layout) {
  for (const auto& [known, name] : session::names_of(layout))
    if (known == layout) return name;
  return {};
}

std::string codec_text(session::SoundCodec codec) { return codec == session::SoundCodec::Aac ? "AAC" : codec == session::SoundCodec::Flac ? "FLAC" : "PCM"; }

}  // namespace

Result<ReportData> report_of(const BuildPlace& place, const BuildOutcome& build) {
  const session::Document& document = build.document;
  ReportData data;
  data.title = document.delivery.title.empty() ? document.name : document.delivery.title;
  data.made_at = today();
  data.engine = phases::kEngineVersion;
  data.timecode = document.timecode_rate();
  data.start_frame = document.start_frame;
  data.rate = document.rate;
  data.length = document.extent().length();
  data.layout = layout_text(document.layout);
  data.spec = build.spec;
  data.checks = build.checks;
  data.figures = build.measure.master.figures;
  data.limiter = build.measure.master.limiter;
  data.master_gain = document.mix.master.gain;
  data.missed = build.missed;
  if (build.coded)
    data.coded = ReportData::Coded{codec_text(document.delivery.codec), build.coded->decoded_peak, build.coded->decoded_loudness, build.coded->headroom, build.coded->rounds, build.coded->under_ceiling};
  data.momentary = analysis::momentary_series(build.measure.loudness);
  data.short_term = analysis::short_term_series(build.measure.loudness);
  data.integrated = analysis::integrated_series(build.measure.loudness);
  data.speech = speech_of(build.whole);
  TWOPOP_TRY(std::vector<media::Peak> mix, outline_of(place.work, build.whole.mix.mix, document.extent()));
  data.waves.push_back({"Mix", "mix", std::move(mix)});
  for (const auto& [stem, name] : {std::pair{phases::Stem::Dialogue, "Dialogue"}, {phases::Stem::Adr, "ADR"}, {phases::Stem::Effects, "Effects"}, {phases::Stem::Foley, "Foley"}, {phases::Stem::Music, "Music"}}) {
    const auto bus = build.whole.mix.buses.find(stem);
    if (bus == build.whole.mix.buses.end()) continue;
    TWOPOP_TRY(std::vector<media::Peak> outline, outline_of(place.work, bus->second, document.extent()));
    data.waves.push_back({name, phases::name_of(stem), louder(std::move(outline), data.master_gain)});
  }
  add_pictures(place, document, data);
  data.board = build.board;
  data.findings = build.findings;
  for (phases::Finding& f : data.findings) {
    f.item = item_name(document, f.item);
    if (f.message.find(f.item) != std::string::npos) f.item.clear();  // it is said already
  }
  for (const phases::Phase* phase : phases::order_of_operations())
    if (const auto compiled = build.whole.compiled.find(phase->name()); compiled != build.whole.compiled.end())
      data.treatments.insert(data.treatments.end(), compiled->second.treatments.begin(), compiled->second.treatments.end());
  data.sync = detail::sync_rows(document);
  data.tables = detail::sheets(document);
  for (const Output& output : build.outputs) {
    std::error_code absent;
    const auto bytes = std::filesystem::file_size(output.path, absent);
    data.files.push_back({output.name, std::filesystem::relative(output.path, place.bundle, absent).string(), output.written ? "" : "was up to date", absent ? 0 : bytes});
  }
  return data;
}

Result<void> write_report(const BuildPlace& place, BuildOutcome& build) {
  TWOPOP_TRY(const ReportData data, report_of(place, build));
  const std::filesystem::path path = place.bundle / "out" / "report.html";
  TWOPOP_TRY(const bool written, detail::write_text(path, report_html(data)));
  build.outputs.push_back({"report", path, written});
  return {};
}

}  // namespace twopop::deliver
