/** What each page of a phase is for, done once by mouse and once by keys. The film needs something in every phase: the demo has it. */
import type { SyncView } from '../../schema/api.ts';
import { claim, onDisk, until, type Act, type Scene } from './harness.ts';

const first = <T>(record: Record<string, T>, sort: (value: T) => number): [string, T] => {
  const entry = Object.entries(record).sort(([, a], [, b]) => sort(a) - sort(b))[0];
  if (!entry) throw new Error('the film has nothing of this kind');
  return entry;
};
const strips = (scene: Scene): string[] => Object.keys(scene.server.document().mix.strips);
/** Sets a field as a person does: what stood there is replaced, and the field is left. */
async function write(scene: Scene, label: string, text: string, within = 'main#page'): Promise<void> {
  const field = scene.page.locator(within).getByRole('textbox', { name: label, exact: true }).first();
  await field.fill(text);
  await field.blur();
}

export const pageActs: readonly Act[] = [
  {
    name: 'noise reduction is switched on by mouse and its amount set by keys; the clip becomes the person’s',
    page: 'dialogue',
    long: true,
    async run(scene) {
      const [id] = first(scene.server.document().dialogue.clips, (clip) => clip.film.in_samples);
      const panel = scene.page.locator('section[aria-label="Noise and hum"]');
      const toggle = panel.getByRole('switch').first();
      const was = await toggle.isChecked();
      await panel.locator('label', { hasText: 'Works' }).first().click();
      await onDisk(scene, 'the switch', (d) => d.dialogue.clips[id]?.denoise.on === !was && d.dialogue.clips[id]?.decided.by === 'person');
      if (was) await panel.locator('label', { hasText: 'Works' }).first().click();
      const amount = scene.server.document().dialogue.clips[id]?.denoise.amount_db ?? 0;
      await panel.getByRole('slider', { name: 'At most' }).focus();
      await scene.page.keyboard.press('ArrowRight');
      await scene.page.keyboard.press('ArrowRight');
      await onDisk(scene, 'one decibel more', (d) => d.dialogue.clips[id]?.denoise.amount_db === amount + 1);
    },
  },
  {
    name: 'the expander’s threshold is dragged on its curve',
    page: 'dialogue',
    long: true,
    async run(scene) {
      const [id] = first(scene.server.document().dialogue.clips, (clip) => clip.film.in_samples);
      const panel = scene.page.locator('section[aria-label="Expander"]');
      if (!(await panel.getByRole('switch').isChecked())) await panel.locator('label', { hasText: 'Works' }).click();
      await onDisk(scene, 'it works', (d) => d.dialogue.clips[id]?.expander.on === true);
      const before = scene.server.document().dialogue.clips[id]?.expander.threshold_dbfs ?? 0;
      const box = await panel.locator('svg').boundingBox();
      claim(box !== null, 'the curve is drawn');
      if (!box) return;
      const x = box.x + ((before + 100) / 100) * box.width;
      await scene.page.mouse.move(x, box.y + box.height / 2);
      await scene.page.mouse.down();
      await scene.page.mouse.move(x + box.width * 0.1, box.y + box.height / 2, { steps: 4 });
      await scene.page.mouse.up();
      await onDisk(scene, 'ten decibels higher', (d) => Math.abs((d.dialogue.clips[id]?.expander.threshold_dbfs ?? 0) - before - 10) <= 1.5);
    },
  },
  {
    name: 'the sync view draws what each stretch of a recording says beside its line',
    page: 'dialogue',
    async run(scene) {
      const view = (await scene.page.evaluate(async (film) => (await fetch(`/api/films/${film}/sync`)).json(), encodeURIComponent(scene.film))) as SyncView;
      const placed = view.placements.find(({ measured }) => measured.some(({ windows }) => windows.length > 0));
      if (!placed) throw new Error('the server knows of no stretch');
      await scene.page.getByRole('tab', { name: /^Sync/ }).click();
      await scene.page.locator('table[aria-label="Sync"] tbody tr', { hasText: placed.name }).first().click();
      const plot = scene.page.getByRole('img', { name: /stretches from the line/ });
      await plot.waitFor({ timeout: 30000 });
      // Columns in which the colour of the line is higher than the line: those of the dots.
      const dotted = (): Promise<number> =>
        plot.evaluate((element) => {
          const canvas = element.querySelector('canvas');
          const pixels = canvas?.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data;
          if (!canvas || !pixels) return 0;
          const [, red, green, blue] = /(\d+), (\d+), (\d+)/.exec(getComputedStyle(element.parentElement?.querySelector('.key i') ?? element).backgroundColor) ?? [];
          let columns = 0;
          for (let x = 0; x < canvas.width; ++x) {
            let high = 0;
            for (let y = 0; y < canvas.height; ++y) {
              const at = 4 * (y * canvas.width + x);
              if (Math.abs((pixels[at] ?? 0) - Number(red)) + Math.abs((pixels[at + 1] ?? 0) - Number(green)) + Math.abs((pixels[at + 2] ?? 0) - Number(blue)) < 12) ++high;
            }
            if (high > 4) ++columns;
          }
          return columns;
        });
      await until('dots are drawn', async () => (await dotted()) >= 3);
    },
  },
  {
    name: 'a placement is moved by keys and its drift typed; it is a person’s from there on',
    page: 'dialogue',
    long: true,
    async run(scene) {
      await scene.page.getByRole('tab', { name: /^Sync/ }).click();
      await scene.page.locator('section[aria-label="Correct"]').waitFor({ timeout: 30000 });
      const [id, before] = first(scene.server.document().dialogue.placements, (p) => p.film.in_samples);
      await scene.page.locator('table[aria-label="Sync"] tbody tr').first().focus();
      await scene.page.keyboard.press('Alt+ArrowRight');
      await onDisk(scene, 'a millisecond later', (d) => Object.values(d.dialogue.placements).some((p) => p.method === 'person' && p.decided.by === 'person'));
      await write(scene, 'Drift', '12.5');
      await onDisk(scene, 'the drift', (d) => Object.values(d.dialogue.placements).some((p) => p.drift_ppm === 12.5));
      claim(before.media !== '' && id !== '', 'there was a placement');
    },
  },
  {
    name: 'a cue is added at the playhead, its fields filled in and its state chosen',
    page: 'adr',
    long: true,
    async run(scene) {
      const count = Object.keys(scene.server.document().adr.cues).length;
      await scene.page.getByRole('button', { name: 'Cue at the playhead' }).first().click();
      await onDisk(scene, 'one cue more', (d) => Object.keys(d.adr.cues).length === count + 1);
      await write(scene, 'Line', 'Not tonight, said the weasel.');
      await write(scene, 'Character', 'WEASEL', 'main#page .cue');
      await scene.page.locator('main#page').getByLabel('State', { exact: true }).selectOption('recorded');
      await onDisk(scene, 'the cue', (d) => Object.values(d.adr.cues).some((c) => c.text === 'Not tonight, said the weasel.' && c.character === 'WEASEL' && c.status === 'recorded' && c.decided.by === 'person'));
      await scene.page.getByPlaceholder('Number, words, notes').fill('weasel tonight');
      claim((await scene.page.locator('table[aria-label="Cue list"] tbody tr').count()) === 1, 'the list is narrowed to it');
    },
  },
  {
    name: 'a take is rated by a key and chosen with Enter',
    page: 'adr',
    long: true,
    async run(scene) {
      const adr = scene.server.document().adr;
      const [take, { cue }] = Object.entries(adr.takes).find(([, x]) => !x.refused && x.cue in adr.cues) ?? ['', { cue: '' }];
      claim(take !== '', 'the film has a take');
      await scene.page.goto(`${scene.server.url}/#/film/${scene.film}/adr/cues/${cue}`);
      const row = scene.page.locator('ul[aria-label="Takes"] > li').first();
      await row.focus();
      await scene.page.keyboard.press('4');
      await onDisk(scene, 'four stars', (d) => Object.values(d.adr.takes).some((x) => x.cue === cue && x.stars === 4));
      if (adr.cues[cue]?.chosen_take) {
        await row.getByRole('button', { name: 'Chosen' }).click();
        await onDisk(scene, 'no take', (d) => d.adr.cues[cue]?.chosen_take === '');
      }
      await row.focus();
      await scene.page.keyboard.press('Enter');
      await onDisk(scene, 'the take', (d) => d.adr.takes[d.adr.cues[cue]?.chosen_take ?? '']?.stars === 4);
    },
  },
  {
    name: 'wind is synthesised under the scene and blows harder by keys',
    page: 'design',
    long: true,
    async run(scene) {
      await scene.page.getByRole('button', { name: 'Synthesise' }).click();
      await scene.page.getByRole('menuitem', { name: 'Wind' }).click();
      await onDisk(scene, 'a bed of wind', (d) => Object.values(d.design.ambiences).some((b) => b.synth === 'wind' && b.synth_numbers['strength'] === 0.5));
      await scene.page.getByRole('slider', { name: 'Strength' }).focus();
      await scene.page.keyboard.press('Shift+ArrowRight');
      await onDisk(scene, 'a stronger wind', (d) => Object.values(d.design.ambiences).some((b) => b.synth === 'wind' && b.synth_numbers['strength'] === 0.6));
    },
  },
  {
    name: 'an effect is found, placed with Enter and given a telephone to run through',
    page: 'design',
    long: true,
    async run(scene) {
      await scene.page.getByPlaceholder(/^Words/).fill('door');
      const item = scene.page.locator('ul[aria-label="Library"] > li').first();
      // The list follows the words.
      await until('the door is found', async () => ((await item.textContent()) ?? '').includes('door'), 15000);
      await item.focus();
      const count = Object.keys(scene.server.document().design.effects).length;
      await scene.page.keyboard.press('Enter');
      await onDisk(scene, 'the effect', (d) => Object.keys(d.design.effects).length === count + 1);
      await scene.page.getByRole('button', { name: 'Add a step' }).click();
      await scene.page.getByRole('menuitem', { name: 'Futz' }).click();
      await onDisk(scene, 'its chain', (d) => Object.values(d.design.effects).some((e) => Object.values(e.chain).some((s) => s.kind === 'futz' && s.texts['preset'] === 'telephone')));
    },
  },
  {
    name: 'steps are tapped with T while the film plays and kept with Enter; one is dragged along the strip',
    page: 'foley',
    long: true,
    async run(scene) {
      const count = Object.keys(scene.server.document().foley.cues).length;
      await scene.page.locator('main#page').focus();
      const clock = scene.page.locator('main#page output.timecode');
      const rest = await clock.textContent();
      await scene.page.keyboard.press('Space');
      await until('the film plays', async () => (await clock.textContent()) !== rest, 20000);
      for (let n = 0; n < 3; ++n) {
        await scene.page.waitForTimeout(500);
        await scene.page.keyboard.press('t');
      }
      await scene.page.keyboard.press('Space');
      await scene.page.keyboard.press('Enter');
      await onDisk(scene, 'three cues', (d) => Object.keys(d.foley.cues).length === count + 3);
      const tapped = Object.entries(scene.server.document().foley.cues).filter(([, c]) => c.decided.reason.startsWith('tapped')).sort(([, a], [, b]) => a.at_samples - b.at_samples);
      claim(tapped.length === 3 && tapped.every(([, c], n) => n === 0 || c.at_samples > (tapped[n - 1]?.[1].at_samples ?? 0)), 'they lie one after another');
      const [id, cue] = tapped[2] ?? ['', tapped[0]?.[1]];
      const mark = scene.page.locator(`.mark[data-id="${id}"]`);
      const box = await mark.boundingBox();
      if (!box || !cue) throw new Error('the cue is not on the strip');
      await scene.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
      await scene.page.mouse.down();
      await scene.page.mouse.move(box.x + 160, box.y + box.height / 2, { steps: 5 });
      await scene.page.mouse.up();
      await onDisk(scene, 'it moved', (d) => (d.foley.cues[id]?.at_samples ?? 0) > cue.at_samples + 48000);
    },
  },
  {
    name: 'a cue goes into the scene by mouse, and a missing licence is typed in',
    page: 'music',
    long: true,
    async run(scene) {
      const [id, cue] = first(scene.server.document().music.cues, (c) => c.film.in_samples);
      await scene.page.locator('label', { hasText: 'In the scene' }).click();
      await onDisk(scene, 'in the scene, with its code', (d) => d.music.cues[id]?.diegetic === !cue.diegetic && d.music.cues[id]?.usage === (cue.diegetic ? 'BI' : 'VI'));
      const field = scene.page.getByLabel(/^Publisher: /).first();
      await field.fill('Weasel Music');
      await field.press('Tab');
      await onDisk(scene, 'the publisher', (d) => d.media[cue.media]?.licence.publisher === 'Weasel Music');
    },
  },
  {
    name: 'hit points are taken at the playhead, and a tempo that meets them is chosen by keys',
    page: 'music',
    long: true,
    async run(scene) {
      const [id] = first(scene.server.document().music.cues, (c) => c.film.in_samples);
      await scene.page.getByRole('button', { name: 'Hit at the playhead' }).click();
      await onDisk(scene, 'the hit', (d) => Object.keys((d.music.cues[id]?.ext?.['twopop'] as { hits?: object } | undefined)?.hits ?? {}).length >= 1);
      await scene.page.locator('.finder ol button').first().focus();
      await scene.page.keyboard.press('Enter');
      await onDisk(scene, 'the tempo', (d) => typeof (d.music.cues[id]?.ext?.['twopop'] as { tempo?: { bpm?: number } } | undefined)?.tempo?.bpm === 'number');
    },
  },
  {
    name: 'a fader moves by keys and by mouse, a strip is muted',
    page: 'mix',
    long: true,
    async run(scene) {
      const id = strips(scene)[0] ?? '';
      const strip = scene.page.locator('.strip').first();
      const fader = strip.getByRole('slider', { name: /^Fader/ });
      const before = scene.server.document().mix.strips;
      await fader.focus();
      await scene.page.keyboard.press('ArrowUp');
      await onDisk(scene, 'half a decibel', (d) => Object.entries(d.mix.strips).some(([key, s]) => Math.abs(s.gain_db - (before[key]?.gain_db ?? 0) - 0.5) < 0.051 && s.decided.by === 'person'));
      const box = await fader.boundingBox();
      if (!box) throw new Error('there is no fader');
      await scene.page.mouse.move(box.x + 12, box.y + box.height / 2);
      await scene.page.mouse.down();
      await scene.page.mouse.move(box.x + 12, box.y + box.height / 2 + 30, { steps: 4 });
      await scene.page.mouse.up();
      await onDisk(scene, 'further down', (d) => Object.entries(d.mix.strips).some(([key, s]) => s.gain_db < (before[key]?.gain_db ?? 0) - 2));
      await strip.getByRole('button', { name: /^Mute/ }).click();
      await onDisk(scene, 'muted', (d) => Object.values(d.mix.strips).some((s) => s.muted));
      await strip.getByRole('button', { name: /^Mute/ }).click();
      await onDisk(scene, 'heard again', (d) => Object.values(d.mix.strips).every((s) => !s.muted));
      claim(id !== '', 'the film has strips');
    },
  },
  {
    name: 'a bell is drawn on the curve with a double click, moved by keys and taken out with Delete',
    page: 'mix',
    long: true,
    async run(scene) {
      const count = (d: ReturnType<Scene['server']['document']>): number => Object.values(d.mix.strips).reduce((sum, s) => sum + Object.keys(s.eq).length, 0);
      const before = count(scene.server.document());
      const curve = scene.page.locator('svg[aria-label="Equaliser curve"]');
      const box = await curve.boundingBox();
      if (!box) throw new Error('there is no curve');
      await scene.page.mouse.dblclick(box.x + box.width * 0.7, box.y + box.height * 0.3);
      await onDisk(scene, 'the band', (d) => count(d) === before + 1);
      const band = curve.getByRole('slider', { name: /^Bell/ }).last();
      await band.focus();
      const hz = Number(await band.getAttribute('aria-valuenow'));
      await scene.page.keyboard.press('ArrowRight');
      await onDisk(scene, 'a semitone higher', (d) => Object.values(d.mix.strips).some((s) => Object.values(s.eq).some((b) => Math.abs(b.frequency_hz / hz - 2 ** (1 / 12)) < 0.002)));
      await curve.getByRole('slider', { name: /^Bell/ }).last().focus();
      await scene.page.keyboard.press('Delete');
      await onDisk(scene, 'it is gone', (d) => count(d) === before);
    },
  },
  {
    name: 'the report is read on the page',
    page: 'deliver',
    async run(scene) {
      await scene.page.getByRole('tab', { name: 'Report' }).click();
      const report = scene.page.frameLocator('iframe');
      await report.locator('h1').waitFor();
      // As it is: nothing in it may run or be fetched, and its pictures are there.
      await until('its pictures', async () => (await report.locator('svg, img').count()) > 2);
    },
  },
  {
    name: 'another specification is chosen, the target overridden, the two-pop switched on',
    page: 'deliver',
    long: true,
    async run(scene) {
      await scene.page.locator('label', { hasText: 'YouTube' }).first().click();
      await onDisk(scene, 'the preset', (d) => d.delivery.preset === 'youtube');
      await scene.page.locator('label', { hasText: 'Another target' }).click();
      await write(scene, 'Loudness', '-16');
      await onDisk(scene, 'the target', (d) => d.delivery.target_lufs === -16);
      await scene.page.getByRole('switch', { name: /^Two-pop/ }).focus();
      await scene.page.keyboard.press('Space');
      await onDisk(scene, 'the two-pop', (d) => d.delivery.two_pop === true);
      await scene.page.locator('label', { hasText: 'Another target' }).click();
      await onDisk(scene, 'the preset’s own target', (d) => d.delivery.target_lufs === undefined);
    },
  },
];
