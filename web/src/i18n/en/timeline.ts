export const timeline = {
  name: 'Timeline',
} as const;
