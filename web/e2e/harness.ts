/** What acts are written with: a page of a film, the server behind it, and claims that fail loudly. */
import type { Page } from 'playwright-core';
import type { Document } from '../../schema/types.ts';
import type { Server } from './server.ts';

export interface Scene {
  page: Page;
  server: Server;
  /** The film's name in addresses. */
  film: string;
}

/** One thing that somebody does on a page, and what the session on the disk must hold afterwards. */
export interface Act {
  name: string;
  /** Page of the studio it begins on. */
  page: string;
  /** Left out of the short run. */
  long?: boolean;
  run: (scene: Scene) => Promise<void>;
}

export class Failed extends Error {}

export function claim(holds: boolean, what: string): void {
  if (!holds) throw new Failed(what);
}

/** Asks again until it holds: edits travel to the disk and back. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, most_ms = 8000): Promise<void> {
  const end = Date.now() + most_ms;
  for (;;) {
    if (await holds()) return;
    if (Date.now() > end) throw new Failed(`not within ${most_ms} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

export const onDisk = (scene: Scene, what: string, holds: (document: Document) => boolean): Promise<void> => until(what, () => holds(scene.server.document()));

export async function goTo(scene: Scene, page: string, query = ''): Promise<void> {
  await scene.page.goto(`${scene.server.url}/#/film/${encodeURIComponent(scene.film)}/${page}${query}`);
  await scene.page.waitForSelector('main#page > *');
  await scene.page.waitForLoadState('networkidle');
}
