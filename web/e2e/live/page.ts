/** Runs in Chromium: the studio's own player against a film that run.ts serves. Each check is a function that run.ts calls. */
import { Api } from '../../src/lib/api/index.ts';
import { LivePlayer } from '../../src/lib/player/live_player.ts';
import { samples, type FrameRate } from '../../src/lib/time/index.ts';
import type { FilmStore } from '../../src/lib/store/index.ts';
import recorderUrl from './recorder.ts?worker&url';

const rate: FrameRate = { numerator: 25, denominator: 1 };
const api = new Api().film('made');

interface Wait {
  (until: () => boolean, most_ms?: number): Promise<void>;
}
const wait: Wait = async (until, most_ms = 60000) => {
  const began = performance.now();
  while (!until()) {
    if (performance.now() - began > most_ms) throw new Error(`waited ${String(most_ms)} ms in vain for ${until.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

const open = async (): Promise<LivePlayer> => {
  const live = await api.get<{ length_samples: number; rate_hz: number }>('/live');
  const film = { api, length: samples(live.length_samples), rate_hz: live.rate_hz } as unknown as FilmStore;
  const player = new LivePlayer(film, rate);
  player.on('failed', ({ message }) => console.error(`player: ${message}`));
  return player;
};

const mixOf = async (): Promise<{ samples: Float32Array; length: number }> => {
  const mix = new Float32Array(await (await fetch('/mix.f32')).arrayBuffer());
  return { samples: mix, length: mix.length / 2 };
};

/** Plays from `at` for some seconds and compares each sample that leaves the worklet with the film's render. */
async function exactFrom(at: number, seconds: number): Promise<{ compared: number; differing: number; first: number; late: number }> {
  const player = await open();
  const mix = await mixOf();
  player.exact_starts = true;
  await player.play();
  const output = player.output;
  if (!output) throw new Error('no output');
  await output.context.audioWorklet.addModule(recorderUrl);
  const recorder = new AudioWorkletNode(output.context, 'recorder', { numberOfOutputs: 0, channelCount: 2, channelCountMode: 'explicit' });
  output.node.connect(recorder);
  const blocks: { frame: number; channels: Float32Array[] }[] = [];
  recorder.port.onmessage = (event: MessageEvent<{ frame: number; channels: Float32Array[] }>) => blocks.push(event.data);
  let late = 0, exact = false;
  player.onMeters((meters) => {
    late = meters.late;
    exact = meters.exact;
  });
  const anchors: { frame: number; at: number; speed: number }[] = [];
  output.on('anchor', (anchor) => anchors.push(anchor));
  player.seek(samples(at));
  await wait(() => exact && player.state === 'playing' && player.position() > at);
  // The first quantum comes in from silence.
  const began = at + 512;
  await wait(() => player.position() > began + seconds * 48000);
  player.pause();
  await new Promise((resolve) => setTimeout(resolve, 200));
  player.close();

  // Film time of each frame of the context by the last anchor before it; only what came after the mixer had said it was exact.
  let compared = 0, differing = 0, first = -1;
  for (const { frame, channels } of blocks) {
    const anchor = anchors.filter((a) => a.frame <= frame).at(-1);
    if (!anchor || anchor.speed !== 1) continue;
    const position = anchor.at + (frame - anchor.frame);
    if (position < began || position > began + seconds * 48000 - 4800) continue;
    channels.forEach((channel, c) => {
      const heard = new Uint32Array(channel.buffer, channel.byteOffset, channel.length);
      const wanted = new Uint32Array(mix.samples.buffer, 4 * (c * mix.length + position), channel.length);
      for (let i = 0; i < channel.length; ++i) {
        ++compared;
        if (heard[i] !== wanted[i]) {
          if (first < 0) first = position + i;
          ++differing;
        }
      }
    });
  }
  return { compared, differing, first, late };
}

const sorted = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);
const at = (values: readonly number[], share: number): number => values[Math.min(values.length - 1, Math.floor(share * values.length))] ?? NaN;

/** Plays picture and sound together for some seconds: how far the picture was from the sound, in ms. */
async function locked(seconds: number): Promise<{ frames: number; median: number; median_size: number; p5: number; p95: number; worst: number; load: number; late: number }> {
  const player = await open();
  const picture = document.createElement('video');
  picture.src = '/picture.mp4';
  picture.width = 640;
  document.body.append(picture);
  const off = player.attachPicture(picture);
  let load = 0, late = 0;
  player.onMeters((meters) => {
    load = Math.max(load, meters.load);
    late = meters.late;
  });
  await player.play();
  await wait(() => player.state === 'playing' && player.position() > 48000);
  // The servo has found the clocks' difference after a few seconds.
  await wait(() => player.position() > 4 * 48000);
  player.lock_errors.length = 0;
  const began = player.position();
  await wait(() => player.position() > began + seconds * 48000, seconds * 1500 + 30000);
  const errors = sorted(player.lock_errors.map((error) => 1000 * error));
  const sizes = sorted(errors.map(Math.abs));
  off();
  player.close();
  picture.remove();
  return { frames: errors.length, median: at(errors, 0.5), median_size: at(sizes, 0.5), p5: at(errors, 0.05), p95: at(errors, 0.95), worst: at(sizes, 1), load, late };
}

/** Stills: the frame that the picture stands on after a seek, which must be the one that belongs to the position. */
async function stills(positions: readonly number[]): Promise<{ wanted: number; shown: number }[]> {
  const player = await open();
  const picture = document.createElement('video');
  picture.src = '/picture.mp4';
  document.body.append(picture);
  const off = player.attachPicture(picture);
  await wait(() => picture.readyState >= 2);
  const seen: { wanted: number; shown: number }[] = [];
  let shown = -1;
  // A frame that was on its way when the seek began may still come before the one that was asked for.
  const watch: VideoFrameRequestCallback = (_, frame) => {
    shown = Math.round(frame.mediaTime * 25);
    picture.requestVideoFrameCallback(watch);
  };
  picture.requestVideoFrameCallback(watch);
  for (const position of positions) {
    const wanted = Math.floor((position * 25) / 48000);
    player.seek(samples(position));
    const late = performance.now() + 3000;
    await wait(() => (!picture.seeking && shown === wanted) || performance.now() > late, 5000);
    seen.push({ wanted, shown });
  }
  off();
  player.close();
  picture.remove();
  return seen;
}

/** A loop of two seconds, round and round: whether the sound waited at its joints. */
async function looped(): Promise<{ rounds: number; waited: number }> {
  const player = await open();
  await player.play();
  let waited = 0, rounds = 0;
  await wait(() => player.state === 'playing');
  player.loop({ in_samples: samples(600000), out_samples: samples(600000 + 60000), again: true });
  await wait(() => player.state === 'playing' && player.position() >= 600000 && player.position() < 660000);
  player.output?.on('anchor', (anchor) => {
    if (anchor.waiting) ++waited;
    else if (anchor.at === 600000) ++rounds;
  });
  await new Promise((resolve) => setTimeout(resolve, 6000));
  player.close();
  return { rounds, waited };
}

/** A film compiled anew, and a fader moved, while it plays: whether the sound waited. */
async function changed(): Promise<{ waited: number; quieter: boolean }> {
  const player = await open();
  let peak = 0;
  player.onMeters((meters) => (peak = Math.max(...meters.mix)));
  await player.play();
  await wait(() => player.state === 'playing' && player.position() > 24000);
  let waited = 0;
  player.output?.on('anchor', (anchor) => (waited += anchor.waiting ? 1 : 0));
  await player.refresh();
  const before = player.position();
  await wait(() => player.position() > before + 3 * 48000);
  const loud = peak;
  player.setLive('master', '', { ...player.output?.live.mix.master, gain_db: -40 });
  await wait(() => player.position() > before + 5 * 48000);
  const quieter = peak < loud / 10;
  player.close();
  return { waited, quieter };
}

/** Plays for some seconds: the share of the time that the sound's thread works once nothing runs up beside it. */
async function speed(seconds: number): Promise<{ load: number; late: number }> {
  const player = await open();
  const loads: number[] = [];
  let late = 0;
  player.exact_starts = true;
  player.onMeters((meters) => {
    if (meters.exact && meters.load > 0) loads.push(meters.load);
    late = meters.late;
  });
  await player.play();
  await wait(() => player.state === 'playing' && player.position() > seconds * 48000, 10000 * seconds);
  player.close();
  return { load: loads.slice(Math.floor(loads.length / 2)).reduce((sum, load) => sum + load, 0) / Math.max(1, loads.length - Math.floor(loads.length / 2)), late };
}

Object.assign(globalThis, { checks: { exactFrom, locked, stills, looped, changed, speed } });
