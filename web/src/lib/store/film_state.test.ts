import { describe, expect, it } from 'vitest';
import type { Document } from '$schema/types';
import type { Patch } from '$lib/api/values';
import { acknowledged, arrived, due, edited, markSent, markUnsent, opened, overlap, refused, type FilmState, type Settled } from './film_state.ts';
import { valueAt } from './patch.ts';

const film = (): FilmState => opened({ name: 'film', mix: { strips: { a: { gain_db: 0 }, b: { gain_db: 0 } } } } as unknown as Document, 7);
const gain = (id: string, value: number): Patch => [{ op: 'replace', path: `/mix/strips/${id}/gain_db`, value }];
const shown = (state: FilmState, id: string): unknown => valueAt(state.shown, `/mix/strips/${id}/gain_db`);
const of = (settled: Settled | null): FilmState => {
  if (!settled) throw new Error('a catch-up was asked for');
  return settled.state;
};
const kProblem = { type: '', title: 'Collided', status: 409, detail: '', code: 'conflict' };

describe('a film with edits on their way', () => {
  it('shows an edit at once and sends one at a time', () => {
    let state = edited(film(), '1', 'louder', gain('a', 3));
    state = edited(state, '2', 'softer', gain('b', -3));
    expect(shown(state, 'a')).toBe(3);
    expect(due(state)?.id).toBe('1');
    state = markSent(state, '1');
    expect(due(state)).toBeNull();
    state = of(acknowledged(state, '1', 8));
    expect(due(state)).toBeNull();
    state = of(arrived(state, { revision: 8, author: 'me', patch: gain('a', 3) }, 'me'));
    expect(state.revision).toBe(8);
    expect(due(state)?.id).toBe('2');
  });

  it('takes its own edit from the log as the server made it, whether that or the answer comes first', () => {
    const sent = markSent(edited(film(), '1', 'louder', gain('a', 3)), '1');
    const patch: Patch = [{ op: 'test', path: '/mix/strips/a/gain_db', value: 0 }, ...gain('a', 3), { op: 'add', path: '/mix/strips/a/by', value: 'person' }];
    const log = { revision: 8, author: 'me', patch };
    const log_first = of(acknowledged(of(arrived(sent, log, 'me')), '1', 8));
    const answer_first = of(arrived(of(acknowledged(sent, '1', 8)), log, 'me'));
    expect(answer_first).toEqual(log_first);
    expect(log_first.pending).toHaveLength(0);
    expect(shown(log_first, 'a')).toBe(3);
    expect(valueAt(log_first.shown, '/mix/strips/a/by')).toBe('person');
  });

  it('never drops a later change of its own for an earlier one', () => {
    let state = markSent(edited(film(), '1', 'louder', gain('a', 3)), '1');
    state = edited(state, '2', 'louder still', gain('a', 6));
    state = of(arrived(of(acknowledged(state, '1', 8)), { revision: 8, author: 'me', patch: gain('a', 3) }, 'me'));
    expect(shown(state, 'a')).toBe(6);
    expect(due(state)?.id).toBe('2');
  });

  it('rolls back what was refused and keeps the rest', () => {
    let state = markSent(edited(film(), '1', 'louder', gain('a', 3)), '1');
    state = edited(state, '2', 'softer', gain('b', -3));
    const { settled, edit } = refused(state, '1', kProblem);
    expect(edit?.reason).toBe('louder');
    expect(shown(settled.state, 'a')).toBe(0);
    expect(shown(settled.state, 'b')).toBe(-3);
  });

  it('keeps its own value on top of what others do elsewhere, and drops an unsent edit where they were', () => {
    const state = edited(film(), '1', 'louder', gain('a', 3));
    const elsewhere = of(arrived(state, { revision: 8, author: 'you', patch: gain('b', 1) }, 'me'));
    expect([shown(elsewhere, 'a'), shown(elsewhere, 'b')]).toEqual([3, 1]);
    const collided = arrived(state, { revision: 8, author: 'you', patch: [{ op: 'remove', path: '/mix/strips/a' }] }, 'me');
    expect(collided?.dropped.map(({ id }) => id)).toEqual(['1']);
    expect(collided?.state.pending).toHaveLength(0);
  });

  it('asks for a catch-up where a revision is missing and passes over what it knows', () => {
    expect(arrived(film(), { revision: 9, author: 'you', patch: [] }, 'me')).toBeNull();
    expect(of(arrived(film(), { revision: 7, author: 'you', patch: gain('a', 9) }, 'me'))).toEqual(film());
  });

  it('sends again after a lost connection what the log does not hold', () => {
    const state = markUnsent(markSent(edited(film(), '1', 'louder', gain('a', 3)), '1'));
    expect(due(state)?.id).toBe('1');
    const answered = markUnsent(of(acknowledged(markSent(state, '1'), '1', 8)));
    expect(due(answered)).toBeNull();
  });

  it('converges for any order of answers among three people', () => {
    // Each person's edits go to different strips; a server numbers them; every page sees the same log in the end.
    let seed = 1;
    const random = (n: number): number => (seed = (seed * 48271) % 2147483647) % n;
    for (let round = 0; round < 50; ++round) {
      const pages = new Map(['x', 'y', 'z'].map((name) => [name, film()]));
      const log: { revision: number; author: string; patch: Patch; id: string }[] = [];
      const seen = new Map([...pages.keys()].map((name) => [name, 0]));
      for (let step = 0; step < 120; ++step) {
        const name = ['x', 'y', 'z'][random(3)] ?? 'x';
        let page = pages.get(name) ?? film();
        const behind = seen.get(name) ?? 0;
        const next = log[behind];
        if (random(2) === 0) page = edited(page, `${name}${step}`, '', gain(random(2) === 0 ? 'a' : 'b', step));
        else if (next) {
          seen.set(name, behind + 1);
          page = of(arrived(page, next, name));
          if (next.author === name) page = of(acknowledged(page, next.id, next.revision));
        }
        const edit = due(page);
        if (edit && page.revision === 7 + log.length) {
          log.push({ revision: 8 + log.length, author: name, patch: edit.patch, id: edit.id });
          page = markSent(page, edit.id);
        }
        pages.set(name, page);
      }
      const ends = [...pages].map(([name, start]) => {
        let page = start;
        for (const edit of log.slice(seen.get(name))) page = of(arrived(page, edit, name));
        return page.confirmed;
      });
      expect(ends[1]).toEqual(ends[0]);
      expect(ends[2]).toEqual(ends[0]);
    }
  });
});

describe('overlap', () => {
  it('knows places within places but not names that begin alike', () => {
    const at = (path: string): Patch => [{ op: 'remove', path }];
    expect(overlap(at('/mix/strips/a'), at('/mix/strips/a/eq/1'))).toBe(true);
    expect(overlap(at('/mix/strips/a'), at('/mix/strips/ab'))).toBe(false);
  });
});
