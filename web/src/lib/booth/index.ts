export { Booth, type Latency, type Mode, type Sending } from './booth.svelte.ts';
export { filmAt, overlayAt, type Pass, type PassSettings } from './plan.ts';
export { capable } from './microphone.ts';
export { lockPicture } from './picture_lock.ts';
export type { BoothCue, BoothTake, BoothView, TakeCheck, TakeResult } from './values.ts';
