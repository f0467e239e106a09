import { asProblem, Problem, type Api } from '$lib/api';
import { frameRate, type FrameRate } from '$lib/time';
import { BoothAudio, type PlayedSound } from './audio.ts';
import { keepLatency, keptLatencies, type Calibration } from './chirp.ts';
import { MicrophoneError, microphones } from './microphone.ts';
import { kBeepHz, kBeepMs, kPassSettings, kRecordAround_s, planPass, type Pass, type PassSettings } from './plan.ts';
import { BoothServer } from './server.ts';
import { Spool } from './spool.ts';
import { upload, type UploadState } from './upload.ts';
import type { BoothCue, BoothTake, BoothView, StoredTake, TakeResult } from './values.ts';

export type Mode = 'idle' | 'rehearse' | 'record' | 'review';
export type GuideLevel = 'off' | 'low' | 'on';

export interface Latency {
  latency_ms: number;
  spread_ms: number;
  /** Measured in this visit, with this sound context. */
  fresh: boolean;
  at: number;
}
export interface Sending {
  take: StoredTake;
  state: UploadState;
}

const kPunchBefore_s = 0.3;
const kGuideGain: Readonly<Record<GuideLevel, number>> = { off: 1, low: 0.15, on: 1 };

/** The booth of one film: what is recorded, what is on its way, what the server has. */
export class Booth {
  readonly film: string;
  readonly server: BoothServer;
  view = $state.raw<BoothView | null>(null);
  problem = $state.raw<Problem | null>(null);
  cue_id = $state('');
  mode = $state<Mode>('idle');
  pass = $state.raw<Pass | null>(null);
  punched = $state(false);
  loop = $state(false);
  settings = $state.raw<PassSettings>(kPassSettings);
  beep_at_in = $state(false);
  guide_level = $state<GuideLevel>('off');
  performer = $state('');

  audio = $state.raw<BoothAudio | null>(null);
  opening = $state(false);
  microphone_failure = $state.raw<MicrophoneError | null>(null);
  microphones = $state.raw<{ id: string; label: string }[]>([]);
  device = $state('');
  peak = $state(0);
  latency = $state.raw<Latency | null>(null);
  calibration = $state.raw<Calibration | 'running' | null>(null);
  devices_changed = $state(false);
  troubles = $state.raw<readonly string[]>([]);

  other_tab = $state(false);
  sending = $state.raw<readonly Sending[]>([]);
  results = $state.raw<Readonly<Record<string, TakeResult>>>({});

  private readonly spool_: Spool;
  private readonly words_of_trouble_: Readonly<Record<string, string>>;
  private stopped_ = false;
  private run_ = 0;
  private looking_: ReturnType<typeof setTimeout> | undefined;
  private look_ms_ = 1000;
  private silence_: (() => void) | null = null;
  private readonly hurry_ = new Set<() => void>();
  private let_go_: (() => void) | null = null;
  private recording_: { take: StoredTake; suspect: string[] } | null = null;
  private readonly sounds_ = new Map<string, Promise<AudioBuffer>>();

  constructor(api: Api, film: string, words_of_trouble: Readonly<Record<string, string>>) {
    this.film = film;
    this.server = new BoothServer(api);
    this.words_of_trouble_ = words_of_trouble;
    this.spool_ = new Spool();
    this.spool_.ended = (meta) => this.ended(meta);
    void this.refresh();
    void this.takeOver();
  }

  get cue(): BoothCue | null {
    return this.view?.cues.find(({ id }) => id === this.cue_id) ?? null;
  }

  get frame_rate(): FrameRate {
    return frameRate(this.view?.frame_rate ?? '25') ?? { numerator: 25, denominator: 1 };
  }
  get frame_s(): number {
    return this.frame_rate.denominator / this.frame_rate.numerator;
  }

  async refresh(): Promise<void> {
    try {
      this.view = await this.server.view(this.film);
      this.problem = null;
      if (!this.view.picture) this.lookForPicture();
      if (!this.cue) this.cue_id = (this.view.cues.find(({ status }) => status === 'open') ?? this.view.cues[0])?.id ?? '';
    } catch (error) {
      this.problem = asProblem(error);
    }
  }

