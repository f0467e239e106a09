export const foley = {
  columns: { in: 'At', pass: 'Pass', character: 'Character', surface: 'Surface', action: 'Action', status: 'State' },
  empty: 'The sheet is empty.',
} as const;
