import { settings } from '$lib/store/settings.svelte';
import { chordOf, chords, chordText, kUsualKeys, type Command } from './map.ts';

type Handlers = Partial<Record<Command, (event: KeyboardEvent) => void>>;

/** Which element takes letters for itself. */
function types(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  return target instanceof HTMLInputElement && !['checkbox', 'radio', 'button', 'range', 'color'].includes(target.type);
}

/** What an element with the focus does by itself with keys that no modifier is held for. */
function takes(target: EventTarget | null, chord: string): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (chord === 'Tab' || chord === 'Shift+Tab') return !target.closest('[data-keys="own"]');
  if (target.closest('button, a, summary, [role=tab], [role=menuitem], [role=switch]')) return chord === 'Enter' || chord === 'Space';
  if (target instanceof HTMLInputElement && target.type === 'range') return chord.startsWith('Arrow') || chord === 'Home' || chord === 'End';
  return false;
}

/** The keyboard map of this person, and who listens. Later scopes go before earlier ones. */
class Keys {
  private readonly scopes_: Handlers[] = [];

  constructor() {
    globalThis.addEventListener?.('keydown', (event) => this.pressed(event));
  }

  of(command: Command): string[] {
    return chords(settings.value.keys[command] ?? kUsualKeys[command]);
  }
  /** For hints: "Space". */
  text(command: Command): string {
    return this.of(command).slice(0, 1).map(chordText).join('');
  }
  /** Gives a command another chord, and takes that from whatever had it. */
  set(command: Command, chord: string): void {
    const changed: Record<string, string> = { ...settings.value.keys };
    for (const other of Object.keys(kUsualKeys) as Command[]) {
      const had = this.of(other);
      if (had.includes(chord)) changed[other] = had.filter((one) => one !== chord).join(' ');
    }
    changed[command] = chord;
    settings.set({ keys: changed });
  }
  reset(command?: Command): void {
    const keys = command ? Object.fromEntries(Object.entries(settings.value.keys).filter(([name]) => name !== command)) : {};
    settings.set({ keys });
  }

  /** Handles commands until the returned function is called. */
  listen(handlers: Handlers): () => void {
    this.scopes_.push(handlers);
    return () => {
      const at = this.scopes_.indexOf(handlers);
      if (at >= 0) this.scopes_.splice(at, 1);
    };
  }

  private pressed(event: KeyboardEvent): void {
    if (event.defaultPrevented || types(event.target)) return;
    const chord = chordOf(event);
    if (!chord || takes(event.target, chord)) return;
    for (const handlers of this.scopes_.toReversed())
      for (const command of Object.keys(handlers) as Command[]) {
        const handle = handlers[command];
        if (!handle || !this.of(command).includes(chord)) continue;
        event.preventDefault();
        handle(event);
        return;
      }
  }
}

export const keys = new Keys();
