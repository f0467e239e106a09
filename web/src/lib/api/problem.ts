import type { ProblemDocument } from './values.ts';

/** What went wrong, with what to do about it: a problem document of the server, or a network that is not there. */
export class Problem extends Error {
  readonly document: ProblemDocument;
  constructor(document: ProblemDocument) {
    super(document.detail || document.title);
    this.name = 'Problem';
    this.document = document;
  }
  get status(): number {
    return this.document.status;
  }
  get code(): string {
    return this.document.code;
  }
  get remedy(): string {
    return this.document.remedy ?? '';
  }
  /** No answer came at all. */
  get offline(): boolean {
    return this.document.status === 0;
  }
}

export const kOffline: ProblemDocument = { type: 'about:blank', title: 'No answer', status: 0, detail: 'The server does not answer.', remedy: 'Check that twopop serve is running; the page goes on by itself when it is back.', code: 'offline' };

/** The problem in a failed answer, also where something between us and the server wrote it. */
export async function problemOf(response: Response): Promise<Problem> {
  const text = await response.text().catch(() => '');
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && 'title' in value) {
      const fallback: ProblemDocument = { type: 'about:blank', title: response.statusText, status: response.status, detail: '', code: String(response.status) };
      return new Problem({ ...fallback, ...(value as Partial<ProblemDocument>), status: response.status });
    }
  } catch {
    // Not JSON: said below by its status.
  }
  return new Problem({ type: 'about:blank', title: response.statusText || `HTTP ${response.status}`, status: response.status, detail: text.slice(0, 200), code: String(response.status) });
}

export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem({ ...kOffline, detail: error instanceof Error ? error.message : String(error), code: 'failed', title: 'Failed' });
}
