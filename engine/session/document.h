#pragma once

#include "core/timecode.h"
#include "session/values.h"

/// The session: what people (and accepted proposals) decided. Facts are not here.
/// Collections are maps keyed by stable ids; film time is in session samples from the first frame.
namespace twopop::session {

// --- Media -------------------------------------------------------------------------------------

enum class MediaKind {
  Picture, Rushes, Recording, Take, RoomTone, Ambience, Effect, Foley, Music, Score, SoundFont, Impulse, Script, Edl, Sheet, Other
};
constexpr auto names_of(MediaKind) {
  using K = MediaKind;
  return std::array{EnumName<K>{K::Picture, "picture"},   EnumName<K>{K::Rushes, "rushes"},     EnumName<K>{K::Recording, "recording"},
                    EnumName<K>{K::Take, "take"},         EnumName<K>{K::RoomTone, "room-tone"}, EnumName<K>{K::Ambience, "ambience"},
                    EnumName<K>{K::Effect, "effect"},     EnumName<K>{K::Foley, "foley"},       EnumName<K>{K::Music, "music"},
                    EnumName<K>{K::Score, "score"},       EnumName<K>{K::SoundFont, "sound-font"}, EnumName<K>{K::Impulse, "impulse"},
                    EnumName<K>{K::Script, "script"},     EnumName<K>{K::Edl, "edl"},           EnumName<K>{K::Sheet, "sheet"},
                    EnumName<K>{K::Other, "other"}};
}

struct Licence {
  std::string title, author, licence, source, publisher, isrc, notes;
  static constexpr auto fields() {
    return std::make_tuple(field("title", &Licence::title, "Title of the work"), field("author", &Licence::author, "Composer or recordist"),
                           field("licence", &Licence::licence, "Licence or agreement under which it is used"),
                           field("source", &Licence::source, "Where it came from"), field("publisher", &Licence::publisher, "Publisher"),
                           field("isrc", &Licence::isrc, "ISRC of the recording"), field("notes", &Licence::notes, "Anything else"));
  }
};

/// A file that was recorded, bought or shot; never written to.
struct Media {
  std::string path;         ///< absolute, or relative to the film's folder
  std::string fingerprint;  ///< hash of the whole content, 32 hexadecimal digits
  MediaKind kind = MediaKind::Other;
  std::string name;
  std::int64_t bytes = 0;
  double duration_s = 0;
  int rate_hz = 0, channels = 0;
  bool has_picture = false;
  FrameRate frames{0, 1};          ///< of the picture, 0/1 without one
  bool variable_frame_rate = false;
  std::string device, scene, take, roll, notes;
  std::optional<bool> circled;
  std::map<std::string, std::string> tracks;  ///< channel number from "1" -> name given by the recorder
  std::optional<double> start_of_day_s;       ///< real seconds since midnight of its first sample, by its timecode
  std::string cue;                            ///< for takes: the ADR or Foley cue it was recorded for
  std::string problem;                        ///< why it cannot be used, empty if it can
  Licence licence;
  static constexpr auto fields() {
    return std::make_tuple(
        field("path", &Media::path, "Absolute, or relative to the film's folder"),
        field("fingerprint", &Media::fingerprint, "Hash of the whole content"), field("kind", &Media::kind, "What it was taken for"),
        field("name", &Media::name, "Name shown to people"), field("bytes", &Media::bytes, "Size", {0, 1e18}),
        field("duration_s", &Media::duration_s, "Length", {0, 1e9}), field("rate_hz", &Media::rate_hz, "Sample rate", {0, 1e6}),
        field("channels", &Media::channels, "Channels of its first audio stream", {0, 1024}),
        field("has_picture", &Media::has_picture, "Whether it holds moving picture"), field("frame_rate", &Media::frames, "Of the picture"),
        field("variable_frame_rate", &Media::variable_frame_rate, "Frames are placed by their time stamps"),
        field("device", &Media::device, "Recorder or camera"), field("scene", &Media::scene, "Scene"), field("take", &Media::take, "Take"),
        field("roll", &Media::roll, "Sound or camera roll"), field("notes", &Media::notes, "Notes of the recordist"),
        field("circled", &Media::circled, "Whether the take was circled"), field("tracks", &Media::tracks, "Channel number -> name"),
        field("start_of_day_s", &Media::start_of_day_s, "Real seconds since midnight of its first sample, by timecode"),
        field("cue", &Media::cue, "Cue it was recorded for"), field("problem", &Media::problem, "Why it cannot be used"),
        field("licence", &Media::licence, "Licence facts"));
  }
};

// --- Picture -----------------------------------------------------------------------------------

/// An event of the picture's edit decision list, in film time.
struct EditEvent {
  Span film;
  std::string reel, clip_name;
  Id media;              ///< the rush it shows; empty if none matches
  double source_in_s = 0;  ///< second of the rush that is on screen at film.in
  double speed = 1.0;
  static constexpr auto fields() {
    return std::make_tuple(field("film", &EditEvent::film, "Where it is in the film"), field("reel", &EditEvent::reel, "Reel as the list names it"),
                           field("clip_name", &EditEvent::clip_name, "FROM CLIP NAME of the list"), field("media", &EditEvent::media, "The rush it shows"),
                           field("source_in_s", &EditEvent::source_in_s, "Second of the rush at the event's first frame"),
                           field("speed", &EditEvent::speed, "1 is as shot", {-100, 100}));
  }
};

struct ScriptLine {
  int order = 0;
  std::string scene, character, text;
  std::optional<Span> film;
  static constexpr auto fields() {
    return std::make_tuple(field("order", &ScriptLine::order, "Place in the script", {0, 1e9}), field("scene", &ScriptLine::scene, "Scene"),
                           field("character", &ScriptLine::character, "Who says it"), field("text", &ScriptLine::text, "The words"),
                           field("film", &ScriptLine::film, "When it is said, where known"));
  }
};

struct Picture {
  Id media;  ///< empty: a film without a picture
  SampleCount length{};
  std::map<Id, EditEvent> events;
  std::map<Id, ScriptLine> script;
  static constexpr auto fields() {
    return std::make_tuple(field("media", &Picture::media, "The cut picture; empty for a film without one"),
                           field("length_samples", &Picture::length, "Length of the film", {0, 1e15}),
                           field("events", &Picture::events, "Edit decision list"), field("script", &Picture::script, "Script, line by line"));
  }
};

// --- Dialogue ----------------------------------------------------------------------------------

/// Where a recording lies: within `film`, film second t is at second source_at_in_s + (t - in) x (1 + drift_ppm x 1e-6) of the file.
struct Placement {
  Id media;
  Span film;
  double source_at_in_s = 0;
  double drift_ppm = 0;
  double drift_interval_ppm = 0;  ///< half width, 95 %
  std::string method;             ///< "waveform", "timecode", "edl", "person"
  double score = 0;
  std::string runner_up;          ///< second-best answer, as a sentence
  Decision decided;
  static constexpr auto fields() {
    return std::make_tuple(field("media", &Placement::media, "The recording"), field("film", &Placement::film, "Stretch of film it belongs under"),
                           field("source_at_in_s", &Placement::source_at_in_s, "Second of the file heard at film.in"),
                           field("drift_ppm", &Placement::drift_ppm, "Its clock against the film's", {-5000, 5000}),
                           field("drift_interval_ppm", &Placement::drift_interval_ppm, "Half width of the 95 % interval", {0, 1e6}),
                           field("method", &Placement::method, "waveform, timecode, edl or person"), field("score", &Placement::score, "Strength of the match"),
                           field("runner_up", &Placement::runner_up, "Second-best answer"), field("decided", &Placement::decided, "Who decided and why"));
  }
};

enum class ClipRole { Speech, ProductionEffect, RoomTone };
constexpr auto names_of(ClipRole) {
  return std::array{EnumName<ClipRole>{ClipRole::Speech, "speech"}, EnumName<ClipRole>{ClipRole::ProductionEffect, "production-effect"},
                    EnumName<ClipRole>{ClipRole::RoomTone, "room-tone"}};
}

/// Another microphone that heard the same moment.
struct Alternative {
  Id placement;
  int channel = 0;
  double quality = 0;
  static constexpr auto fields() {
    return std::make_tuple(field("placement", &Alternative::placement, "Placement of the recording"),
                           field("channel", &Alternative::channel, "Channel, from 0", {0, 1023}), field("quality", &Alternative::quality, "Measured quality, higher is better"));
  }
};

/// A stretch of production sound in the dialogue stem.
struct DialogueClip {
  Id placement;
  int channel = 0;
  Span film;
  Id track;  ///< strip it runs through; tracks appear by being named
  ClipRole role = ClipRole::Speech;
  Fade fade_in, fade_out;
  Decibels gain{};
  bool muted = false;
  std::string scene, character, text;
  DehumSettings dehum;
  DenoiseSettings denoise;
  ExpanderSettings expander;
  std::map<Id, Alternative> alternatives;
  Decision decided;
  static constexpr auto fields() {
    return std::make_tuple(
        field("placement", &DialogueClip::placement, "Placement of the recording it plays"), field("channel", &DialogueClip::channel, "Channel heard, from 0", {0, 1023}),
        field("film", &DialogueClip::film, "Where it is heard, fades included"), field("track", &DialogueClip::track, "Track of the dialogue stem"),
        field("role", &DialogueClip::role, "What it is"), field("fade_in", &DialogueClip::fade_in, "Fade at its start"),
        field("fade_out", &DialogueClip::fade_out, "Fade at its end"), field("gain_db", &DialogueClip::gain, "Clip gain", {-96, 48}),
        field("muted", &DialogueClip::muted, "Not heard"), field("scene", &DialogueClip::scene, "Scene"), field("character", &DialogueClip::character, "Who speaks"),
        field("text", &DialogueClip::text, "The words"), field("dehum", &DialogueClip::dehum, "Hum removal"), field("denoise", &DialogueClip::denoise, "Noise reduction"),
        field("expander", &DialogueClip::expander, "Expander"), field("alternatives", &DialogueClip::alternatives, "Other microphones on the same moment"),
        field("decided", &DialogueClip::decided, "Who decided and why"));
  }
};

/// Room tone that fills a gap of the dialogue stem, looped from pauses of a recording.
struct ToneFill {
  Id media;
  int channel = 0;
  Span film;
  double source_in_s = 0, source_out_s = 0;  ///< where in the file only the room is heard
  Fade fade_in, fade_out;
  Decibels gain{};
  Decision decided;
  static constexpr auto fields() {
    return std::make_tuple(field("media", &ToneFill::media, "Recording that holds the tone"), field("channel", &ToneFill::channel, "Channel, from 0", {0, 1023}),
                           field("film", &ToneFill::film, "Gap it fills, fades included"), field("source_in_s", &ToneFill::source_in_s, "Start of the pause in the file", {0, 1e9}),
                           field("source_out_s", &ToneFill::source_out_s, "End of the pause in the file", {0, 1e9}), field("fade_in", &ToneFill::fade_in, "Fade at its start"),
                           field("fade_out", &ToneFill::fade_out, "Fade at its end"), field("gain_db", &ToneFill::gain, "Gain", {-96, 48}),
                           field("decided", &ToneFill::decided, "Who decided and why"));
  }
};

/// A recording that analysis refused to place.
struct Refusal {
  Id media;
  double score = 0;
  std::string reason, runner_up;
  static constexpr auto fields() {
    return std::make_tuple(field("media", &Refusal::media, "The recording"), field("score", &Refusal::score, "Strength of the best answer"),
                           field("reason", &Refusal::reason, "Why it was not placed"), field("runner_up", &Refusal::runner_up, "Best and second-best answer"));
  }
};

struct Dialogue {
  std::map<Id, Placement> placements;
  std::map<Id, Refusal> refusals;
  std::map<Id, DialogueClip> clips;
  std::map<Id, ToneFill> fills;
  static constexpr auto fields() {
    return std::make_tuple(field("placements", &Dialogue::placements, "Where recordings lie"), field("refusals", &Dialogue::refusals, "Recordings that were not placed"),
                           field("clips", &Dialogue::clips, "What is heard"), field("fills", &Dialogue::fills, "Room tone in the gaps"));
  }
};

// --- ADR ---------------------------------------------------------------------------------------

enum class CueStatus { Open, Recorded, Done, Omitted };
constexpr auto names_of(CueStatus) {
  return std::array{EnumName<CueStatus>{CueStatus::Open, "open"}, EnumName<CueStatus>{CueStatus::Recorded, "recorded"},
                    EnumName<CueStatus>{CueStatus::Done, "done"}, EnumName<CueStatus>{CueStatus::Omitted, "omitted"}};
}

struct AdrCue {
  std::string number;  ///< as on the sheet
  Span film;
  std::string character, text, alternate_text, notes, reason_code;
  std::string figure;  ///< what was measured, as a sentence
  bool on_screen = true;
  CueStatus status = CueStatus::Open;
  Id clip;             ///< dialogue clip it replaces; empty for added lines
  Id chosen_take;      ///< take that is heard; empty: none
  Decision decided;
  static constexpr auto fields() {
    return std::make_tuple(field("number", &AdrCue::number, "Cue number"), field("film", &AdrCue::film, "In and out"), field("character", &AdrCue::character, "Who speaks"),
                           field("text", &AdrCue::text, "The line"), field("alternate_text", &AdrCue::alternate_text, "Alternate line"), field("notes", &AdrCue::notes, "Notes"),
                           field("reason_code", &AdrCue::reason_code, "N noise, T technical, P performance, A added, M missing"),
                           field("figure", &AdrCue::figure, "What was measured"), field("on_screen", &AdrCue::on_screen, "Lips are seen"),
                           field("status", &AdrCue::status, "State"), field("clip", &AdrCue::clip, "Dialogue clip it replaces"),
                           field("chosen_take", &AdrCue::chosen_take, "Take that is heard"), field("decided", &AdrCue::decided, "Who decided and why"));
  }
};

struct AdrTake {
  Id media, cue;
  int channel = 0;
  double fit = 0;      ///< 0..1, how well it aligns
  double worst_ms = 0; ///< largest distance left after alignment, as estimated
  int stars = 0;
  double nudge_ms = 0;
  Decibels gain{};
  bool refused = false;
  Decision decided;
  static constexpr auto fields() {
    return std::make_tuple(field("media", &AdrTake::media, "The recording"), field("cue", &AdrTake::cue, "Cue it belongs to; empty if refused"),
                           field("channel", &AdrTake::channel, "Channel, from 0", {0, 1023}), field("fit", &AdrTake::fit, "How well it aligns", {0, 1}),
                           field("worst_ms", &AdrTake::worst_ms, "Largest distance left", {0, 1e6}), field("stars", &AdrTake::stars, "Rating", {0, 5}),
                           field("nudge_ms", &AdrTake::nudge_ms, "Moved by hand", {-2000, 2000}), field("gain_db", &AdrTake::gain, "Gain", {-96, 48}),
                           field("refused", &AdrTake::refused, "Its words are not in the film"), field("decided", &AdrTake::decided, "Who decided and why"));
  }
};

struct Adr {
  std::map<Id, AdrCue> cues;
  std::map<Id, AdrTake> takes;
  static constexpr auto fields() {
    return std::make_tuple(field("cues", &Adr::cues, "Lines to be replaced or added"), field("takes", &Adr::takes, "What was recorded for them"));
  }
};

// --- Sound design ------------------------------------------------------------------------------

struct AmbienceBed {
  Id media;  ///< empty: synthesised by `synth`
  std::string synth;  ///< "", "wind", "rain", "tone", "pink", "white"
  std::map<std::string, double> synth_numbers;
  Span film;
  Fade fade_in, fade_out;
  Decibels gain{};
  double width = 1;
  std::int64_t seed = 1;
  std::string scene;
  Decision decided;
  static constexpr auto fields() {
    return std::make_tuple(field("media", &AmbienceBed::media, "Field recording"), field("synth", &AmbienceBed::synth, "Synthesised: wind, rain, tone, pink or white; empty if recorded"),
                           field("synth_numbers", &AmbienceBed::synth_numbers, "Its parameters, the unit in each key"), field("film", &AmbienceBed::film, "Where it lies, fades included"),
                           field("fade_in", &AmbienceBed::fade_in, "Fade at its start"), field("fade_out", &AmbienceBed::fade_out, "Fade at its end"),
                           field("gain_db", &AmbienceBed::gain, "Gain", {-96, 48}), field("width", &AmbienceBed::width, "Stereo width, 0 mono, 1 as recorded", {0, 2}),
                           field("seed", &AmbienceBed::seed, "Seed of its choices"), field("scene", &AmbienceBed::scene, "Scene"), field("decided", &AmbienceBed::decided, "Who decided and why"));
  }
};

struct EffectClip {
  Id media;
  Id track;
  SamplePosition at{};
  double source_in_s = 0;
  std::optional<double> source_out_s;
  std::map<Id, EffectStep> chain;
  Fade fade_in, fade_out;
  Decibels gain{};
  double pan = 0;
  std::string name;
  Decision decided;
  static constexpr auto fields() {
    return std::make_tuple(field("media", &EffectClip::media, "The sound"), field("track", &EffectClip::track, "Track of the effects stem"), field("at_samples", &EffectClip::at, "When it starts"),
                           field("source_in_s", &EffectClip::source_in_s, "Start in the file", {0, 1e9}), field("source_out_s", &EffectClip::source_out_s, "End in the file", {0, 1e9}),
                           field("chain", &EffectClip::chain, "Processing"), field("fade_in", &EffectClip::fade_in, "Fade at its start"), field("fade_out", &EffectClip::fade_out, "Fade at its end"),
                           field("gain_db", &EffectClip::gain, "Gain", {-96, 48}), field("pan", &EffectClip::pan, "-1 left, 1 right", {-1, 1}), field("name", &EffectClip::name, "Name"),
                           field("decided", &EffectClip::decided, "Who decided and why"));
  }
};

struct Design {
  std::map<Id, AmbienceBed> ambiences;
  std::map<Id, EffectClip> effects;
  static constexpr auto fields() {
    return std::make_tuple(field("ambiences", &Design::ambiences, "Beds"), field("effects", &Design::effects, "Wild tracks and effects"));
  }
};

// --- Foley -------------------------------------------------------------------------------------

enum class FoleyPass { Feet, Moves, Specifics };
constexpr auto names_of(FoleyPass) {
  return std::array{EnumName<FoleyPass>{FoleyPass::Feet, "feet"}, EnumName<FoleyPass>{FoleyPass::Moves, "moves"}, EnumName<FoleyPass>{FoleyPass::Specifics, "specifics"}};
}

/// Recordings of one kind of hit, among which steps are chosen.
struct FoleySet {
  std::string surface;
  FoleyPass pass = FoleyPass::Feet;
  std::map<Id, Id> media;  ///< item -> media id
  static constexpr auto fields() {
    return std::make_tuple(field("surface", &FoleySet::surface, "Surface, shoe or prop"), field("pass", &FoleySet::pass, "Pass it serves"), field("media", &FoleySet::media, "Its recordings"));
  }
};

struct FoleyCue {
  FoleyPass pass = FoleyPass::Feet;
  SamplePosition at{};
  std::optional<SamplePosition> out;  ///< for moves: end of the action
  Id set;          ///< set it is made from
  Id performance;  ///< or the recorded performance that plays it
  std::string character, surface, action;
  bool on_screen = true;
  CueStatus status = CueStatus::Open;
  Decibels gain{};
  double pan = 0;
  Decision decided;
  static constexpr auto fields() {
    return std::make_tuple(field("pass", &FoleyCue::pass, "Pass"), field("at_samples", &FoleyCue::at, "When it is heard"), field("out_samples", &FoleyCue::out, "End of the action"),
                           field("set", &FoleyCue::set, "Set it is made from"), field("performance", &FoleyCue::performance, "Performance that plays it"), field("character", &FoleyCue::character, "Who"),
                           field("surface", &FoleyCue::surface, "Surface or prop"), field("action", &FoleyCue::action, "What happens"), field("on_screen", &FoleyCue::on_screen, "It is seen"),
                           field("status", &FoleyCue::status, "State"), field("gain_db", &FoleyCue::gain, "Gain", {-96, 48}), field("pan", &FoleyCue::pan, "-1 left, 1 right", {-1, 1}),
                           field("decided", &FoleyCue::decided, "Who decided and why"));
  }
};

/// A recording of somebody performing a pass, to be split at its hits.
struct FoleyPerformance {
  Id media;
  FoleyPass pass = FoleyPass::Feet;
  SamplePosition at{};  ///< where its start lies before hits are moved
  double source_in_s = 0;
  std::optional<double> source_out_s;
  Decibels gain{};
  Decision decided;
  static constexpr auto fields() {
    return std::make_tuple(field("media", &FoleyPerformance::media, "The recording"), field("pass", &FoleyPerformance::pass, "Pass"), field("at_samples", &FoleyPerformance::at, "Where it starts"),
                           field("source_in_s", &FoleyPerformance::source_in_s, "Start in the file", {0, 1e9}), field("source_out_s", &FoleyPerformance::source_out_s, "End in the file", {0, 1e9}),
                           field("gain_db", &FoleyPerformance::gain, "Gain", {-96, 48}), field("decided", &FoleyPerformance::decided, "Who decided and why"));
  }
};

struct Foley {
  std::map<Id, FoleySet> sets;
  std::map<Id, FoleyCue> cues;
  std::map<Id, FoleyPerformance> performances;
  std::int64_t seed = 1;
  static constexpr auto fields() {
    return std::make_tuple(field("sets", &Foley::sets, "Recorded steps and props"), field("cues", &Foley::cues, "The sheet"), field("performances", &Foley::performances, "Recorded passes"),
                           field("seed", &Foley::seed, "Seed of its choices"));
  }
};

// --- Music -------------------------------------------------------------------------------------

struct MusicCue {
  std::string number;  ///< "1M1"
  Id media;            ///< recorded piece, or MIDI score
  Span film;
  double source_in_s = 0;
  bool fit = true;     ///< cut on its own beats to the exact length; else trimmed
  bool diegetic = false;
  std::string futz;    ///< for diegetic music: "radio", "tv", "telephone", "next-room", "room"
  std::string usage;   ///< cue sheet code, such as BI or VI
  bool duck = true;
  Lu speech_distance{10.0};  ///< speech over music, held while somebody speaks
  Fade fade_in, fade_out;
  Decibels gain{};
  Decision decided;
  static constexpr auto fields() {
    return std::make_tuple(field("number", &MusicCue::number, "Cue number"), field("media", &MusicCue::media, "The piece or score"), field("film", &MusicCue::film, "In and out"),
                           field("source_in_s", &MusicCue::source_in_s, "Start in the piece", {0, 1e9}), field("fit", &MusicCue::fit, "Cut on its beats to the exact length"),
                           field("diegetic", &MusicCue::diegetic, "Heard by the people in the film"), field("futz", &MusicCue::futz, "What it is heard through"), field("usage", &MusicCue::usage, "Cue sheet code"),
                           field("duck", &MusicCue::duck, "Turned down under speech"), field("speech_distance_lu", &MusicCue::speech_distance, "Speech over music", {0, 40}),
                           field("fade_in", &MusicCue::fade_in, "Fade at its start"), field("fade_out", &MusicCue::fade_out, "Fade at its end"), field("gain_db", &MusicCue::gain, "Gain", {-96, 48}),
                           field("decided", &MusicCue::decided, "Who decided and why"));
  }
};

struct Music {
  std::map<Id, MusicCue> cues;
  Id sound_font;
  static constexpr auto fields() {
    return std::make_tuple(field("cues", &Music::cues, "Cues"), field("sound_font", &Music::sound_font, "Sound font for scores; empty: the system's"));
  }
};

// --- Mix ---------------------------------------------------------------------------------------

/// Processing of one track; its id is the track's.
struct Strip {
  Decibels gain{};
  double pan = 0;
  bool muted = false, soloed = false;
  std::map<Id, EqBand> eq;
  CompressorSettings compressor;
  std::map<Id, AutomationPoint> gain_automation;  ///< dB added to gain
  Decision decided;
  static constexpr auto fields() {
    return std::make_tuple(field("gain_db", &Strip::gain, "Fader", {-96, 24}), field("pan", &Strip::pan, "-1 left, 1 right", {-1, 1}), field("muted", &Strip::muted, "Not heard"),
                           field("soloed", &Strip::soloed, "In the studio, only soloed strips are heard; deliverables ignore it"), field("eq", &Strip::eq, "Equaliser"),
                           field("compressor", &Strip::compressor, "Compressor"), field("gain_automation_db", &Strip::gain_automation, "Automation added to the fader"),
                           field("decided", &Strip::decided, "Who decided and why"));
  }
};

/// A stem's bus: dialogue, adr, effects, foley or music.
struct Bus {
  Decibels gain{};
  bool muted = false;
  std::map<Id, EqBand> eq;
  CompressorSettings compressor;
  std::map<Id, AutomationPoint> gain_automation;
  Decision decided;
  static constexpr auto fields() {
    return std::make_tuple(field("gain_db", &Bus::gain, "Fader", {-96, 24}), field("muted", &Bus::muted, "Not heard"), field("eq", &Bus::eq, "Equaliser"), field("compressor", &Bus::compressor, "Compressor"),
                           field("gain_automation_db", &Bus::gain_automation, "Automation added to the fader"), field("decided", &Bus::decided, "Who decided and why"));
  }
};

struct Master {
  Decibels gain{};  ///< solved after the limiter; a build proposes a new one when the mix is off its target
  CompressorSettings compressor;
  Decision decided;
  static constexpr auto fields() {
    return std::make_tuple(field("gain_db", &Master::gain, "The one linear gain that brings the mix to its target", {-60, 60}), field("compressor", &Master::compressor, "Bus compressor, off unless asked for"),
                           field("decided", &Master::decided, "Who decided and why"));
  }
};

struct Mix {
  std::map<Id, Strip> strips;
  std::map<Id, Bus> buses;
  Master master;
  static constexpr auto fields() {
    return std::make_tuple(field("strips", &Mix::strips, "Strip of each track"), field("buses", &Mix::buses, "Bus of each stem"), field("master", &Mix::master, "Whole mix"));
  }
};

// --- Delivery and approval ---------------------------------------------------------------------

enum class SoundCodec { Aac, Pcm, Flac };
constexpr auto names_of(SoundCodec) {
  return std::array{EnumName<SoundCodec>{SoundCodec::Aac, "aac"}, EnumName<SoundCodec>{SoundCodec::Pcm, "pcm"}, EnumName<SoundCodec>{SoundCodec::Flac, "flac"}};
}

struct Delivery {
  std::string preset = "ebu-r128";
  std::optional<Lufs> target;   ///< overrides of the preset
  std::optional<DbTp> ceiling;
  SoundCodec codec = SoundCodec::Aac;
  int bits = 24;
  bool two_pop = false;
  bool production_effects_stem = false;
  std::string title;
  static constexpr auto fields() {
    return std::make_tuple(field("preset", &Delivery::preset, "Name of the specification"), field("target_lufs", &Delivery::target, "Overrides the preset's target", {-60, 0}),
                           field("ceiling_dbtp", &Delivery::ceiling, "Overrides the preset's ceiling", {-20, 0}), field("codec", &Delivery::codec, "Sound of the film"),
                           field("bits", &Delivery::bits, "Of WAV deliverables: 16, 24 or 32 (float)", {16, 32}), field("two_pop", &Delivery::two_pop, "One-frame beep two seconds before the film"),
                           field("production_effects_stem", &Delivery::production_effects_stem, "Lift production effects out of the dialogue"), field("title", &Delivery::title, "Title on sheets and report"));
  }
};

/// What was approved: the content hashes of a phase's stem, chunk by chunk. Staleness is derived, never stored.
struct Approval {
  std::string who, when, note;
  std::int64_t revision = 0;
  std::string engine;  ///< version that made it
  std::vector<std::string> chunks;
  static constexpr auto fields() {
    return std::make_tuple(field("who", &Approval::who, "Who approved"), field("when", &Approval::when, "When (UTC, ISO 8601)"), field("note", &Approval::note, "Note"),
                           field("revision", &Approval::revision, "Revision approved", {0, 1e15}), field("engine", &Approval::engine, "Engine that made it"), field("chunks", &Approval::chunks, "Content hash of each chunk"));
  }
};

enum class LayoutName { Mono, Stereo, Surround51, Surround71 };
constexpr auto names_of(LayoutName) {
  return std::array{EnumName<LayoutName>{LayoutName::Mono, "mono"}, EnumName<LayoutName>{LayoutName::Stereo, "stereo"}, EnumName<LayoutName>{LayoutName::Surround51, "5.1"},
                    EnumName<LayoutName>{LayoutName::Surround71, "7.1"}};
}

/// The whole document.
struct Document {
  int format_major = 1, format_minor = 0;
  std::string name;
  SampleRate rate{48000};
  FrameRate frames{25, 1};
  bool drop_frame = false;
  std::int64_t start_frame = 90000;  ///< timecode of the first frame, in frames since 00:00:00:00
  LayoutName layout = LayoutName::Stereo;
  Delivery delivery;
  Picture picture;
  std::map<Id, Media> media;
  Dialogue dialogue;
  Adr adr;
  Design design;
  Foley foley;
  Music music;
  Mix mix;
  std::map<Id, Approval> approvals;  ///< by phase

