/**
 * A microphone that hears the headphones: what the page plays comes back after a known time, to the sample. Runs in the page, before its own
 * scripts. The way back is inside the sound's graph: that of a browser's streams jumps by milliseconds on a machine that has much to do.
 */

export interface Loopback {
  /** Of the whole way from playing to recording. */
  delay_ms: (ms: number) => void;
  /** How much comes back. */
  level: (gain: number) => void;
  /** Root of the mean square of what the headphones play, over the last 2048 samples. */
  heard: () => number;
}

export function loopback(): void {
  interface Hub {
    context: AudioContext;
    delay: DelayNode;
    leak: GainNode;
    ear: AnalyserNode;
    stream: MediaStream;
  }
  const Real = globalThis.AudioContext;
  let hub: Hub | null = null;
  const make = (): Hub => {
    const context = new Real({ sampleRate: 48000 });
    const microphone = new MediaStreamAudioDestinationNode(context, { channelCount: 1 });
    const delay = new DelayNode(context, { delayTime: 0.08, maxDelayTime: 1 });
    const leak = new GainNode(context, { gain: 0.5 });
    const ear = new AnalyserNode(context, { fftSize: 2048 });
    delay.connect(leak);
    return { context, delay, leak, ear, stream: microphone.stream };
  };
  navigator.mediaDevices.getUserMedia = () => {
    if (!hub || hub.context.state === 'closed') hub = make();
    return Promise.resolve(hub.stream);
  };
  // The booth's context is the loop's.
  const same = function (options?: AudioContextOptions): AudioContext {
    return hub && hub.context.state !== 'closed' ? hub.context : new Real(options);
  };
  same.prototype = Real.prototype;
  globalThis.AudioContext = same as unknown as typeof AudioContext;
  const source = Real.prototype.createMediaStreamSource;
  Real.prototype.createMediaStreamSource = function (this: AudioContext, stream: MediaStream) {
    return hub?.stream === stream ? (hub.leak as unknown as MediaStreamAudioSourceNode) : source.call(this, stream);
  };
  const connect = AudioNode.prototype.connect as (this: AudioNode, to: AudioNode | AudioParam, ...rest: number[]) => AudioNode;
  AudioNode.prototype.connect = function (this: AudioNode, to: AudioNode | AudioParam, ...rest: number[]) {
    if (hub && to === hub.context.destination) {
      connect.call(this, hub.delay);
      connect.call(this, hub.ear);
    }
    return connect.call(this, to, ...rest);
  } as typeof AudioNode.prototype.connect;
  const controls: Loopback = {
    delay_ms: (ms) => void (hub && (hub.delay.delayTime.value = ms / 1000)),
    level: (gain) => void (hub && (hub.leak.gain.value = gain)),
    heard: () => {
      if (!hub) return 0;
      const wave = new Float32Array(hub.ear.fftSize);
      hub.ear.getFloatTimeDomainData(wave);
      return Math.sqrt(wave.reduce((sum, x) => sum + x * x, 0) / wave.length);
    },
  };
  Object.assign(globalThis, { loopback: controls });
}
