import { kChirps, kChirpSpacing_s, kMostLatency_s, judgeChirps, makeChirp, type Calibration } from './chirp.ts';
import capture_url from './capture.worklet.ts?worker&url';
import { openMicrophone, type Microphone } from './microphone.ts';
import { kBeepHz, kBeepMs, makeBeep, type Pass } from './plan.ts';
import type { Spool } from './spool.ts';

export interface BoothEvents {
  /** Largest sample since the last time, about 20 times a second. */
  level: (peak: number) => void;
  /** The microphone or the clock did something that a take should not go through; takes that run are marked with it. */
  trouble: (why: 'muted' | 'unplugged' | 'underrun' | 'suspended') => void;
  /** Other devices than those that were calibrated may be in use. */
  devices: () => void;
}

/** A sound that is played along with a pass: its first sample at a film position. */
export interface PlayedSound {
  buffer: AudioBuffer;
  at_samples: number;
  gain: number;
  /** Frames in which it is not heard: the guide under the line that is being recorded. */
  silent?: { from_frame: number; to_frame: number };
}

const kSettle_ms = 350; // the clock of a context that has just started jumps once
const kAhead_s = 0.3;

interface PlaybackStats {
  underrunEvents?: number;
}

/**
 * Sound of the booth: one context for the whole visit, so that its latency stays what it is. Microphone, capture, beeps, guide and takes all
 * run on its clock; a frame is one tick of it.
 */
export class BoothAudio {
  readonly context: AudioContext;
  readonly microphone: Microphone;
  private readonly events_: BoothEvents;
  private readonly spool_: Spool;
  private readonly source_: MediaStreamAudioSourceNode;
  private readonly capture_: AudioWorkletNode;
  private readonly sounding_ = new Set<AudioScheduledSourceNode>();
  private readonly watch_: ReturnType<typeof setInterval>;
  private underruns_ = 0;

  static async open(device: string, spool: Spool, events: BoothEvents): Promise<BoothAudio> {
    const microphone = await openMicrophone(device);
    try {
      // The microphone's own rate: nothing is resampled on the way into the take.
      const context = new AudioContext({ sampleRate: microphone.rate_hz, latencyHint: 'interactive' });
      await context.resume();
      await context.audioWorklet.addModule(capture_url);
      const audio = new BoothAudio(context, microphone, spool, events);
      await audio.start();
      return audio;
    } catch (error) {
      microphone.track.stop();
      throw error;
    }
  }

  private constructor(context: AudioContext, microphone: Microphone, spool: Spool, events: BoothEvents) {
    this.context = context;
    this.microphone = microphone;
    this.events_ = events;
    this.spool_ = spool;
    this.source_ = context.createMediaStreamSource(microphone.stream);
    this.capture_ = new AudioWorkletNode(context, 'capture', { numberOfInputs: 1, numberOfOutputs: 0, channelCount: microphone.channels, channelCountMode: 'explicit', processorOptions: { channels: microphone.channels } });
    this.capture_.port.onmessage = ({ data }: MessageEvent<{ peak: number }>) => events.level(data.peak);
    microphone.track.onmute = () => events.trouble('muted');
    microphone.track.onended = () => events.trouble('unplugged');
    context.onstatechange = () => {
      if (context.state !== 'running' && context.state !== 'closed') events.trouble('suspended');
    };
    navigator.mediaDevices.addEventListener('devicechange', this.changed_);
    this.underruns_ = this.underruns();
    this.watch_ = setInterval(() => {
      const now = this.underruns();
      if (now > this.underruns_) events.trouble('underrun');
      this.underruns_ = now;
    }, 500);
  }

  private readonly changed_ = (): void => this.events_.devices();

  private async start(): Promise<void> {
    const { port1, port2 } = new MessageChannel();
    await this.spool_.listen(port2, this.microphone.channels, this.context.sampleRate);
    this.capture_.port.postMessage({ port: port1 }, [port1]);
    this.source_.connect(this.capture_);
    await new Promise((done) => setTimeout(done, kSettle_ms));
  }

  private underruns(): number {
    const stats = (this.context as AudioContext & { playbackStats?: PlaybackStats }).playbackStats;
    return stats?.underrunEvents ?? 0;
  }

