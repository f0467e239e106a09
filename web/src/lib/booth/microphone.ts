/** The microphone as it is: nothing between it and the take. */

export interface Microphone {
  stream: MediaStream;
  track: MediaStreamTrack;
  label: string;
  rate_hz: number;
  channels: number;
}

/** Why there is no microphone; the page has a text for each. */
export type MicrophoneFailure = 'insecure' | 'unsupported' | 'denied' | 'none' | 'busy' | 'processing' | 'failed';

export class MicrophoneError extends Error {
  readonly why: MicrophoneFailure;
  readonly detail: string;
  constructor(why: MicrophoneFailure, detail = '') {
    super(`${why} ${detail}`);
    this.why = why;
    this.detail = detail;
  }
}

const kProcessing = ['echoCancellation', 'noiseSuppression', 'autoGainControl'] as const;

/** What the browser does to the voice although it was asked not to. */
export function processingLeft(settings: MediaTrackSettings): string[] {
  return kProcessing.filter((name) => Boolean(settings[name]));
}

export function capable(): MicrophoneFailure | null {
  if (!isSecureContext) return 'insecure';
  // Typed as always there, but older browsers lack them.
  const has: { mediaDevices?: unknown; storage?: { getDirectory?: unknown } } = navigator;
  return has.mediaDevices && has.storage?.getDirectory && 'AudioWorkletNode' in window ? null : 'unsupported';
}

const kWhy: Readonly<Record<string, MicrophoneFailure>> = { NotAllowedError: 'denied', SecurityError: 'denied', NotFoundError: 'none', OverconstrainedError: 'none', NotReadableError: 'busy', AbortError: 'busy' };

/** Opens a microphone with all voice processing off, and makes sure of it. */
export async function openMicrophone(device: string): Promise<Microphone> {
  const lacking = capable();
  if (lacking) throw new MicrophoneError(lacking);
  const off = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
  let stream: MediaStream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ audio: { ...off, channelCount: { ideal: 1 }, ...(device ? { deviceId: { exact: device } } : {}) } });
  } catch (error) {
    const name = error instanceof DOMException ? error.name : '';
    throw new MicrophoneError(kWhy[name] ?? 'failed', error instanceof Error ? error.message : String(error));
  }
  const track = stream.getAudioTracks()[0];
  if (!track) throw new MicrophoneError('none');
  const settings = track.getSettings();
  const left = processingLeft(settings);
  if (left.length > 0) {
    track.stop();
    throw new MicrophoneError('processing', left.join(', '));
  }
  return { stream, track, label: track.label, rate_hz: settings.sampleRate ?? 48000, channels: 1 };
}

export async function microphones(): Promise<{ id: string; label: string }[]> {
  const devices = await navigator.mediaDevices.enumerateDevices();
  return devices.filter(({ kind, deviceId }) => kind === 'audioinput' && deviceId !== '').map(({ deviceId, label }) => ({ id: deviceId, label }));
}
