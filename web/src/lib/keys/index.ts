export { chordOf, chordText, chords, kUsualKeys, type Command } from './map.ts';
export { keys } from './keys.svelte.ts';
