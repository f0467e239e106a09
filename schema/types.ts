// Written by `twopop schema` from the engine's field lists; do not edit.

export interface Adr {
  /** Lines to be replaced or added */
  cues: Record<string, AdrCue>;
  /** What was recorded for them */
  takes: Record<string, AdrTake>;
  ext?: Record<string, unknown>;
}

export interface AdrCue {
  /** Cue number */
  number: string;
  /** In and out */
  film: Span;
  /** Who speaks */
  character: string;
  /** The line */
  text: string;
  /** Alternate line */
  alternate_text: string;
  /** Notes */
  notes: string;
  /** N noise, T technical, P performance, A added, M missing */
  reason_code: string;
  /** What was measured */
  figure: string;
  /** Lips are seen */
  on_screen: boolean;
  /** State */
  status: CueStatus;
  /** Dialogue clip it replaces */
  clip: string;
  /** Take that is heard */
  chosen_take: string;
  /** Who decided and why */
  decided: Decision;
  ext?: Record<string, unknown>;
}

export interface AdrTake {
  /** The recording */
  media: string;
  /** Cue it belongs to; empty if refused */
  cue: string;
  /** Channel, from 0; 0 to 1023 */
  channel: number;
  /** How well it aligns; 0 to 1 */
  fit: number;
  /** Largest distance left; 0 to 1000000 */
  worst_ms: number;
  /** Rating; 0 to 5 */
  stars: number;
  /** Moved by hand; -2000 to 2000 */
  nudge_ms: number;
  /** Gain; -96 to 48 */
  gain_db: number;
  /** Its words are not in the film */
  refused: boolean;
  /** Who decided and why */
  decided: Decision;
  ext?: Record<string, unknown>;
}

export interface Alternative {
  /** Placement of the recording */
  placement: string;
  /** Channel, from 0; 0 to 1023 */
  channel: number;
  /** Measured quality, higher is better */
  quality: number;
  ext?: Record<string, unknown>;
}

export interface AmbienceBed {
  /** Field recording */
  media: string;
  /** Synthesised: wind, rain, tone, pink or white; empty if recorded */
  synth: string;
  /** Its parameters, the unit in each key */
  synth_numbers: Record<string, number>;
  /** Where it lies, fades included */
  film: Span;
  /** Fade at its start */
  fade_in: Fade;
  /** Fade at its end */
  fade_out: Fade;
  /** Gain; -96 to 48 */
  gain_db: number;
  /** Stereo width, 0 mono, 1 as recorded; 0 to 2 */
  width: number;
  /** Seed of its choices */
  seed: number;
  /** Scene */
  scene: string;
  /** Who decided and why */
  decided: Decision;
  ext?: Record<string, unknown>;
}

export interface Approval {
  /** Who approved */
  who: string;
  /** When (UTC, ISO 8601) */
  when: string;
  /** Note */
  note: string;
  /** Revision approved; 0 to 1000000000000000 */
  revision: number;
  /** Engine that made it */
  engine: string;
  /** Content hash of each chunk */
  chunks: Array<string>;
  ext?: Record<string, unknown>;
}

export interface AutomationPoint {
  /** Film time */
  at_samples: number;
  /** In the unit of what is automated */
  value: number;
  ext?: Record<string, unknown>;
}

export type BandKind = "high_pass" | "low_pass" | "bell" | "low_shelf" | "high_shelf" | "notch";

export interface Bus {
  /** Fader; -96 to 24 */
  gain_db: number;
  /** Not heard */
  muted: boolean;
  /** Equaliser */
  eq: Record<string, EqBand>;
  /** Compressor */
  compressor: CompressorSettings;
  /** Automation added to the fader */
  gain_automation_db: Record<string, AutomationPoint>;
  /** Who decided and why */
  decided: Decision;
  ext?: Record<string, unknown>;
}

export type By = "auto" | "person";

export type ClipRole = "speech" | "production-effect" | "room-tone";