  /** The picture may still be made: asks again, ever more seldom, since a film may have none. */
  private lookForPicture(): void {
    clearTimeout(this.looking_);
    if (this.stopped_) return;
    this.look_ms_ = Math.min(10_000, this.look_ms_ * 1.2);
    this.looking_ = setTimeout(() => void (this.mode === 'idle' ? this.refresh() : this.lookForPicture()), this.look_ms_);
  }

  /** One tab alone writes and sends takes; what an earlier page left behind is sent first. */
  async takeOver(): Promise<void> {
    const mine = await new Promise<boolean>((answer) => {
      void navigator.locks.request('twopop-booth', { ifAvailable: true }, (lock) => {
        answer(lock !== null);
        return lock === null ? null : new Promise<void>((done) => void (this.let_go_ = done));
      });
    });
    this.other_tab = !mine;
    if (!mine || this.stopped_) return this.let_go_?.();
    for (const take of await this.spool_.list()) this.send(take);
  }

  async openMicrophone(device = this.device): Promise<void> {
    this.stop();
    this.audio?.close();
    this.audio = null;
    this.opening = true;
    this.microphone_failure = null;
    try {
      const audio = await BoothAudio.open(device, this.spool_, {
        level: (peak) => void (this.peak = peak),
        trouble: (why) => this.trouble(why),
        devices: () => void (this.devices_changed = true),
      });
      if (this.stopped_) return audio.close();
      this.audio = audio;
      this.sounds_.clear();
      this.device = device;
      this.microphones = await microphones();
      this.devices_changed = false;
      const kept = keptLatencies(localStorage)[this.deviceKey(audio)];
      this.latency = kept ? { ...kept, fresh: false } : null;
      this.calibration = null;
    } catch (error) {
      this.microphone_failure = error instanceof MicrophoneError ? error : new MicrophoneError('failed', error instanceof Error ? error.message : String(error));
    } finally {
      this.opening = false;
    }
  }

  private deviceKey(audio: BoothAudio): string {
    return `${audio.microphone.label} at ${String(audio.rate_hz)}`;
  }

  async calibrate(): Promise<void> {
    const { audio } = this;
    if (!audio || this.mode !== 'idle' || this.calibration === 'running') return;
    this.calibration = 'running';
    const judged = await audio.calibrate();
    this.calibration = judged;
    if (!judged.ok) return;
    this.devices_changed = false;
    const at = Date.now();
    this.latency = { latency_ms: judged.latency_ms, spread_ms: judged.spread_ms, fresh: true, at };
    keepLatency(localStorage, this.deviceKey(audio), { latency_ms: judged.latency_ms, spread_ms: judged.spread_ms, at });
  }

  private trouble(why: string): void {
    const words = this.words_of_trouble_[why] ?? why;
    if (!this.troubles.includes(words)) this.troubles = [...this.troubles, words];
    if (this.recording_ && !this.recording_.suspect.includes(words)) this.recording_.suspect.push(words);
    if (why === 'unplugged') {
      void this.spool_.stop([words]);
      this.recording_ = null;
      this.stop();
    }
  }

  // --- a pass -----------------------------------------------------------------------------------

  async rehearse(): Promise<void> {
    await this.run('rehearse', null);
  }
  async record(): Promise<void> {
    await this.run('record', null);
  }
  async review(take: BoothTake): Promise<void> {
    await this.run('review', take);
  }

  stop(): void {
    ++this.run_;
    this.silence_?.();
    this.silence_ = null;
    const { audio, recording_ } = this;
    if (audio && recording_) void this.endTake(audio.frame);
    this.punched = false;
    this.mode = 'idle';
    this.pass = null;
  }

  /** While rehearsing: from here on, a moment before included, it is a take; or to here. */
  async punch(): Promise<void> {
    const { audio, pass, cue } = this;
    if (!audio || !pass || !cue || this.mode !== 'rehearse' || this.other_tab) return;
    if (this.punched) {
      this.punched = false;
      await this.endTake(audio.frame + Math.round(kRecordAround_s * audio.rate_hz));
      return;
    }
    this.punched = true;
    await this.beginTake(audio, cue, pass, audio.frame - Math.round(kPunchBefore_s * audio.rate_hz));
  }

