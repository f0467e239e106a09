/**
 * What the browser's microphone really gave: a second listener on the node that the booth hears, quantum by quantum. A microphone that is
 * made of a WAV stumbles on a machine that has much to do; a take is to be what was given, whatever that was.
 */
import type { Page } from 'playwright-core';

const kQuantum = 128;
const kWorklet = `registerProcessor('tap', class extends AudioWorkletProcessor {
  process([input]) {
    this.port.postMessage(input && input[0] ? input[0].slice() : new Float32Array(${String(kQuantum)}));
    return true;
  }
});`;

/** Runs in the page, before its own scripts. */
function listen(worklet: string): void {
  const address = URL.createObjectURL(new Blob([worklet], { type: 'text/javascript' }));
  const source = AudioContext.prototype.createMediaStreamSource;
  AudioContext.prototype.createMediaStreamSource = function (this: AudioContext, stream: MediaStream) {
    const node = source.call(this, stream);
    let heard: number[][] = [];
    let quanta = 0;
    void this.audioWorklet.addModule(address).then(() => {
      const tap = new AudioWorkletNode(this, 'tap', { numberOfInputs: 1, numberOfOutputs: 0, channelCount: 1, channelCountMode: 'explicit' });
      tap.port.onmessage = ({ data }: MessageEvent<Float32Array>) => void heard.push([quanta++, ...data]);
      node.connect(tap);
    });
    const visit = performance.timeOrigin;
    setInterval(() => {
      if (heard.length > 0) void (globalThis as unknown as { tapped: (visit: number, heard: number[][]) => Promise<void> }).tapped(visit, heard);
      heard = [];
    }, 100);
    return node;
  };
}

export interface Heard {
  /** Sample of what was given in that visit at which the take begins; -1 where its middle is nowhere in it. */
  at: number;
  /** Samples of the take that are not what was given. */
  wrong: number;
  /** The first of them, and how many are silent in the take. */
  first_wrong: number;
  lost: number;
  /** Samples of it for which it is known what was given. */
  known: number;
  /** Samples that were given after its last; less than none where it goes on after the page's last report. */
  after: number;
}

/** What one page's microphone gave, since it was loaded last and before that: its quanta, by their number in the visit. */
export class Tap {
  private readonly visits_ = new Map<number, Map<number, number[]>>();

  /** The page's policy must allow what is made in it (`bypassCSP`). */
  static async on(page: Page): Promise<Tap> {
    const tap = new Tap();
    await page.exposeFunction('tapped', (visit: number, heard: number[][]) => {
      const quanta = tap.visits_.get(visit) ?? new Map<number, number[]>();
      for (const [number = 0, ...samples] of heard) quanta.set(number, samples);
      tap.visits_.set(visit, quanta);
    });
    await page.addInitScript(listen, kWorklet);
    return tap;
  }

  /** Where a take lies in what was given, newest visit first. Waits a moment for the page's reports, which lag on a busy machine. */
  async compare(take: Float32Array): Promise<Heard> {
    let heard = this.look(take);
    const complete = (): boolean => heard.wrong === 0 && heard.after >= 0;
    for (const until = performance.now() + 3000; !complete() && performance.now() < until; heard = this.look(take)) await new Promise((done) => setTimeout(done, 200));
    return heard;
  }

  private look(take: Float32Array): Heard {
    for (const quanta of [...this.visits_.values()].reverse()) {
      const given = new Float32Array(kQuantum * (1 + Math.max(...quanta.keys())));
      for (const [number, samples] of quanta) given.set(samples, number * kQuantum);
      let best: Heard | null = null;
      for (const at of places(given, take)) {
        const heard = laid(given, take, at);
        if (!best || heard.wrong <= best.wrong) best = heard; // what is played repeats: the latest
      }
      if (best) return best;
    }
    return { at: -1, wrong: take.length, first_wrong: 0, lost: 0, known: 0, after: -1 };
  }
}

function laid(given: Float32Array, take: Float32Array, at: number): Heard {
  let [known, wrong, first_wrong, lost] = [0, 0, -1, 0];
  for (let i = Math.max(0, -at); i < take.length && at + i < given.length; ++i) {
    ++known;
    if (given[at + i] === take[i]) continue;
    if (wrong++ === 0) first_wrong = i;
    if (take[i] === 0) ++lost;
  }
  return { at, wrong, first_wrong, lost, known, after: given.length - (at + take.length) };
}

/** Where `take` may begin in `given`, by the stretch in its middle that has the most sound. */
function* places(given: Float32Array, take: Float32Array): Generator<number> {
  const length = Math.min(512, take.length);
  let [from, most] = [0, -1];
  for (let begin = Math.floor(take.length / 4); begin + length <= take.length * 0.75; begin += length) {
    const differing = new Set(take.subarray(begin, begin + length)).size;
    if (differing > most) [from, most] = [begin, differing];
  }
  const probe = take.subarray(from, from + length);
  for (let at = 0; at + length <= given.length; ++at) if (given[at] === probe[0] && probe.every((x, i) => given[at + i] === x)) yield at - from;
}
