/**
 * What is done in the booth, on the real server, with a microphone that hears the headphones:
 *   tools/build_web.sh --node e2e/booth_acts.ts
 * Latency by chirps and by beeps, the guide, rehearsing, punching in, takes in a loop, rating, reviewing, nudging.
 */
import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import type { BoothTake } from '../../schema/api.ts';
import { arrived, Claims, cueAt, edit, kFilmRate, likeness, offFields, onDisk, openMicrophone, shortPass, takesOf, type TakeOnDisk } from './booth_kit.ts';
import { openBrowser, openPage } from './browser.ts';
import { until } from './harness.ts';
import { loopback, type Loopback } from './loopback.ts';
import { Server } from './server.ts';
import { makeSmallFilm } from './small_film.ts';

const kShots = process.env['TWOPOP_SHOTS'] ?? '';
/** The small film's voice speaks here. */
const kCueIn = 6.8 * kFilmRate;
const kCueOut = kCueIn + kFilmRate;
/** The loop gives back half of what is played. */
const kLeak = 0.5;
const claims = new Claims();
const check = claims.check.bind(claims);

const loop = (page: Page, name: keyof Loopback, value = 0): Promise<number> =>
  page.evaluate(([what, given]) => Number((globalThis as unknown as { loopback: Loopback }).loopback[what](given)), [name, value] as const);

async function calibrate(page: Page): Promise<{ latency_ms: number; spread_ms: number }> {
  await page.getByRole('button', { name: 'Measure' }).click();
  const said = page.locator('[data-latency]');
  await until('five chirps are heard', async () => /between five chirps/.test((await said.textContent()) ?? ''), 30_000);
  const spread = /([\d.]+) ms between/.exec((await said.textContent()) ?? '')?.[1];
  return { latency_ms: Number(await said.getAttribute('data-latency')), spread_ms: Number(spread) };
}

/** The line from the set, as the booth is given it. */
async function guide(page: Page, begin: number, count: number): Promise<Float32Array> {
  return Float32Array.from(await page.evaluate(async ([from, length]) => [...new Float32Array(await (await fetch(`/api/films/film/booth/guide?begin=${String(from)}&count=${String(length)}`)).arrayBuffer())], [begin, count] as const));
}

/** How the line from the set lies in a take: off by so many ms, and how loud. */
async function guideIn(page: Page, take: TakeOnDisk, begin: number, count: number): Promise<{ off_ms: number; alike: number; gain: number }> {
  const part = await guide(page, begin, count);
  const { lag, alike, gain } = likeness(take.sound, part, Math.round(begin - take.at_samples), 240);
  return { off_ms: (1000 * lag) / kFilmRate, alike, gain };
}

async function mode(page: Page, wanted: string, most_ms = 15_000): Promise<void> {
  await until(`the booth is ${wanted}`, async () => (await page.locator('.mode').textContent()) === wanted, most_ms);
}
const row = (page: Page, take: BoothTake): ReturnType<Page['locator']> => page.locator(`[data-take="${take.item}"]`);

async function latency(page: Page): Promise<void> {
  const first = await calibrate(page);
  check('five chirps measure how long the loop is', Math.abs(first.latency_ms - 80) < 0.05 && first.spread_ms < 0.05, `${first.latency_ms.toFixed(3)} ms of 80, spread ${first.spread_ms.toFixed(3)} ms`);
  await loop(page, 'delay_ms', 192.3);
  const second = await calibrate(page);
  check('and again where it has changed', Math.abs(second.latency_ms - 192.3) < 0.05, `${second.latency_ms.toFixed(3)} ms of 192.3`);
}