  TimecodeRate timecode_rate() const { return {frames, drop_frame ? DropFrame::Yes : DropFrame::No}; }
  SampleRange extent() const { return {{0}, {picture.length.value}}; }
  static constexpr auto fields() {
    return std::make_tuple(
        field("format_major", &Document::format_major, "Format; a newer major version is refused", {1, 1000}), field("format_minor", &Document::format_minor, "A newer minor version opens with a warning", {0, 1000}),
        field("name", &Document::name, "Name of the film"), field("rate_hz", &Document::rate, "Sample rate of the session: 44100, 48000, 88200 or 96000"), field("frame_rate", &Document::frames, "Picture frames per second"),
        field("drop_frame", &Document::drop_frame, "Drop-frame timecode"), field("start_frame", &Document::start_frame, "Timecode of the first frame, in frames since 00:00:00:00", {0, 1e8}),
        field("layout", &Document::layout, "Speakers of the mix"), field("delivery", &Document::delivery, "What leaves the house"), field("picture", &Document::picture, "Picture, edit list, script"),
        field("media", &Document::media, "Files"), field("dialogue", &Document::dialogue, "Phase 1"), field("adr", &Document::adr, "Phase 2"), field("design", &Document::design, "Phase 3"),
        field("foley", &Document::foley, "Phase 4"), field("music", &Document::music, "Phase 5"), field("mix", &Document::mix, "Phase 6"), field("approvals", &Document::approvals, "By phase"));
  }
};

}  // namespace twopop::session