export interface CompressorSettings {
  /** Whether it works */
  on: boolean;
  /** Level above which it turns down; -80 to 0 */
  threshold_dbfs: number | null;
  /** dB of input per dB of output above the threshold; 1 to 100 */
  ratio: number;
  /** Width of the bend; 0 to 40 */
  knee_db: number;
  /** Time constant down; 0.01 to 500 */
  attack_ms: number;
  /** Time constant up; 1 to 500 */
  release_ms: number;
  /** Gain after it; -24 to 24 */
  make_up_db: number;
  /** What asked for it */
  reason: string;
  ext?: Record<string, unknown>;
}

export type CueStatus = "open" | "recorded" | "done" | "omitted";

export interface Decision {
  /** Who decided: analysis or a person */
  by: By;
  /** Why, with the figures behind it */
  reason: string;
  /** Probability that it is right, for proposals; 0 to 1 */
  confidence: number;
  ext?: Record<string, unknown>;
}

export interface DehumSettings {
  /** Whether hum is subtracted */
  on: boolean;
  /** Mains frequency as measured; 40 to 70 */
  fundamental_hz: number;
  /** How many multiples are subtracted; 1 to 40 */
  harmonics: number;
  ext?: Record<string, unknown>;
}

export interface Delivery {
  /** Name of the specification */
  preset: string;
  /** Overrides the preset's target; -60 to 0 */
  target_lufs?: number | null;
  /** Overrides the preset's ceiling; -20 to 0 */
  ceiling_dbtp?: number | null;
  /** Sound of the film */
  codec: SoundCodec;
  /** Of WAV deliverables: 16, 24 or 32 (float); 16 to 32 */
  bits: number;
  /** One-frame beep two seconds before the film */
  two_pop: boolean;
  /** Lift production effects out of the dialogue */
  production_effects_stem: boolean;
  /** Title on sheets and report */
  title: string;
  ext?: Record<string, unknown>;
}

export interface DenoiseSettings {
  /** Whether noise is reduced */
  on: boolean;
  /** Greatest reduction; 0 to 40 */
  amount_db: number;
  /** Media to learn the noise from; empty for the take's own pauses */
  room_tone: string;
  ext?: Record<string, unknown>;
}

export interface Design {
  /** Beds */
  ambiences: Record<string, AmbienceBed>;
  /** Wild tracks and effects */
  effects: Record<string, EffectClip>;
  ext?: Record<string, unknown>;
}

export interface Dialogue {
  /** Where recordings lie */
  placements: Record<string, Placement>;
  /** Recordings that were not placed */
  refusals: Record<string, Refusal>;
  /** What is heard */
  clips: Record<string, DialogueClip>;
  /** Room tone in the gaps */
  fills: Record<string, ToneFill>;
  ext?: Record<string, unknown>;
}

export interface DialogueClip {
  /** Placement of the recording it plays */
  placement: string;
  /** Channel heard, from 0; 0 to 1023 */
  channel: number;
  /** Where it is heard, fades included */
  film: Span;
  /** Track of the dialogue stem */
  track: string;
  /** What it is */
  role: ClipRole;
  /** Fade at its start */
  fade_in: Fade;
  /** Fade at its end */
  fade_out: Fade;
  /** Clip gain; -96 to 48 */
  gain_db: number;
  /** Not heard */
  muted: boolean;
  /** Scene */
  scene: string;
  /** Who speaks */
  character: string;
  /** The words */
  text: string;
  /** Hum removal */
  dehum: DehumSettings;
  /** Noise reduction */
  denoise: DenoiseSettings;
  /** Expander */
  expander: ExpanderSettings;
  /** Other microphones on the same moment */
  alternatives: Record<string, Alternative>;
  /** Who decided and why */
  decided: Decision;
  ext?: Record<string, unknown>;
}

