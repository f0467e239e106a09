/** What keys do. A chord is written "Ctrl+Shift+Z"; a command may have several, divided by spaces. */

export const kUsualKeys = {
  'play': 'Space',
  'shuttle.back': 'J',
  'shuttle.stop': 'K',
  'shuttle.on': 'L',
  'frame.back': 'ArrowLeft',
  'frame.on': 'ArrowRight',
  'second.back': 'Shift+ArrowLeft',
  'second.on': 'Shift+ArrowRight',
  'edge.back': 'Ctrl+ArrowLeft',
  'edge.on': 'Ctrl+ArrowRight',
  'go.start': 'Home',
  'go.end': 'End',
  'zoom.in': '+ =',
  'zoom.out': '-',
  'zoom.all': '0',
  'zoom.selection': 'Z',
  'zoom.sample': 'Shift+Z',
  'track.up': 'ArrowUp',
  'track.down': 'ArrowDown',
  'select.next': 'Tab',
  'select.previous': 'Shift+Tab',
  'select.all': 'Ctrl+A',
  'select.none': 'Escape',
  'split': 'S',
  'delete': 'Delete Backspace',
  'trim.in': '[',
  'trim.out': ']',
  'nudge.back': ',',
  'nudge.on': '.',
  'nudge.back.sample': 'Alt+,',
  'nudge.on.sample': 'Alt+.',
  'gain.up': 'Alt+ArrowUp',
  'gain.down': 'Alt+ArrowDown',
  'fade.in': 'D',
  'fade.out': 'G',
  'crossfade': 'X',
  'mute.clip': 'M',
  'mute.track': 'Shift+M',
  'solo.track': 'Shift+S',
  'marker': 'Enter',
  'snap': 'N',
  'ripple': 'R',
  'follow': 'F',
  'undo': 'Ctrl+Z',
  'redo': 'Ctrl+Shift+Z Ctrl+Y',
  'loop': 'Q',
  'foley.tap': 'T',
  'keys': '?',
  'page.board': 'Alt+1',
  'page.timeline': 'Alt+2',
  'page.dialogue': 'Alt+3',
  'page.adr': 'Alt+4',
  'page.design': 'Alt+5',
  'page.foley': 'Alt+6',
  'page.music': 'Alt+7',
  'page.mix': 'Alt+8',
  'page.deliver': 'Alt+9',
} as const;

export type Command = keyof typeof kUsualKeys;

interface Pressed {
  key: string;
  code: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
}

/** The chord of a key press; empty for a modifier alone. Command counts as Ctrl. */
export function chordOf(event: Pressed): string {
  if (['Control', 'Shift', 'Alt', 'Meta', 'AltGraph', 'Dead'].includes(event.key)) return '';
  let key = event.key === ' ' ? 'Space' : event.key.length === 1 ? event.key.toUpperCase() : event.key;
  // With Alt, keyboards write other signs: the key's place says which was meant.
  const place = /^(?:Key|Digit)(.)$/.exec(event.code);
  if (event.altKey && place?.[1]) key = place[1];
  const letter = key.length > 1 || /[\p{L}]/u.test(key);
  return `${event.ctrlKey || event.metaKey ? 'Ctrl+' : ''}${event.altKey ? 'Alt+' : ''}${event.shiftKey && letter ? 'Shift+' : ''}${key}`;
}

export const chords = (keys: string): string[] => keys.split(' ').filter(Boolean);

const kSigns: Readonly<Record<string, string>> = { ArrowLeft: '←', ArrowRight: '→', ArrowUp: '↑', ArrowDown: '↓', Escape: 'Esc', Delete: 'Del', '-': '−' };

/** As people read it: "Ctrl ⇧ Z" is written with words, arrows as arrows. */
export function chordText(chord: string): string {
  const parts = chord === '+' ? ['+'] : chord.split(/\+(?=.)/);
  return parts.map((part) => kSigns[part] ?? part).join(' ');
}
