/** SHA-256 (FIPS 180-4) of bytes that come in portions; the browser's own digest wants them all at once. */
const kRounds = roundConstants();

function roundConstants(): Uint32Array {
  const words: number[] = [];
  for (let n = 2; words.length < 64; ++n) {
    let prime = true;
    for (let d = 2; d * d <= n; ++d) if (n % d === 0) prime = false;
    if (prime) words.push(Math.floor((Math.cbrt(n) % 1) * 2 ** 32));
  }
  return Uint32Array.from(words);
}

export class Sha256 {
  private readonly state_ = Uint32Array.from([0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19]);
  private readonly words_ = new Uint32Array(64);
  private readonly block_ = new Uint8Array(64);
  private held_ = 0;
  private length_ = 0;

  add(bytes: Uint8Array): this {
    this.length_ += bytes.length;
    let at = 0;
    while (at < bytes.length) {
      const n = Math.min(64 - this.held_, bytes.length - at);
      this.block_.set(bytes.subarray(at, at + n), this.held_);
      this.held_ += n;
      at += n;
      if (this.held_ === 64) {
        this.mix(this.block_);
        this.held_ = 0;
      }
    }
    return this;
  }

  /** 64 hexadecimal digits. Once. */
  hex(): string {
    const bits = this.length_ * 8;
    const tail = new Uint8Array(((this.held_ + 8) >> 6 === 0 ? 64 : 128) - this.held_);
    tail[0] = 0x80;
    const view = new DataView(tail.buffer);
    view.setUint32(tail.length - 8, Math.floor(bits / 2 ** 32));
    view.setUint32(tail.length - 4, bits >>> 0);
    this.add(tail);
    return [...this.state_].map((word) => word.toString(16).padStart(8, '0')).join('');
  }

  private mix(block: Uint8Array): void {
    const w = this.words_;
    const view = new DataView(block.buffer, block.byteOffset, 64);
    for (let i = 0; i < 16; ++i) w[i] = view.getUint32(i * 4);
    const at = (i: number): number => w[i] as number;
    const turn = (x: number, by: number): number => (x >>> by) | (x << (32 - by));
    for (let i = 16; i < 64; ++i) {
      const x = at(i - 15);
      const y = at(i - 2);
      w[i] = at(i - 16) + at(i - 7) + (turn(x, 7) ^ turn(x, 18) ^ (x >>> 3)) + (turn(y, 17) ^ turn(y, 19) ^ (y >>> 10));
    }
    let [a, b, c, d, e, f, g, h] = this.state_ as unknown as [number, number, number, number, number, number, number, number];
    for (let i = 0; i < 64; ++i) {
      const one = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + (kRounds[i] as number) + at(i)) | 0;
      const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0];
    }
    [a, b, c, d, e, f, g, h].forEach((word, i) => void (this.state_[i] = (this.state_[i] as number) + word));
  }
}
