export const design = {
  columns: { name: 'Sound', in: 'In', track: 'Track', gain: 'Gain' },
  empty: 'No ambience and no effect yet.',
} as const;
