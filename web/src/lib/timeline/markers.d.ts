import '$schema/types';

declare module '$schema/types' {
  /** A place on the film, and what somebody wants to say about it. */
  interface Marker {
    at_samples: number;
    out_samples?: number;
    text: string;
    who: string;
    when: string;
    item: string;
    done: boolean;
  }
  interface Document {
    markers: Record<string, Marker>;
  }
}