export interface Document {
  /** Format; a newer major version is refused; 1 to 1000 */
  format_major: number;
  /** A newer minor version opens with a warning; 0 to 1000 */
  format_minor: number;
  /** Name of the film */
  name: string;
  /** Sample rate of the session: 44100, 48000, 88200 or 96000 */
  rate_hz: number;
  /** Picture frames per second */
  frame_rate: string;
  /** Drop-frame timecode */
  drop_frame: boolean;
  /** Timecode of the first frame, in frames since 00:00:00:00; 0 to 100000000 */
  start_frame: number;
  /** Speakers of the mix */
  layout: LayoutName;
  /** What leaves the house */
  delivery: Delivery;
  /** Picture, edit list, script */
  picture: Picture;
  /** Files */
  media: Record<string, Media>;
  /** Phase 1 */
  dialogue: Dialogue;
  /** Phase 2 */
  adr: Adr;
  /** Phase 3 */
  design: Design;
  /** Phase 4 */
  foley: Foley;
  /** Phase 5 */
  music: Music;
  /** Phase 6 */
  mix: Mix;
  /** By phase */
  approvals: Record<string, Approval>;
  ext?: Record<string, unknown>;
}

export interface EditEvent {
  /** Where it is in the film */
  film: Span;
  /** Reel as the list names it */
  reel: string;
  /** FROM CLIP NAME of the list */
  clip_name: string;
  /** The rush it shows */
  media: string;
  /** Second of the rush at the event's first frame */
  source_in_s: number;
  /** 1 is as shot; -100 to 100 */
  speed: number;
  ext?: Record<string, unknown>;
}

export interface EffectClip {
  /** The sound */
  media: string;
  /** Track of the effects stem */
  track: string;
  /** When it starts */
  at_samples: number;
  /** Start in the file; 0 to 1000000000 */
  source_in_s: number;
  /** End in the file; 0 to 1000000000 */
  source_out_s?: number;
  /** Processing */
  chain: Record<string, EffectStep>;
  /** Fade at its start */
  fade_in: Fade;
  /** Fade at its end */
  fade_out: Fade;
  /** Gain; -96 to 48 */
  gain_db: number;
  /** -1 left, 1 right; -1 to 1 */
  pan: number;
  /** Name */
  name: string;
  /** Who decided and why */
  decided: Decision;
  ext?: Record<string, unknown>;
}

export interface EffectStep {
  /** Place in the chain, lowest first; 0 to 1000 */
  order: number;
  /** eq, pitch, stretch, reverse, convolve or futz */
  kind: string;
  /** Parameters, the unit in each key */
  numbers: Record<string, number>;
  /** Parameters that are words: preset, impulse response */
  texts: Record<string, string>;
  ext?: Record<string, unknown>;
}

export interface EqBand {
  /** Place in the chain, lowest first; 0 to 1000 */
  order: number;
  /** Shape */
  kind: BandKind;
  /** Centre or corner; 10 to 96000 */
  frequency_hz: number;
  /** Quality; 0.1 to 30 */
  q: number;
  /** For bells and shelves; -24 to 24 */
  gain_db: number;
  /** Whether it works */
  on: boolean;
  /** What asked for it */
  reason: string;
  ext?: Record<string, unknown>;
}

export interface ExpanderSettings {
  /** Whether the expander works */
  on: boolean;
  /** Level below which it turns down; -120 to 0 */
  threshold_dbfs: number | null;
  /** dB of output per dB of input below the threshold; 1 to 100 */
  ratio: number;
  /** Greatest reduction; 0 to 80 */
  range_db: number;
  /** Time to open; 0.01 to 500 */
  attack_ms: number;
  /** Stays open at least this long; 0 to 5000 */
  hold_ms: number;
  /** Time to close; 1 to 5000 */
  release_ms: number;
  /** Opens this long before the sound; 0 to 100 */
  look_ahead_ms: number;
  /** Closes this far below the threshold; 0 to 24 */
  hysteresis_db: number;
  ext?: Record<string, unknown>;
}

export interface Fade {
  /** Length; 0 is a cut; 0 to 1000000000000 */
  length_samples: number;
  /** Curve of the gain */
  shape: FadeShape;
  ext?: Record<string, unknown>;
}

export type FadeShape = "linear" | "equal_power" | "s_curve" | "exponential";

export interface Foley {
  /** Recorded steps and props */
  sets: Record<string, FoleySet>;
  /** The sheet */
  cues: Record<string, FoleyCue>;
  /** Recorded passes */
  performances: Record<string, FoleyPerformance>;
  /** Seed of its choices */
  seed: number;
  ext?: Record<string, unknown>;
}

