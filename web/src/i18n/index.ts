import { adr } from './en/adr';
import { board } from './en/board';
import { booth } from './en/booth';
import { comfort } from './en/comfort';
import { deliver } from './en/deliver';
import { design } from './en/design';
import { dialogue } from './en/dialogue';
import { foley } from './en/foley';
import { mix } from './en/mix';
import { music } from './en/music';
import { parts } from './en/parts';
import { people } from './en/people';
import { shell } from './en/shell';
import { timeline } from './en/timeline';

const en = { shell, board, comfort, timeline, dialogue, adr, design, foley, music, mix, deliver, booth, people, parts };

/** Texts where only the words may differ: a string stays a string, a sentence with parts keeps its parts. */
type Widened<Value> = Value extends string ? string : Value extends (...parts: infer Parts) => string ? (...parts: Parts) => string : { readonly [Key in keyof Value]: Widened<Value[Key]> };

/** Another language is another value of this type. */
export type Texts = Widened<typeof en>;

/** The studio's texts, in the language of this page. */
export const t: Texts = en;

const number = new Intl.NumberFormat('en-GB');
const when = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });
const relative = new Intl.RelativeTimeFormat('en-GB', { numeric: 'auto' });

export const formatNumber = (value: number): string => number.format(value);
export const formatTime = (iso: string): string => (Number.isNaN(Date.parse(iso)) ? iso : when.format(new Date(iso)));

/** "3 minutes ago". */
export function formatAgo(iso: string, now = Date.now()): string {
  const past = (Date.parse(iso) - now) / 1000;
  if (Number.isNaN(past)) return iso;
  if (past > -60) return relative.format(Math.round(past), 'second');
  if (past > -3600) return relative.format(Math.round(past / 60), 'minute');
  if (past > -86400) return relative.format(Math.round(past / 3600), 'hour');
  return relative.format(Math.round(past / 86400), 'day');
}

export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let [value, unit] = [bytes, 0];
  while (value >= 1000 && unit < units.length - 1) [value, unit] = [value / 1000, unit + 1];
  return `${unit === 0 ? value : value.toPrecision(3)} ${units[unit] ?? ''}`;
}
