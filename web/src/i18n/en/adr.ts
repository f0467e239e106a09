export const adr = {
  columns: { number: 'Cue', in: 'In', character: 'Character', text: 'Line', status: 'State' },
  empty: 'No line has to be replaced.',
} as const;
