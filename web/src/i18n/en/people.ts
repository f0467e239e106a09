export const people = {
  name: 'People',
} as const;
