import type { Page } from 'playwright-core';
import type { Document, DialogueClip } from '../../schema/types.ts';
import { markersOf } from '../src/lib/timeline/markers.ts';
import { claim, onDisk, until, type Act, type Scene } from './harness.ts';

/** The first clip of the film's first dialogue lane, selected by keys. */
async function first(scene: Scene): Promise<{ id: string; clip: DialogueClip }> {
  const { page } = scene;
  await page.locator('.lanes').focus();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Home');
  for (let n = 0; n < 40; ++n) await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Tab');
  const said = await selected(page);
  const document = scene.server.document();
  const track = await page.locator('.heads .head.focus .name').textContent();
  const clips = Object.entries(document.dialogue.clips).filter(([, clip]) => clip.track === track).sort(([, a], [, b]) => a.film.in_samples - b.film.in_samples);
  const found = clips[0];
  if (!found) throw new Error(`no clip on ${track}; selected: ${said}`);
  return { id: found[0], clip: found[1] };
}
const selected = async (page: Page): Promise<string> => (await page.locator('#timeline-said').textContent()) ?? '';

/** Where a film position is on the page. */
async function point(scene: Scene, at: number, lane = 0): Promise<{ x: number; y: number }> {
  const box = await scene.page.locator('.lanes').boundingBox();
  if (!box) throw new Error('there are no lanes');
  // The whole film is in view: its end lies a twentieth before the right edge at most.
  const document = scene.server.document();
  return { x: box.x + (at / document.picture.length_samples) * box.width, y: box.y + lane * 56 + 38 };
}
async function wholeFilm(page: Page): Promise<void> {
  await page.locator('.lanes').focus();
  await page.keyboard.press('0');
}
const total = (document: Document): number => Object.keys(document.dialogue.clips).length;

