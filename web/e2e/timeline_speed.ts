/**
 * How fast the timeline opens, scrolls and zooms on a two-hour film with 100 tracks, in headless Chromium with its software renderer:
 *   tools/build_web.sh --node e2e/timeline_speed.ts [--check]
 * The server is a stand-in within the browser, so that the page alone is measured. --check fails over 2 s or under 50 pictures a second.
 */
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { bigSession } from './big_session.ts';
import { openBrowser, openPage } from './browser.ts';
import { kOrigin, standIn } from './standin.ts';

const kPages = fileURLToPath(new URL('../../build/web', import.meta.url));

interface Figures {
  pictures: number;
  per_second: number;
  median_ms: number;
  p95_ms: number;
  work_median_ms: number;
  work_p95_ms: number;
}

/** Sends one event a screen refresh and measures when the next comes, and what the page's own work took. */
async function measured(page: Page, kind: 'scroll' | 'down' | 'zoom', seconds: number): Promise<Figures> {
  const times = await page.evaluate(
    ([what, length]) =>
      new Promise<{ gaps: number[]; work: number[] }>((resolve) => {
        const lanes = document.querySelector('.lanes');
        if (!lanes) throw new Error('there are no lanes');
        const box = lanes.getBoundingClientRect();
        const [gaps, work]: [number[], number[]] = [[], []];
        const began = performance.now();
        let before = began;
        let n = 0;
        const step = (now: number): void => {
          gaps.push(now - before);
          before = now;
          if (now - began > length * 1000) {
            resolve({ gaps: gaps.slice(1), work: work.slice(1) });
            return;
          }
          ++n;
          const wheel = { bubbles: true, cancelable: true, clientX: box.left + box.width / 2, clientY: box.top + 60 };
          const event =
            what === 'scroll' ? new WheelEvent('wheel', { ...wheel, deltaX: 40 }) : what === 'down' ? new WheelEvent('wheel', { ...wheel, deltaY: n % 120 < 60 ? 40 : -40 }) : new WheelEvent('wheel', { ...wheel, deltaY: n % 200 < 100 ? -24 : 24, ctrlKey: true });
          lanes.dispatchEvent(event);
          requestAnimationFrame(step);
          // Painting is queued for this same refresh; what comes behind it in the queue sees when it was done.
          const start = performance.now();
          const channel = new MessageChannel();
          channel.port1.onmessage = () => work.push(performance.now() - start);
          channel.port2.postMessage(0);
        };
        requestAnimationFrame(step);
      }),
    [kind, seconds] as const,
  );
  const sorted = (values: number[]): number[] => [...values].sort((a, b) => a - b);
  const at = (values: number[], share: number): number => sorted(values)[Math.floor(values.length * share)] ?? 0;
  const total = times.gaps.reduce((sum, gap) => sum + gap, 0);
  return { pictures: times.gaps.length, per_second: (1000 * times.gaps.length) / total, median_ms: at(times.gaps, 0.5), p95_ms: at(times.gaps, 0.95), work_median_ms: at(times.work, 0.5), work_p95_ms: at(times.work, 0.95) };
}

const film = bigSession({ tracks: 100, recordings: Array.from({ length: 12 }, (_, n) => ({ path: `/nowhere/${n}.wav`, duration_s: 7200, rate_hz: 48000 })) });
const clips = Object.keys(film.dialogue.clips).length + Object.keys(film.design.effects).length + Object.keys(film.design.ambiences).length + Object.keys(film.foley.cues).length + Object.keys(film.adr.cues).length;
const browser = await openBrowser();
const { page, errors } = await openPage(browser);
await standIn(page, film, kPages);
await page.goto(`${kOrigin}/#/people`);
let failed = false;

const began = performance.now();
await page.goto(`${kOrigin}/?open#/film/big/timeline`);
// Open means: lanes are painted with clips.
await page.waitForFunction(() => {
  const canvas = document.querySelector<HTMLCanvasElement>('.lanes canvas');
  const pixels = canvas && canvas.width > 300 ? canvas.getContext('2d')?.getImageData(0, 0, canvas.width, 40).data : null;
  if (!pixels) return false;
  const colours = new Set<number>();
  for (let at = 0; at < pixels.length; at += 4) colours.add(((pixels[at] ?? 0) << 16) | ((pixels[at + 1] ?? 0) << 8) | (pixels[at + 2] ?? 0));
  return colours.size > 3;
}, undefined, { polling: 'raf' });
const open_ms = performance.now() - began;
console.log(`a film of 2 h with 100 tracks and ${clips} clips and cues (${(JSON.stringify(film).length / 1e6).toFixed(1)} MB of session)`);
console.log(`opened in ${open_ms.toFixed(0)} ms`);
if (open_ms > 2000) failed = true;
await page.waitForTimeout(1500);

const report = async (name: string, kind: 'scroll' | 'down' | 'zoom'): Promise<void> => {
  await page.waitForTimeout(500);
  const figures = await measured(page, kind, 4);
  console.log(
    `${name.padEnd(34)} ${figures.per_second.toFixed(1)} pictures/s, median ${figures.median_ms.toFixed(1)} ms, p95 ${figures.p95_ms.toFixed(1)} ms; own work ${figures.work_median_ms.toFixed(1)} ms, p95 ${figures.work_p95_ms.toFixed(1)} ms`,
  );
  if (figures.per_second < 50) failed = true;
};
await report('down and up, whole film in view', 'down');
await page.evaluate(() => document.querySelector<HTMLElement>('.lanes')?.focus());
for (let n = 0; n < 4; ++n) await page.keyboard.press('+');
await report('along, about 7 minutes in view', 'scroll');
for (let n = 0; n < 4; ++n) await page.keyboard.press('+');
await report('along, about 30 seconds in view', 'scroll');
await page.keyboard.press('0');
await report('closer and farther', 'zoom');
// The lowest tracks: the most of them at once.
for (let n = 0; n < 4; ++n) await page.getByRole('button', { name: 'Lower tracks' }).click();
await report('down and up, lowest tracks', 'down');
if (errors.length > 0) {
  console.log(errors.slice(0, 5).join('\n'));
  failed = true;
}
await browser.close();
if (process.argv.includes('--check') && failed) {
  console.log('too slow: 2 s to open and 50 pictures a second are asked for');
  process.exit(1);
}
