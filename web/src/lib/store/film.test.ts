import { describe, expect, it } from 'vitest';
import type { Document } from '$schema/types';
import { Api, type Channel, type FromServer, type Me, type Patch, type ToServer } from '$lib/api';
import { FilmStore } from './film.svelte.ts';
import { applyPatch, valueAt } from './patch.ts';

/** A server of one film that keeps a log, as the real one does; connections can be cut. */
class Stand {
  document = { name: 'film', rate_hz: 48000, frame_rate: '25', picture: { length_samples: 1 }, mix: { strips: { a: { gain_db: 0 }, b: { gain_db: 0 } } } } as unknown as Document;
  revision = 1;
  log: { revision: number; id: string; author: string; patch: Patch }[] = [];
  connections: { channel: Channel; heard: ToServer[] }[] = [];
  /** Answers edits; otherwise they are only taken down. */
  answering = true;
  refusing = false;
  opened = 0;

  open = (): Channel => {
    const heard: ToServer[] = [];
    const channel: Channel = { onopen: null, onmessage: null, onclose: null, send: (text) => this.heard(channel, heard, JSON.parse(text) as ToServer), close: () => undefined };
    this.connections.push({ channel, heard });
    queueMicrotask(() => {
      channel.onopen?.();
      this.say(channel, { type: 'hello', revision: this.revision, you: 'p1', present: [] });
    });
    return channel;
  };
  say(channel: Channel, message: FromServer): void {
    channel.onmessage?.({ data: JSON.stringify(message) });
  }
  cut(): void {
    const last = this.connections.at(-1);
    last?.channel.onclose?.({ code: 1006 });
  }
  commit(id: string, author: string, patch: Patch): number {
    const known = this.log.find((entry) => entry.id === id);
    if (known) return known.revision;
    this.document = applyPatch(this.document, patch);
    this.log.push({ revision: ++this.revision, id, author, patch });
    return this.revision;
  }
  private heard(channel: Channel, heard: ToServer[], message: ToServer): void {
    heard.push(message);
    if (message.type === 'catch-up') for (const entry of this.log.filter(({ revision }) => revision > message.revision)) this.tell(channel, entry);
    if (message.type !== 'edit') return;
    if (this.refusing) return this.say(channel, { type: 'refused', id: message.id, problem: { type: '', title: 'Collided', status: 409, detail: 'somebody was there before', code: 'conflict' } });
    const revision = this.commit(message.id, 'me', message.patch);
    if (!this.answering) return;
    const entry = this.log.find((one) => one.revision === revision);
    if (entry) this.tell(channel, entry);
    this.say(channel, { type: 'edited', id: message.id, revision });
  }
  tell(channel: Channel, { revision, id, author, patch }: Stand['log'][number]): void {
    this.say(channel, { type: 'edit', revision, base_revision: revision - 1, author, id, reason: '', time: '', kind: 'edit', patch });
  }
  fetch = (input: string): Promise<Response> => {
    const json = (value: unknown): Promise<Response> => Promise.resolve(new Response(JSON.stringify(value), { headers: { 'Content-Type': 'application/json' } }));
    if (input === '/api/films/film') {
      ++this.opened;
      return json({ summary: { film: 'film', name: 'film', revision: this.revision }, document: this.document });
    }
    return json([]);
  };
}

const kMe: Me = { name: 'me', roles: [], rights: ['read', 'edit:mix'], csrf: '', film: '', cue: '', login_needed: false };
const gain = (id: string, value: number): Patch => [{ op: 'replace', path: `/mix/strips/${id}/gain_db`, value }];
const shown = (store: FilmStore, id: string): unknown => valueAt(store.document, `/mix/strips/${id}/gain_db`);
const soon = (ms = 5): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function opened(stand: Stand): Promise<{ store: FilmStore; said: string[] }> {
  const said: string[] = [];
  const store = await FilmStore.open({ api: new Api(stand.fetch).film('film'), me: kMe, notify: (_kind, text) => said.push(text), open_socket: stand.open });
  await soon();
  return { store, said };
}

describe('a film in the browser', () => {
  it('shows an edit at once and is saved when the server has it', async () => {
    const stand = new Stand();
    const { store } = await opened(stand);
    store.edit('louder', gain('a', 3));
    expect(shown(store, 'a')).toBe(3);
    await store.saved();
    expect(valueAt(stand.document, '/mix/strips/a/gain_db')).toBe(3);
    expect(store.revision).toBe(2);
    store.close();
  });

  it('sends again after a lost connection what was not answered, once, without loading the film anew', async () => {
    const stand = new Stand();
    const { store } = await opened(stand);
    stand.answering = false;
    store.edit('louder', gain('a', 3));
    stand.cut();
    expect(store.connection).toBe('waiting');
    store.edit('softer', gain('b', -3));
    stand.commit('theirs', 'you', [{ op: 'add', path: '/mix/strips/c', value: { gain_db: 1 } }]);
    stand.answering = true;
    store.reconnect();
    await soon();
    await store.saved();
    await soon();
    expect(store.document).toEqual(stand.document);
    expect(stand.log.map(({ author }) => author)).toEqual(['me', 'you', 'me']);
    expect([shown(store, 'a'), shown(store, 'b'), shown(store, 'c')]).toEqual([3, -3, 1]);
    expect(stand.opened).toBe(1);
    store.close();
  });

  it('takes back what was refused and says why', async () => {
    const stand = new Stand();
    const { store, said } = await opened(stand);
    stand.refusing = true;
    store.edit('louder', gain('a', 3));
    await soon();
    expect(shown(store, 'a')).toBe(0);
    expect(said).toEqual(['somebody was there before']);
    store.close();
  });

  it('takes the document anew where too much was missed, and keeps what was not sent', async () => {
    const stand = new Stand();
    const { store } = await opened(stand);
    stand.cut();
    store.edit('louder', gain('a', 3));
    stand.commit('theirs', 'you', gain('b', 9));
    store.reconnect();
    const last = stand.connections.at(-1);
    if (last) stand.say(last.channel, { type: 'lagged', revision: stand.revision });
    await soon(20);
    await store.saved();
    expect([shown(store, 'a'), shown(store, 'b')]).toEqual([3, 9]);
    store.close();
  });
});
