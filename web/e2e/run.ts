/**
 * The studio in a real browser on the real server: every page is opened, its acts are done by mouse and by keys, and the session on the disk
 * is read afterwards. No page may write an error to the console.
 *   tools/build_web.sh --node e2e/run.ts [--short] [--film FILM.twopop] [--pictures FOLDER] [--only WORD]
 * Without --film a small one is made. Needs Debian's chromium, and ffmpeg for the small film.
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import type { Request } from 'playwright-core';
import { boardActs } from './acts_board.ts';
import { pageActs } from './acts_pages.ts';
import { playActs, timelineActs } from './acts_timeline.ts';
import { openBrowser, openPage } from './browser.ts';
import { furnish } from './furnish.ts';
import { goTo, type Act, type Scene } from './harness.ts';
import { Server } from './server.ts';
import { makeSmallFilm } from './small_film.ts';

/** Acts of every page. */
const kActs: readonly Act[] = [...boardActs, ...timelineActs, ...pageActs, ...playActs];
const kPages = ['board', 'timeline', 'dialogue', 'adr', 'design', 'foley', 'music', 'mix', 'deliver'] as const;

const option = (name: string): string | undefined => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? undefined : process.argv[at + 1];
};
const short = process.argv.includes('--short');
const only = option('only');
// Paths are the caller's: build_web.sh changes into web/ before it runs this.
const path = (given: string | undefined): string | undefined => (given === undefined ? undefined : resolve(process.env['TWOPOP_CALLED_FROM'] ?? '.', given));
const pictures = path(option('pictures'));

const folder = mkdtempSync(join(tmpdir(), 'twopop-e2e-'));
let failed = 0;
let passed = 0;
const said = (name: string, why?: string): void => {
  if (why === undefined) ++passed;
  else ++failed;
  console.log(`${why === undefined ? 'ok    ' : 'FAILED'} ${name}${why === undefined ? '' : `\n       ${why}`}`);
};

async function main(): Promise<void> {
  const given = path(option('film'));
  let film: string;
  if (given) {
    film = join(folder, basename(given));
    cpSync(given, film, { recursive: true });
  } else film = makeSmallFilm(folder);
  if (!short) furnish(film, folder);
  const server = await Server.start(film);
  const browser = await openBrowser();
  try {
    const { page, errors } = await openPage(browser, {}, { width: 1440, height: 900 });
    const scene: Scene = { page, server, film: basename(film).replace(/\.twopop$/, '') };
    if (pictures) mkdirSync(pictures, { recursive: true });
    for (const name of kPages) {
      if (only && !name.includes(only)) continue;
      errors.length = 0;
      try {
        const asked = new Map<string, number>();
        const count = (request: Request): void => void asked.set(request.url(), (asked.get(request.url()) ?? 0) + 1);
        page.on('request', count);
        await goTo(scene, name);
        await page.waitForTimeout(pictures ? 2500 : 1000);
        page.off('request', count);
        const [url, times] = [...asked].sort(([, a], [, b]) => b - a)[0] ?? ['', 0];
        if (times > 4) throw new Error(`${url} was asked for ${times} times`);
        if (pictures) await page.screenshot({ path: join(pictures, `${name}.png`) });
        const content = await page.locator('main#page').innerText();
        if (content.trim() === '') throw new Error('the page is empty');
        said(`page ${name} opens`, errors.length > 0 ? errors.slice(0, 3).join('; ') : undefined);
      } catch (error) {
        said(`page ${name} opens`, String(error));
      }
    }
    for (const act of kActs) {
      if ((short && act.long) || (only && !`${act.page} ${act.name}`.includes(only))) continue;
      errors.length = 0;
      try {
        await goTo(scene, act.page);
        await act.run(scene);
        said(`${act.page}: ${act.name}`, errors.length > 0 ? errors.slice(0, 3).join('; ') : undefined);
      } catch (error) {
        if (pictures) await page.screenshot({ path: join(pictures, `failed-${failed}.png`) });
        said(`${act.page}: ${act.name}`, String(error));
      }
    }
  } finally {
    await browser.close();
    await server.stop();
  }
}

try {
  await main();
} catch (error) {
  said('the run', String(error));
}
rmSync(folder, { recursive: true, force: true });
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
