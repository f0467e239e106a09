#include "session/validate.h"

#include "session/patch.h"
#include "session/type_info.h"

namespace twopop::session {
namespace {

/// What is planned and kept for each chunk of a longer one would not fit into memory.
constexpr double kLongestFilm_s = 48 * 3600;

/// The types within a document that hold a Span, directly or through objects, optionals and maps.
class SpanTypes {
 public:
  SpanTypes() { look(type_of<Document>()); }
  bool hold(const TypeInfo& type) const {
    const auto found = known_.find(&type);
    return found != known_.end() && found->second;
  }

 private:
  bool look(const TypeInfo& type) {
    if (&type == &type_of<Span>()) return true;
    const auto [at, first] = known_.try_emplace(&type, false);
    if (!first) return at->second;
    bool holds = false;
    if (type.kind == TypeKind::Optional || type.kind == TypeKind::Map) holds = look(type.element());
    else if (type.kind == TypeKind::Object)
      for (const FieldInfo& field : type.fields) holds |= look(field.type());
    return known_[&type] = holds;
  }
  std::map<const TypeInfo*, bool> known_;
};

bool holds_spans(const TypeInfo& type) {
  static const SpanTypes types;
  return &type == &type_of<Span>() || types.hold(type);
}

class Checker {
 public:
  explicit Checker(const Document& document) : d_(document) {}

  Result<void> run() {
    check_whole();
    check_spans(type_of<Document>(), &d_, {});
    check_dialogue();
    check_later_phases();
    check_mix();
    if (count_ == 0) return {};
    std::string message = first_;
    if (count_ > 1) message += fmt::format(" (and {} more)", count_ - 1);
    return Error{Code::InvariantBroken, std::move(message), "undo the change, or correct that place with `twopop edit`"};
  }

 private:
  void fail(std::string place, std::string_view what) {
    if (count_++ == 0) first_ = fmt::format("{}: {}", place, what);
  }

  /// A place as its keys, which become a text only where something is wrong there.
  using Keys = std::initializer_list<std::string_view>;

  template <class Collection>
  void refers(Keys place, const Id& id, const Collection& collection, std::string_view kind) {
    if (!id.empty() && !collection.contains(id)) fail(pointer(place), fmt::format("there is no {} '{}'", kind, id));
  }
  void refers_media(Keys place, const Id& id) { refers(place, id, d_.media, "media"); }

  void check_whole() {
    const int hz = d_.rate.hz;
    if (d_.format_major != Document{}.format_major) fail("/format_major", fmt::format("{} is not {}", d_.format_major, Document{}.format_major));
    if (hz != 44100 && hz != 48000 && hz != 88200 && hz != 96000)
      fail("/rate_hz", fmt::format("{} is not 44100, 48000, 88200 or 96000", hz));
    if (const auto rate = twopop::timecode_rate(d_.frames, d_.drop_frame ? DropFrame::Yes : DropFrame::No); !rate)
      fail(d_.drop_frame ? "/drop_frame" : "/frame_rate", rate.error().sentence());
    else if (d_.start_frame >= frames_per_day(*rate))
      fail("/start_frame", fmt::format("{} lies beyond 24 hours", d_.start_frame));
    if (d_.delivery.bits != 16 && d_.delivery.bits != 24 && d_.delivery.bits != 32)
      fail("/delivery/bits", fmt::format("{} is not 16, 24 or 32", d_.delivery.bits));
    if (seconds(d_.picture.length, d_.rate) > kLongestFilm_s)
      fail("/picture/length_samples", fmt::format("a film of {:.0f} hours is longer than {:.0f}", seconds(d_.picture.length, d_.rate) / 3600, kLongestFilm_s / 3600));
    refers_media({"picture", "media"}, d_.picture.media);
    for (const auto& [id, event] : d_.picture.events) refers_media({"picture", "events", id, "media"}, event.media);
    for (const auto& [id, media] : d_.media) {
      if (media.path.empty()) fail(pointer({"media", id, "path"}), "a file without a path");
      if (!media.fingerprint.empty() && !parse_hash(media.fingerprint))
        fail(pointer({"media", id, "fingerprint"}), fmt::format("'{}' is not 32 hexadecimal digits", media.fingerprint));
    }
    constexpr std::string_view kPhases[] = {"dialogue", "adr", "design", "foley", "music", "mix"};
    for (const auto& [phase, approval] : d_.approvals)
      if (std::find(std::begin(kPhases), std::end(kPhases), phase) == std::end(kPhases))
        fail(pointer({"approvals", phase}), fmt::format("there is no phase '{}'", phase));
  }

  /// A place by its last key and the place around it.
  struct Place {
    std::string_view key;
    const Place* around = nullptr;
    std::string text() const { return around ? around->text() + '/' + std::string(key) : std::string(); }
  };