export const timelineActs: readonly Act[] = [
  {
    name: 'gain by keys, undone and done again',
    page: 'timeline',
    async run(scene) {
      const { id, clip } = await first(scene);
      await scene.page.keyboard.press('Alt+ArrowDown');
      await onDisk(scene, 'one decibel less', (document) => Math.abs((document.dialogue.clips[id]?.gain_db ?? 99) - (clip.gain_db - 1)) < 0.051);
      claim(scene.server.document().dialogue.clips[id]?.decided.by === 'person', 'the decision is the person’s');
      await scene.page.keyboard.press('Control+z');
      await onDisk(scene, 'undone', (document) => document.dialogue.clips[id]?.gain_db === clip.gain_db);
      await scene.page.keyboard.press('Control+Shift+z');
      await onDisk(scene, 'done again', (document) => document.dialogue.clips[id]?.gain_db !== clip.gain_db);
      await scene.page.keyboard.press('Control+z');
      await onDisk(scene, 'undone again', (document) => document.dialogue.clips[id]?.gain_db === clip.gain_db);
    },
  },
  {
    name: 'split at the playhead by keys, on a frame',
    page: 'timeline',
    async run(scene) {
      const { id, clip } = await first(scene);
      const before = total(scene.server.document());
      for (let n = 0; n < 6; ++n) await scene.page.keyboard.press('ArrowRight');
      await scene.page.keyboard.press('s');
      await onDisk(scene, 'two clips of one', (document) => total(document) === before + 1);
      const after = scene.server.document().dialogue.clips;
      const [left, right] = [after[id], after[`${id}.2`]];
      claim(left !== undefined && right !== undefined && left.film.out_samples === right.film.in_samples, 'the halves meet');
      claim((left?.film.out_samples ?? 1) % 1920 === 0, 'they meet on a frame');
      claim(left?.film.in_samples === clip.film.in_samples && right?.film.out_samples === clip.film.out_samples, 'the ends stay');
      await scene.page.keyboard.press('Control+z');
      await onDisk(scene, 'one again', (document) => total(document) === before);
    },
  },
  {
    name: 'a clip is trimmed by dragging its edge, snapping to a frame',
    page: 'timeline',
    async run(scene) {
      const { id, clip } = await first(scene);
      await wholeFilm(scene.page);
      const from = await point(scene, clip.film.out_samples - 3000);
      const to = await point(scene, clip.film.out_samples - (clip.film.out_samples - clip.film.in_samples) / 3);
      await scene.page.mouse.move(from.x, from.y);
      await scene.page.mouse.down();
      await scene.page.mouse.move((from.x + to.x) / 2, from.y, { steps: 4 });
      await scene.page.mouse.move(to.x, from.y, { steps: 4 });
      await scene.page.mouse.up();
      await onDisk(scene, 'it ends earlier', (document) => (document.dialogue.clips[id]?.film.out_samples ?? 0) < clip.film.out_samples);
      claim(scene.server.document().dialogue.clips[id]?.film.in_samples === clip.film.in_samples, 'it starts where it did');
      await scene.page.keyboard.press('Control+z');
      await onDisk(scene, 'as it was', (document) => document.dialogue.clips[id]?.film.out_samples === clip.film.out_samples);
    },
  },
  {
    name: 'a clip is moved by dragging, with a placement of its own, and undone in one step',
    page: 'timeline',
    async run(scene) {
      const { id, clip } = await first(scene);
      await wholeFilm(scene.page);
      const middle = (clip.film.in_samples + clip.film.out_samples) / 2;
      const from = await point(scene, middle);
      await scene.page.mouse.move(from.x, from.y + 10);
      await scene.page.mouse.down();
      await scene.page.mouse.move(from.x + 30, from.y + 10, { steps: 6 });
      await scene.page.mouse.up();
      await onDisk(scene, 'it lies later', (document) => (document.dialogue.clips[id]?.film.in_samples ?? 0) > clip.film.in_samples);
      const moved = scene.server.document().dialogue.clips[id];
      claim(moved !== undefined && moved.placement !== clip.placement, 'it has a placement of its own');
      claim(moved !== undefined && moved.film.out_samples - moved.film.in_samples === clip.film.out_samples - clip.film.in_samples, 'it is as long as it was');
      await scene.page.keyboard.press('Control+z');
      await onDisk(scene, 'as it was', (document) => document.dialogue.clips[id]?.placement === clip.placement && document.dialogue.clips[id].film.in_samples === clip.film.in_samples);
    },
  },
  {
    name: 'mute and solo of a track, by button and by key',
    page: 'timeline',
    async run(scene) {
      await first(scene);
      const head = scene.page.locator('.heads .head.focus');
      const track = (await head.locator('.name').textContent()) ?? '';
      await head.getByRole('button', { name: `Mute ${track}` }).click();
      await onDisk(scene, 'muted', (document) => document.mix.strips[track]?.muted === true);
      await scene.page.locator('.lanes').focus();
      await scene.page.keyboard.press('Shift+M');
      await onDisk(scene, 'heard again', (document) => document.mix.strips[track]?.muted === false);
      await scene.page.keyboard.press('Shift+S');
      await onDisk(scene, 'alone', (document) => document.mix.strips[track]?.soloed === true);
      await scene.page.keyboard.press('Shift+S');
      await onDisk(scene, 'with the others', (document) => document.mix.strips[track]?.soloed === false);
    },
  },
  {
    name: 'a marker is set by key and written',
    page: 'timeline',
    async run(scene) {
      await first(scene);
      await scene.page.keyboard.press('Enter');
      await onDisk(scene, 'a marker', (document) => Object.keys(markersOf(document)).length === 1);
      await scene.page.getByRole('textbox', { name: 'What is to be said' }).fill('the door is late');
      await scene.page.keyboard.press('Tab');
      await onDisk(scene, 'its words', (document) => Object.values(markersOf(document))[0]?.text === 'the door is late');
      await scene.page.getByRole('button', { name: 'Remove the marker' }).click();
      await onDisk(scene, 'gone', (document) => Object.keys(markersOf(document)).length === 0);
    },
  },
  {
    name: 'frames are stepped exactly and the timecode can be typed',
    page: 'timeline',
    async run({ page }) {
      const code = page.getByRole('textbox', { name: 'Timecode' });
      await page.locator('.lanes').focus();
      await page.keyboard.press('Home');
      await until('the first frame', async () => (await code.inputValue()) === '01:00:00:00');
      for (let n = 0; n < 27; ++n) await page.keyboard.press('ArrowRight');
      await until('one second and two frames', async () => (await code.inputValue()) === '01:00:01:02');
      await page.keyboard.press('ArrowLeft');
      await until('a frame back', async () => (await code.inputValue()) === '01:00:01:01');
      await code.fill('01:00:05:12');
      await code.press('Enter');
      await until('where it was sent', async () => (await code.inputValue()) === '01:00:05:12');
    },
  },
  {
    name: 'a sound is dropped on the timeline and lies where it was dropped',
    page: 'timeline',
    long: true,
    async run(scene) {
      const before = Object.keys(scene.server.document().design.effects).length;
      const lanes = scene.page.locator('.lanes');
      const lane = await scene.page.locator('.heads .head').count();
      const wav = tone();
      const box = await lanes.boundingBox();
      await lanes.evaluate(
        (element, [bytes, x, y]) => {
          const data = new DataTransfer();
          data.items.add(new File([new Uint8Array(bytes)], 'knock.wav', { type: 'audio/wav' }));
          for (const type of ['dragover', 'drop']) element.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer: data, clientX: x, clientY: y }));
        },
        [wav, (box?.x ?? 0) + 300, (box?.y ?? 0) + Math.min((box?.height ?? 100) - 4, lane * 56 + 10)] as const,
      );
      await until('it is on the disk', () => Object.keys(scene.server.document().design.effects).length === before + 1, 20000);
    },
  },
];

