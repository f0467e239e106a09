export type Theme = 'system' | 'dark' | 'light';

/** What this browser remembers of how a person likes the studio. Nothing of the film. */
export interface Settings {
  theme: Theme;
  snap: boolean;
  ripple: boolean;
  follow: boolean;
  toured: boolean;
  /** Command -> keys, where they are not the usual ones. */
  keys: Record<string, string>;
  track_height: number;
  picture_width: number;
}

const kName = 'twopop.settings';
const kUsual: Settings = { theme: 'dark', snap: true, ripple: false, follow: true, toured: false, keys: {}, track_height: 56, picture_width: 420 };

function read(): Settings {
  try {
    const text = globalThis.localStorage?.getItem(kName);
    const value: unknown = text ? JSON.parse(text) : {};
    return typeof value === 'object' && value !== null ? { ...kUsual, ...value } : kUsual;
  } catch {
    return kUsual;
  }
}

class Remembered {
  private value_ = $state.raw<Settings>(read());
  get value(): Settings {
    return this.value_;
  }
  set(change: Partial<Settings>): void {
    this.value_ = { ...this.value_, ...change };
    try {
      globalThis.localStorage?.setItem(kName, JSON.stringify(this.value_));
    } catch {
      // A browser that keeps nothing: the choice lasts for this page.
    }
  }
}

export const settings = new Remembered();
