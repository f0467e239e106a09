/** What files of a delivery are, by their names. Pure. */

export type FileKind = 'film' | 'mix' | 'me' | 'stem' | 'sheet' | 'report' | 'other';

export function kindOf(path: string): FileKind {
  const name = path.toLowerCase();
  if (/^film\.[a-z0-9]+$/.test(name)) return 'film';
  if (/^mix[^/]*\.wav$/.test(name)) return 'mix';
  if (/(^|\/)(me|m-and-e|m_and_e)[^/]*\.wav$/.test(name)) return 'me';
  if (name.startsWith('stems/')) return 'stem';
  if (name.startsWith('sheets/') || /\.(csv|xlsx)$/.test(name)) return 'sheet';
  if (name.includes('report')) return 'report';
  return 'other';
}
