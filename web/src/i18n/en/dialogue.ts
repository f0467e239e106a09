export const dialogue = {
  columns: { in: 'In', character: 'Character', text: 'Line', track: 'Track', gain: 'Gain' },
  empty: 'No clip yet: spotting proposes them from the picture and the recordings.',
} as const;
