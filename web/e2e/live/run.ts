// The live mix and the lock of picture and sound in Chromium:
//   node web/e2e/live/run.ts FOLDER [--seconds=20] [--only=locked]     FOLDER as phases/mix/live_film.h writes it
// Prints a line for each claim and what was measured; ends with 1 where one does not hold.
import { spawnSync } from 'node:child_process';
import { createReadStream, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { extname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { build } from 'vite';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const [folder = '', ...options] = process.argv.slice(2);
const option = (name: string): string | undefined => options.find((o) => o.startsWith(`--${name}=`))?.slice(name.length + 3);
const seconds = Number(option('seconds') ?? '20');
const only = option('only');
const pages = here('../../../build/web-live-test');

// The page, made by the studio's own build settings.
await build({
  configFile: here('../../vite.config.ts'), root: here('.'), logLevel: 'warn',
  build: { outDir: pages, emptyOutDir: true, target: 'es2022', assetsInlineLimit: 0 },
});

// A film long enough: its chunks come round again.
const live = JSON.parse(readFileSync(`${folder}/live.json`, 'utf8')) as { length_samples: number; tracks: { id: string; extent: [number, number] }[] };
const rendered = live.length_samples;
const length = Math.max(rendered, (seconds + 12) * 48000);
const chunks = Math.floor(rendered / 2 ** 18);
const long = { ...live, length_samples: length, tracks: live.tracks.map((track) => ({ ...track, extent: track.extent[1] === rendered ? [track.extent[0], length] : track.extent })) };
let serves = live;

const picture = join(folder, `picture-${String(Math.ceil(length / 48000))}.mp4`);
if (!existsSync(picture)) {
  const made = spawnSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', `testsrc2=size=640x360:rate=25:duration=${String(Math.ceil(length / 48000))}`, '-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '24',
    '-pix_fmt', 'yuv420p', '-g', '12', '-bf', '0', '-movflags', '+faststart', '-an', '-y', picture], { stdio: 'inherit' });
  if (made.status !== 0) throw new Error('ffmpeg made no picture');
}
mkdirSync(pages, { recursive: true });

const kTypes: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript', '.wasm': 'application/wasm', '.mp4': 'video/mp4' };
const file = (path: string, response: ServerResponse, range?: string): void => {
  if (!existsSync(path) || statSync(path).isDirectory()) {
    response.writeHead(404).end();
    return;
  }
  const size = statSync(path).size, asked = /^bytes=(\d+)-(\d*)$/.exec(range ?? '');
  const type = { 'Content-Type': kTypes[extname(path)] ?? 'application/octet-stream', 'Accept-Ranges': 'bytes' };
  if (!asked) {
    response.writeHead(200, { ...type, 'Content-Length': size });
    createReadStream(path).pipe(response);
    return;
  }
  const begin = Number(asked[1]), end = Math.min(size - 1, asked[2] ? Number(asked[2]) : size - 1);
  response.writeHead(206, { ...type, 'Content-Length': end - begin + 1, 'Content-Range': `bytes ${String(begin)}-${String(end)}/${String(size)}` });
  createReadStream(path, { start: begin, end }).pipe(response);
};

const server = createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  const chunk = /^\/api\/films\/made\/sounds\/track(?::|%3A)(.+)\/chunks\/(\d+)$/.exec(url.pathname);
  if (url.pathname === '/api/films/made/live') response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(serves));
  else if (chunk) {
    const track = serves.tracks.findIndex(({ id }) => id === chunk[1]) % live.tracks.length, asked = Number(chunk[2]);
    const path = `${folder}/chunks/${String(track)}-${String(serves.length_samples === rendered ? asked : asked % chunks)}.f32`;
    if (existsSync(path)) file(path, response);
    else response.writeHead(204).end();
  } else if (url.pathname === '/picture.mp4') file(picture, response, request.headers.range);
  else if (url.pathname === '/mix.f32') file(`${folder}/mix.f32`, response);
  else file(resolve(pages, `.${url.pathname === '/' ? '/index.html' : url.pathname}`), response);
});
await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
const address = server.address();
const port = typeof address === 'object' && address ? address.port : 0;

