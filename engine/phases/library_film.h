#pragma once

#include "corpus.h"
#include "media/media.h"
#include "phases/film.h"

#include <gtest/gtest.h>

#include <filesystem>

/// A film for tests, made of recordings of the corpus.
namespace twopop::phases::test_film {

inline std::filesystem::path corpus() { return test::shared_folder() / "corpus"; }

/// Adds a file as `add` does; its id is its name.
inline session::Id add(session::Document& document, const std::filesystem::path& path, session::MediaKind kind) {
  session::Media media;
  media.path = path.string();
  media.name = path.filename().string();
  media.kind = kind;
  media.bytes = static_cast<std::int64_t>(std::filesystem::file_size(path));
  const auto fingerprint = media::fingerprint(path);
  EXPECT_TRUE(fingerprint);
  media.fingerprint = to_string(*fingerprint);
  if (const auto info = media::probe(path)) {
    media.duration_s = info->duration_s;
    media.has_picture = info->video.has_value();
    if (info->video) media.frames = info->video->frames;
    if (!info->audio.empty()) {
      media.channels = info->audio[0].channels;
      media.rate_hz = info->audio[0].rate.hz;
    }
  }
  session::Id id;
  for (const char c : media.name) id.push_back(std::isalnum(static_cast<unsigned char>(c)) ? c : '-');
  document.media[id] = media;
  return id;
}

struct Film {
  std::filesystem::path folder;
  session::Document document;
  std::unique_ptr<signal::Workspace> work;

  explicit Film(const std::string& name, double length_s) {
    folder = std::filesystem::temp_directory_path() / ("twopop-test-" + name + "-" + std::to_string(::getpid()));
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    signal::WorkspaceOptions options;
    options.threads = 1;
    options.cache_budget_bytes = std::uint64_t{1} << 30;
    auto opened = signal::Workspace::open(folder / "cache", options);
    EXPECT_TRUE(opened) << opened.error().message;
    work = std::move(*opened);
    document.name = name;
    document.picture.length = samples(length_s, document.rate);
  }
  ~Film() {
    work.reset();
    std::filesystem::remove_all(folder);
  }

  Context context(std::map<std::string, const Compiled*> earlier = {}) { return {document, folder, *work, std::move(earlier)}; }
};

}  // namespace twopop::phases::test_film
