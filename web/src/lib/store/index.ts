export { FilmStore, type Notify } from './film.svelte.ts';
export { applyPatch, difference, equal, pointer, valueAt } from './patch.ts';
export { toasts, Toasts } from './toasts.svelte.ts';
export { settings, type Settings, type Theme } from './settings.svelte.ts';
