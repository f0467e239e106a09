#include "phases/dialogue/organise.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <regex>

namespace twopop::phases {

RecordingLabel label_of(const session::Media& media) {
  RecordingLabel label{media.device, media.scene, media.take};
  const std::string stem = std::filesystem::path(media.name.empty() ? media.path : media.name).stem().string();
  std::smatch found;
  static const std::regex kCameraRoll(R"(^([A-Z])(\d{3})_?C\d{2,4}.*$)", std::regex::optimize);
  static const std::regex kSceneTake(R"(^(?:S|SC)?(\d{1,4}[A-Z]{0,2})[-_ ]?T(?:K|AKE)?(\d{1,3})(?:[-_ ](.+))?$)", std::regex::icase | std::regex::optimize);
  if (std::regex_match(stem, found, kCameraRoll)) {
    if (label.device.empty()) label.device = "camera " + found[1].str();
    return label;
  }
  if (std::regex_match(stem, found, kSceneTake)) {
    if (label.scene.empty()) label.scene = found[1].str();
    if (label.take.empty()) label.take = found[2].str();
    if (label.device.empty() && found[3].matched) label.device = found[3].str();
  }
  if (label.device.empty()) {
    // What is left of the name without its running number.
    std::size_t end = stem.size();
    while (end > 0 && std::isdigit(static_cast<unsigned char>(stem[end - 1]))) --end;
    while (end > 0 && (stem[end - 1] == '_' || stem[end - 1] == '-' || stem[end - 1] == ' ')) --end;
    label.device = end > 0 ? stem.substr(0, end) : stem;
  }
  return label;
}

std::vector<RecordingGroup> organise(const session::Document& document) {
  std::map<std::string, RecordingGroup> groups;
  for (const auto& [id, media] : document.media) {
    if ((media.kind != session::MediaKind::Rushes && media.kind != session::MediaKind::Recording) || !media.problem.empty()) continue;
    RecordingLabel label = label_of(media);
    const bool slated = !label.scene.empty() || !label.take.empty();
    // A slate names all microphones of a take; without one, files of a device stand together.
    const std::string key = slated ? label.scene + "\n" + label.take : "\n\n" + label.device;
    RecordingGroup& group = groups[key];
    if (group.media.empty()) group.label = label;
    else if (group.label.device != label.device) group.label.device = "";
    group.media.push_back(id);
  }
  std::vector<RecordingGroup> ordered;
  for (auto& [key, group] : groups) {
    std::sort(group.media.begin(), group.media.end(), [&](const session::Id& a, const session::Id& b) {
      const session::Media &x = document.media.at(a), &y = document.media.at(b);
      const double s = x.start_of_day_s.value_or(1e9), t = y.start_of_day_s.value_or(1e9);
      return s != t ? s < t : x.name < y.name;
    });
    ordered.push_back(std::move(group));
  }
  return ordered;
}

}  // namespace twopop::phases
