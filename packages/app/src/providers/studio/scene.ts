import type { Context } from './draw/canvas.ts';
import type { Random } from './random.ts';

/** The ground on which a scene is composed. All lengths in pixels, all times in seconds. */
export interface Stage {
  readonly width: number;
  readonly height: number;
  /** The short side in 720ths: multiply design lengths by it. */
  readonly unit: number;
  readonly seconds: number;
  /** Richer treatment: more depth, finer scenes. */
  readonly rich: boolean;
  /** A picture is wanted, not a film: everything stands at `stillAt`. */
  readonly still: boolean;
  readonly random: Random;
}

/** What the sound bed follows. */
export interface SoundPlan {
  readonly mood: 'nocturne' | 'poster' | 'paper' | 'signal' | 'aura' | 'echo' | 'reels' | 'neurocard';
  /** When something appears, in seconds. */
  readonly hits: readonly number[];
}

/** A composed film: draws any moment by itself, so that frames don't depend on one another. */
export interface Scene {
  draw(ctx: Context, time: number): void;
  readonly sound: SoundPlan;
  /** The moment that shows it best: for the poster frame. */
  readonly stillAt: number;
}
