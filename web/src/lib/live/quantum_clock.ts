/**
 * The context's frame at each quantum of a worklet. Chromium leaves `currentFrame` as it was in a quantum in which the page is just changing
 * the graph (it only tries to take the graph's lock), and the next one jumps over what was not counted: quanta are counted here, and what is
 * stated is believed only where it lies ahead.
 */
export class QuantumClock {
  private next_ = 0;

  /** To be called once a quantum, first thing: the frame at which it begins. `stated` is `currentFrame`, `frames` the quantum's length. */
  tick(stated: number, frames: number): number {
    const frame = Math.max(stated, this.next_);
    this.next_ = frame + frames;
    return frame;
  }
}
