import { expect, it } from 'vitest';
import { hashOf, parseRoute } from './index.ts';

it('reads the routes that it writes, with every kind of name', () => {
  for (const film of ['demo', 'a film/with ä?#', '100 %'])
    expect(parseRoute(hashOf({ film, page: 'timeline', rest: 'c1', query: { at: 48000, none: undefined } }))).toEqual({ film, page: 'timeline', rest: 'c1', query: { at: '48000' } });
  expect(parseRoute(hashOf({ page: 'invite', rest: 'tok/en' }))).toEqual({ film: '', page: 'invite', rest: 'tok/en', query: {} });
});

it('starts with the films, and a film with its board', () => {
  expect(parseRoute('').page).toBe('films');
  expect(parseRoute('#/film/demo').page).toBe('board');
  expect(parseRoute('#/film/%E0%A4%A/x').film).toBe('%E0%A4%A');
});