export interface FoleyCue {
  /** Pass */
  pass: FoleyPass;
  /** When it is heard */
  at_samples: number;
  /** End of the action */
  out_samples?: number;
  /** Set it is made from */
  set: string;
  /** Performance that plays it */
  performance: string;
  /** Who */
  character: string;
  /** Surface or prop */
  surface: string;
  /** What happens */
  action: string;
  /** It is seen */
  on_screen: boolean;
  /** State */
  status: CueStatus;
  /** Gain; -96 to 48 */
  gain_db: number;
  /** -1 left, 1 right; -1 to 1 */
  pan: number;
  /** Who decided and why */
  decided: Decision;
  ext?: Record<string, unknown>;
}

export type FoleyPass = "feet" | "moves" | "specifics";

export interface FoleyPerformance {
  /** The recording */
  media: string;
  /** Pass */
  pass: FoleyPass;
  /** Where it starts */
  at_samples: number;
  /** Start in the file; 0 to 1000000000 */
  source_in_s: number;
  /** End in the file; 0 to 1000000000 */
  source_out_s?: number;
  /** Gain; -96 to 48 */
  gain_db: number;
  /** Who decided and why */
  decided: Decision;
  ext?: Record<string, unknown>;
}

export interface FoleySet {
  /** Surface, shoe or prop */
  surface: string;
  /** Pass it serves */
  pass: FoleyPass;
  /** Its recordings */
  media: Record<string, string>;
  ext?: Record<string, unknown>;
}

export type LayoutName = "mono" | "stereo" | "5.1" | "7.1";

export interface Licence {
  /** Title of the work */
  title: string;
  /** Composer or recordist */
  author: string;
  /** Licence or agreement under which it is used */
  licence: string;
  /** Where it came from */
  source: string;
  /** Publisher */
  publisher: string;
  /** ISRC of the recording */
  isrc: string;
  /** Anything else */
  notes: string;
  ext?: Record<string, unknown>;
}

export interface Master {
  /** The one linear gain that brings the mix to its target; -60 to 60 */
  gain_db: number;
  /** Bus compressor, off unless asked for */
  compressor: CompressorSettings;
  /** Who decided and why */
  decided: Decision;
  ext?: Record<string, unknown>;
}

export interface Media {
  /** Absolute, or relative to the film's folder */
  path: string;
  /** Hash of the whole content */
  fingerprint: string;
  /** What it was taken for */
  kind: MediaKind;
  /** Name shown to people */
  name: string;
  /** Size; 0 to 1e+18 */
  bytes: number;
  /** Length; 0 to 1000000000 */
  duration_s: number;
  /** Sample rate; 0 to 1000000 */
  rate_hz: number;
  /** Channels of its first audio stream; 0 to 1024 */
  channels: number;
  /** Whether it holds moving picture */
  has_picture: boolean;
  /** Of the picture */
  frame_rate: string;
  /** Frames are placed by their time stamps */
  variable_frame_rate: boolean;
  /** Recorder or camera */
  device: string;
  /** Scene */
  scene: string;
  /** Take */
  take: string;
  /** Sound or camera roll */
  roll: string;
  /** Notes of the recordist */
  notes: string;
  /** Whether the take was circled */
  circled?: boolean;
  /** Channel number -> name */
  tracks: Record<string, string>;
  /** Real seconds since midnight of its first sample, by timecode */
  start_of_day_s?: number;
  /** Cue it was recorded for */
  cue: string;
  /** Why it cannot be used */
  problem: string;
  /** Licence facts */
  licence: Licence;
  ext?: Record<string, unknown>;
}

export type MediaKind = "picture" | "rushes" | "recording" | "take" | "room-tone" | "ambience" | "effect" | "foley" | "music" | "score" | "sound-font" | "impulse" | "script" | "edl" | "sheet" | "other";

export interface Mix {
  /** Strip of each track */
  strips: Record<string, Strip>;
  /** Bus of each stem */
  buses: Record<string, Bus>;
  /** Whole mix */
  master: Master;
  ext?: Record<string, unknown>;
}

