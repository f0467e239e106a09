/** Where everything of one pass over a cue lies on the sound's clock. Pure. */

export interface PassSettings {
  /** Seconds of picture before the cue's in. */
  readonly pre_roll_s: number;
  readonly post_roll_s: number;
  readonly beeps: number;
  readonly spacing_s: number;
  /** Seconds of a streamer's way over the picture. */
  readonly streamer_s: number;
}

export const kPassSettings: PassSettings = { pre_roll_s: 4, post_roll_s: 1.5, beeps: 3, spacing_s: 1, streamer_s: 2 };
/** Recorded before and after what was asked for, so that nothing is cut off that came a little early or late. */
export const kRecordAround_s = 0.3;
export const kBeepHz = 1000;
export const kBeepMs = 40;

export interface Pass {
  /** Frame at which film position `from_samples` is played. */
  readonly anchor_frame: number;
  readonly from_samples: number;
  readonly in_frame: number;
  readonly out_frame: number;
  /** The picture stops. */
  readonly end_frame: number;
  readonly beep_frames: readonly number[];
  readonly rate_hz: number;
  readonly film_rate_hz: number;
}

/** A pass that begins at `start_frame`; the line starts on the imaginary beep after the last. The picture is held at its first frame where the film has no pre-roll to give. */
export function planPass(cue: { in_samples: number; out_samples: number }, film_rate_hz: number, rate_hz: number, start_frame: number, settings: PassSettings): Pass {
  const lead_s = Math.max(settings.pre_roll_s, settings.beeps * settings.spacing_s + 0.25);
  const in_frame = start_frame + Math.round(lead_s * rate_hz);
  const frames = (samples: number): number => Math.round((samples * rate_hz) / film_rate_hz);
  const from_samples = Math.max(0, cue.in_samples - Math.round(lead_s * film_rate_hz));
  const out_frame = in_frame + Math.max(frames(cue.out_samples - cue.in_samples), Math.round(rate_hz / 10));
  return {
    anchor_frame: in_frame - frames(cue.in_samples - from_samples),
    from_samples,
    in_frame,
    out_frame,
    end_frame: out_frame + Math.round(settings.post_roll_s * rate_hz),
    beep_frames: Array.from({ length: settings.beeps }, (_, k) => in_frame - Math.round((settings.beeps - k) * settings.spacing_s * rate_hz)),
    rate_hz,
    film_rate_hz,
  };
}

/** Film position that is played at a frame; before the film's first frame it is held there. */
export const filmAt = (pass: Pass, frame: number): number => Math.max(0, pass.from_samples + ((frame - pass.anchor_frame) * pass.film_rate_hz) / pass.rate_hz);

/** What is drawn over the picture at a frame. */
export interface Overlay {
  /** 0 to 1: the streamer's way; null: none is seen. */
  readonly streamer: number | null;
  /** 0 to 1: the flash at the in. */
  readonly flash: number;
  /** 3, 2, 1; 0 where none is shown. */
  readonly count: number;
  /** 0 to 1 within the line. */
  readonly line: number;
}

export function overlayAt(pass: Pass, frame: number, settings: PassSettings): Overlay {
  const before_s = (pass.in_frame - frame) / pass.rate_hz;
  const counted = Math.ceil(before_s / settings.spacing_s - 1e-9);
  return {
    streamer: before_s > 0 && before_s <= settings.streamer_s ? 1 - before_s / settings.streamer_s : null,
    flash: before_s <= 0 && before_s > -0.15 ? 1 + before_s / 0.15 : 0,
    count: before_s > 0 && counted >= 1 && counted <= settings.beeps ? counted : 0,
    line: Math.min(1, Math.max(0, (frame - pass.in_frame) / (pass.out_frame - pass.in_frame))),
  };
}

/** A beep: a sine with edges of 2 ms. */
export function makeBeep(rate_hz: number, hz = kBeepHz, length_ms = kBeepMs): Float32Array<ArrayBuffer> {
  const length = Math.round((length_ms * rate_hz) / 1000);
  const edge = 0.002 * rate_hz;
  return Float32Array.from({ length }, (_, i) => 0.35 * Math.min(1, i / edge, (length - i) / edge) * Math.sin((2 * Math.PI * hz * i) / rate_hz));
}
