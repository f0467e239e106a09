import type { FilmApi } from '$lib/api';
import type { PeakSource } from './peaks.ts';

/** What is drawn of a sound that the engine made, and not of a recording: "sound:clip:adr/c1". */
export const kOfSound = 'sound:';

/** Peaks of recordings and sounds as the server makes them. */
export function serverPeaks(api: FilmApi): PeakSource {
  return {
    async fetch(source, channel, level, begin, count) {
      const below = source.startsWith(kOfSound) ? `/sounds/${encodeURIComponent(source.slice(kOfSound.length))}/peaks` : `/media/${encodeURIComponent(source)}/peaks`;
      const response = await api.api.send('GET', api.path(below), {}, { channel, level, begin, count });
      return response.status === 202 ? null : new Int8Array(await response.arrayBuffer());
    },
  };
}

/** First channel of a chunk of a sound: channels follow one another. */
export async function serverChunk(api: FilmApi, sound: string, chunk: number): Promise<Float32Array | null> {
  const response = await api.api.send('GET', api.path(`/sounds/${encodeURIComponent(sound)}/chunks/${chunk}`));
  if (response.status === 202) return null;
  return new Float32Array(await response.arrayBuffer()).slice(0, 1 << 18);
}
