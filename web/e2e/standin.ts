/** A stand-in for the server, inside the browser's network: gives a document and peaks. For measuring the page alone. */
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { Page } from 'playwright-core';
import type { Document } from '../../schema/types.ts';
import { sequence } from './big_session.ts';

const kTypes: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.wasm': 'application/wasm' };

export const kOrigin = 'http://127.0.0.1:9';

export async function standIn(page: Page, document: Document, pages: string): Promise<void> {
  const opened = JSON.stringify({
    summary: { film: 'big', name: document.name, revision: 1, length_samples: document.picture.length_samples, rate_hz: document.rate_hz, frame_rate: document.frame_rate, drop_frame: false, start_frame: document.start_frame, present: 1 },
    document,
  });
  const noise = sequence(3);
  const peaks = Buffer.from(Int8Array.from({ length: 2 * 8192 }, (_, at) => Math.round((at % 2 === 0 ? -1 : 1) * 127 * noise() * (0.3 + 0.7 * Math.abs(Math.sin(at / 400))))).buffer);
  const answers: readonly [RegExp, unknown][] = [
    [/\/api\/me$/, { name: 'local', roles: ['owner'], rights: ['read', 'edit', 'build', 'approve'], csrf: 'x', film: '', cue: '', login_needed: false }],
    [/\/board$/, { revision: 1, complete: true, phases: [], findings: [] }],
    [/\/(jobs|outputs|history)$/, []],
    [/\/api\/films$/, [{ film: 'big', name: document.name, revision: 1, length_samples: 1, rate_hz: 48000, frame_rate: '25', drop_frame: false, start_frame: 0, present: 1 }]],
    [/\/picture$/, { media: '', frame_rate: '25', count: 0, start_frame: 0, duration_s: 0, width: 0, height: 0, variable_rate: false, proxy_ready: false, proxy_share: 0, proxy_problem: '' }],
  ];
  await page.routeWebSocket(/\/socket$/, (socket) => socket.send(JSON.stringify({ type: 'hello', revision: 1, you: '1', present: [] })));
  await page.route(`${kOrigin}/**`, async (route) => {
    const { pathname } = new URL(route.request().url());
    if (pathname === '/api/films/big') return route.fulfill({ contentType: 'application/json', body: opened });
    if (pathname.endsWith('/peaks')) return route.fulfill({ contentType: 'application/octet-stream', body: peaks });
    const answer = answers.find(([path]) => path.test(pathname));
    if (answer) return route.fulfill({ contentType: 'application/json', body: JSON.stringify(answer[1]) });
    if (pathname.startsWith('/api/')) return route.fulfill({ status: 404, contentType: 'application/json', body: JSON.stringify({ type: 'about:blank', title: 'Not found', status: 404, detail: pathname, code: 'not-found' }) });
    const name = pathname === '/' ? 'index.html' : pathname.slice(1);
    return route.fulfill({ contentType: kTypes[extname(name)] ?? 'application/octet-stream', body: await readFile(join(pages, name)) });
  });
}
