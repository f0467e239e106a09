#include "media/detail/recorder_metadata.h"

#include <pugixml.hpp>

#include <charconv>
#include <cstring>

namespace twopop::media::detail {
namespace {

constexpr std::size_t kMostTracks = 1024;

std::string text_of(const pugi::xml_node& parent, const char* name) { return tidy_text(parent.child(name).text().get()); }

std::optional<std::uint64_t> number_of(const std::string& text) {
  std::uint64_t value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  return status == std::errc{} && end != text.data() ? std::optional(value) : std::nullopt;
}

void take(const pugi::xml_node& parent, const char* name, std::string& into) {
  if (std::string text = text_of(parent, name); !text.empty()) into = std::move(text);
}

void take_other(const pugi::xml_node& parent, const char* name, Metadata& into) {
  if (std::string text = text_of(parent, name); !text.empty()) into.other[fmt::format("ixml.{}", name)] = std::move(text);
}

void take_speed(const pugi::xml_node& speed, Metadata& into, std::vector<std::string>& warnings) {
  std::string rate = text_of(speed, "TIMECODE_RATE");
  if (rate.empty()) rate = text_of(speed, "MASTER_SPEED");
  if (const auto known = recorder_rate(rate, text_of(speed, "TIMECODE_FLAG"))) into.timecode_rate = known;
  else if (!rate.empty()) warnings.push_back(fmt::format("iXML states the timecode rate '{}', which is none we know", rate));
  const auto low = number_of(text_of(speed, "TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_LO"));
  const auto high = number_of(text_of(speed, "TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_HI"));
  if (low && *low <= 0xFFFFFFFFu && high.value_or(0) < 0x1000) {
    const auto reference = static_cast<std::int64_t>(high.value_or(0) << 32 | *low);
    if (!into.time_reference) into.time_reference = reference;
    else if (*into.time_reference != reference)
      warnings.push_back(fmt::format("bext states the time reference {}, iXML {}; took bext's", *into.time_reference, reference));
  }
  if (const auto hz = number_of(text_of(speed, "TIMESTAMP_SAMPLE_RATE")); hz && *hz > 0 && *hz < 10'000'000)
    into.time_reference_rate = SampleRate{static_cast<std::int32_t>(*hz)};
  for (const char* name : {"CURRENT_SPEED", "FILE_SAMPLE_RATE", "DIGITIZER_SAMPLE_RATE"}) take_other(speed, name, into);
}

void take_tracks(const pugi::xml_node& list, Metadata& into) {
  std::vector<TrackName> tracks;
  for (const pugi::xml_node& track : list.children("TRACK")) {
    if (tracks.size() == kMostTracks) break;
    // INTERLEAVE_INDEX counts the channels of this file, CHANNEL_INDEX the inputs of the recorder; both from 1.
    auto index = number_of(text_of(track, "INTERLEAVE_INDEX"));
    if (!index || *index == 0 || *index > kMostTracks) index = tracks.size() + 1;
    TrackName name{static_cast<int>(*index) - 1, text_of(track, "NAME"), text_of(track, "FUNCTION")};
    if (!name.name.empty() || !name.function.empty()) tracks.push_back(std::move(name));
  }
  if (!tracks.empty()) into.tracks = std::move(tracks);
}

}  // namespace

void read_ixml(std::string_view chunk, Metadata& into, std::vector<std::string>& warnings) {
  // Recorders pad with NULs or spaces so that they can write more in place.
  const std::size_t end = chunk.find_last_not_of(std::string_view("\0 \r\n\t", 5));
  if (end == std::string_view::npos) return;
  // UTF-16 keeps the NUL of its last character.
  const bool wide = chunk.size() >= 2 && (chunk.substr(0, 2) == "\xFF\xFE" || chunk.substr(0, 2) == "\xFE\xFF" || chunk[0] == '\0' || chunk[1] == '\0');
  chunk = chunk.substr(0, wide ? chunk.size() / 2 * 2 : end + 1);
  std::string narrow;
  if (!wide) {
    // The declared encoding is often not the one used: what is no UTF-8 is Windows-1252.
    narrow = tidy_text(chunk);
    chunk = narrow;
  }
  pugi::xml_document document;
  const auto parsed = document.load_buffer(chunk.data(), chunk.size(), pugi::parse_default,
                                           wide ? pugi::encoding_auto : pugi::encoding_utf8);
  if (!parsed) warnings.push_back(fmt::format("iXML is damaged at byte {} ({}); took what stands before", parsed.offset, parsed.description()));
  pugi::xml_node root = document.child("BWFXML");
  if (!root) root = document.first_child();
  if (!root) return;

  take(root, "PROJECT", into.project);
  take(root, "SCENE", into.scene);
  take(root, "TAKE", into.take);
  take(root, "TAPE", into.roll);
  take(root, "NOTE", into.notes);
  take(root, "FILE_UID", into.file_uid);
  if (const std::string circled = text_of(root, "CIRCLED"); circled == "TRUE" || circled == "true") into.circled = true;
  else if (circled == "FALSE" || circled == "false") into.circled = false;
  for (const char* name : {"UBITS", "TAKE_TYPE", "NO_GOOD", "FALSE_START", "WILD_TRACK"}) take_other(root, name, into);
  take_speed(root.child("SPEED"), into, warnings);
  const pugi::xml_node set = root.child("FILE_SET");
  take(set, "FAMILY_UID", into.family_uid);
  for (const char* name : {"TOTAL_FILES", "FAMILY_NAME", "FILE_SET_INDEX"}) take_other(set, name, into);
  take_tracks(root.child("TRACK_LIST"), into);
}

}  // namespace twopop::media::detail