async function guides(server: Server, page: Page): Promise<number> {
  let count = 0;
  const levels: Record<string, { alike: number; gain: number; off_ms: number }> = {};
  for (const level of ['off', 'low', 'on'] as const) {
    await page.getByLabel('Guide while recording').selectOption(level);
    await offFields(page);
    await page.keyboard.press('r');
    const item = await arrived(page, ++count);
    const take = onDisk(server, item);
    levels[level] = await guideIn(page, take, kCueIn + 4800, kCueOut - kCueIn - 9600);
    if (level !== 'off') continue;
    // Nothing but the beeps reached the microphone: where they lie says whether latency and clock were right.
    const said = (await row(page, item).locator('summary').textContent()) ?? '';
    const off = Number(/Beeps ([+−][\d.]+) ms/.exec(said)?.[1]?.replace('−', '-') ?? NaN);
    check('the beeps of a take lie where the chirps said', Math.abs(off) < 1, said);
    const tone = Float32Array.from({ length: 1920 }, (_, i) => Math.sin((2 * Math.PI * 1000 * i) / kFilmRate));
    const beep = likeness(take.sound, tone, Math.round(kCueIn - 1.2 * kFilmRate - take.at_samples), 240);
    check('the take lies on the film by its beeps', Math.abs(beep.lag) <= 48 && beep.alike > 0.9, `${((1000 * beep.lag) / kFilmRate).toFixed(2)} ms`);
  }
  const { off, low, on } = levels;
  if (!off || !low || !on) throw new Error('three takes');
  check('the guide is heard where it lies on the film', on.alike > 0.9 && Math.abs(on.off_ms) <= 1, `${on.alike.toFixed(3)} alike, ${on.off_ms.toFixed(2)} ms off`);
  check('as it is, low, and silent in the line', Math.abs(on.gain / kLeak - 1) < 0.1 && Math.abs(low.gain / on.gain / 0.15 - 1) < 0.1 && Math.abs(off.gain) < 0.01 * on.gain, `${(on.gain / kLeak).toFixed(3)}, ${(low.gain / kLeak).toFixed(3)}, ${(off.gain / kLeak).toFixed(4)}`);
  return count;
}

async function punched(server: Server, page: Page, count: number): Promise<BoothTake> {
  await page.keyboard.press('e');
  await mode(page, 'rehearsing');
  // The line begins 1.45 s after the pass.
  await page.waitForTimeout(1700);
  await page.keyboard.press('p');
  await mode(page, 'recording');
  await page.waitForTimeout(600);
  await page.keyboard.press('p');
  await mode(page, 'rehearsing');
  const item = await arrived(page, count);
  await mode(page, 'ready');
  const take = onDisk(server, item);
  const length_s = take.sound.length / kFilmRate;
  check('a punch-in is a take of its own, with a moment before and after', length_s > 1.1 && length_s < 2.5, `${length_s.toFixed(2)} s between two keys 0.6 s apart`);
  // Rehearsing plays the line: it is in the take, where the film has it.
  const begin = Math.round(Math.max(kCueIn, take.at_samples) + 2400);
  const heard = await guideIn(page, take, begin, Math.min(24000, Math.round(take.at_samples) + take.sound.length - begin - 2400));
  check('and lies where it was punched in', heard.alike > 0.9 && Math.abs(heard.off_ms) <= 1, `${heard.off_ms.toFixed(2)} ms, ${heard.alike.toFixed(3)} alike`);
  return item;
}

