export { Engine, EngineError, Meter, Mixer, type LoudnessFigures, type Part } from './engine.ts';
export { engineModule, Output, type Level, type Meters } from './output.ts';
export type { Anchor } from './messages.ts';
export { curves } from './curves.svelte.ts';
