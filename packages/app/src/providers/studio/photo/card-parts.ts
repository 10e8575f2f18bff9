import { css, lighter } from '../draw/color.ts';
import type { Color } from '../draw/color.ts';
import { sheet } from '../draw/canvas.ts';
import type { Context } from '../draw/canvas.ts';
import { easeInOutSine, easeOutExpo, mix, progress } from '../draw/easing.ts';
import type { Stage } from '../scene.ts';
import { cover } from './photo.ts';
import type { Photo } from './photo.ts';

export interface Theme {
  readonly ground: Color;
  readonly shape: Color;
  readonly ink: Color;
  readonly quiet: Color;
  readonly accent: Color;
  readonly onAccent: Color;
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

type Draw = (ctx: Context, time: number) => void;

/** The ground of a card: one tone, lit from above, with large quiet shapes that drift. */
export function drawGround(stage: Stage, theme: Theme): Draw {
  const { random, width, height, unit } = stage;
  const flat = sheet(width, height, (ctx) => {
    const gradient = ctx.createLinearGradient(0, 0, width * 0.3, height);
    gradient.addColorStop(0, css(lighter(theme.ground, 0.03)));
    gradient.addColorStop(1, css(lighter(theme.ground, -0.035)));
    ctx.fillStyle = gradient;
    ctx.fillRect(0, 0, width, height);
  });
  const kind = random.pick(['circle', 'stripe', 'arcs', 'corner'] as const);
  const side = random.sign();
  const size = Math.min(width, height) * random.between(0.5, 0.8);
  const level = random.between(0.15, 0.8);
  return (ctx, time) => {
    ctx.drawImage(flat, 0, 0);
    const drift = Math.sin(time * 0.5) * 16 * unit;
    ctx.fillStyle = css(theme.shape, 0.85);
    ctx.strokeStyle = css(theme.shape, 0.9);
    ctx.beginPath();
    const x = side > 0 ? width * 0.92 : width * 0.08;
    if (kind === 'circle') {
      ctx.arc(x + drift, height * level, size * 0.72, 0, Math.PI * 2);
      ctx.fill();
    } else if (kind === 'arcs') {
      ctx.lineWidth = size * 0.085;
      for (let i = 1; i <= 4; i += 1) {
        ctx.beginPath();
        ctx.arc(x, height * level + drift, size * 0.24 * i, 0, Math.PI * 2);
        ctx.stroke();
      }
    } else if (kind === 'stripe') {
      ctx.save();
      ctx.translate(width / 2, height * level + drift);
      ctx.rotate(-0.5 * side);
      ctx.fillRect(-width - height, -size * 0.24, (width + height) * 2, size * 0.48);
      ctx.restore();
    } else {
      ctx.ellipse(x, level > 0.5 ? height : 0, size * 1.1, size * 0.9 + drift, 0, 0, Math.PI * 2);
      ctx.fill();
    }
  };
}

/** The outline in which a photo is shown. */
type Mask = (ctx: Context, box: Box, unit: number) => void;
const masks: readonly Mask[] = [
  (ctx, { x, y, width, height }, unit) => ctx.roundRect(x, y, width, height, 34 * unit),
  (ctx, { x, y, width, height }, unit) => {
    const r = Math.min(width / 2, height * 0.62);
    ctx.roundRect(x, y, width, height, [r, r, 30 * unit, 30 * unit]);
  },
  (ctx, { x, y, width, height }, unit) =>
    ctx.roundRect(x, y, width, height, [150 * unit, 26 * unit, 150 * unit, 26 * unit]),
  (ctx, { x, y, width, height }) => ctx.rect(x, y, width, height),
  (ctx, { x, y, width, height }, unit) =>
    ctx.roundRect(x, y, width, height, [26 * unit, 26 * unit, 190 * unit, 26 * unit]),
];

/** A photo behind a mask that opens, with a slow push inside it, a shadow below it and one pass of light. */
export function pictureIn(stage: Stage, photo: Photo, box: Box, theme: Theme): Draw {
  const { random, unit, width, height, seconds } = stage;
  const mask = random.pick(masks);
  const outlined = random.chance(0.4);
  const sharp = cover(photo, box.width, box.height);
  const grow = Math.min(1.5, Math.max(1, sharp.width / box.width));
  const picture = sheet(box.width * grow, box.height * grow, (ctx) => {
    ctx.imageSmoothingQuality = 'high';
    ctx.drawImage(
      photo.picture,
      sharp.x,
      sharp.y,
      sharp.width,
      sharp.height,
      0,
      0,
      box.width * grow,
      box.height * grow,
    );
  });
  const shadow = sheet(width, height, (ctx) => {
    ctx.shadowColor = css({ ...theme.ink, l: 0.1 }, 0.36);
    ctx.shadowBlur = 46 * unit;
    ctx.shadowOffsetY = 22 * unit;
    ctx.fillStyle = css(theme.shape);
    ctx.beginPath();
    mask(ctx, box, unit);
    ctx.fill();
  });
  const from = random.pick(['up', 'left', 'right'] as const);
  const closer = random.chance(0.6);
  return (ctx, time) => {
    const open = stage.still ? 1 : easeOutExpo(progress(time, 0.05, 0.95));
    if (open <= 0) return;
    const float = Math.sin(time * 0.9) * 3.5 * unit;
    ctx.save();
    ctx.translate(0, Math.round(float + (1 - open) * 60 * unit));
    ctx.globalAlpha = open;
    ctx.drawImage(shadow, 0, 0);
    ctx.globalAlpha = 1;
    if (outlined) {
      ctx.strokeStyle = css(theme.accent);
      ctx.lineWidth = 3 * unit;
      ctx.beginPath();
      const apart = 11 * unit * open;
      mask(ctx, { x: box.x + apart, y: box.y + apart, width: box.width, height: box.height }, unit);
      ctx.stroke();
    }
    ctx.beginPath();
    if (from === 'up') ctx.rect(box.x, box.y + box.height * (1 - open), box.width, box.height * open);
    else if (from === 'left') ctx.rect(box.x, box.y, box.width * open, box.height);
    else ctx.rect(box.x + box.width * (1 - open), box.y, box.width * open, box.height);
    ctx.clip();
    ctx.beginPath();
    mask(ctx, box, unit);
    ctx.clip();
    const share = easeInOutSine(Math.min(1, time / seconds));
    const zoom = (closer ? mix(1.02, 1.13, share) : mix(1.13, 1.02, share)) + (1 - open) * 0.25;
    ctx.translate(box.x + box.width / 2, box.y + box.height / 2);
    ctx.scale(zoom, zoom);
    ctx.imageSmoothingQuality = 'low';
    ctx.drawImage(picture, -box.width / 2, -box.height / 2, box.width, box.height);
    ctx.restore();
    const pass = progress(time, 1.2, 2.3);
    if (pass > 0 && pass < 1 && !stage.still) {
      ctx.save();
      ctx.translate(0, Math.round(float));
      ctx.beginPath();
      mask(ctx, box, unit);
      ctx.clip();
      ctx.transform(1, 0, -0.4, 1, 0, 0);
      const x = mix(box.x - box.width * 0.6, box.x + box.width * 1.7, easeInOutSine(pass));
      const light = ctx.createLinearGradient(x, 0, x + box.width * 0.4, 0);
      light.addColorStop(0, 'rgba(255,255,255,0)');
      light.addColorStop(0.5, 'rgba(255,255,255,0.22)');
      light.addColorStop(1, 'rgba(255,255,255,0)');
      ctx.fillStyle = light;
      ctx.fillRect(x, box.y - 20, box.width * 0.4, box.height + 40);
      ctx.restore();
    }
  };
}
