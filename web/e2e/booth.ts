/**
 * The booth against the real server: takes of a microphone that plays a known WAV.
 *   tools/build_web.sh --node e2e/booth.ts
 * Shows that a take arrives sample for sample, lies within 1 ms of where its beeps say, and loses nothing when the server is killed or the page
 * reloaded in the middle of it; that an actor's link opens the booth and nothing else.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import type { BoothTake, BoothView } from '../src/lib/booth/values.ts';
import { openBrowser, openPage } from './browser.ts';

const kProgram = process.env['TWOPOP'] ?? fileURLToPath(new URL('../../build/release/twopop', import.meta.url));
const kPages = fileURLToPath(new URL('../../build/web', import.meta.url));
const kShots = process.env['TWOPOP_SHOTS'] ?? '';

const kRate = 44100;
const kPeriod = 12 * kRate;
const kBeep = [1, 2, 3].map((s) => s * kRate);
const kLine = 4 * kRate;
const kFilmRate = 48000;
const kCueIn = 5 * kFilmRate;

const folder = mkdtempSync(join(tmpdir(), 'twopop-booth-'));
const film = join(folder, 'film.twopop');
let failures = 0;

function check(claim: string, holds: boolean, figure: unknown = ''): void {
  console.log(`${holds ? 'ok    ' : 'FAILED'} ${claim}${figure === '' ? '' : `: ${String(figure)}`}`);
  if (!holds) ++failures;
}

/** Three beeps a second apart, a line on the fourth, quiet noise everywhere so that each moment is like no other; 16 bits. */
function source(): Int16Array {
  let state = 12345;
  const random = (): number => (state = (state * 48271) % 2147483647) / 2147483647 - 0.5;
  const sound = Int16Array.from({ length: kPeriod }, () => Math.round(random() * 40));
  for (const at of kBeep) for (let i = 0; i < 0.04 * kRate; ++i) sound[at + i] = Math.round(6000 * Math.sin((2 * Math.PI * 1000 * i) / kRate));
  for (let i = 0; i < 1.5 * kRate; ++i) sound[kLine + i] = Math.round((i === 0 ? 1 : random()) * 12000);
  return sound;
}

