#include "film/takes.h"

#include "film/take_sound.h"
#include "media/media.h"
#include "phases/adr/take_fit.h"
#include "session/validate.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>

namespace twopop::server {
namespace {

using session::By;
using session::Document;
using session::Id;

constexpr int kMostTries = 5;        // of an edit that meets others
constexpr std::int64_t kLatestBeep = 1'000'000'000'000'000;  // as first_frame and anchor_frame
constexpr double kMostSpread_ms = 2; // of beeps, of a calibration

std::string word(std::string_view text) {
  std::string out;
  for (const char c : text)
    if (std::isalnum(static_cast<unsigned char>(c))) out += c;
    else if (!out.empty() && out.back() != '_') out += '_';
  while (!out.empty() && out.back() == '_') out.pop_back();
  return out.substr(0, 40);
}

int takes_of(const Document& document, const Id& cue) {
  return static_cast<int>(std::count_if(document.media.begin(), document.media.end(), [&](const auto& item) { return item.second.kind == session::MediaKind::Take && item.second.cue == cue; }));
}

/// What people call a cue.
std::string cue_name(const Document& document, const TakeStart& start) {
  if (start.what == TakeFor::Adr) {
    const session::AdrCue& cue = document.adr.cues.at(start.cue);
    return cue.number.empty() ? start.cue : cue.number;
  }
  return start.cue.empty() ? "pass" : start.cue;
}

std::string who_is_heard(const Document& document, const TakeStart& start) {
  if (start.what == TakeFor::Adr) return document.adr.cues.at(start.cue).character;
  const auto cue = document.foley.cues.find(start.cue);
  return cue == document.foley.cues.end() ? "" : cue->second.character;
}

Result<void> check_cue(const Document& document, const TakeStart& start) {
  const bool known = start.what == TakeFor::Adr ? document.adr.cues.contains(start.cue) : start.cue.empty() || document.foley.cues.contains(start.cue);
  if (!known) return Error{Code::NotFound, fmt::format("there is no cue '{}'", start.cue.substr(0, 80)), "look at the list of cues again"};
  return {};
}

/// Name of the WAV; the id keeps two of the same name apart.
std::string file_name(const Document& document, const TakeStart& start, const std::string& unique) {
  const std::string character = word(who_is_heard(document, start));
  return fmt::format("{}-{}{}-t{:02}-{}.wav", start.what == TakeFor::Adr ? "ADR" : "FOLEY", word(cue_name(document, start)), character.empty() ? "" : "-" + character, takes_of(document, start.cue) + 1,
                     word(unique).substr(0, 8));
}

Id media_id(const std::string& take) { return session::id_from("take-" + take); }

Result<session::Media> describe(const std::filesystem::path& wav, const SpoolMeta& meta, const Document& document, SamplePosition at) {
  session::Media media;
  TWOPOP_TRY(const media::MediaInfo info, media::probe(wav));
  TWOPOP_TRY(const Hash fingerprint, media::fingerprint(wav));
  media.path = (std::filesystem::path("takes") / wav.filename()).string();
  media.fingerprint = to_string(fingerprint);
  media.kind = session::MediaKind::Take;
  media.bytes = static_cast<std::int64_t>(info.bytes);
  media.duration_s = info.duration_s;
  media.rate_hz = meta.start.rate_hz;
  media.channels = meta.start.channels;
  media.device = meta.start.input;
  media.take = std::to_string(takes_of(document, meta.start.cue) + 1);
  media.notes = meta.start.notes;
  media.cue = meta.start.cue;
  media.roll = phases::kBoothRoll;
  media.start_of_day_s = static_cast<double>(document.start_frame) / document.frames.hz() + seconds(at, document.rate);
  const std::string character = who_is_heard(document, meta.start);
  media.name = fmt::format("{}{} take {}{}", cue_name(document, meta.start), character.empty() ? "" : " " + character, media.take, meta.start.performer.empty() ? "" : " (" + meta.start.performer + ")");
  return media;
}

/// What the take says of itself, before the guide was asked.
void look_at(const TakeSound& sound, const SpoolMeta& meta, const TakeFinish& finish, TakeResult& result) {
  const auto add = [&](std::string name, bool ok, std::string text) { result.checks.push_back({std::move(name), ok, std::move(text)}); };
  if (finish.suspect.empty()) add("capture", true, "the browser recorded without a gap");
  for (const std::string& why : finish.suspect) add("capture", false, why.substr(0, 300));
  if (sound.not_numbers > 0) add("level", false, fmt::format("{} samples are no numbers", sound.not_numbers));
  else if (sound.peak < 0.001) add("level", false, fmt::format("nothing is heard: the loudest sample is at {:.0f} dBFS; check the microphone", 20 * std::log10(std::max(sound.peak, 1e-6))));
  else if (sound.full_scale > 3) add("level", false, fmt::format("{} samples are at full scale: turn the microphone down", sound.full_scale));
  else add("level", true, fmt::format("the loudest sample is at {:.1f} dBFS", 20 * std::log10(sound.peak)));

  const TakeStart& start = meta.start;
  const bool calibrated = start.calibrated && start.latency_spread_ms <= kMostSpread_ms;
  if (sound.beeps) {
    const BeepFinding& beeps = *sound.beeps;
    result.beep_error_ms = beeps.error_ms;
    const bool steady = beeps.spread_ms <= kMostSpread_ms;
    add("beeps", steady, fmt::format("{} beeps were heard {:+.2f} ms from where the clock says, {:.2f} ms apart; {}", beeps.errors_ms.size(), beeps.error_ms, beeps.spread_ms,
                                     steady ? "the take is laid by them" : "the latency moved between them: listen before you trust its timing"));
  } else if (!start.beep_frames.empty()) {
    add("beeps", calibrated, fmt::format("the beeps were not heard in the take; it is laid by the {}", calibrated ? "calibration" : "latency that the browser states, which may be 150 ms off"));
  }
  add("calibration", calibrated || sound.beeps.has_value(), start.calibrated ? fmt::format("{:.1f} ms by chirps, {:.2f} ms between them", start.latency_ms, start.latency_spread_ms) : fmt::format("not calibrated: the browser states {:.1f} ms", start.latency_ms));
}

}  // namespace

Takes::Takes(FilmCore& core, SpoolLimits limits) : core_(core), spool_(core.folder, limits) {}

Result<SpoolMeta> Takes::own(const std::string& id, const Identity& who) const {
  TWOPOP_TRY(SpoolMeta meta, spool_.meta(id));
  // Somebody else's take is as good as none: ids are not to be fished for.
  if (meta.author != who.name && !who.may("people")) return Error{Code::NotFound, "there is no such take", "begin it again; the browser still has its bytes"};
  return meta;
}

Result<TakeOffset> Takes::start(const TakeStart& start, const Identity& who) {
  const session::Head head = core_.session.head();
  TWOPOP_CHECK(check_cue(*head.document, start));
  if (!who.cue.empty() && start.cue != who.cue) return Error{Code::NotFound, fmt::format("there is no cue '{}' for this link", start.cue.substr(0, 80)), "record the cue that the link is for"};
  if (start.beep_frames.size() > 8) return Error{Code::InvalidArgument, fmt::format("{} beeps are more than 8", start.beep_frames.size()), "send those before the line"};
  for (const std::int64_t at : start.beep_frames)
    if (at < 0 || at > kLatestBeep) return Error{Code::InvalidArgument, fmt::format("a beep at frame {}", at), "count on the page's clock, from 0"};
  SpoolMeta meta{start, who.name, {}, {}};
  const std::int64_t now = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
  meta.created = std::to_string(now / 1'000'000);
  meta.file = file_name(*head.document, start, fmt::format("{:x}", now % 0xFFFFFFFF));
  return spool_.start(meta);
}

Result<TakeOffset> Takes::offset(const std::string& id, const Identity& who) {
  TWOPOP_TRY([[maybe_unused]] const SpoolMeta meta, own(id, who));
  return spool_.offset(id);
}

Result<TakeSpool::Appended> Takes::append(const std::string& id, std::int64_t at, BodyReader& body, const Identity& who) {
  TWOPOP_TRY([[maybe_unused]] const SpoolMeta meta, own(id, who));
  return spool_.append(id, at, body);
}

Result<void> Takes::give_up(const std::string& id, const Identity& who) {
  TWOPOP_TRY([[maybe_unused]] const SpoolMeta meta, own(id, who));
  return spool_.remove(id);
}

Result<TakeResult> Takes::finish(const std::string& id, const TakeFinish& finish, const Identity& who) {
  TWOPOP_TRY(const SpoolMeta meta, own(id, who));
  TWOPOP_TRY(const auto hold, spool_.hold(id));
  TWOPOP_TRY(const auto known, spool_.result(id));
  if (known) return *known;
  TWOPOP_TRY(const TakeOffset held, spool_.offset(id));
  const std::int64_t wanted = finish.frames * frame_bytes(meta.start);
  if (finish.frames <= 0) return Error{Code::InvalidArgument, "a take without a single frame", "record again"};
  if (held.offset < wanted) return Error{Code::Conflict, fmt::format("{} of {} bytes have arrived", held.offset, wanted), "send the rest first"};
  std::string sum;
  if (held.offset == wanted) {
    TWOPOP_TRY(sum, sha256_of(spool_.data_path(id)));
  }
  if (sum != finish.sha256) {
    TWOPOP_CHECK(spool_.empty(id));
    return Error{Code::Damaged, "the checksum of the take differs: bytes were damaged on the way", "send it again from the start; the browser still has it"};
  }
  if (finish.suspect.size() > 20) return Error{Code::InvalidArgument, "more than 20 remarks on one take", "send the first 20"};
  TWOPOP_TRY(TakeResult result, into_film(id, meta, finish));
  TWOPOP_CHECK(spool_.keep_result(id, result));
  return result;
}

Result<TakeResult> Takes::into_film(const std::string& id, const SpoolMeta& meta, const TakeFinish& finish) {
  const TakeStart& start = meta.start;
  const session::Head first = core_.session.head();
  TWOPOP_CHECK(check_cue(*first.document, start));
  const std::filesystem::path wav = core_.folder / "takes" / meta.file;

  media::BextFields bext;
  bext.description = fmt::format("{} {}", cue_name(*first.document, start), who_is_heard(*first.document, start));
  const std::time_t made = std::strtoll(meta.created.c_str(), nullptr, 10);
  std::tm parts{};
  ::localtime_r(&made, &parts);
  bext.date = fmt::format("{:04}-{:02}-{:02}", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday);
  bext.time = fmt::format("{:02}:{:02}:{:02}", parts.tm_hour, parts.tm_min, parts.tm_sec);
  const double day_s = static_cast<double>(first.document->start_frame) / first.document->frames.hz() + seconds(film_position(start, first.document->rate, 0), first.document->rate);
  bext.time_reference = static_cast<std::int64_t>(std::llround(std::max(0.0, day_s) * start.rate_hz));
  TWOPOP_TRY(const TakeSound sound, make_wav(spool_.data_path(id), start, bext, wav));

  TakeResult result;
  result.media = media_id(id);
  result.frames = sound.frames;
  look_at(sound, meta, finish, result);
  const bool by_beeps = sound.beeps && sound.beeps->spread_ms <= kMostSpread_ms;
  result.at = film_position(start, first.document->rate, by_beeps ? sound.beeps->error_ms : 0);

  for (int attempt = 1;; ++attempt) {
    const session::Head base = core_.session.head();
    if (base.document->media.contains(result.media)) {
      // Killed between the edit and its answer: it is in the film, and only the answer is made again.
      result.revision = base.revision;
      const session::Media& media = base.document->media.at(result.media);
      result.name = media.name;
      result.fingerprint = media.fingerprint;
      result.item = result.media;
      return result;
    }
    TWOPOP_CHECK(check_cue(*base.document, start));
    Document after = *base.document;
    TWOPOP_TRY(session::Media media, describe(wav, meta, after, result.at));
    if (!finish.suspect.empty()) media.notes += (media.notes.empty() ? "" : "; ") + std::string("suspect: ") + finish.suspect.front().substr(0, 300);
    result.name = media.name;
    result.fingerprint = media.fingerprint;
    result.item = result.media;
    after.media[result.media] = media;
    result.checks.erase(std::remove_if(result.checks.begin(), result.checks.end(), [](const TakeCheck& c) { return c.name == "guide"; }), result.checks.end());
    const session::Decision decided{By::Person, fmt::format("recorded in the booth{}", by_beeps ? fmt::format(", laid by its beeps ({:+.2f} ms)", sound.beeps->error_ms) : ""), 1};
    if (start.what == TakeFor::Adr) {
      session::AdrCue& cue = after.adr.cues.at(start.cue);
      session::AdrTake take;
      take.media = result.media;
      take.cue = start.cue;
      take.stars = finish.stars;
      take.decided = decided;
      ask_guide(after, cue, take, result);
      after.adr.takes[result.item] = std::move(take);
      if (cue.status == session::CueStatus::Open) cue.status = session::CueStatus::Recorded;
      if (cue.chosen_take.empty()) cue.chosen_take = result.item;
      cue.decided.by = By::Person;
    } else {
      session::FoleyPerformance performance;
      performance.media = result.media;
      performance.pass = start.pass;
      performance.at = result.at;
      performance.decided = decided;
      after.foley.performances[result.item] = std::move(performance);
      if (const auto cue = after.foley.cues.find(start.cue); cue != after.foley.cues.end()) {
        cue->second.performance = result.item;
        cue->second.decided.by = By::Person;
        if (cue->second.status == session::CueStatus::Open) cue->second.status = session::CueStatus::Recorded;
      }
    }
    result.suspect = std::any_of(result.checks.begin(), result.checks.end(), [](const TakeCheck& c) { return !c.ok && c.name != "guide"; });
    const Result<std::int64_t> revision = core_.session.commit(base, after, meta.author, fmt::format("recorded {}", media.name), By::Person);
    if (revision) {
      result.revision = *revision;
      return result;
    }
    if (revision.error().code != Code::Conflict || attempt == kMostTries) return revision.error();
  }
}

/// Lays the take against the line that was recorded on set: how alike, how far off, how loud.
void Takes::ask_guide(const Document& document, const session::AdrCue& cue, session::AdrTake& take, TakeResult& result) {
  const auto say = [&](bool ok, std::string text) { result.checks.push_back({"guide", ok, std::move(text)}); };
  const auto clip = document.dialogue.clips.find(cue.clip);
  if (clip == document.dialogue.clips.end()) return say(true, "the line was never recorded: there is no guide to compare with");
  const SampleRange where = intersection(cue.film.range(), clip->second.film.range());
  if (where.empty()) return say(false, "the cue does not lie on its line any more");
  const phases::Context context{document, core_.folder, *core_.work, {}};
  const auto line = phases::production_line(context, cue.clip);
  if (!line) return say(false, "the guide cannot be read: " + line.error().message);
  const auto fit = phases::fit_of(context, *line, where, take.media, take.channel, result.at);
  if (!fit) return say(false, "the take could not be compared with the guide: " + fit.error().message);
  take.fit = result.fit = std::clamp(fit->alignment.score, 0.0, 1.0);
  if (!fit->alignment.same_words) return say(false, fmt::format("the words differ from the guide, or are not heard: {}", fit->alignment.reason));
  take.worst_ms = fit->worst_ms;
  std::vector<double> late_ms;
  for (const dsp::WarpPoint& p : fit->alignment.map)
    late_ms.push_back(static_cast<double>((result.at + SampleCount{p.source} - (where.begin + SampleCount{p.target})).value) * 1000 / document.rate.hz);
  if (late_ms.empty()) return say(true, fmt::format("same words as the guide ({:.2f})", take.fit));
  std::nth_element(late_ms.begin(), late_ms.begin() + static_cast<std::ptrdiff_t>(late_ms.size() / 2), late_ms.end());
  result.guide_error_ms = late_ms[late_ms.size() / 2];
  say(true, fmt::format("same words as the guide ({:.2f}), spoken {:.0f} ms {} it; after fitting {:.0f} ms are left at most", take.fit, std::fabs(*result.guide_error_ms), *result.guide_error_ms < 0 ? "before" : "after", take.worst_ms));
}

}  // namespace twopop::server