  private async run(mode: Exclude<Mode, 'idle'>, take: BoothTake | null): Promise<void> {
    const { audio, view, cue } = this;
    if (!audio || !view || !cue || (mode === 'record' && this.other_tab)) return;
    this.stop();
    const run = ++this.run_;
    this.mode = mode;
    const sounds: PlayedSound[] = [];
    try {
      const lead = planPass(cue, view.rate_hz, audio.rate_hz, 0, this.settings);
      // Without a guide there are still picture, beeps and words.
      const guide = await this.guide(cue, lead).catch((error: unknown) => {
        this.problem = asProblem(error);
        return null;
      });
      const quiet = mode === 'record' && this.guide_level === 'off';
      if (guide && !(mode === 'review')) sounds.push({ ...guide, gain: mode === 'record' ? kGuideGain[this.guide_level] : 1, ...(quiet ? { silent: { from_frame: lead.in_frame, to_frame: lead.out_frame } } : {}) });
      if (take) sounds.push({ buffer: await this.takeSound(take), at_samples: take.at_samples + (take.nudge_ms * view.rate_hz) / 1000, gain: 1 });
    } catch (error) {
      this.problem = asProblem(error);
      if (run === this.run_) this.stop();
      return;
    }
    do {
      if (run !== this.run_) return;
      const start = audio.soon();
      const pass = planPass(cue, view.rate_hz, audio.rate_hz, start, this.settings);
      this.pass = pass;
      if (mode === 'record') await this.beginTake(audio, cue, pass, start - Math.round(kRecordAround_s * audio.rate_hz));
      if (run !== this.run_) return;
      const placed = sounds.map((sound) => (sound.silent ? { ...sound, silent: { from_frame: pass.in_frame, to_frame: pass.out_frame } } : sound));
      this.silence_ = audio.play(mode === 'review' ? { ...pass, beep_frames: [] } : pass, placed, this.beep_at_in && mode !== 'review');
      const end = pass.end_frame + Math.round(kRecordAround_s * audio.rate_hz);
      while (run === this.run_ && audio.frame < end) await new Promise((done) => setTimeout(done, 50));
      if (run !== this.run_) return;
      this.silence_();
      this.silence_ = null;
      if (this.recording_) {
        this.punched = false;
        // The next pass is planned once this take is closed.
        await this.endTake(end);
      }
    } while (this.loop && mode !== 'review');
    if (run === this.run_) this.stop();
  }

  /** The line as it was recorded on set, around the cue; null where there is none. */
  private async guide(cue: BoothCue, pass: Pass): Promise<{ buffer: AudioBuffer; at_samples: number } | null> {
    const { audio, view } = this;
    if (!audio || !view) return null;
    const at_samples = pass.from_samples;
    const end = Math.min(view.length_samples, Math.ceil(cue.out_samples + this.settings.post_roll_s * view.rate_hz));
    if (end <= at_samples) return null;
    const key = `guide ${cue.id} ${String(at_samples)} ${String(end)} ${String(view.revision)}`;
    let buffer = this.sounds_.get(key);
    if (!buffer) {
      buffer = this.server.guide(this.film, at_samples, end - at_samples).then((sound) => {
        const made = audio.context.createBuffer(1, Math.max(1, sound.length), view.rate_hz);
        made.copyToChannel(sound, 0);
        return made;
      });
      this.sounds_.set(key, buffer);
      buffer.catch(() => this.sounds_.delete(key));
    }
    return { buffer: await buffer, at_samples };
  }

  private takeSound(take: BoothTake): Promise<AudioBuffer> {
    const { audio } = this;
    const kept = this.sounds_.get(take.media);
    if (kept) return kept;
    const made = this.server.takeSound(this.film, take.media).then((bytes) => (audio ? audio.context.decodeAudioData(bytes) : Promise.reject(new Error('closed'))));
    this.sounds_.set(take.media, made);
    made.catch(() => this.sounds_.delete(take.media));
    return made;
  }

