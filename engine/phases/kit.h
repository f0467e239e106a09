#pragma once

#include "corpus.h"
#include "media/media.h"
#include "phases/phase.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>

/// The film kit of the shared recordings as a session, for tests of phases. Its placements are the truth, since finding them is
/// another room's test.
namespace twopop::phases::test {

inline nlohmann::json truth() {
  std::ifstream in(twopop::test::shared_folder() / "corpus/film.truth/truth.json");
  return nlohmann::json::parse(in);
}

class Kit {
 public:
  Kit() : folder_(std::filesystem::temp_directory_path() / fmt::format("twopop_kit_{}", ::getpid())) {
    std::filesystem::remove_all(folder_);
    work = *signal::Workspace::open(folder_, {1, std::uint64_t{1} << 30, {}, nullptr});
  }
  ~Kit() {
    work.reset();
    std::filesystem::remove_all(folder_);
  }
  Context context(std::map<std::string, const Compiled*> earlier = {}) { return {document, folder_, *work, std::move(earlier)}; }

  void add(const session::Id& id, const std::string& path, session::MediaKind kind) {
    const auto file = twopop::test::shared_folder() / "corpus" / path;
    const auto info = media::probe(file);
    ASSERT_TRUE(info.ok()) << path;
    session::Media m;
    m.path = file.string();
    m.fingerprint = to_string(*media::fingerprint(file));
    m.kind = kind;
    m.name = file.filename().string();
    m.bytes = static_cast<std::int64_t>(info->bytes);
    m.duration_s = info->duration_s;
    if (!info->audio.empty()) m.rate_hz = info->audio[0].rate.hz, m.channels = info->audio[0].channels;
    m.has_picture = info->video.has_value();
    document.media[id] = m;
  }

  /// Cut and recorder, each dialogue shot placed where the truth has it.
  void film() {
    add("cut", "film/picture/locked_cut.mp4", session::MediaKind::Picture);
    add("rec", "film/sound/REC_0001.wav", session::MediaKind::Recording);
    document.media["rec"].tracks = {{"1", "Boom"}, {"2", "Lav"}};
    document.picture.media = "cut";
    document.picture.length = samples(27.2, document.rate);
    int count = 0;
    const nlohmann::json t = truth();
    for (const auto& shot : t["cut"]["shots"]) {
      if (!shot.contains("recorder_in_sample")) continue;
      session::Placement p;
      p.media = "rec";
      const SamplePosition in{samples(shot["record_in_s"].get<double>(), document.rate).value};
      p.film = {in, in + samples(shot["duration_s"].get<double>(), document.rate)};
      p.source_at_in_s = shot["recorder_in_sample"].get<double>() / 48000;
      p.drift_ppm = 40;
      document.dialogue.placements[fmt::format("p{}", ++count)] = p;
    }
  }

  session::Document document;
  std::unique_ptr<signal::Workspace> work;

 private:
  std::filesystem::path folder_;
};

}  // namespace twopop::phases::test
