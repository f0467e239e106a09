/** Hands on what it hears, with the context's frame. */
import { QuantumClock } from '../../src/lib/live/quantum_clock.ts';

declare const currentFrame: number;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, made: new () => AudioWorkletProcessor): void;

registerProcessor(
  'recorder',
  class extends AudioWorkletProcessor {
    private readonly clock_ = new QuantumClock();
    process(inputs: Float32Array[][]): boolean {
      const frame = this.clock_.tick(currentFrame, inputs[0]?.[0]?.length ?? 128);
      const channels = (inputs[0] ?? []).map((channel) => channel.slice());
      if (channels.length > 0) this.port.postMessage({ frame, channels });
      return true;
    }
  },
);
