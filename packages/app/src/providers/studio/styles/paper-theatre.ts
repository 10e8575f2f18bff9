import { sheet } from '../draw/canvas.ts';
import type { Canvas } from '../draw/canvas.ts';
import type { Stage } from '../scene.ts';
import { cutSheet } from './paper-cut.ts';
import { hills, waves } from './paper-landscapes.ts';
import { drawPiece } from './paper-pieces.ts';
import type { Cut, Theatre } from './paper-pieces.ts';
import { collage, garden } from './paper-shapes.ts';
import { town } from './paper-town.ts';
import type { Papers } from './paper.ts';

export function paperTheatre(stage: Stage, set: Papers, texture: Canvas): Theatre {
  const { random, width, height, unit } = stage;
  const cut: Cut = (w, h, fill, outline, depth = 1) => cutSheet(w, h, unit, fill, texture, outline, depth);
  const ground = cutSheet(width, height, unit, set.ground, texture, (ctx) => ctx.rect(0, 0, width, height));
  const build = random.pick([hills, hills, waves, garden, garden, town, collage]);
  const { pieces, words, busy = false } = build(stage, set, cut);
  const shade = sheet(width, height, (ctx) => {
    const gradient = ctx.createRadialGradient(
      width * 0.45,
      height * 0.4,
      Math.min(width, height) * 0.35,
      width / 2,
      height / 2,
      Math.hypot(width, height) * 0.58,
    );
    gradient.addColorStop(0, 'rgba(255,248,225,0.10)');
    gradient.addColorStop(0.5, 'rgba(255,248,225,0)');
    gradient.addColorStop(1, 'rgba(35,8,35,0.30)');
    ctx.fillStyle = gradient;
    ctx.fillRect(0, 0, width, height);
  });
  return {
    words,
    busy,
    draw(ctx, time) {
      ctx.drawImage(ground, 0, 0);
      for (const piece of pieces) drawPiece(ctx, piece, time, stage.still);
      ctx.drawImage(shade, 0, 0);
    },
  };
}