const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', headless: true, args: ['--no-sandbox', '--autoplay-policy=no-user-gesture-required'] });
const page = await browser.newPage();
const errors: string[] = [];
page.on('console', (message) => {
  if (message.type() === 'error') errors.push(message.text());
});
page.on('pageerror', (error) => errors.push(error.message));
await page.goto(`http://127.0.0.1:${String(port)}/`);

let failures = 0;
const claim = (holds: boolean, what: string): void => {
  console.log(`${holds ? 'ok' : 'FAILED'}: ${what}`);
  if (!holds) ++failures;
};
/** Calls one of the page's checks. */
const call = <T>(name: string, ...values: unknown[]): Promise<T> =>
  page.evaluate(([check, given]) => (globalThis as unknown as { checks: Record<string, (...values: unknown[]) => Promise<unknown>> }).checks[check as string]?.(...(given as unknown[])), [name, values]) as Promise<T>;
const wanted = (name: string): boolean => only === undefined || only === name;

if (wanted('exact')) {
  const boundary = 2 ** 20;
  const heard = await call<{ compared: number; differing: number; first: number; late: number }>('exactFrom', boundary - 3 * 48000, 5);
  claim(heard.compared > 2 * 3 * 48000 && heard.differing === 0,
    `after a seek and through a restart point the worklet gives the render's bits: ${String(heard.differing)} of ${String(heard.compared)} samples differ${heard.first >= 0 ? `, first at ${String(heard.first)}` : ''}`);
}
if (wanted('looped')) {
  const { rounds, waited } = await call<{ rounds: number; waited: number }>('looped');
  claim(rounds >= 3 && waited === 0, `a loop goes round without waiting: ${String(rounds)} rounds, ${String(waited)} waits`);
}
if (wanted('changed')) {
  const { waited, quieter } = await call<{ waited: number; quieter: boolean }>('changed');
  claim(waited === 0, `a film compiled anew takes over while it plays: ${String(waited)} waits`);
  claim(quieter, 'a moved fader is heard at once');
}
if (wanted('stills')) {
  const positions = Array.from({ length: 20 }, (_, i) => ((i + 1) * 7919 * 61) % rendered);
  const shown = await call<{ wanted: number; shown: number }[]>('stills', positions);
  const wrong = shown.filter((still) => still.wanted !== still.shown);
  claim(wrong.length === 0, `stills show the frame of the position: ${String(shown.length - wrong.length)} of ${String(shown.length)}`);
}
if (wanted('speed')) {
  // The film's tracks over and over, each with its equaliser and compressor.
  const settings = live as typeof live & { mix: { strips: Record<string, unknown> } };
  const many = Array.from({ length: 32 }, (_, i) => ({ ...(settings.tracks[i % settings.tracks.length] ?? settings.tracks[0]), id: `t${String(i)}`, sound: `track:t${String(i)}` }));
  const strips = Object.fromEntries(many.map(({ id }, i) => [id, settings.mix.strips[settings.tracks[i % settings.tracks.length]?.id ?? '']]));
  serves = { ...settings, tracks: many, mix: { ...settings.mix, strips } } as unknown as typeof live;
  const { load, late } = await call<{ load: number; late: number }>('speed', 12);
  claim(load > 0 && load < 1, `32 tracks in the worklet: ${(1 / load).toFixed(1)} times real time (${(100 * load).toFixed(0)} % of the sound's thread), ${String(late)} quanta late`);
  serves = live;
}
if (wanted('locked')) {
  serves = long as typeof live;
  const lock = await call<{ frames: number; median: number; median_size: number; p5: number; p95: number; worst: number; load: number; late: number }>('locked', seconds);
  const ms = (x: number): string => x.toFixed(1);
  claim(lock.frames > seconds * 15 && lock.median_size < 20 && Math.abs(lock.median) < 10,
    `picture and sound locked over ${String(seconds)} s: median ${ms(lock.median)} ms (size ${ms(lock.median_size)}), 5 to 95 % ${ms(lock.p5)} .. ${ms(lock.p95)}, worst ${ms(lock.worst)} ms of ${String(lock.frames)} frames; half a frame is 20 ms`);
  console.log(`sound's thread: ${(100 * lock.load).toFixed(0)} % at most over a second, ${String(lock.late)} quanta late`);
}
claim(errors.length === 0, `no error in the console${errors.length > 0 ? `: ${errors.slice(0, 3).join(' | ')}` : ''}`);
await browser.close();
server.close();
process.exit(failures === 0 ? 0 : 1);
