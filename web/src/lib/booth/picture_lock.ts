import { filmAt, type Pass } from './plan.ts';

type Clock = (performance_ms: number) => number;

/** How fast the picture must run to be where the sound is: its error in seconds, summed a little, turned into a rate. */
export class Servo {
  private sum_ = 0;
  rate(error_s: number): number {
    this.sum_ = Math.min(0.06, Math.max(-0.06, this.sum_ + error_s * 0.02));
    return 1 - Math.min(0.12, Math.max(-0.12, error_s * 0.8 + this.sum_));
  }
}

/** Keeps a muted picture with a pass until the returned function is called. `heard` gives the frame of sound that is heard at a moment. */
export function lockPicture(video: HTMLVideoElement, pass: Pass, heard: Clock, frame_s: number): () => void {
  const servo = new Servo();
  let running = true;
  let starting = false;
  const filmSecond = (frame: number): number => filmAt(pass, frame) / pass.film_rate_hz;
  video.muted = true;
  video.pause();
  video.currentTime = filmSecond(pass.anchor_frame) + frame_s / 2;
  const follow = (): void => {
    if (!running) return;
    const frame = heard(performance.now());
    if (frame >= pass.end_frame) {
      video.pause();
      return;
    }
    if (frame >= pass.anchor_frame && video.paused && !starting) {
      starting = true;
      void video.play().catch(() => undefined);
    }
    requestAnimationFrame(follow);
  };
  const shown: VideoFrameRequestCallback = (_now, { mediaTime, expectedDisplayTime }) => {
    if (!running) return;
    if (!video.paused) {
      const error = mediaTime - filmSecond(heard(expectedDisplayTime));
      if (Math.abs(error) > 0.3) video.currentTime = filmSecond(heard(performance.now())) + 0.05;
      else {
        const rate = servo.rate(error);
        if (Math.abs(video.playbackRate - rate) > 0.004) video.playbackRate = rate;
      }
    }
    video.requestVideoFrameCallback(shown);
  };
  requestAnimationFrame(follow);
  video.requestVideoFrameCallback(shown);
  return () => {
    running = false;
    video.pause();
    video.playbackRate = 1;
  };
}
