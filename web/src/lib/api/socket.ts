import type { FromServer, ToServer } from './values.ts';

export type Connection = 'connecting' | 'open' | 'waiting' | 'closed';

/** The part of a WebSocket that is used, so that tests can stand in for it. */
export interface Channel {
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
  send(text: string): void;
  close(): void;
}

export interface LiveSocketOptions {
  open: () => Channel;
  received: (message: FromServer) => void;
  /** Called at each change; the socket tries again by itself until `close`. */
  changed: (state: Connection) => void;
  /** Milliseconds before try n (from 0). */
  delay?: (attempt: number) => number;
  later?: (run: () => void, ms: number) => () => void;
}

/** Half a second, doubled up to fifteen, and spread so that a room of people does not come back in one instant. */
export const backOff = (attempt: number): number => Math.min(15000, 500 * 2 ** attempt) * (0.7 + 0.6 * Math.random());

const laterByTimer = (run: () => void, ms: number): (() => void) => {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
};

/** A connection that comes back by itself. What is said while it is away is not kept: who speaks must ask again (catch-up). */
export class LiveSocket {
  private readonly options_: LiveSocketOptions;
  private channel_: Channel | null = null;
  private attempt_ = 0;
  private stop_: (() => void) | null = null;
  private state_: Connection = 'connecting';

  constructor(options: LiveSocketOptions) {
    this.options_ = options;
    this.connect();
  }

  get state(): Connection {
    return this.state_;
  }

  /** False where it is not connected. */
  send(message: ToServer): boolean {
    if (this.state_ !== 'open' || !this.channel_) return false;
    this.channel_.send(JSON.stringify(message));
    return true;
  }

  /** Tries now instead of at the next turn. */
  retry(): void {
    if (this.state_ !== 'waiting') return;
    this.stop_?.();
    this.connect();
  }

  close(): void {
    this.stop_?.();
    this.become('closed');
    this.drop();
  }

  private drop(): void {
    const channel = this.channel_;
    this.channel_ = null;
    if (!channel) return;
    channel.onopen = channel.onmessage = channel.onclose = null;
    channel.close();
  }

  private become(state: Connection): void {
    if (this.state_ === state) return;
    this.state_ = state;
    this.options_.changed(state);
  }

  private connect(): void {
    this.become('connecting');
    const channel = this.options_.open();
    this.channel_ = channel;
    channel.onopen = () => {
      this.attempt_ = 0;
      this.become('open');
    };
    channel.onmessage = ({ data }) => {
      const message = read(data);
      if (message) this.options_.received(message);
    };
    channel.onclose = () => {
      this.channel_ = null;
      if (this.state_ === 'closed') return;
      this.become('waiting');
      const later = this.options_.later ?? laterByTimer;
      this.stop_ = later(() => this.connect(), (this.options_.delay ?? backOff)(this.attempt_++));
    };
  }
}

function read(data: unknown): FromServer | null {
  if (typeof data !== 'string') return null;
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === 'object' && value !== null && 'type' in value ? (value as FromServer) : null;
  } catch {
    return null;
  }
}

export function openFilmSocket(film: string): Channel {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  return new WebSocket(`${scheme}://${location.host}/api/films/${encodeURIComponent(film)}/socket`) as unknown as Channel;
}