export interface Music {
  /** Cues */
  cues: Record<string, MusicCue>;
  /** Sound font for scores; empty: the system's */
  sound_font: string;
  ext?: Record<string, unknown>;
}

export interface MusicCue {
  /** Cue number */
  number: string;
  /** The piece or score */
  media: string;
  /** In and out */
  film: Span;
  /** Start in the piece; 0 to 1000000000 */
  source_in_s: number;
  /** Cut on its beats to the exact length */
  fit: boolean;
  /** Heard by the people in the film */
  diegetic: boolean;
  /** What it is heard through */
  futz: string;
  /** Cue sheet code */
  usage: string;
  /** Turned down under speech */
  duck: boolean;
  /** Speech over music; 0 to 40 */
  speech_distance_lu: number;
  /** Fade at its start */
  fade_in: Fade;
  /** Fade at its end */
  fade_out: Fade;
  /** Gain; -96 to 48 */
  gain_db: number;
  /** Who decided and why */
  decided: Decision;
  ext?: Record<string, unknown>;
}

export interface Picture {
  /** The cut picture; empty for a film without one */
  media: string;
  /** Length of the film; 0 to 1000000000000000 */
  length_samples: number;
  /** Edit decision list */
  events: Record<string, EditEvent>;
  /** Script, line by line */
  script: Record<string, ScriptLine>;
  ext?: Record<string, unknown>;
}

export interface Placement {
  /** The recording */
  media: string;
  /** Stretch of film it belongs under */
  film: Span;
  /** Second of the file heard at film.in */
  source_at_in_s: number;
  /** Its clock against the film's; -5000 to 5000 */
  drift_ppm: number;
  /** Half width of the 95 % interval; 0 to 1000000 */
  drift_interval_ppm: number;
  /** waveform, timecode, edl or person */
  method: string;
  /** Strength of the match */
  score: number;
  /** Second-best answer */
  runner_up: string;
  /** Who decided and why */
  decided: Decision;
  ext?: Record<string, unknown>;
}

export interface Refusal {
  /** The recording */
  media: string;
  /** Strength of the best answer */
  score: number;
  /** Why it was not placed */
  reason: string;
  /** Best and second-best answer */
  runner_up: string;
  ext?: Record<string, unknown>;
}

export interface ScriptLine {
  /** Place in the script; 0 to 1000000000 */
  order: number;
  /** Scene */
  scene: string;
  /** Who says it */
  character: string;
  /** The words */
  text: string;
  /** When it is said, where known */
  film?: Span;
  ext?: Record<string, unknown>;
}

export type SoundCodec = "aac" | "pcm" | "flac";

export interface Span {
  /** First sample, from the first frame of the film */
  in_samples: number;
  /** Sample after the last */
  out_samples: number;
  ext?: Record<string, unknown>;
}

export interface Strip {
  /** Fader; -96 to 24 */
  gain_db: number;
  /** -1 left, 1 right; -1 to 1 */
  pan: number;
  /** Not heard */
  muted: boolean;
  /** In the studio, only soloed strips are heard; deliverables ignore it */
  soloed: boolean;
  /** Equaliser */
  eq: Record<string, EqBand>;
  /** Compressor */
  compressor: CompressorSettings;
  /** Automation added to the fader */
  gain_automation_db: Record<string, AutomationPoint>;
  /** Who decided and why */
  decided: Decision;
  ext?: Record<string, unknown>;
}

export interface ToneFill {
  /** Recording that holds the tone */
  media: string;
  /** Channel, from 0; 0 to 1023 */
  channel: number;
  /** Gap it fills, fades included */
  film: Span;
  /** Start of the pause in the file; 0 to 1000000000 */
  source_in_s: number;
  /** End of the pause in the file; 0 to 1000000000 */
  source_out_s: number;
  /** Fade at its start */
  fade_in: Fade;
  /** Fade at its end */
  fade_out: Fade;
  /** Gain; -96 to 48 */
  gain_db: number;
  /** Who decided and why */
  decided: Decision;
  ext?: Record<string, unknown>;
}
