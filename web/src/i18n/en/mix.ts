export const mix = {
  columns: { strip: 'Strip', gain: 'Fader', pan: 'Pan', state: 'State' },
  muted: 'muted',
  soloed: 'solo',
  empty: 'No strip has been set: each track runs through at 0 dB.',
} as const;
