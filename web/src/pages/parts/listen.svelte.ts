/** Hears one short sound at a time that is no part of the mix: a clip before its repairs, a take, a preview. */
import { asProblem, Problem, type FilmApi, type Query } from '$lib/api';

export interface ShortSound {
  channels: Float32Array<ArrayBuffer>[];
  rate_hz: number;
}

/** Samples as the server sends them: 32-bit floats, channel after channel. */
export function planar(bytes: ArrayBuffer, count: number): Float32Array<ArrayBuffer>[] {
  const each = Math.floor(bytes.byteLength / 4 / Math.max(1, count));
  return Array.from({ length: Math.max(1, count) }, (_, c) => new Float32Array(bytes, c * each * 4, each));
}

export async function soundOf(response: Response, rate_hz: number): Promise<ShortSound> {
  const count = Number(response.headers.get('X-Channels') ?? '1');
  return { channels: planar(await response.arrayBuffer(), count), rate_hz };
}

export async function fetchSound(api: FilmApi, below: string, rate_hz: number, query?: Query): Promise<ShortSound> {
  const response = await api.api.send('GET', api.path(below), {}, query);
  if (response.status === 202) throw new Problem({ type: 'about:blank', title: 'Not yet', status: 202, detail: 'It is still being made.', remedy: 'Try again in a moment.', code: 'not_ready' });
  return soundOf(response, rate_hz);
}

class Listening {
  /** What is heard, by the name that its page gave it; empty for nothing. */
  key = $state('');
  loading = $state('');
  trouble = $state('');
  private context_: AudioContext | null = null;
  private source_: AudioBufferSourceNode | null = null;
  private turn_ = 0;
  private began_ = 0;

  /** Starts a sound, or stops it where it is the one that is heard. */
  async toggle(key: string, load: () => Promise<ShortSound>, gain = 1): Promise<void> {
    if (this.key === key || this.loading === key) {
      this.stop();
      return;
    }
    this.stop();
    const turn = ++this.turn_;
    this.loading = key;
    this.trouble = '';
    try {
      const sound = await load();
      if (turn !== this.turn_) return;
      this.loading = '';
      this.start(key, sound, gain);
    } catch (error) {
      if (turn !== this.turn_) return;
      this.loading = '';
      this.trouble = asProblem(error).message;
    }
  }

  private start(key: string, { channels, rate_hz }: ShortSound, level: number): void {
    const first = channels[0];
    if (!first || first.length === 0) return;
    this.context_ ??= new AudioContext();
    void this.context_.resume();
    const buffer = this.context_.createBuffer(channels.length, first.length, rate_hz);
    channels.forEach((samples, c) => buffer.copyToChannel(samples, c));
    const source = this.context_.createBufferSource();
    source.buffer = buffer;
    const gain = this.context_.createGain();
    gain.gain.value = level;
    source.connect(gain).connect(this.context_.destination);
    source.onended = () => {
      if (this.source_ === source) this.stop();
    };
    source.start();
    this.source_ = source;
    this.began_ = this.context_.currentTime;
    this.key = key;
  }

  /** Seconds since the sound began; 0 where none is heard. */
  elapsed(): number {
    return this.key !== '' && this.context_ ? this.context_.currentTime - this.began_ : 0;
  }

  stop(): void {
    this.turn_++;
    this.loading = '';
    this.key = '';
    const source = this.source_;
    this.source_ = null;
    try {
      source?.stop();
    } catch {
      // It had not begun.
    }
  }
}

export const listening = new Listening();
