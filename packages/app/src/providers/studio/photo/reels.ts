import type { Canvas } from '@napi-rs/canvas';
import type { Scene, Stage } from '../scene.ts';
export function composeReels(stage: Stage, photo: Canvas, _words: { captions: readonly string[] }): Scene {
  return {
    draw: (ctx) => ctx.drawImage(photo, 0, 0, stage.width, stage.height),
    sound: { mood: 'reels', hits: [] },
    stillAt: 1,
  };
}
