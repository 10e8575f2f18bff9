import type { Setting } from '../text/measure.ts';

/** How words over a photo look and arrive. */
export interface CaptionLook {
  readonly setting: Pick<Setting, 'voice' | 'strongVoice' | 'strongScale' | 'align' | 'leading'>;
  readonly largest: number;
  readonly ink: string;
  /** A plate under each line: a colour, or the film's accent. */
  readonly plate: string | null;
  readonly shadow: boolean;
  /** All words stand faintly and light up as they are spoken. */
  readonly karaoke: boolean;
}

export const captionLooks: readonly CaptionLook[] = [
  {
    setting: {
      voice: { face: 'serif', weight: 440, tracking: -0.01 },
      strongVoice: { face: 'serif-italic', weight: 480, tracking: -0.01 },
      strongScale: 1.12,
      align: 'start',
      leading: 1.16,
    },
    largest: 76,
    ink: '#fffaf0',
    plate: null,
    shadow: true,
    karaoke: false,
  },
  {
    setting: {
      voice: { face: 'condensed', weight: 900, upper: true, tracking: -0.005 },
      strongVoice: { face: 'condensed', weight: 900, upper: true, tracking: -0.005 },
      strongScale: 1.16,
      align: 'center',
      leading: 0.98,
    },
    largest: 104,
    ink: '#ffffff',
    plate: null,
    shadow: true,
    karaoke: true,
  },
  {
    setting: { voice: { face: 'sans', weight: 640, tracking: -0.02 }, align: 'center', leading: 1.42 },
    largest: 54,
    ink: '#14151a',
    plate: 'rgba(255,255,255,0.96)',
    shadow: false,
    karaoke: false,
  },
  {
    setting: {
      voice: { face: 'wide', weight: 420, tracking: -0.03 },
      strongVoice: { face: 'wide', weight: 720, tracking: -0.03 },
      align: 'start',
      leading: 1.24,
    },
    largest: 56,
    ink: '#ffffff',
    plate: null,
    shadow: true,
    karaoke: true,
  },
  {
    setting: { voice: { face: 'round', weight: 700, tracking: -0.02 }, align: 'start', leading: 1.44 },
    largest: 54,
    ink: '#17120c',
    plate: 'accent',
    shadow: false,
    karaoke: false,
  },
];