function writeWav(path: string, sound: Int16Array): void {
  const bytes = Buffer.alloc(44 + sound.length * 2);
  bytes.write('RIFF', 0);
  bytes.writeUInt32LE(36 + sound.length * 2, 4);
  bytes.write('WAVEfmt ', 8);
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(kRate, 24);
  bytes.writeUInt32LE(kRate * 2, 28);
  bytes.writeUInt16LE(2, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write('data', 36);
  bytes.writeUInt32LE(sound.length * 2, 40);
  Buffer.from(sound.buffer).copy(bytes, 44);
  writeFileSync(path, bytes);
}

/** Samples of the WAV that the server made: 32-bit floats. */
function readTake(path: string): Float32Array {
  const bytes = readFileSync(path);
  for (let at = 12; at + 8 <= bytes.length; ) {
    const size = bytes.readUInt32LE(at + 4);
    if (bytes.toString('latin1', at, at + 4) === 'data') return new Float32Array(bytes.buffer.slice(bytes.byteOffset + at + 8, bytes.byteOffset + at + 8 + size));
    at += 8 + size + (size % 2);
  }
  throw new Error(`${path}: no data`);
}

/** Where in the (looped) source a take begins, and how many of its samples are not the source's 16 bits. */
function compare(take: Float32Array, wanted: Int16Array): { at: number; wrong: number; first_wrong: number } {
  const heard = Int16Array.from(take, (x) => Math.round(x * 32767));
  const probe = heard.subarray(heard.length >> 1, (heard.length >> 1) + 64);
  for (let at = 0; at < kPeriod; ++at) {
    if (!probe.every((x, i) => Math.abs(x - (wanted[(at + i) % kPeriod] ?? 0)) <= 1)) continue;
    const begin = (((at - (heard.length >> 1)) % kPeriod) + kPeriod) % kPeriod;
    const differ = (x: number, i: number): boolean => x !== wanted[(begin + i) % kPeriod];
    const first = heard.findIndex(differ);
    return { at: begin, wrong: heard.filter(differ).length, first_wrong: first < 0 ? heard.length : first };
  }
  return { at: -1, wrong: heard.length, first_wrong: 0 };
}

class Server {
  private process_: ChildProcess | null = null;
  url = '';
  async start(port = 0, more: string[] = []): Promise<void> {
    const child = spawn(kProgram, ['serve', film, '--json', '--port', String(port), '--web', kPages, '--state', join(folder, 'state'), ...more], { env: { ...process.env, TWOPOP_AUTHOR: 'Ann' }, stdio: ['ignore', 'pipe', 'inherit'] });
    this.process_ = child;
    const said = await new Promise<string>((done, failed) => {
      let text = '';
      child.stdout?.on('data', (part: Buffer) => {
        text += part.toString();
        if (text.includes('}')) done(text);
      });
      child.once('exit', (code) => failed(new Error(`the server ended with ${String(code)}`)));
    });
    this.url = (JSON.parse(said) as { url: string }).url;
  }
  get port(): number {
    return Number(new URL(this.url).port);
  }
  async kill(): Promise<void> {
    const child = this.process_;
    this.process_ = null;
    if (!child) return;
    const gone = new Promise((done) => child.once('exit', done));
    child.kill('SIGKILL');
    await gone;
  }
}

function makeFilm(): void {
  execFileSync(kProgram, ['new', film, '--fps', '25'], { stdio: 'ignore' });
  const cue = { number: '001', film: { in_samples: kCueIn, out_samples: kCueIn + 2 * kFilmRate }, character: 'Ada', text: 'I was here before the rain.', status: 'open', decided: { by: 'person', reason: '', confidence: 1 } };
  for (const change of ['/picture/length_samples=5760000', `/adr/cues/a-1=${JSON.stringify(cue)}`]) execFileSync(kProgram, ['edit', film, '--set', change], { stdio: 'ignore' });
}

const server = new Server();
const view = async (page: Page): Promise<BoothView> => page.evaluate(async () => (await fetch('/api/films/film/booth')).json() as Promise<BoothView>);
const takesOf = async (page: Page): Promise<BoothTake[]> => (await view(page)).cues.find(({ id }) => id === 'a-1')?.takes ?? [];

async function arrived(page: Page, count: number): Promise<BoothTake> {
  for (let i = 0; i < 600; ++i) {
    const takes = await takesOf(page).catch(() => []);
    const newest = takes[count - 1];
    if (newest) return newest;
    await new Promise((done) => setTimeout(done, 200));
  }
  throw new Error(`take ${String(count)} did not arrive`);
}

function onDisk(item: BoothTake): { take: Float32Array; at_samples: number; path: string; checks: string } {
  execFileSync(kProgram, ['export', film], { stdio: 'ignore' });
  const session = JSON.parse(readFileSync(join(film, 'session.json'), 'utf8')) as { start_frame: number; media: Record<string, { path: string; start_of_day_s: number }>; adr: { takes: Record<string, { decided: { reason: string } }> } };
  const media = session.media[item.media];
  const path = join(film, media?.path ?? '');
  const taken = session.adr.takes[item.item];
  return { take: readTake(path), at_samples: ((media?.start_of_day_s ?? NaN) - session.start_frame / 25) * kFilmRate, path, checks: taken?.decided.reason ?? '' };
}

/** Waits for the first of the three beeps that the microphone plays over and over. */
async function firstBeep(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const meter = (): number => Number(document.querySelector<HTMLElement>('[role=meter]')?.dataset['peak'] ?? 0);
    let quiet_since = performance.now();
    for (;;) {
      const loud = meter() > 0.05;
      const now = performance.now();
      if (loud && now - quiet_since > 3000) return;
      if (loud) quiet_since = now;
      await new Promise((done) => requestAnimationFrame(done));
    }
  });
}

