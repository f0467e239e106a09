export const deliver = {
  columns: { path: 'File', bytes: 'Size' },
  empty: 'Nothing has been delivered yet: build the film.',
} as const;
