import { describe, expect, it } from 'vitest';
import { Api } from '../api/client.ts';
import { Feed } from './feed.ts';

interface Call {
  path: string;
  signal: AbortSignal;
  answer: (response: Response) => void;
}

/** A server that answers when it is told to. */
function served(): { feed: Feed; calls: Call[]; failed: unknown[] } {
  const calls: Call[] = [], failed: unknown[] = [];
  const api = new Api((path, init) => new Promise((answer, fail) => {
    const signal = init?.signal as AbortSignal;
    signal.addEventListener('abort', () => fail(new DOMException('', 'AbortError')));
    calls.push({ path, signal, answer });
  }));
  return { feed: new Feed(api.film('f'), (error) => failed.push(error)), calls, failed };
}
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));
const wish = (name: string, arrived: (samples: Float32Array | null) => void = () => undefined): { key: string; path: string; arrived: (samples: Float32Array<ArrayBuffer> | null) => void } => ({ key: name, path: `/${name}`, arrived });

describe('the feed of chunks', () => {
  it('fetches four at once, the most urgent first', async () => {
    const { feed, calls } = served();
    feed.want(['a', 'b', 'c', 'd', 'e'].map((name) => wish(name)));
    expect(calls.map(({ path }) => path)).toEqual(['a', 'b', 'c', 'd'].map((name) => `/api/films/f/${name}?silence=none`));
    calls[0]?.answer(new Response(new Float32Array([1, 2])));
    await settled();
    await settled();
    expect(calls.length).toBe(5);
  });
  it('gives up what is no longer wanted', async () => {
    const { feed, calls, failed } = served();
    feed.want([wish('a'), wish('b')]);
    feed.want([wish('b')]);
    await settled();
    expect(calls.map(({ signal }) => signal.aborted)).toEqual([true, false]);
    expect(failed).toEqual([]);
  });
  it('hands on samples, and silence as null', async () => {
    const { feed, calls } = served();
    const got: (Float32Array | null)[] = [];
    feed.want([wish('a', (samples) => got.push(samples)), wish('b', (samples) => got.push(samples))]);
    calls[0]?.answer(new Response(new Float32Array([0.5, -0.5])));
    calls[1]?.answer(new Response(null, { status: 204 }));
    await settled();
    await settled();
    expect(got.length).toBe(2);
    expect(got).toContainEqual(new Float32Array([0.5, -0.5]));
    expect(got).toContain(null);
  });
  it('says what failed and leaves it for a while', async () => {
    const { feed, calls, failed } = served();
    feed.want([wish('a')]);
    calls[0]?.answer(new Response('{}', { status: 500 }));
    await settled();
    await settled();
    expect(failed.length).toBe(1);
    feed.want([wish('a')]);
    expect(calls.length).toBe(1);
  });
});
