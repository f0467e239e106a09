/**
 * The booth against the real server: takes of a microphone that plays a known WAV.
 *   tools/build_web.sh --node e2e/booth.ts [--short]
 * Shows that a take arrives sample for sample, lies within 1 ms of where its beeps say, and loses nothing when the server is killed or the page
 * reloaded in the middle of it; that an actor's link opens the booth and nothing else. --short: with short takes, without what waits for the
 * microphone's own beeps.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { arrived, Claims, cueAt, edit, kFilmRate, onDisk, openMicrophone, shortPass, takesOf } from './booth_kit.ts';
import { Tap } from './tap.ts';
import { writeWav } from './wav.ts';
import { openBrowser, openPage } from './browser.ts';
import { kTwopop, Server } from './server.ts';

const short = process.argv.includes('--short');
const kShots = process.env['TWOPOP_SHOTS'] ?? '';

const kRate = 44100;
const kPeriod = 12 * kRate;
const kBeep = [1, 2, 3].map((s) => s * kRate);
const kLine = 4 * kRate;
const kCueIn = 5 * kFilmRate;
const kLine_s = short ? 0.5 : 2;
/** Pre-roll, line, post-roll, and what is recorded around them. */
const kTake_s = short ? 1.45 + kLine_s + 0.5 + 0.6 : 4 + kLine_s + 1.5 + 0.6;

const folder = mkdtempSync(join(tmpdir(), 'twopop-booth-'));
const film = join(folder, 'film.twopop');
const state = ['--state', join(folder, 'state')];
const claims = new Claims();
const check = claims.check.bind(claims);

/** Three beeps a second apart, a line on the fourth, quiet noise everywhere so that each moment is like no other; 16 bits. */
function source(): Int16Array {
  let seed = 12345;
  const random = (): number => (seed = (seed * 48271) % 2147483647) / 2147483647 - 0.5;
  const sound = Int16Array.from({ length: kPeriod }, () => Math.round(random() * 40));
  for (const at of kBeep) for (let i = 0; i < 0.04 * kRate; ++i) sound[at + i] = Math.round(6000 * Math.sin((2 * Math.PI * 1000 * i) / kRate));
  for (let i = 0; i < 1.5 * kRate; ++i) sound[kLine + i] = Math.round((i === 0 ? 1 : random()) * 12000);
  return sound;
}

