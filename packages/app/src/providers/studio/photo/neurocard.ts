import type { Canvas } from '@napi-rs/canvas';
import type { Scene, Stage } from '../scene.ts';
export function composeNeurocard(
  stage: Stage,
  photo: Canvas,
  _words: { name: string; price: string; sellingPoints: readonly string[] },
): Scene {
  return {
    draw: (ctx) => ctx.drawImage(photo, 0, 0, stage.width, stage.height),
    sound: { mood: 'neurocard', hits: [] },
    stillAt: 1,
  };
}
