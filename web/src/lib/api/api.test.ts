import { describe, expect, it } from 'vitest';
import { Api, LiveSocket, Problem, urlOf, type Channel, type Connection } from './index.ts';

const answer = (status: number, body: unknown): Response => new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json' } });

describe('the API', () => {
  it('sends the token with what changes something, and asks for it anew once where it has expired', async () => {
    const calls: [string, string | null][] = [];
    let valid = 'one';
    const api = new Api((input, init) => {
      const token = new Headers(init?.headers).get('X-Csrf-Token');
      calls.push([input, token]);
      if (input === '/api/me') return Promise.resolve(answer(200, { name: 'a', csrf: valid }));
      return Promise.resolve(token === valid ? answer(200, { revision: 2 }) : answer(403, { title: 'Forbidden', code: 'csrf' }));
    });
    await api.me();
    expect(await api.film('a/b').undo()).toEqual({ revision: 2 });
    valid = 'two';
    expect(await api.film('a/b').undo()).toEqual({ revision: 2 });
    expect(calls.map(([url]) => url)).toEqual(['/api/me', '/api/films/a%2Fb/undo', '/api/films/a%2Fb/undo', '/api/me', '/api/films/a%2Fb/undo']);
  });
  it('turns problem documents, and answers that are none, into problems', async () => {
    const api = new Api((input) => Promise.resolve(input.endsWith('films') ? answer(409, { title: 'Conflict', detail: 'both moved c1', code: 'conflict', remedy: 'look again' }) : new Response('<h1>Bad gateway</h1>', { status: 502, statusText: 'Bad Gateway' })));
    await expect(api.films()).rejects.toMatchObject({ status: 409, code: 'conflict', message: 'both moved c1', remedy: 'look again' });
    await expect(api.me()).rejects.toMatchObject({ status: 502 });
  });
  it('says that nobody answers, with what to do', async () => {
    const problem: unknown = await new Api(() => Promise.reject(new TypeError('failed'))).me().catch((error: unknown) => error);
    expect(problem).toBeInstanceOf(Problem);
    expect((problem as Problem).offline).toBe(true);
    expect((problem as Problem).remedy).not.toBe('');
  });
  it('leaves out what is not asked', () => {
    expect(urlOf('/films', { a: 1, b: undefined, c: 'x y' })).toBe('/api/films?a=1&c=x+y');
  });
});

describe('the live socket', () => {
  it('comes back by itself, waiting longer each time, and never after it was closed', () => {
    const states: Connection[] = [];
    const waits: number[] = [];
    const opened: Channel[] = [];
    let again: () => void = () => undefined;
    const socket = new LiveSocket({
      open: () => {
        const channel: Channel = { onopen: null, onmessage: null, onclose: null, send: () => undefined, close: () => undefined };
        opened.push(channel);
        return channel;
      },
      received: () => undefined,
      changed: (state) => states.push(state),
      delay: (attempt) => 100 * 2 ** attempt,
      later: (run, ms) => {
        waits.push(ms);
        again = run;
        return () => (again = () => undefined);
      },
    });
    opened[0]?.onclose?.({ code: 1006 });
    again();
    opened[1]?.onclose?.({ code: 1006 });
    again();
    opened[2]?.onopen?.();
    expect(socket.send({ type: 'catch-up', revision: 1 })).toBe(true);
    opened[2]?.onclose?.({ code: 1006 });
    expect(waits).toEqual([100, 200, 100]);
    expect(socket.send({ type: 'catch-up', revision: 1 })).toBe(false);
    socket.close();
    again();
    expect(opened).toHaveLength(3);
    expect(states.at(-1)).toBe('closed');
  });
});
