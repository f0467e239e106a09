#include "phases/design/scenes.h"

#include "core/text.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>

namespace twopop::phases::detail {
namespace {

constexpr double kCutReach_s = 6;

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : to_upper(text) + " ") {
    if (std::isalnum(static_cast<unsigned char>(c))) {
      word.push_back(c);
    } else if (!word.empty()) {
      words.push_back(std::move(word));
      word.clear();
    }
  }
  return words;
}

}  // namespace

std::vector<SceneRange> scenes_of(const session::Document& document, const std::vector<SamplePosition>& cuts) {
  std::vector<SceneRange> said;
  for (const auto& [id, clip] : document.dialogue.clips)
    if (!clip.scene.empty() && !clip.muted) said.push_back({clip.scene, clip.film.range()});
  for (const auto& [id, line] : document.picture.script)
    if (!line.scene.empty() && line.film) said.push_back({line.scene, line.film->range()});
  std::stable_sort(said.begin(), said.end(), [](const SceneRange& a, const SceneRange& b) { return a.film.begin < b.film.begin; });
  std::vector<SceneRange> scenes;
  for (const SceneRange& one : said) {
    if (!scenes.empty() && scenes.back().scene == one.scene)
      scenes.back().film.end = std::max(scenes.back().film.end, one.film.end);
    else
      scenes.push_back(one);
  }
  const SampleRange film = document.extent();
  if (scenes.empty()) return {{"", film}};
  for (std::size_t i = 0; i + 1 < scenes.size(); ++i) {
    SamplePosition border{(scenes[i].film.end.value + scenes[i + 1].film.begin.value) / 2};
    const std::int64_t reach = samples(kCutReach_s, document.rate).value;
    std::int64_t nearest = reach;
    const SamplePosition middle = border;
    for (const SamplePosition cut : cuts)
      if (std::abs((cut - middle).value) < nearest) nearest = std::abs((cut - middle).value), border = cut;
    scenes[i].film.end = scenes[i + 1].film.begin = border;
  }
  scenes.front().film.begin = film.begin;
  scenes.back().film.end = film.end;
  std::erase_if(scenes, [](const SceneRange& s) { return s.film.empty(); });
  return scenes;
}

bool speaks_of(const session::Media& media, const std::string& scene) {
  if (scene.empty()) return false;
  if (!media.scene.empty() && to_upper(media.scene) == to_upper(scene)) return true;
  const std::vector<std::string> name = words_of(media.name);
  for (const std::string& word : words_of(scene)) {
    // "INT", "EXT" and "DAY" say nothing of the place; "NIGHT" does.
    if (word.size() < 4) continue;
    if (std::find(name.begin(), name.end(), word) != name.end()) return true;
  }
  return false;
}

}  // namespace twopop::phases::detail