  get rate_hz(): number {
    return this.context.sampleRate;
  }
  /** The clock: the frame that is being made at this instant. */
  get frame(): number {
    return Math.round(this.context.currentTime * this.rate_hz);
  }
  /** The frame whose sound leaves the headphones at this instant. */
  heardFrame(performance_ms = performance.now()): number {
    const stamp = this.context.getOutputTimestamp();
    const heard_s = (stamp.contextTime ?? this.context.currentTime) + (performance_ms - (stamp.performanceTime ?? performance_ms)) / 1000;
    return heard_s * this.rate_hz;
  }
  /** From playing to recording as the browser states it, which is up to 150 ms too little: a guess until it is calibrated. */
  get stated_latency_ms(): number {
    const input = (this.microphone.track.getSettings() as MediaTrackSettings & { latency?: number }).latency ?? 0.01;
    return (this.context.outputLatency + this.context.baseLatency + input) * 1000;
  }
  /** A frame soon enough to be waited for, and late enough to be scheduled to the sample. */
  soon(): number {
    return this.frame + Math.round(kAhead_s * this.rate_hz);
  }

  /** Plays the beeps and sounds of a pass. Ends by itself, or when told. */
  play(pass: Pass, sounds: readonly PlayedSound[], beep_at_in: boolean): () => void {
    const beep = this.context.createBuffer(1, Math.round((kBeepMs * this.rate_hz) / 1000), this.rate_hz);
    beep.copyToChannel(makeBeep(this.rate_hz, kBeepHz, kBeepMs), 0);
    const started = new Set<AudioScheduledSourceNode>();
    const begin = (buffer: AudioBuffer, frame: number, gain: GainNode | null, offset_s = 0): void => {
      const source = new AudioBufferSourceNode(this.context, { buffer });
      source.connect(gain ?? this.context.destination);
      source.onended = () => {
        started.delete(source);
        this.sounding_.delete(source);
        source.disconnect();
        gain?.disconnect();
      };
      started.add(source);
      this.sounding_.add(source);
      source.start(frame / this.rate_hz, offset_s);
    };
    for (const frame of beep_at_in ? [...pass.beep_frames, pass.in_frame] : pass.beep_frames) begin(beep, frame, null);
    for (const { buffer, at_samples, gain, silent } of sounds) {
      const level = new GainNode(this.context, { gain });
      level.connect(this.context.destination);
      if (silent) {
        level.gain.setValueAtTime(gain, 0);
        level.gain.setTargetAtTime(0, silent.from_frame / this.rate_hz - 0.02, 0.005);
        level.gain.setTargetAtTime(gain, silent.to_frame / this.rate_hz, 0.005);
      }
      const frame = pass.anchor_frame + ((at_samples - pass.from_samples) * this.rate_hz) / pass.film_rate_hz;
      const first = Math.max(frame, pass.anchor_frame);
      begin(buffer, first, level, (first - frame) / this.rate_hz);
    }
    return () => {
      for (const source of started) source.stop();
    };
  }

  /** Plays five chirps and listens when they come back. The headphones must be held to the microphone. */
  async calibrate(): Promise<Calibration> {
    const sound = makeChirp(this.rate_hz);
    const buffer = this.context.createBuffer(1, sound.length, this.rate_hz);
    buffer.copyToChannel(sound, 0);
    const listened = sound.length + Math.round(kMostLatency_s * this.rate_hz);
    const heard: Float32Array[] = [];
    for (let k = 0; k < kChirps; ++k) {
      const frame = this.soon();
      const source = new AudioBufferSourceNode(this.context, { buffer });
      source.connect(this.context.destination);
      source.start(frame / this.rate_hz);
      heard.push(await this.spool_.grab(frame, listened));
      source.disconnect();
      await new Promise((done) => setTimeout(done, Math.max(0, kChirpSpacing_s - kMostLatency_s) * 1000));
    }
    return judgeChirps(heard, this.rate_hz);
  }

  close(): void {
    clearInterval(this.watch_);
    navigator.mediaDevices.removeEventListener('devicechange', this.changed_);
    this.microphone.track.onmute = this.microphone.track.onended = this.context.onstatechange = null;
    for (const source of this.sounding_) source.stop();
    this.microphone.track.stop();
    this.source_.disconnect();
    void this.context.close();
  }
}