async function looped(server: Server, page: Page, before: number): Promise<void> {
  await offFields(page);
  await page.keyboard.press('l');
  await page.keyboard.press('r');
  await arrived(page, before + 2);
  await page.keyboard.press('Escape');
  await page.keyboard.press('l');
  await mode(page, 'ready');
  // The one that ran when it was stopped is kept too.
  await arrived(page, before + 3);
  const takes = await takesOf(page);
  check('a loop keeps each pass as a take', takes.length >= before + 3, `${String(takes.length - before)} takes`);
  const places = takes.slice(before, before + 2).map((take) => onDisk(server, take));
  check('all at the same place of the film', places.every((take) => Math.abs(take.at_samples - (places[0]?.at_samples ?? 0)) <= 48), places.map((take) => take.at_samples.toFixed(0)).join(', '));

  // Rated by mouse and by key, one of them chosen.
  const one = takes[before];
  const two = takes.find(({ chosen }, n) => n > before && !chosen);
  if (!one || !two) throw new Error('two takes');
  await row(page, one).getByRole('button', { name: /with 2 of 5 stars/ }).click();
  const newest = takes.at(-1) ?? two;
  await offFields(page);
  await page.keyboard.press('5');
  await row(page, two).getByRole('button', { name: /^Use/ }).click();
  await until('the rating and the choice are on the disk', () => {
    const { adr } = server.document();
    return adr.takes[one.item]?.stars === 2 && adr.takes[newest.item]?.stars === 5 && adr.cues['a-1']?.chosen_take === two.item;
  });
  check('takes are rated by mouse and by key, and one is chosen', true);
}

async function reviewedAndNudged(server: Server, page: Page, item: BoothTake): Promise<void> {
  const rest = await loop(page, 'heard');
  await row(page, item).getByRole('button', { name: /^Review / }).click();
  await mode(page, 'reviewing');
  let most = 0;
  let moved = 0;
  const video = page.locator('video');
  const still = await video.evaluate((element: HTMLVideoElement) => element.currentTime);
  await until('the take is heard', async () => {
    most = Math.max(most, await loop(page, 'heard'));
    moved = Math.max(moved, Math.abs((await video.evaluate((element: HTMLVideoElement) => element.currentTime)) - still));
    return most > 0.005 && moved > 0.2;
  });
  if (kShots) await page.screenshot({ path: join(kShots, 'booth-review.png') });
  await page.keyboard.press('Escape');
  await mode(page, 'ready');
  check('a take is reviewed with the picture', rest < 1e-4, `${most.toFixed(3)} heard, ${rest.toFixed(5)} before`);

  await row(page, item).getByRole('button', { name: 'One frame later' }).click();
  await until('a frame later, on the disk', () => server.document().adr.takes[item.item]?.nudge_ms === 40);
  const field = row(page, item).getByLabel('Nudge');
  await field.fill('-12.5');
  await field.press('Enter');
  await until('by milliseconds, on the disk', () => server.document().adr.takes[item.item]?.nudge_ms === -12.5);
  check('a take is nudged by a frame and by milliseconds', true);
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'twopop-booth-'));
  const film = join(folder, 'film.twopop');
  renameSync(makeSmallFilm(folder), film);
  edit(film, `/adr/cues/a-1=${cueAt(kCueIn, kCueOut)}`);
  const server = await Server.start(film);
  const browser = await openBrowser();
  try {
    const { page, errors } = await openPage(browser);
    await page.addInitScript(loopback);
    await page.goto(`${server.url}#/booth/film/a-1`);
    await openMicrophone(page);
    await shortPass(page);
    await latency(page);
    const count = await guides(server, page);
    const punch = await punched(server, page, count + 1);
    await looped(server, page, (await takesOf(page)).length);
    // The picture is made in the background; by now it is there, unless the machine has much to do.
    await page.locator('video').waitFor({ timeout: 120_000 });
    await reviewedAndNudged(server, page, punch);
    if (kShots) await page.screenshot({ path: join(kShots, 'booth-takes.png') });
    check('no error in the console', errors.length === 0, errors.slice(0, 3).join(' | '));
  } catch (error) {
    if (kShots) for (const open of browser.contexts().flatMap((context) => context.pages())) await open.screenshot({ path: join(kShots, 'booth-failed.png') });
    throw error;
  } finally {
    await browser.close();
    await server.stop('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}

try {
  await main();
} catch (error) {
  check(String(error), false);
}
console.log(claims.failed === 0 ? 'the booth holds' : `${String(claims.failed)} claims failed`);
process.exit(claims.failed === 0 ? 0 : 1);
