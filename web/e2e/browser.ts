/** Chromium from Debian, driven by playwright-core. */
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';

export async function openBrowser(extra: string[] = []): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env['TWOPOP_CHROMIUM'] ?? '/usr/bin/chromium',
    headless: true,
    args: ['--no-sandbox', '--autoplay-policy=no-user-gesture-required', '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', ...extra],
  });
}

export interface Watched {
  page: Page;
  /** What the console said that is an error, and what was thrown. */
  errors: string[];
}

export async function openPage(browser: Browser, settings: Record<string, unknown> = {}, size = { width: 1440, height: 900 }, context: BrowserContextOptions = {}): Promise<Watched> {
  const page = await browser.newPage({ viewport: size, ...context });
  const errors: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(`${message.text()} (${message.location().url})`);
  });
  page.on('pageerror', (error) => errors.push(error.message));
  await page.addInitScript((kept: string) => {
    if (globalThis.origin === 'null') return; // the report's frame: it has no store
    if (!localStorage.getItem('twopop.settings')) localStorage.setItem('twopop.settings', kept);
  }, JSON.stringify({ theme: 'dark', toured: true, ...settings }));
  return { page, errors };
}
