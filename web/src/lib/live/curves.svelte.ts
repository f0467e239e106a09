import type { CompressorSettings, EqBand, ExpanderSettings } from '$schema/types';
import { Engine } from './engine.ts';
import { engineModule } from './output.ts';

/** What the engine's equaliser, compressor and expander do, by its own code in the page, for drawing. Null until that code is there. */
class Curves {
  private engine_ = $state.raw<Engine | null>(null);
  private asked_ = false;

  private get engine(): Engine | null {
    if (!this.asked_) {
      this.asked_ = true;
      engineModule().then((module) => (this.engine_ = new Engine(module)), () => (this.asked_ = false));
    }
    return this.engine_;
  }
  private try<Found>(make: (engine: Engine) => Found): Found | null {
    const { engine } = this;
    if (!engine) return null;
    try {
      return make(engine);
    } catch {
      // Settings that the engine refuses have no curve: the server says why.
      return null;
    }
  }

  /** Decibels at frequencies, of the bands that are on. */
  eq(bands: Readonly<Record<string, EqBand>>, frequencies_hz: readonly number[], rate_hz: number): ArrayLike<number> | null {
    return this.try((engine) => engine.eqCurve(bands, frequencies_hz, rate_hz));
  }
  /** Levels out for levels in, make-up included. */
  compressor(settings: CompressorSettings, levels_dbfs: readonly number[]): ArrayLike<number> | null {
    return this.try((engine) => engine.compressorCurve(settings, levels_dbfs));
  }
  /** Levels out for levels in, of an expander that is closed. */
  expander(settings: ExpanderSettings, levels_dbfs: readonly number[]): ArrayLike<number> | null {
    return this.try((engine) => engine.expanderCurve(settings, levels_dbfs));
  }
}

export const curves = new Curves();