async function openMicrophone(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Open the microphone' }).click();
  await page.getByRole('meter').waitFor();
}

async function shot(page: Page, name: string): Promise<void> {
  if (kShots) await page.screenshot({ path: join(kShots, `${name}.png`) });
}

async function recordWithBeeps(page: Page, wanted: Int16Array): Promise<number> {
  // A press ends 1.3 s before the first beep; the microphone's comes 12 s after its last, give or take what the machine needs.
  for (let attempt = 1; attempt <= 4; ++attempt) {
    await firstBeep(page);
    await page.waitForTimeout(10_450);
    await page.keyboard.press('r');
    const taken = await arrived(page, attempt);
    const { take, at_samples, path, checks } = onDisk(taken);
    const { at, wrong } = compare(take, wanted);
    check(`take ${String(attempt)} arrived sample for sample (${String(take.length)} samples)`, wrong === 0, `${String(wrong)} differ, from ${String(at)} of the source`);
    check('its WAV holds what the browser sent (the server compared the SHA-256)', existsSync(path), createHash('sha256').update(Buffer.from(take.buffer)).digest('hex').slice(0, 16));
    if (!checks.includes('beeps')) continue;
    // The line stands three seconds after the first beep: on the beep that is not played, which is the cue's in.
    const line_in_take = (((kLine - at) % kPeriod) + kPeriod) % kPeriod;
    const error_ms = ((at_samples + (line_in_take * kFilmRate) / kRate - kCueIn) * 1000) / kFilmRate;
    check('it lies within 1 ms of where its beeps say', Math.abs(error_ms) < 1, `${error_ms.toFixed(3)} ms`);
    return attempt;
  }
  check('the beeps were heard in one of four takes', false);
  return 4;
}

