export const booth = {
  name: 'Booth',
} as const;
