export const music = {
  columns: { number: 'Cue', in: 'In', out: 'Out', piece: 'Piece', usage: 'Use' },
  empty: 'No cue yet.',
} as const;