interface Compared {
  /** Where in the (looped) source the take begins; -1 where its middle is not of the source. */
  at: number;
  /** Samples that are not the source's 16 bits. */
  wrong: number;
}
function compare(take: Float32Array, wanted: Int16Array): Compared {
  const heard = Int16Array.from(take, (x) => Math.round(x * 32767));
  const probe = heard.subarray(heard.length >> 1, (heard.length >> 1) + 64);
  for (let at = 0; at < kPeriod; ++at) {
    if (!probe.every((x, i) => Math.abs(x - (wanted[(at + i) % kPeriod] ?? 0)) <= 1)) continue;
    const begin = (((at - (heard.length >> 1)) % kPeriod) + kPeriod) % kPeriod;
    return { at: begin, wrong: heard.filter((x, i) => x !== wanted[(begin + i) % kPeriod]).length };
  }
  return { at: -1, wrong: heard.length };
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

async function shot(page: Page, name: string): Promise<void> {
  if (kShots) await page.screenshot({ path: join(kShots, `${name}.png`) });
}

/**
 * A machine with too much to do makes the browser's microphone itself stumble now and then, before it gives us anything: a take may be made
 * again, but one of four has to be the source to the last sample, and each has to be what was given. Returns the number of takes made.
 */
async function recordExactly(server: Server, page: Page, tap: Tap, wanted: Int16Array, press: () => Promise<void>, good: (take: ReturnType<typeof onDisk>, at: number) => boolean): Promise<number> {
  let exact = false;
  for (let attempt = 1; attempt <= 4; ++attempt) {
    await press();
    const take = onDisk(server, await arrived(page, attempt));
    const { at, wrong } = compare(take.sound, wanted);
    exact ||= wrong === 0;
    await asGiven(`take ${String(attempt)}`, tap, take.sound);
    if (wrong > 0) console.log(`       the microphone stumbled in take ${String(attempt)}: ${String(wrong)} of ${String(take.sound.length)} samples`);
    else if (good(take, at)) {
      check(`take ${String(attempt)} arrived sample for sample`, true, `${String(take.sound.length)} samples, none differ`);
      return attempt;
    }
  }
  check('one of four takes arrived sample for sample', exact);
  check('and lies where it should', false);
  return 4;
}

/** Claims that a take is what the microphone gave, to the last sample, and goes on to at most `late_s` before the microphone's end. */
async function asGiven(what: string, tap: Tap, take: Float32Array, late_s = Infinity): Promise<void> {
  const { at, wrong, first_wrong, lost, known, after } = await tap.compare(take);
  const in_s = (samples: number): string => `${(samples / kRate).toFixed(2)} s`;
  const figure = at < 0 ? 'found nowhere' : `${String(wrong)} samples differ of ${in_s(known)}${wrong > 0 ? ` (the first is ${String(first_wrong)}; ${String(lost)} are silent in the take)` : ''}, ${in_s(after)} given after it`;
  check(`${what} is what the microphone gave, to the last sample`, wrong === 0 && known > take.length - 0.5 * kRate && after < late_s * kRate, `${in_s(take.length)}, ${figure}`);
}

async function recorded(server: Server, browser: Browser, wanted: Int16Array): Promise<void> {
  const { page, errors } = await openPage(browser, {}, undefined, { bypassCSP: true });
  const tap = await Tap.on(page);
  await page.goto(`${server.url}#/booth/film/a-1`);
  await openMicrophone(page);
  if (short) await shortPass(page);
  let count: number;
  if (short) {
    count = await recordExactly(server, page, tap, wanted, () => page.keyboard.press('r'), () => true);
  } else {
    await page.getByRole('button', { name: 'Measure' }).click();
    await page.getByText('The chirps were not heard').waitFor({ timeout: 30_000 });
    check('a calibration that hears no chirps is refused', true);
    // A press ends 1.3 s before the first beep; the microphone's comes 12 s after its last, give or take what the machine needs.
    const press = async (): Promise<void> => {
      await firstBeep(page);
      await page.waitForTimeout(10_450);
      await page.keyboard.press('r');
    };
    count = await recordExactly(server, page, tap, wanted, press, ({ at_samples, reason }, at) => {
      if (!reason.includes('beeps')) return false;
      // The line stands three seconds after the first beep: on the beep that is not played, which is the cue's in.
      const line_in_take = (((kLine - at) % kPeriod) + kPeriod) % kPeriod;
      const error_ms = ((at_samples + (line_in_take * kFilmRate) / kRate - kCueIn) * 1000) / kFilmRate;
      check('it lies within 1 ms of where its beeps say', Math.abs(error_ms) < 1, `${error_ms.toFixed(3)} ms`);
      return true;
    });
    await shot(page, 'booth');
  }

  // Killed in the middle of a take.
  await page.keyboard.press('r');
  await page.waitForTimeout(1000 * (kTake_s * 0.45));
  await server.stop('SIGKILL');
  await page.waitForTimeout(short ? 1000 : 2500);
  const again = await Server.start(film, { port: server.port, more: state });
  try {
    const killed = onDisk(again, await arrived(page, ++count)).sound;
    await asGiven('the take in which the server was killed with -9', tap, killed);
    check('and the take is as long as it was to be', killed.length >= (kTake_s - 0.05) * kRate && killed.length < (kTake_s + 2) * kRate, `${String(killed.length)} samples`);
    const network = errors.filter((text) => !/ERR_CONNECTION|WebSocket|Failed to load resource/.test(text));
    check('no error in the console but the broken connections', network.length === 0, network.join(' | '));

    // The page reloaded in the middle of a take.
    page.on('dialog', (dialog) => void dialog.accept());
    const before_s = short ? 1.5 : 4;
    await page.keyboard.press('r');
    await page.waitForTimeout(before_s * 1000);
    await page.reload();
    const cut = onDisk(again, await arrived(page, ++count)).sound;
    await asGiven('the take in which the page was reloaded', tap, cut, 0.1);
    check('and it goes back to where it began', cut.length > (before_s - 1) * kRate);
    const left = await page.evaluate(async () => {
      const names: string[] = [];
      for await (const name of (await (await navigator.storage.getDirectory()).getDirectoryHandle('twopop-booth')).keys()) names.push(name);
      return names.length;
    });
    check('the local copies are gone once the server has confirmed', left === 0, left);
    await page.close();
  } finally {
    await again.stop('SIGKILL');
  }
}

/** A picture that is green up to where an actor's cut ends, and red behind it. */
const kGreen_s = 45;
const kPicture_s = 60;
function addPicture(): void {
  const cut = join(folder, 'cut.mp4');
  const colour = (name: string, seconds: number): string[] => ['-f', 'lavfi', '-i', `color=c=${name}:s=160x90:r=25:d=${String(seconds)}`];
  execFileSync('ffmpeg', ['-v', 'error', '-y', ...colour('0x20a020', kGreen_s), ...colour('0xa02020', kPicture_s - kGreen_s), '-filter_complex', '[0][1]concat=n=2', '-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', cut]);
  execFileSync(kTwopop, ['add', film, cut, '--as', 'picture'], { stdio: 'ignore' });
}

/** The colour in the middle of a frame at a second of a picture; the booth's own one where no address is given. */
function colourAt(page: Page, second: number, address = ''): Promise<string> {
  return page.evaluate(
    async ([at, src]) => {
      const video = src ? document.createElement('video') : document.querySelector('video');
      if (!video) return 'no picture';
      const told = (name: string): Promise<unknown> => new Promise((done) => video.addEventListener(name, done, { once: true }));
      if (src) {
        [video.muted, video.preload, video.src] = [true, 'auto', src];
        await told('loadeddata'); // its first frame is there: what comes now is the one that is asked for
      }
      const there = told('seeked');
      video.currentTime = at + 0.02;
      await there;
      const canvas = document.createElement('canvas');
      const context = canvas.getContext('2d');
      context?.drawImage(video, 0, 0, 16, 16);
      const [red = 0, green = 0] = context?.getImageData(8, 8, 1, 1).data ?? [];
      return green > 80 && red < 80 ? 'green' : red > 80 && green < 80 ? 'red' : `neither (${String(red)}, ${String(green)})`;
    },
    [second, address] as const,
  );
}

/** Seconds of the picture that are drawn while something is done. */
async function framesDuring(page: Page, act: () => Promise<unknown>): Promise<number[]> {
  await page.evaluate(() => {
    const video = document.querySelector('video');
    const shown: number[] = [];
    Object.assign(globalThis, { shown });
    const next = (_: number, { mediaTime }: VideoFrameCallbackMetadata): void => {
      shown.push(mediaTime);
      video?.requestVideoFrameCallback(next);
    };
    video?.requestVideoFrameCallback(next);
  });
  await act();
  return page.evaluate(() => (globalThis as unknown as { shown: number[] }).shown);
}

/** Over TLS, by a link that the owner makes on the page of people. */
async function actor(browser: Browser): Promise<void> {
  execFileSync(kTwopop, ['serve', ...state, '--add-user', 'Olga'], { input: 'long enough for Olga\n', stdio: ['pipe', 'ignore', 'inherit'] });
  addPicture();
  const server = await Server.start(film, { more: [...state, '--login', '--tls'] });
  try {
    const office = await (await browser.newContext({ ignoreHTTPSErrors: true })).newPage();
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

    const page = await (await browser.newContext({ ignoreHTTPSErrors: true })).newPage();
    await page.goto(link);
    await page.getByRole('button', { name: 'Enter the booth' }).click();
    await openMicrophone(page);
    check('an actor enters the booth by the link, over TLS', (await page.getByText('I was here before the rain.').count()) > 0);
    const asked = await page.evaluate(async () => {
      const status = async (path: string): Promise<number> => (await fetch(path)).status;
      return Promise.all(['/api/films', '/api/films/film', '/api/films/film/history', '/api/users', '/api/audit', '/api/films/film/picture/proxy.mp4', '/api/films/film/picture/frames', '/api/films/film/picture/thumbs/0.jpg', '/api/films/film/booth/guide?begin=4000000&count=48000'].map(status));
    });
    check('and nothing else', asked.every((status) => status === 403 || status === 404), asked.join(' '));
    if (short) await shortPass(page);
    const before = (await takesOf(page)).length;
    await page.locator('video').waitFor({ timeout: 120_000 });
    check('the picture stands at the cue', (await colourAt(page, kCueIn / kFilmRate)) === 'green');
    let taken = { duration_s: 0, name: '' };
    const frames = await framesDuring(page, async () => {
      await page.keyboard.press('r');
      taken = await arrived(page, before + 1);
    });
    check('their take arrives', taken.duration_s > kTake_s - 0.1, taken.name);
    const around = frames.filter((at) => Math.abs(at - kCueIn / kFilmRate) < kTake_s);
    check('the picture about the cue plays while they speak', new Set(around).size > 10 * kLine_s, `${String(around.length)} frames drawn, from ${Math.min(...frames).toFixed(2)} to ${Math.max(...frames).toFixed(2)} s`);
    const behind = kGreen_s + 10;
    const [cut, whole] = [await colourAt(page, behind), await colourAt(office, behind, '/api/films/film/picture/proxy.mp4')];
    check('where their cues are far they have no picture, and the owner has', cut === 'green' && whole === 'red', `theirs is ${cut}, the film's ${whole}`);
    await shot(page, 'booth-actor');

    await office.getByRole('button', { name: 'Withdraw' }).first().click();
    await office.getByText('withdrawn').waitFor();
    const after = await page.evaluate(async () => (await fetch('/api/films/film/booth')).status);
    check('a withdrawn link closes the booth at once', after === 401 || after === 403, after);
    const log = await office.evaluate(async () => (await fetch('/api/audit?limit=200')).text());
    check('the log has who did it, and not the link', log.includes('Lea (by link)') && !log.includes(link.split('/').at(-1) ?? '?'));
  } finally {
    await server.stop('SIGKILL');
  }
}

async function main(): Promise<void> {
  const wanted = source();
  const wav = join(folder, 'microphone.wav');
  writeWav(wav, wanted, kRate);
  execFileSync(kTwopop, ['new', film, '--fps', '25'], { stdio: 'ignore' });
  edit(film, '/picture/length_samples=5760000');
  edit(film, `/adr/cues/a-1=${cueAt(kCueIn, kCueIn + kLine_s * kFilmRate)}`);
  const server = await Server.start(film, { more: state });
  const browser = await openBrowser([`--use-file-for-fake-audio-capture=${wav}`]);
  try {
    await recorded(server, browser, wanted);
    await actor(browser);
  } finally {
    await browser.close();
    await server.stop('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}

await main();
console.log(claims.failed === 0 ? 'the booth holds' : `${String(claims.failed)} claims failed`);
process.exit(claims.failed === 0 ? 0 : 1);