  /// Every Span of the document, wherever it stands.
  void check_spans(const TypeInfo& type, const void* value, const Place& place) {
    if (&type == &type_of<Span>()) {
      const Span& span = *static_cast<const Span*>(value);
      if (span.out < span.in) fail(place.text(), fmt::format("ends at sample {}, before it begins at {}", span.out.value, span.in.value));
      return;
    }
    if (type.kind == TypeKind::Optional) {
      if (const void* held = type.held(value)) check_spans(type.element(), held, place);
    } else if (type.kind == TypeKind::Object) {
      for (const FieldInfo& field : type.fields)
        if (holds_spans(field.type())) check_spans(field.type(), field.at(const_cast<void*>(value)), {field.key, &place});
    } else if (type.kind == TypeKind::Map) {
      struct State {
        Checker* self;
        const TypeInfo* element;
        const Place* place;
      } state{this, &type.element(), &place};
      type.each(value, &state, [](void* context, const std::string& key, const void* item) {
        const auto& s = *static_cast<State*>(context);
        s.self->check_spans(*s.element, item, {key, s.place});
      });
    }
  }

  void check_dialogue() {
    const Dialogue& dialogue = d_.dialogue;
    for (const auto& [id, placement] : dialogue.placements) refers_media({"dialogue", "placements", id, "media"}, placement.media);
    for (const auto& [id, refusal] : dialogue.refusals) refers_media({"dialogue", "refusals", id, "media"}, refusal.media);
    for (const auto& [id, clip] : dialogue.clips) {
      refers({"dialogue", "clips", id, "placement"}, clip.placement, dialogue.placements, "placement");
      refers_media({"dialogue", "clips", id, "denoise", "room_tone"}, clip.denoise.room_tone);
      for (const auto& [other, alternative] : clip.alternatives)
        refers({"dialogue", "clips", id, "alternatives", other, "placement"}, alternative.placement, dialogue.placements, "placement");
    }
    for (const auto& [id, fill] : dialogue.fills) {
      refers_media({"dialogue", "fills", id, "media"}, fill.media);
      if (fill.source_out_s < fill.source_in_s)
        fail(pointer({"dialogue", "fills", id, "source_out_s"}), fmt::format("{} s lies before source_in_s, {} s", fill.source_out_s, fill.source_in_s));
    }
  }

  void check_later_phases() {
    for (const auto& [id, cue] : d_.adr.cues) refers({"adr", "cues", id, "chosen_take"}, cue.chosen_take, d_.adr.takes, "take");
    for (const auto& [id, take] : d_.adr.takes) {
      refers_media({"adr", "takes", id, "media"}, take.media);
      refers({"adr", "takes", id, "cue"}, take.cue, d_.adr.cues, "ADR cue");
    }
    for (const auto& [id, bed] : d_.design.ambiences) refers_media({"design", "ambiences", id, "media"}, bed.media);
    for (const auto& [id, clip] : d_.design.effects) refers_media({"design", "effects", id, "media"}, clip.media);
    for (const auto& [id, set] : d_.foley.sets)
      for (const auto& [item, media] : set.media) refers_media({"foley", "sets", id, "media", item}, media);
    for (const auto& [id, cue] : d_.foley.cues) {
      refers({"foley", "cues", id, "set"}, cue.set, d_.foley.sets, "Foley set");
      refers({"foley", "cues", id, "performance"}, cue.performance, d_.foley.performances, "performance");
    }
    for (const auto& [id, performance] : d_.foley.performances) refers_media({"foley", "performances", id, "media"}, performance.media);
    for (const auto& [id, cue] : d_.music.cues) refers_media({"music", "cues", id, "media"}, cue.media);
    refers_media({"music", "sound_font"}, d_.music.sound_font);
  }

  void check_mix() {
    constexpr std::string_view kStems[] = {"dialogue", "adr", "effects", "foley", "music"};
    for (const auto& [stem, bus] : d_.mix.buses)
      if (std::find(std::begin(kStems), std::end(kStems), stem) == std::end(kStems))
        fail(pointer({"mix", "buses", stem}), fmt::format("there is no stem '{}'", stem));
  }

  const Document& d_;
  std::string first_;
  int count_ = 0;
};

}  // namespace

Result<void> validate(const Document& document) { return Checker(document).run(); }

Id id_from(std::string_view name) {
  constexpr std::size_t kLongest = 120;
  Id id;
  for (const char c : name.substr(0, kLongest)) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' || c == '.';
    if (plain) id += c;
    else if (!id.empty() && id.back() != '-') id += '-';
  }
  while (!id.empty() && id.back() == '-') id.pop_back();
  return id.empty() ? "item" : id;
}

}  // namespace twopop::session
