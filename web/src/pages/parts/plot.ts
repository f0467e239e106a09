import type uPlot from 'uplot';

/** What a chart shows: x and a column for each series. */
export interface Drawn {
  data: uPlot.AlignedData;
  series: uPlot.Series[];
  y: [number, number];
  x_axis: (x: number) => string;
  y_axis: (y: number) => string;
  /** Paints what lies under the lines. */
  behind: (plot: uPlot) => void;
}