/** By now the picture has been made for the page, in the background. */
export const playActs: readonly Act[] = [
  {
    name: 'picture and sound stay together while it plays: 2 ms in the middle, 95 % within half a frame',
    page: 'timeline',
    long: true,
    async run({ page }) {
      await page.locator('.lanes').focus();
      await page.keyboard.press('Home');
      await page.waitForFunction(() => (document.querySelector<HTMLVideoElement>('.page video, main video')?.readyState ?? 0) >= 2, undefined, { timeout: 120_000 });
      await page.keyboard.press('Space');
      // The servo learns how the two clocks differ while the first three seconds play.
      const errors = await page.evaluate(
        ([learns_s, until_s]) =>
          new Promise<number[]>((done, failed) => {
            const video = document.querySelector<HTMLVideoElement>('main video');
            const seen: number[] = [];
            const late = setTimeout(() => failed(new Error(`${String(seen.length)} frames in a minute`)), 60_000);
            video?.addEventListener('lock', (event) => {
              if (video.currentTime < learns_s) return;
              if (video.currentTime < until_s) seen.push(1000 * (event as CustomEvent<number>).detail);
              else {
                clearTimeout(late);
                done(seen);
              }
            });
          }),
        [3.2, 23.2] as const,
      );
      await page.keyboard.press('Space');
      const sorted = [...errors].sort((a, b) => a - b);
      const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? NaN;
      const figures = `median ${at(0.5).toFixed(2)} ms, 95 % from ${at(0.025).toFixed(1)} to ${at(0.975).toFixed(1)} ms, ${String(errors.length)} frames`;
      claim(errors.length > 250 && Math.abs(at(0.5)) <= 2 && at(0.025) >= -20 && at(0.975) <= 20, figures);
      console.log(`       ${figures}`);
    },
  },
];

/** A tenth of a second of a tone, as the bytes of a WAV file. */
function tone(): number[] {
  const frames = 4800;
  const file = Buffer.alloc(44 + frames * 2);
  file.write('RIFF', 0);
  file.writeUInt32LE(36 + frames * 2, 4);
  file.write('WAVEfmt ', 8);
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(48000, 24);
  file.writeUInt32LE(96000, 28);
  file.writeUInt16LE(2, 32);
  file.writeUInt16LE(16, 34);
  file.write('data', 36);
  file.writeUInt32LE(frames * 2, 40);
  for (let n = 0; n < frames; ++n) file.writeInt16LE(Math.round(12000 * Math.sin(n / 8)), 44 + n * 2);
  return [...file];
}
