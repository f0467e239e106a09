/** Hands on what it hears, with the context's frame. */
declare const currentFrame: number;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, made: new () => AudioWorkletProcessor): void;

registerProcessor(
  'recorder',
  class extends AudioWorkletProcessor {
    process(inputs: Float32Array[][]): boolean {
      const channels = (inputs[0] ?? []).map((channel) => channel.slice());
      if (channels.length > 0) this.port.postMessage({ frame: currentFrame, channels });
      return true;
    }
  },
);
