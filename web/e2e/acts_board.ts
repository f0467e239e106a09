import { claim, goTo, onDisk, until, type Act } from './harness.ts';

export const boardActs: readonly Act[] = [
  {
    name: 'the six phases stand in their order and a finding leads to its place',
    page: 'board',
    async run(scene) {
      const names = await scene.page.locator('.phases .name').allTextContents();
      claim(names.join() === 'Dialogue editing,ADR,Sound design,Foley,Music,Mixing', `phases: ${names.join()}`);
      const link = scene.page.locator('[data-tour=findings] a').first();
      await link.waitFor({ timeout: 30000 });
      // With a place on the film it leads to the timeline, else to the page of its phase.
      const placed = /^\d\d:/.test((await link.textContent()) ?? '');
      await link.click();
      if (placed) await scene.page.waitForSelector('.lanes');
      await until('the place is shown', () => (placed ? scene.page.url().includes('/timeline?') : /\/(dialogue|adr|design|foley|music|mix|deliver)\?item=/.test(scene.page.url())));
    },
  },
  {
    name: 'a phase is approved by keys, and the approval is taken back',
    page: 'board',
    async run(scene) {
      await scene.page.locator('.phases li').nth(4).getByRole('button', { name: 'Approve' }).focus();
      await scene.page.keyboard.press('Enter');
      await scene.page.getByLabel('Note').fill('as played to the director');
      await scene.page.keyboard.press('Tab');
      await scene.page.keyboard.press('Tab');
      await scene.page.keyboard.press('Enter');
      await until('the approval is on the disk', () => scene.server.document().approvals['music']?.note === 'as played to the director', 60000);
      await scene.page.locator('.phases li').nth(4).getByRole('button', { name: 'Withdraw' }).click({ timeout: 30000 });
      await onDisk(scene, 'the approval is gone', (document) => !('music' in document.approvals));
    },
  },
  {
    name: 'a build is started, shows how far it is, and ends',
    page: 'board',
    long: true,
    async run(scene) {
      await scene.page.getByRole('button', { name: 'Build the film' }).click();
      await scene.page.getByRole('progressbar').first().waitFor({ timeout: 20000 });
      await scene.page.locator('strong', { hasText: 'Build' }).first().waitFor();
      await until('the build has ended', async () => (await scene.page.getByRole('button', { name: 'Build the film' }).isEnabled()) && (await scene.page.locator('span.done').count()) > 0, 180000);
    },
  },
  {
    name: 'keys are shown and can be changed',
    page: 'board',
    async run({ page }) {
      await page.locator('main#page').focus();
      await page.keyboard.press('?');
      await page.getByPlaceholder('Find a command').fill('Cross-fade');
      await page.getByRole('button', { name: /^Cross-fade:/ }).click();
      await page.keyboard.press('w');
      claim(await page.getByRole('button', { name: 'Cross-fade: W' }).isVisible(), 'the new keys are shown');
      await page.getByRole('button', { name: 'The usual keys' }).click();
      claim(await page.getByRole('button', { name: 'Cross-fade: X' }).isVisible(), 'the usual keys are back');
      await page.keyboard.press('Escape');
    },
  },
  {
    name: 'the history tells who changed what',
    page: 'board',
    async run(scene) {
      await goTo(scene, 'board');
      await scene.page.getByRole('button', { name: 'History' }).click();
      await scene.page.locator('aside li').first().waitFor();
      claim((await scene.page.locator('aside li').count()) > 0, 'there are entries');
      await scene.page.getByRole('button', { name: 'History' }).click();
    },
  },
];
