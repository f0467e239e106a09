/** Where the page is, as text behind the '#': "/film/NAME/timeline?at=48000". */

export interface Route {
  /** "films", "login", "invite", "people", or a page of a film. */
  readonly page: string;
  readonly film: string;
  /** What follows the page: an invitation's token, a cue. */
  readonly rest: string;
  readonly query: Readonly<Record<string, string>>;
}

export function parseRoute(hash: string): Route {
  const [path = '', search = ''] = hash.replace(/^#/, '').split('?', 2);
  const parts = path.split('/').filter(Boolean).map(decode);
  const query = Object.fromEntries(new URLSearchParams(search));
  const [first = '', second = '', third = '', ...rest] = parts;
  if (first === 'film' && second) return { film: second, page: third || 'board', rest: rest.join('/'), query };
  return { film: '', page: first || 'films', rest: [second, third, ...rest].filter(Boolean).join('/'), query };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export function hashOf(route: { page: string; film?: string; rest?: string; query?: Readonly<Record<string, string | number | undefined>> }): string {
  const parts = route.film ? ['film', route.film, route.page] : [route.page];
  if (route.rest) parts.push(...route.rest.split('/'));
  const query = new URLSearchParams(
    Object.entries(route.query ?? {}).filter((entry): entry is [string, string | number] => entry[1] !== undefined).map(([key, value]) => [key, String(value)]),
  ).toString();
  return `#/${parts.map(encodeURIComponent).join('/')}${query ? `?${query}` : ''}`;
}
