#pragma once

#include "deliver/board.h"
#include "deliver/moment.h"
#include "deliver/spec.h"
#include "session/document.h"

#include <array>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

/// What the server says of a film beside its document: values with field lists, from which JSON, TypeScript and the API's
/// description are made.
namespace twopop::server {

enum class PhaseState { Open, Done, Approved, Stale };
constexpr auto names_of(PhaseState) {
  return std::array{EnumName<PhaseState>{PhaseState::Open, "open"}, EnumName<PhaseState>{PhaseState::Done, "done"}, EnumName<PhaseState>{PhaseState::Approved, "approved"}, EnumName<PhaseState>{PhaseState::Stale, "stale"}};
}

/// A phase as the board shows it.
struct BoardPhase {
  std::string name;
  PhaseState state = PhaseState::Open;
  phases::Staleness approval = phases::Staleness::NotApproved;
  std::string summary;
  int items = 0, by_person = 0, open = 0, findings = 0;
  std::optional<std::string> approved_by, approved_at, note;
  std::vector<deliver::Stretch> stale;
  static constexpr auto fields() {
    using P = BoardPhase;
    return std::make_tuple(field("phase", &P::name, "dialogue, adr, design, foley, music or mix"), field("state", &P::state, "How far it is"), field("approval", &P::approval, "Whether what was approved is what is heard, and if not, why"),
                           field("summary", &P::summary, "What there is, in words"), field("items", &P::items, "Decisions in its part of the session"), field("by_person", &P::by_person, "Those made by people"),
                           field("open", &P::open, "Cues to record, things undone"), field("findings", &P::findings, "How many findings concern it"), field("approved_by", &P::approved_by, "Who approved it"),
                           field("approved_at", &P::approved_at, "When (UTC)"), field("note", &P::note, "What was said about it"), field("stale", &P::stale, "Where today's sound is not what was approved"));
  }
};

/// What a supervising editor would send back.
struct BoardFinding {
  phases::Severity severity = phases::Severity::Note;
  std::string phase, code;
  std::optional<deliver::Stretch> where;
  std::string item, message, remedy;
  double figure = 0;
  std::string unit;
  static constexpr auto fields() {
    using F = BoardFinding;
    return std::make_tuple(field("severity", &F::severity, "How bad it is"), field("phase", &F::phase, "dialogue ... mix, media or deliver"), field("code", &F::code, "Stable name of the kind of finding"),
                           field("where", &F::where, "Stretch of film"), field("item", &F::item, "Path of the session item, or a file name"), field("message", &F::message, "What is wrong"), field("remedy", &F::remedy, "What to do"),
                           field("figure", &F::figure, "What was measured"), field("unit", &F::unit, "Its unit; empty where there is no figure"));
  }
};

/// The board of a film at one revision.
struct Board {
  std::int64_t revision = 0;
  bool complete = false;
  std::vector<BoardPhase> phases;
  std::vector<BoardFinding> findings;
  static constexpr auto fields() {
    return std::make_tuple(field("revision", &Board::revision, "Revision it was made of", {0, 1e15}), field("complete", &Board::complete, "False while findings and staleness are still being worked out"),
                           field("phases", &Board::phases, "The six phases in their order"), field("findings", &Board::findings, "Worst first, then by time"));
  }
};

/// Something is being made in the background: ask again, or wait for the socket's message.
struct NotYet {
  bool ready = false;
  double share = 0;
  static constexpr auto fields() { return std::make_tuple(field("ready", &NotYet::ready, "Always false"), field("share", &NotYet::share, "How much of it is done", {0, 1})); }
};

struct ApprovalRequest {
  std::string phase, note;
  bool withdraw = false;
  static constexpr auto fields() {
    return std::make_tuple(field("phase", &ApprovalRequest::phase, "dialogue, adr, design, foley, music or mix"), field("note", &ApprovalRequest::note, "A note that stands on the board", {0, 4000}),
                           field("withdraw", &ApprovalRequest::withdraw, "Takes the approval back"));
  }
};

enum class SoundKind { Mix, Stem, Bus, Track };
constexpr auto names_of(SoundKind) {
  return std::array{EnumName<SoundKind>{SoundKind::Mix, "mix"}, EnumName<SoundKind>{SoundKind::Stem, "stem"}, EnumName<SoundKind>{SoundKind::Bus, "bus"}, EnumName<SoundKind>{SoundKind::Track, "track"}};
}

/// A part of the film that can be heard by itself.
struct SoundInfo {
  std::string id, name, phase;
  SoundKind kind = SoundKind::Track;
  int channels = 1;
  SampleCount length{};
  std::int64_t chunks = 0;
  std::vector<SampleRange> heard;
  static constexpr auto fields() {
    return std::make_tuple(field("id", &SoundInfo::id, "mix, me, stem:..., bus:..., track:... or clip:PHASE/..."), field("name", &SoundInfo::name, "For people"), field("phase", &SoundInfo::phase, "That makes it"),
                           field("kind", &SoundInfo::kind, "What it is"), field("channels", &SoundInfo::channels, "Channels", {1, 64}), field("length_samples", &SoundInfo::length, "Length of the film", {0, 1e15}),
                           field("chunks", &SoundInfo::chunks, "How many chunks of 2^18 samples that is", {0, 1e9}), field("heard", &SoundInfo::heard, "Of tracks: where there is sound; elsewhere they are silent"));
  }
};

/// The film's picture.
struct PictureInfo {
  session::Id media;
  FrameRate frames{0, 1};
  std::int64_t count = 0, start_frame = 0;
  double duration_s = 0;
  int width = 0, height = 0;
  bool variable_rate = false;
  bool proxy_ready = false;
  double proxy_share = 0;
  std::string proxy_problem;
  static constexpr auto fields() {
    return std::make_tuple(field("media", &PictureInfo::media, "The cut picture; empty for a film without one"), field("frame_rate", &PictureInfo::frames, "Exact; the mean where variable"),
                           field("frames", &PictureInfo::count, "How many", {0, 1e9}), field("start_frame", &PictureInfo::start_frame, "Timecode of the first frame, in frames"),
                           field("duration_s", &PictureInfo::duration_s, "Until the last frame ends", {0, 1e9}), field("width", &PictureInfo::width, "Pixels as shot", {0, 1e6}), field("height", &PictureInfo::height, "Pixels as shot", {0, 1e6}),
                           field("variable_rate", &PictureInfo::variable_rate, "Frames lie where their time stamps say: see picture/frames"), field("proxy_ready", &PictureInfo::proxy_ready, "Whether proxy.mp4 can be played"),
                           field("proxy_share", &PictureInfo::proxy_share, "How much of the proxy is made", {0, 1}), field("proxy_problem", &PictureInfo::proxy_problem, "Why there is none; empty if nothing went wrong"));
  }
};

enum class JobKind { Build, Spot, Render };
constexpr auto names_of(JobKind) { return std::array{EnumName<JobKind>{JobKind::Build, "build"}, EnumName<JobKind>{JobKind::Spot, "spot"}, EnumName<JobKind>{JobKind::Render, "render"}}; }
enum class JobState { Waiting, Running, Done, Failed, Cancelled };
constexpr auto names_of(JobState) {
  return std::array{EnumName<JobState>{JobState::Waiting, "waiting"}, EnumName<JobState>{JobState::Running, "running"}, EnumName<JobState>{JobState::Done, "done"}, EnumName<JobState>{JobState::Failed, "failed"},
                    EnumName<JobState>{JobState::Cancelled, "cancelled"}};
}

struct JobRequest {
  JobKind kind = JobKind::Build;
  std::string phase;
  std::string sound;
  std::optional<SampleRange> range;
  static constexpr auto fields() {
    return std::make_tuple(field("kind", &JobRequest::kind, "What is to be done"), field("phase", &JobRequest::phase, "Of spot: only this one; empty: all"), field("sound", &JobRequest::sound, "Of render: name of a sound; empty: the mix"),
                           field("range", &JobRequest::range, "Of render: the stretch of film; all of it if left out"));
  }
};

/// What a finished job led to.
struct JobOutcome {
  std::int64_t revision = 0;
  int accepted = 0, findings = 0;
  bool passed = true;
  std::vector<std::string> outputs;
  std::optional<Lufs> integrated;
  std::optional<DbTp> true_peak;
  static constexpr auto fields() {
    return std::make_tuple(field("revision", &JobOutcome::revision, "Revision it left", {0, 1e15}), field("accepted", &JobOutcome::accepted, "Proposals taken into the session"), field("findings", &JobOutcome::findings, "Findings there are now"),
                           field("passed", &JobOutcome::passed, "Whether the mix passes its specification"), field("outputs", &JobOutcome::outputs, "Files written, below out/"), field("integrated_lufs", &JobOutcome::integrated, "Loudness of the mix"),
                           field("true_peak_dbtp", &JobOutcome::true_peak, "True peak of the mix"));
  }
};

/// Long work on a film: one runs, others wait.
struct Job {
  std::string id;
  JobKind kind = JobKind::Build;
  std::string phase, sound, author;
  JobState state = JobState::Waiting;
  double progress = 0;
  std::optional<double> seconds_left;
  std::string message, queued_at, ended_at, remedy;
  std::optional<JobOutcome> outcome;
  static constexpr auto fields() {
    return std::make_tuple(field("id", &Job::id, "Its name"), field("kind", &Job::kind, "What it does"), field("phase", &Job::phase, "Of spot: the phase"), field("sound", &Job::sound, "Of render: the sound"), field("author", &Job::author, "Who asked for it"),
                           field("state", &Job::state, "How far it is"), field("progress", &Job::progress, "Share of the present step that is done", {0, 1}), field("seconds_left", &Job::seconds_left, "How long that step goes on, where it can be told"),
                           field("message", &Job::message, "What it is doing, or why it failed"), field("queued_at", &Job::queued_at, "When it was asked for (UTC)"), field("ended_at", &Job::ended_at, "When it ended (UTC)"),
                           field("remedy", &Job::remedy, "What to do about a failure"), field("outcome", &Job::outcome, "What it led to"));
  }
};

struct ProposalItem {
  std::string path, reason;
  double confidence = 0;
  bool accepted = true;
  static constexpr auto fields() {
    return std::make_tuple(field("path", &ProposalItem::path, "Where it would stand in the document"), field("reason", &ProposalItem::reason, "Why"), field("confidence", &ProposalItem::confidence, "How sure it is", {0, 1}),
                           field("accepted", &ProposalItem::accepted, "Whether a build would take it"));
  }
};
/// What spotting would propose: nothing of it is in the session.
struct Proposals {
  std::int64_t revision = 0;
  std::string phase;
  std::vector<ProposalItem> items;
  std::vector<BoardFinding> findings;
  std::string patch;
  static constexpr auto fields() {
    return std::make_tuple(field("revision", &Proposals::revision, "Revision it was made on", {0, 1e15}), field("phase", &Proposals::phase, "Phase asked for; empty: all"), field("items", &Proposals::items, "What is proposed, with its reasons"),
                           field("findings", &Proposals::findings, "What it was not sure enough of"), field("patch", &Proposals::patch, "JSON Patch, as a text, that takes all of it into that revision"));
  }
};

/// A file below out/.
struct Output {
  std::string path, title, type, modified_at;
  std::int64_t bytes = 0;
  static constexpr auto fields() {
    return std::make_tuple(field("path", &Output::path, "Below out/"), field("title", &Output::title, "For people"), field("type", &Output::type, "Media type"), field("modified_at", &Output::modified_at, "When it was written (UTC)"), field("bytes", &Output::bytes, "Size", {0, 1e18}));
  }
};

/// One thing that a specification asks for.
struct MixCheck {
  deliver::Judged judged = deliver::Judged::Programme;
  std::string name, limit;
  double figure = 0;
  std::string unit;
  bool pass = false;
  static constexpr auto fields() {
    using C = MixCheck;
    return std::make_tuple(field("judged", &C::judged, "Which figure"), field("name", &C::name, "Its name in the report"), field("limit", &C::limit, "What is asked for, in words"), field("figure", &C::figure, "What was measured; no number: nothing could be"),
                           field("unit", &C::unit, "Its unit"), field("pass", &C::pass, "Whether it passes"));
  }
};

/// The mix against its specification.
struct LoudnessCurve {
  std::int64_t revision = 0;
  bool current = true;
  double step_s = 0.1;
  std::vector<Lufs> momentary, short_term, integrated;
  Lufs programme{}, dialogue{}, max_momentary{}, max_short_term{};
  Lu range{};
  DbTp true_peak{};
  double dialogue_share = 0;
  std::string spec;
  Lufs target{};
  Lu tolerance{};
  DbTp ceiling{};
  bool dialogue_gated = false, passed = false;
  std::vector<MixCheck> checks;
  std::vector<SampleRange> speech;
  static constexpr auto fields() {
    using L = LoudnessCurve;
    return std::make_tuple(field("revision", &L::revision, "Revision measured", {0, 1e15}), field("current", &L::current, "Whether that is the newest"), field("step_s", &L::step_s, "Seconds from value to value", {0, 1e6}),
                           field("momentary_lufs", &L::momentary, "Greatest of the step, over 400 ms"), field("short_term_lufs", &L::short_term, "Greatest of the step, over 3 s"), field("integrated_lufs", &L::integrated, "Of everything up to there"),
                           field("programme_lufs", &L::programme, "Integrated loudness"), field("dialogue_lufs", &L::dialogue, "Where somebody speaks"), field("max_momentary_lufs", &L::max_momentary, "Greatest of any 400 ms"),
                           field("max_short_term_lufs", &L::max_short_term, "Greatest of any 3 s"), field("range_lu", &L::range, "Loudness range"), field("true_peak_dbtp", &L::true_peak, "True peak"),
                           field("dialogue_share", &L::dialogue_share, "Share of the film with speech", {0, 1}), field("specification", &L::spec, "Name of the specification"), field("target_lufs", &L::target, "What it asks for"),
                           field("tolerance_lu", &L::tolerance, "How far from it passes"), field("ceiling_dbtp", &L::ceiling, "Greatest true peak"), field("dialogue_gated", &L::dialogue_gated, "Whether the target is for dialogue"),
                           field("passed", &L::passed, "Whether all its checks pass"),
                           field("checks", &L::checks, "What the specification asks for, as the report judges it"), field("speech", &L::speech, "Where somebody speaks, in samples"));
  }
};

/// A point of the line along which a recording lies under the film.
struct SyncPoint {
  SamplePosition film{};
  double source_s = 0, drift_ms = 0;
  static constexpr auto fields() {
    return std::make_tuple(field("film_samples", &SyncPoint::film, "Film position"), field("source_s", &SyncPoint::source_s, "Second of the file heard there"), field("drift_ms", &SyncPoint::drift_ms, "By how much its clock is off since the start"));
  }
};
/// What a stretch of a recording says by itself.
struct SyncWindow {
  double source_s = 0, left_ms = 0;
  bool on_line = false;
  static constexpr auto fields() {
    return std::make_tuple(field("source_s", &SyncWindow::source_s, "Second of the file"), field("left_ms", &SyncWindow::left_ms, "By how much later than the line says the file has the sound"),
                           field("on_line", &SyncWindow::on_line, "Whether it stands out by itself and agrees with the line"));
  }
};
/// What sync measured of a placement, where it was measured.
struct SyncMeasured {
  std::string against;
  double offset_s = 0, drift_ppm = 0, offset_interval_ms = 0, residual_rms_ms = 0, confidence = 0, score = 0, shared = 0;
  int windows_used = 0, windows_tried = 0;
  bool inverted = false;
  std::optional<double> runner_up_offset_s, runner_up_score;
  std::string reason;
  std::vector<SyncWindow> windows;
  static constexpr auto fields() {
    using S = SyncMeasured;
    return std::make_tuple(field("against", &S::against, "Media it was measured against"), field("offset_s", &S::offset_s, "Where the file starts on that one's clock"), field("drift_ppm", &S::drift_ppm, "Its clock against that one's"), field("offset_interval_ms", &S::offset_interval_ms, "Half width, 95 %"),
                           field("residual_rms_ms", &S::residual_rms_ms, "Of the windows about the line"), field("confidence", &S::confidence, "Probability that both heard the same moment"), field("score", &S::score, "Height of the match"),
                           field("shared", &S::shared, "Correlation after the match"), field("windows_used", &S::windows_used, "Windows on the line"), field("windows_tried", &S::windows_tried, "Windows measured"),
                           field("inverted", &S::inverted, "Opposite polarity"), field("runner_up_offset_s", &S::runner_up_offset_s, "Second-best offset"), field("runner_up_score", &S::runner_up_score, "Its height"), field("reason", &S::reason, "What it rests on"),
                           field("windows", &S::windows, "Stretches along the recording, 64 at most"));
  }
};
struct SyncPlacement {
  session::Id id, media;
  std::string name, device, scene, take, method, runner_up, reason;
  session::Span film;
  double offset_s = 0, drift_ppm = 0, drift_interval_ppm = 0, confidence = 0, score = 0;
  bool by_person = false;
  std::vector<SyncPoint> line;
  std::vector<SyncMeasured> measured;
  static constexpr auto fields() {
    using S = SyncPlacement;
    return std::make_tuple(field("id", &S::id, "Of the placement"), field("media", &S::media, "The recording"), field("name", &S::name, "Its name"), field("device", &S::device, "Recorder or camera"), field("scene", &S::scene, "Scene"), field("take", &S::take, "Take"),
                           field("method", &S::method, "waveform, timecode, edl or person"), field("runner_up", &S::runner_up, "Second-best answer"), field("reason", &S::reason, "Why it lies there"), field("film", &S::film, "Stretch of film it belongs under"),
                           field("offset_s", &S::offset_s, "Film second at which the file starts"), field("drift_ppm", &S::drift_ppm, "Its clock against the film's"), field("drift_interval_ppm", &S::drift_interval_ppm, "Half width, 95 %"),
                           field("confidence", &S::confidence, "How sure it is", {0, 1}), field("score", &S::score, "Strength of the match"), field("by_person", &S::by_person, "Whether a person decided it"), field("line", &S::line, "Where it lies, start to end"),
                           field("measured", &S::measured, "What sync measured, where that is known"));
  }
};
struct SyncView {
  std::int64_t revision = 0;
  std::vector<SyncPlacement> placements;
  std::vector<session::Refusal> refusals;
  static constexpr auto fields() {
    return std::make_tuple(field("revision", &SyncView::revision, "Revision", {0, 1e15}), field("placements", &SyncView::placements, "By film time"), field("refusals", &SyncView::refusals, "Recordings that were not placed"));
  }
};

/// A sound of the film's library.
struct LibraryItem {
  session::Id media;
  std::string name, path, category, notes, licence;
  session::MediaKind kind = session::MediaKind::Effect;
  double duration_s = 0;
  int channels = 0, rate_hz = 0;
  static constexpr auto fields() {
    return std::make_tuple(field("media", &LibraryItem::media, "Its id in the session"), field("name", &LibraryItem::name, "Name"), field("path", &LibraryItem::path, "Folders it lies in"), field("category", &LibraryItem::category, "UCS category of its name, if it has one"),
                           field("notes", &LibraryItem::notes, "Notes"), field("licence", &LibraryItem::licence, "Licence"), field("kind", &LibraryItem::kind, "What it was taken for"), field("duration_s", &LibraryItem::duration_s, "Length", {0, 1e9}),
                           field("channels", &LibraryItem::channels, "Channels", {0, 1024}), field("rate_hz", &LibraryItem::rate_hz, "Sample rate", {0, 1e6}));
  }
};
struct LibraryPage {
  std::int64_t total = 0;
  std::vector<LibraryItem> items;
  static constexpr auto fields() { return std::make_tuple(field("total", &LibraryPage::total, "How many match", {0, 1e9}), field("items", &LibraryPage::items, "Best first")); }
};

enum class PreviewKind { Ambience, Effect };
constexpr auto names_of(PreviewKind) { return std::array{EnumName<PreviewKind>{PreviewKind::Ambience, "ambience"}, EnumName<PreviewKind>{PreviewKind::Effect, "effect"}}; }
/// A sound to be heard that is not in the session.
struct PreviewRequest {
  PreviewKind what = PreviewKind::Ambience;
  std::optional<session::AmbienceBed> ambience;
  std::optional<session::EffectClip> effect;
  double length_s = 5;
  static constexpr auto fields() {
    return std::make_tuple(field("what", &PreviewRequest::what, "What is heard"), field("ambience", &PreviewRequest::ambience, "A bed: of a recording, or synthesised"), field("effect", &PreviewRequest::effect, "A clip with its chain"),
                           field("length_s", &PreviewRequest::length_s, "How much of it", {0.05, 30}));
  }
};

/// A file that was taken in.
struct FileTaken {
  session::Id media;
  session::MediaKind kind = session::MediaKind::Other;
  std::string reason, problem;
  std::int64_t revision = 0;
  static constexpr auto fields() {
    return std::make_tuple(field("media", &FileTaken::media, "Its id; empty where it was left out"), field("kind", &FileTaken::kind, "What it was taken for"), field("reason", &FileTaken::reason, "Why"), field("problem", &FileTaken::problem, "Why it is of no use as it is"),
                           field("revision", &FileTaken::revision, "Revision that holds it", {0, 1e15}));
  }
};

}  // namespace twopop::server