async function main(): Promise<void> {
  const wanted = source();
  const wav = join(folder, 'microphone.wav');
  writeWav(wav, wanted);
  makeFilm();
  await server.start();
  const browser = await openBrowser([`--use-file-for-fake-audio-capture=${wav}`]);
  try {
    const { page, errors } = await openPage(browser);
    await page.goto(`${server.url}#/booth/film/a-1`);
    await openMicrophone(page);
    await page.getByRole('button', { name: 'Measure' }).click();
    await page.getByText('The chirps were not heard').waitFor({ timeout: 30_000 });
    check('a calibration that hears no chirps is refused', true);

    let count = await recordWithBeeps(page, wanted);
    await shot(page, 'booth');

    // Killed in the middle of a take.
    const port = server.port;
    await page.keyboard.press('r');
    await page.waitForTimeout(3500);
    await server.kill();
    await page.waitForTimeout(2500);
    await server.start(port);
    let taken = await arrived(page, ++count);
    let { take } = onDisk(taken);
    let compared = compare(take, wanted);
    const whole = (4 + 2 + 1.5 + 0.6) * kRate;
    check('the server killed with -9 in mid-take loses nothing', compared.wrong === 0 && Math.abs(take.length - whole) < 0.1 * kRate, `${String(take.length)} samples, ${String(compared.wrong)} differ`);
    const network = errors.filter((text) => !/ERR_CONNECTION|WebSocket|Failed to load resource/.test(text));
    check('no error in the console but the broken connections', network.length === 0, network.join(' | '));

    // The page reloaded in the middle of a take.
    page.on('dialog', (dialog) => void dialog.accept());
    await page.keyboard.press('r');
    await page.waitForTimeout(4000);
    await page.reload();
    taken = await arrived(page, ++count);
    ({ take } = onDisk(taken));
    compared = compare(take, wanted);
    // While the page goes, its microphone is silent for a moment before the sound stops.
    check('the page reloaded in mid-take loses nothing that was recorded', compared.first_wrong > take.length - 0.1 * kRate && take.length > 3 * kRate, `${(take.length / kRate).toFixed(2)} s, as played up to ${(compared.first_wrong / kRate).toFixed(2)} s`);
    const left = await page.evaluate(async () => {
      const names: string[] = [];
      for await (const name of (await (await navigator.storage.getDirectory()).getDirectoryHandle('twopop-booth')).keys()) names.push(name);
      return names.length;
    });
    check('the local copies are gone once the server has confirmed', left === 0, left);

    // Rated and nudged by hand, as a person does.
    await page.locator(`[data-take="${taken.item}"]`).getByRole('button', { name: /with 4 of 5 stars/ }).click();
    await page.locator(`[data-take="${taken.item}"]`).getByRole('button', { name: 'One frame later' }).click();
    await page.waitForTimeout(1500);
    const rated = (await takesOf(page)).find(({ item }) => item === taken.item);
    check('a take is rated and nudged by a frame', rated?.stars === 4 && rated.nudge_ms === 40, `${String(rated?.stars)} stars, ${String(rated?.nudge_ms)} ms`);

    await actor(browser);
  } finally {
    await browser.close();
    await server.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Over TLS, by a link that the owner makes on the page of people. */
async function actor(browser: Awaited<ReturnType<typeof openBrowser>>): Promise<void> {
  await server.kill();
  execFileSync(kProgram, ['serve', '--state', join(folder, 'state'), '--add-user', 'Olga'], { input: 'long enough for Olga\n', stdio: ['pipe', 'ignore', 'inherit'] });
  await server.start(0, ['--login', '--tls']);
  const owner = await browser.newContext({ ignoreHTTPSErrors: true });
  const office = await owner.newPage();
  await office.goto(server.url);
  await office.getByLabel('Name').fill('Olga');
  await office.getByLabel('Password').fill('long enough for Olga');
  await office.getByRole('button', { name: 'Log in' }).click();
  await office.waitForURL(/board/);
  await office.goto(`${server.url}#/people`);
  await office.getByLabel('For whom').fill('Lea');
  await office.getByRole('button', { name: 'Make the link' }).click();
  const link = (await office.locator('[data-link]').textContent()) ?? '';
  await shot(office, 'people');

  const guest = await browser.newContext({ ignoreHTTPSErrors: true });
  const page = await guest.newPage();
  await page.goto(link);
  await page.getByRole('button', { name: 'Enter the booth' }).click();
  await openMicrophone(page);
  check('an actor enters the booth by the link, over TLS', (await page.getByText('I was here before the rain.').count()) > 0);
  const asked = await page.evaluate(async () => {
    const status = async (path: string): Promise<number> => (await fetch(path)).status;
    return Promise.all(['/api/films', '/api/films/film', '/api/films/film/history', '/api/users', '/api/audit', '/api/films/film/booth/guide?begin=4000000&count=48000'].map(status));
  });
  check('and nothing else', asked.every((status) => status === 403 || status === 404), asked.join(' '));
  const before = (await takesOf(page)).length;
  await page.keyboard.press('r');
  const taken = await arrived(page, before + 1);
  check('their take arrives', taken.duration_s > 8, taken.name);
  await shot(page, 'booth-actor');

  await office.getByRole('button', { name: 'Withdraw' }).first().click();
  await office.getByText('withdrawn').waitFor();
  const after = await page.evaluate(async () => (await fetch('/api/films/film/booth')).status);
  check('a withdrawn link closes the booth at once', after === 401 || after === 403, after);
  const log = await office.evaluate(async () => (await fetch('/api/audit?limit=200')).text());
  check('the log has who did it, and not the link', log.includes('Lea (by link)') && !log.includes(link.split('/').at(-1) ?? '?'));
}

await main();
console.log(failures === 0 ? 'the booth holds' : `${String(failures)} claims failed`);
process.exit(failures === 0 ? 0 : 1);
