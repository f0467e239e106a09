import { frameMiddle, frameOfSample, type FrameRate, type Samples } from '$lib/time';

/** What a picture follows. Times of the page's clock in ms. */
export interface PictureClock {
  /** Film time that is (or will be) heard then. */
  heard(performance_ms: number): Samples;
  /** Normal play in the forward direction: the picture runs by itself and is only steered. */
  running(): boolean;
}

const kTooFar_s = 0.3;
const kProportion = 0.8;
const kIntegral = 0.02;
const kMostIntegral = 0.06;
/** Only near the sound is an error that of the clocks; further away it is the start's, and learning it would overshoot. */
const kLearns_s = 0.1;
const kMostCorrection = 0.12;
const kLeastChange = 0.004;
/** Seconds that a seek takes, about: where the sound will be by then. */
const kSeek_s = 0.05;

const clamp = (x: number, most: number): number => Math.min(most, Math.max(-most, x));

/** The rate at which a picture that is `error` seconds ahead comes back to the sound. Keeps what it has learnt of their clocks. */
export class RateServo {
  private integral_ = 0;
  rate(error_s: number): number {
    if (Math.abs(error_s) < kLearns_s) this.integral_ = clamp(this.integral_ + error_s * kIntegral, kMostIntegral);
    return 1 - clamp(error_s * kProportion + this.integral_, kMostCorrection);
  }
  reset(): void {
    this.integral_ = 0;
  }
}

/**
 * Locks a picture to the sound: while it plays by its rate, frame by frame; otherwise on the middle of the frame that belongs to the
 * position. Ends with the function it gives.
 */
export function lockPicture(picture: HTMLVideoElement, clock: PictureClock, frames: FrameRate, rate_hz: number, measured?: (error_s: number) => void): () => void {
  const servo = new RateServo();
  let ended = false;
  let sought = -1;
  let callback = 0;
  let settle = 0;
  picture.muted = true;
  picture.preservesPitch = false;

  const seconds = (at: Samples): number => at / rate_hz;
  const onFrame = (_now: number, frame: VideoFrameCallbackMetadata): void => {
    if (ended) return;
    callback = picture.requestVideoFrameCallback(onFrame);
    if (!clock.running() || picture.paused || picture.seeking) return;
    const error = frame.mediaTime - seconds(clock.heard(frame.expectedDisplayTime));
    if (Math.abs(error) > kTooFar_s) {
      servo.reset();
      picture.currentTime = seconds(clock.heard(performance.now())) + kSeek_s;
      settle = 12;
      return;
    }
    if (settle > 0) --settle;
    else measured?.(error);
    const rate = servo.rate(error);
    if (Math.abs(picture.playbackRate - rate) > kLeastChange) picture.playbackRate = rate;
  };
  callback = picture.requestVideoFrameCallback(onFrame);

  const follow = (): void => {
    if (ended) return;
    requestAnimationFrame(follow);
    if (picture.readyState === HTMLMediaElement.HAVE_NOTHING) return;
    if (clock.running()) {
      if (!picture.paused || picture.ended) return;
      servo.reset();
      settle = 12;
      sought = -1;
      const at = seconds(clock.heard(performance.now()));
      if (Math.abs(picture.currentTime - at) > kTooFar_s) picture.currentTime = at + kSeek_s;
      void picture.play().catch(() => undefined);
      return;
    }
    if (!picture.paused) {
      picture.pause();
      picture.playbackRate = 1;
    }
    if (picture.seeking) return;
    const frame = frameOfSample(clock.heard(performance.now()), frames, rate_hz);
    if (frame === sought) return;
    sought = frame;
    picture.currentTime = frameMiddle(frame, frames);
  };
  requestAnimationFrame(follow);
  return () => {
    ended = true;
    picture.cancelVideoFrameCallback(callback);
    picture.pause();
  };
}
