/** The real server on a film, as a test starts and ends it. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Document } from '../../schema/types.ts';

export const kRoot = fileURLToPath(new URL('../..', import.meta.url));
export const kTwopop = process.env['TWOPOP'] ?? `${kRoot}build/release/twopop`;

export class Server {
  readonly url: string;
  readonly film: string;
  private readonly process_: ChildProcess;

  private constructor(process: ChildProcess, url: string, film: string) {
    this.process_ = process;
    this.url = url;
    this.film = film;
  }

  /** Resolves when it says where the studio is. */
  static start(film: string, { port = 0, more = [] }: { port?: number; more?: readonly string[] } = {}): Promise<Server> {
    const process_ = spawn(kTwopop, ['serve', film, '--port', String(port), '--web', `${kRoot}build/web`, ...more], { stdio: ['ignore', 'pipe', 'pipe'] });
    return new Promise((resolve, reject) => {
      let said = '';
      const late = setTimeout(() => reject(new Error(`the server did not start: ${said}`)), 20000);
      const heard = (data: Buffer): void => {
        said += data.toString();
        const url = /https?:\/\/\S+/.exec(said)?.[0];
        if (!url) return;
        clearTimeout(late);
        resolve(new Server(process_, url.replace(/\/$/, ''), film));
      };
      process_.stdout.on('data', heard);
      process_.stderr.on('data', heard);
      process_.on('exit', () => reject(new Error(`the server ended: ${said}`)));
    });
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    return new Promise((resolve) => {
      if (this.process_.exitCode !== null || this.process_.signalCode !== null) return resolve();
      this.process_.removeAllListeners('exit');
      this.process_.once('exit', () => resolve());
      this.process_.kill(signal);
    });
  }

  /** The session as it lies on the disk at this moment, read by another process. */
  document(): Document {
    const ran = spawnSync(kTwopop, ['export', this.film, '-'], { encoding: 'utf8', maxBuffer: 1 << 28 });
    if (ran.status !== 0) throw new Error(ran.stderr);
    return JSON.parse(ran.stdout) as Document;
  }
}
