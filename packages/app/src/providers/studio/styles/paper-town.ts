import { mix } from '../draw/easing.ts';
import type { Stage } from '../scene.ts';
import { clouds, sun } from './paper-landscapes.ts';
import { mixHex } from './paper-pieces.ts';
import type { Built, Cut, Piece } from './paper-pieces.ts';
import type { Papers } from './paper.ts';

/** Houses in three streets, one behind the other, windows lit. */
export function town(stage: Stage, set: Papers, cut: Cut): Built {
  const { random, width, height, unit } = stage;
  const pieces: Piece[] = [];
  const first = 0.58;
  for (let row = 0; row < 3; row += 1) {
    const fill = set.sheets[row + 1] ?? set.sheets[3];
    const base = mix(0.74, 1, row / 2) * height;
    const houses: { x: number; w: number; h: number; roof: number }[] = [];
    for (let x = -40 * unit; x < width * 1.15;) {
      const w = random.between(70, 150) * unit * mix(0.8, 1.25, row / 2);
      houses.push({
        x,
        w,
        h: random.between(0.1, 0.24) * height * mix(0.9, 0.8, row / 2),
        roof: random.int(0, 3),
      });
      x += w * random.between(0.92, 1.12);
    }
    const top = base - 0.3 * height;
    const shape = cut(width * 1.2, height - top + 30 * unit, fill, (ctx) => {
      for (const house of houses) {
        const y = base - top - house.h;
        ctx.moveTo(house.x, height);
        ctx.lineTo(house.x, y);
        if (house.roof === 1) ctx.lineTo(house.x + house.w / 2, y - house.w * 0.42);
        if (house.roof === 2) ctx.lineTo(house.x, y - house.w * 0.34);
        if (house.roof === 3) ctx.arc(house.x + house.w / 2, y, house.w / 2, Math.PI, 0);
        ctx.lineTo(house.x + house.w, y);
        ctx.lineTo(house.x + house.w, height);
        ctx.closePath();
      }
    });
    const ctx = shape.getContext('2d');
    for (const house of houses) {
      const columns = Math.max(1, Math.floor(house.w / (34 * unit)));
      for (let c = 0; c < columns; c += 1) {
        for (let r = 0; r * 44 * unit < house.h - 44 * unit; r += 1) {
          if (random.chance(0.52)) continue;
          ctx.fillStyle = random.chance(0.75) ? set.bright : mixHex(fill, set.bright, 0.4);
          ctx.fillRect(
            house.x + (house.w / columns) * (c + 0.5) - 7 * unit,
            base - top - house.h + (18 + r * 44) * unit,
            14 * unit,
            22 * unit,
          );
        }
      }
    }
    pieces.push({
      picture: shape,
      x: -0.08 * width,
      y: top,
      from: { x: 0, y: height * 0.5 },
      delay: row * 0.12,
      sway: { x: (row + 1) * 9 * unit, pace: 0.4, phase: row },
    });
  }
  return {
    pieces: [
      ...sun(
        stage,
        set,
        cut,
        random.between(0.2, 0.8) * width,
        first * height - random.between(20, 90) * unit,
        random.between(60, 120) * unit,
      ),
      ...clouds(stage, set, cut, 2, 0.12, 0.42),
      ...pieces,
    ],
    words: { top: 0.08, bottom: first - 0.04 },
  };
}