  private async beginTake(audio: BoothAudio, cue: BoothCue, pass: Pass, first_frame: number): Promise<void> {
    const latency = this.latency;
    const take: StoredTake = {
      id: crypto.randomUUID(),
      film: this.film,
      title: `${cue.number} ${cue.character}`.trim(),
      state: 'recording',
      server_id: '',
      frames: 0,
      suspect: [],
      stars: 0,
      start: {
        for: cue.for,
        cue: cue.id,
        pass: cue.pass,
        format: 'f32',
        rate_hz: audio.rate_hz,
        channels: audio.microphone.channels,
        first_frame,
        anchor_frame: pass.anchor_frame,
        anchor_samples: pass.from_samples,
        latency_ms: latency?.latency_ms ?? audio.stated_latency_ms,
        latency_spread_ms: latency?.spread_ms ?? 0,
        calibrated: latency?.fresh ?? false,
        beep_hz: kBeepHz,
        beep_ms: kBeepMs,
        // Of a punch-in only what was recorded can be found in it.
        beep_frames: pass.beep_frames.filter((frame) => frame >= first_frame),
        input: audio.microphone.label,
        output: '',
        performer: this.performer,
        notes: '',
      },
    };
    this.troubles = [];
    const begun = await this.spool_.begin(take);
    take.start.first_frame = begun.start.first_frame;
    this.recording_ = { take, suspect: [] };
    this.send(take);
  }

  private async endTake(frame: number): Promise<void> {
    const recording = this.recording_;
    this.recording_ = null;
    if (recording) await this.spool_.end(frame, recording.suspect, 0);
  }

  // --- on the way -------------------------------------------------------------------------------

  /** The worker has closed a take's file. */
  private ended(meta: StoredTake): void {
    const known = this.sending.find(({ take }) => take.id === meta.id)?.take;
    if (!known) return;
    known.frames = meta.frames;
    known.suspect = meta.suspect;
    known.start.first_frame = meta.start.first_frame;
    known.state = 'recorded';
    void this.spool_.keep(known).catch(() => undefined);
  }

  private send(take: StoredTake): void {
    this.sending = [...this.sending, { take, state: { is: 'sending', sent: 0, of: null } }];
    void upload(take, {
      server: this.server,
      store: this.spool_,
      changed: (_take, state) => this.changed(take, state),
      pause: (ms) =>
        new Promise((done) => {
          const go = (): void => {
            clearTimeout(timer);
            this.hurry_.delete(go);
            done();
          };
          const timer = setTimeout(go, ms);
          this.hurry_.add(go);
        }),
      stopped: () => this.stopped_,
    }).catch((error: unknown) => this.changed(take, { is: 'refused', why: asProblem(error) }));
  }

  private changed(take: StoredTake, state: UploadState): void {
    if (state.is === 'done') {
      this.sending = this.sending.filter((entry) => entry.take !== take);
      this.results = { ...this.results, [state.result.item]: state.result };
      void this.refresh();
    } else {
      this.sending = this.sending.map((entry) => (entry.take === take ? { take, state } : entry));
    }
  }

  /** Tries at once what waits for its turn; what was refused is tried again. */
  sendNow(): void {
    for (const go of [...this.hurry_]) go();
    const refused = this.sending.filter(({ state }) => state.is === 'refused');
    this.sending = this.sending.filter(({ state }) => state.is !== 'refused');
    for (const { take } of refused) this.send(take);
  }

  async change(take: BoothTake, change: { stars?: number; nudge_ms?: number; chosen?: boolean }): Promise<void> {
    try {
      await this.server.changeTake(this.film, take.item, change);
      await this.refresh();
    } catch (error) {
      this.problem = asProblem(error);
    }
  }

  close(): void {
    this.stop();
    this.stopped_ = true;
    clearTimeout(this.looking_);
    for (const go of [...this.hurry_]) go();
    this.audio?.close();
    this.audio = null;
    // The take that was stopped just now is closed by the worker before it goes.
    setTimeout(() => {
      this.spool_.close();
      this.let_go_?.();
    }, 1500);
  }
}
