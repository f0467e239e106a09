import { kOffline, Problem, problemOf } from './problem.ts';
import type { Board, FilmSummary, HistoryEntry, Job, Me, OpenedFilm, Output, Patch, PhaseName, PictureInfo, SoundInfo } from './values.ts';

export type Query = Readonly<Record<string, string | number | undefined>>;
type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
type Fetch = (input: string, init?: RequestInit) => Promise<Response>;

/**
 * The server's HTTP interface. Calls reject with `Problem`. What changes something carries the token of `me()`, which is asked for
 * again once where the server says that it has expired.
 */
export class Api {
  private readonly fetch_: Fetch;
  private csrf_ = '';

  constructor(fetcher: Fetch = (input, init) => globalThis.fetch(input, init)) {
    this.fetch_ = fetcher;
  }

  async me(): Promise<Me> {
    const me = await this.json<Me>('GET', '/me');
    this.csrf_ = me.csrf;
    return me;
  }
  async login(name: string, password: string): Promise<Me> {
    await this.json<unknown>('POST', '/login', { name, password });
    return this.me();
  }
  async logout(): Promise<void> {
    await this.json<unknown>('POST', '/logout', {});
    this.csrf_ = '';
  }

  films(): Promise<FilmSummary[]> {
    return this.json('GET', '/films');
  }
  /** The client of one film. */
  film(name: string): FilmApi {
    return new FilmApi(this, name);
  }

  /** For what has no method of its own: JSON in, JSON out, path below /api. */
  async json<T>(method: Method, path: string, body?: unknown, query?: Query): Promise<T> {
    const init: RequestInit = body === undefined ? {} : { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } };
    const response = await this.send(method, path, init, query);
    if (response.status === 204) return undefined as T;
    return (await response.json()) as T;
  }

  /** The raw answer of a call that succeeded. */
  async send(method: Method, path: string, init: RequestInit = {}, query?: Query): Promise<Response> {
    let response = await this.once(method, path, init, query);
    if (response.status === 403 && method !== 'GET') {
      const problem = await problemOf(response);
      if (problem.code !== 'csrf') throw problem;
      await this.me();
      response = await this.once(method, path, init, query);
    }
    if (!response.ok) throw await problemOf(response);
    return response;
  }

  private async once(method: Method, path: string, init: RequestInit, query?: Query): Promise<Response> {
    const headers = new Headers(init.headers);
    if (method !== 'GET') headers.set('X-Csrf-Token', this.csrf_);
    try {
      return await this.fetch_(urlOf(path, query), { ...init, method, headers, credentials: 'same-origin' });
    } catch (error) {
      if (error instanceof DOMException && error.name === 'AbortError') throw error;
      throw new Problem(kOffline);
    }
  }
}

export function urlOf(path: string, query?: Query): string {
  const asked = Object.entries(query ?? {}).filter((entry): entry is [string, string | number] => entry[1] !== undefined);
  const text = new URLSearchParams(asked.map(([key, value]) => [key, String(value)])).toString();
  return `/api${path}${text ? `?${text}` : ''}`;
}

/** A film's part of the interface. */
export class FilmApi {
  readonly name: string;
  readonly api: Api;
  private readonly root_: string;

  constructor(api: Api, name: string) {
    this.api = api;
    this.name = name;
    this.root_ = `/films/${encodeURIComponent(name)}`;
  }

  /** Path below /api, for calls of other parts of the studio and for the sources of pictures and links. */
  path(below: string): string {
    return this.root_ + below;
  }
  url(below: string, query?: Query): string {
    return urlOf(this.path(below), query);
  }
  get<T>(below: string, query?: Query): Promise<T> {
    return this.api.json<T>('GET', this.path(below), undefined, query);
  }
  post<T>(below: string, body: unknown, query?: Query): Promise<T> {
    return this.api.json<T>('POST', this.path(below), body, query);
  }

  /** The document with the revision it is at. */
  async open(): Promise<OpenedFilm> {
    const opened = await this.get<Omit<OpenedFilm, 'revision'>>('');
    return { ...opened, revision: opened.summary.revision };
  }
  edit(base_revision: number, reason: string, patch: Patch): Promise<{ revision: number }> {
    return this.post('/edits', { base_revision, reason, patch });
  }
  undo(): Promise<{ revision: number }> {
    return this.post('/undo', {});
  }
  redo(): Promise<{ revision: number }> {
    return this.post('/redo', {});
  }
  history(query: { after?: number; last?: number } = {}): Promise<HistoryEntry[]> {
    return this.get('/history', query);
  }
  board(): Promise<Board> {
    return this.get('/board');
  }
  approve(phase: PhaseName, note: string, withdraw = false): Promise<{ revision: number }> {
    return this.post('/approvals', { phase, note, withdraw });
  }
  jobs(): Promise<Job[]> {
    return this.get('/jobs');
  }
  startJob(kind: 'build' | 'spot', phase?: PhaseName): Promise<Job> {
    return this.post('/jobs', phase === undefined ? { kind } : { kind, phase });
  }
  cancelJob(id: string): Promise<unknown> {
    return this.api.json('DELETE', this.path(`/jobs/${encodeURIComponent(id)}`));
  }
  outputs(): Promise<Output[]> {
    return this.get('/outputs');
  }
  picture(): Promise<PictureInfo> {
    return this.get('/picture');
  }
  sounds(): Promise<SoundInfo[]> {
    return this.get('/sounds');
  }
  /** Adds a media file as it is streamed from the user's disk. */
  async addFile(file: Blob, name: string, kind: string): Promise<{ media: string; revision: number }> {
    const response = await this.api.send('POST', this.path('/files'), { body: file, headers: { 'Content-Type': 'application/octet-stream' } }, { name, kind });
    return (await response.json()) as { media: string; revision: number };
  }
}
