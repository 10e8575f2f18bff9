import { sheet } from '../draw/canvas.ts';
import type { Canvas, Context } from '../draw/canvas.ts';
import { clamp, easeInOutSine, mix } from '../draw/easing.ts';
import type { Stage } from '../scene.ts';
import { develop } from './grade.ts';
import type { Grade } from './grade.ts';
import type { Photo } from './photo.ts';

export interface Camera {
  /** Draws the photo, filling the frame, as the camera sees it at a share (0 to 1) of its way. */
  draw(ctx: Context, share: number): void;
  /** The graded photo, whole. */
  readonly graded: Canvas;
}

/** A photo in two depths: its surroundings, softened where the subject stood, and the subject before them. */
export function openCamera(stage: Stage, photo: Photo, grade: Grade): Camera {
  const { random, width, height } = stage;
  const scale = Math.max(width / photo.width, height / photo.height) * 1.04;
  // Large enough that the widest view isn't stretched, small enough to be quick.
  const w = Math.min(photo.width, Math.ceil(photo.width * scale * 1.12));
  const ratio = w / photo.width;
  const h = Math.ceil(photo.height * ratio);
  const graded = develop(photo, w, h, grade);
  const box = {
    x: photo.bounds.x * w,
    y: photo.bounds.y * h,
    w: photo.bounds.width * w,
    h: photo.bounds.height * h,
  };
  const subject = sheet(box.w, box.h, (ctx) => {
    ctx.translate(-box.x, -box.y);
    ctx.imageSmoothingQuality = 'high';
    ctx.drawImage(photo.subject, 0, 0, w, h);
    ctx.globalCompositeOperation = 'source-in';
    ctx.drawImage(graded, 0, 0);
  });
  const behind = sheet(w, h, (ctx) => {
    ctx.filter = `blur(${(Math.min(w, h) * 0.008).toFixed(1)}px)`;
    ctx.drawImage(graded, 0, 0);
    ctx.filter = 'none';
    ctx.globalAlpha = 0.45;
    ctx.drawImage(graded, 0, 0);
  });
  const wide = photo.width / photo.height > (width / height) * 1.25;
  const high = photo.width / photo.height < (width / height) * 0.8;
  const direction = random.sign();
  const move = wide || high ? 'pan' : random.pick(['in', 'out', 'pan'] as const);
  // A tilt costs as much again as the move: for the richer films only.
  const turn = stage.rich ? random.sign() * random.between(0, 0.014) : 0;
  const [from, to] = move === 'in' ? [1.03, 1.2] : move === 'out' ? [1.2, 1.03] : [1.06, 1.11];
  return {
    graded,
    draw(ctx, share) {
      const eased = easeInOutSine(clamp(share));
      const zoom = mix(from, to, eased);
      const fit = (Math.max(width / w, height / h) * zoom) / Math.cos(Math.abs(turn)) + Math.abs(turn) * 1.2;
      const freeX = Math.max(0, w * fit - width) / 2;
      const freeY = Math.max(0, h * fit - height) / 2;
      const aimX = clamp((0.5 - photo.focus.x) * w * fit, -freeX, freeX);
      const aimY = clamp((0.5 - photo.focus.y) * h * fit, -freeY, freeY);
      const sway = (eased - 0.5) * 2 * direction;
      const reach = move === 'pan' ? 0.8 : 0.25;
      const x = clamp(wide ? aimX * 0.4 + sway * freeX * reach : aimX + sway * freeX * 0.3, -freeX, freeX);
      const y = clamp(high ? aimY * 0.4 - sway * freeY * reach : aimY - sway * freeY * 0.3, -freeY, freeY);
      ctx.imageSmoothingEnabled = true;
      ctx.imageSmoothingQuality = 'low';
      for (const [layer, near, left, top] of [
        [behind, 1, 0, 0],
        [subject, 1 + 0.03 * eased + 0.01, box.x, box.y],
      ] as const) {
        ctx.save();
        ctx.translate(width / 2 + x * near, height / 2 + y * near);
        if (turn !== 0) ctx.rotate(turn * (1 - 2 * eased));
        // The subject grows about itself, so that it comes nearer without sliding off its place.
        ctx.translate((photo.focus.x - 0.5) * w * fit, (photo.focus.y - 0.5) * h * fit);
        ctx.scale(fit * near, fit * near);
        ctx.drawImage(layer, left - photo.focus.x * w, top - photo.focus.y * h);
        ctx.restore();
      }
    },
  };
}
