import { sheet } from '../draw/canvas.ts';
import type { Canvas, Context } from '../draw/canvas.ts';
import { css } from '../draw/color.ts';
import type { Color } from '../draw/color.ts';
import { clamp, easeInOutCubic, easeInOutQuint, mix, progress } from '../draw/easing.ts';
import type { Stage } from '../scene.ts';
import { Sprites, paintWord } from '../styles/film.ts';
import type { Script } from '../text/script.ts';
import { typeset } from '../text/typeset.ts';
import { markStrong, splitWords } from '../text/words.ts';
import type { Photo } from './photo.ts';

/** What lies around a photo that doesn't fill the frame: a colour, or the photo itself, large, dark and out of focus. */
export function makeGround(
  { width, height, unit }: Stage,
  photo: Photo,
  graded: Canvas,
  kind: Color | 'photo',
): Canvas {
  return sheet(width, height, (ctx) => {
    if (kind !== 'photo') {
      ctx.fillStyle = css(kind);
      ctx.fillRect(0, 0, width, height);
      return;
    }
    const scale = Math.max(width / photo.width, height / photo.height) * 1.3;
    const tiny = sheet(24, 24, (own) => own.drawImage(graded, 0, 0, 24, 24));
    ctx.imageSmoothingQuality = 'high';
    ctx.filter = `blur(${24 * unit}px)`;
    ctx.drawImage(
      tiny,
      (width - photo.width * scale) / 2,
      (height - photo.height * scale) / 2,
      photo.width * scale,
      photo.height * scale,
    );
    ctx.filter = 'none';
    ctx.fillStyle = 'rgba(8,8,12,0.58)';
    ctx.fillRect(0, 0, width, height);
  });
}

/** The photo as a print on its own blurred ground, with the words under it. */
export function makeEndCard(
  stage: Stage,
  photo: Photo,
  graded: Canvas,
  script: Script,
  accent: Color,
): (ctx: Context, age: number, length: number) => void {
  const { width, height, unit } = stage;
  const ground = makeGround(stage, photo, graded, 'photo');
  const wide = width > height;
  const room = wide ? { w: width * 0.42, h: height * 0.72 } : { w: width * 0.72, h: height * 0.46 };
  const fit = Math.min(room.w / photo.width, room.h / photo.height);
  const w = photo.width * fit;
  const h = photo.height * fit;
  const border = 12 * unit;
  const pad = 60 * unit;
  const print = sheet(w + border * 2 + pad * 2, h + border * 2 + pad * 2, (ctx) => {
    ctx.shadowColor = 'rgba(0,0,0,0.5)';
    ctx.shadowBlur = 40 * unit;
    ctx.shadowOffsetY = 18 * unit;
    ctx.fillStyle = '#fbf8f2';
    ctx.fillRect(pad, pad, w + border * 2, h + border * 2);
    ctx.shadowColor = 'transparent';
    ctx.imageSmoothingQuality = 'high';
    ctx.drawImage(graded, pad + border, pad + border, w, h);
  });
  const whole = markStrong(splitWords(script.text));
  const few = script.text.length <= 140 ? whole : (script.shots[0]?.words ?? whole);
  const box = wide
    ? { x: width * 0.54, y: height * 0.16, w: width * 0.4, h: height * 0.68 }
    : { x: width * 0.1, y: 0, w: width * 0.8, h: height * 0.24 };
  const block = typeset(few, {
    voice: { face: 'serif', weight: 450, tracking: -0.01 },
    strongVoice: { face: 'serif-italic', weight: 480, tracking: -0.01 },
    width: box.w,
    height: box.h,
    largest: 60 * unit,
    leading: 1.2,
    align: wide ? 'start' : 'center',
    direction: script.direction,
    language: script.language,
  });
  const sprites = new Sprites((ctx, word) => paintWord(ctx, word, word.strong ? css(accent) : '#fffaf2'));
  const total = wide ? h : h + border * 2 + 44 * unit + block.height;
  const printX = wide ? width * 0.28 - print.width / 2 : (width - print.width) / 2;
  const printY = wide ? (height - print.height) / 2 : (height - total) / 2 - pad;
  const textY = wide ? (height - block.height) / 2 : printY + pad + border * 2 + h + 44 * unit;
  return (ctx, age, length) => {
    const come = easeInOutQuint(progress(age, 0, Math.min(0.7, length * 0.5)));
    ctx.globalAlpha = come;
    ctx.drawImage(ground, 0, 0);
    ctx.globalAlpha = clamp(come * 1.6);
    const scale = mix(Math.max(width / w, height / h) * 0.8, 1, come);
    ctx.save();
    ctx.translate(printX + print.width / 2, printY + print.height / 2);
    ctx.rotate(mix(0, -0.018, come));
    ctx.scale(scale, scale);
    ctx.drawImage(print, -print.width / 2, -print.height / 2);
    ctx.restore();
    ctx.globalAlpha = 1;
    for (const word of block.words) {
      const begin = length * 0.28 + word.index * 0.035;
      const here = easeInOutCubic(progress(age, begin, begin + 0.4));
      sprites.draw(ctx, word, box.x + word.x, textY + word.y + (1 - here) * 14 * unit, { alpha: here });
    }
  };
}
