import { color, css, toRgb } from '../draw/color.ts';
import { glow, Grain, sheet } from '../draw/canvas.ts';
import type { Context } from '../draw/canvas.ts';
import {
  clamp,
  easeInCubic,
  easeInOutCubic,
  easeInOutQuint,
  easeOutCubic,
  easeOutExpo,
  mix,
  progress,
} from '../draw/easing.ts';
import type { Scene, Stage } from '../scene.ts';
import { Sprites, hitsOf, paintWord, scriptFor } from '../styles/film.ts';
import type { PlacedShot } from '../styles/film.ts';
import { typeset } from '../text/typeset.ts';
import { captionLooks } from './captions.ts';
import { openCamera } from './layers.ts';
import type { Photo } from './photo.ts';

/** A slow camera over a photo, words timed to reading, light that leaks in, and a card at the end. */
export function composeReels(
  stage: Stage,
  photo: Photo,
  { captions }: { captions: readonly string[] },
): Scene {
  const { random, width, height, unit, seconds } = stage;
  const warm = random.pick([38, 52, 70, 20, 200, 285]);
  const camera = openCamera(stage, photo, {
    shadow: css(color(0.35, 0.09, warm + 180)),
    light: css(color(0.78, 0.09, warm)),
    strength: random.between(0.3, 0.55),
  });
  const look = random.pick(captionLooks);
  const text = captions.join('\n');
  const card = !stage.still && text !== '' && seconds >= 4 ? Math.min(1.7, seconds * 0.3) : 0;
  const main = { ...stage, seconds: seconds - card * 0.8 };
  const script = scriptFor(main, captions, {
    lead: 0.5,
    tail: card > 0 ? 0.15 : 0.2,
    phraseCharacters: 34,
    shortestShot: 1.2,
    finale: false,
  });
  const { shots } = script;
  const side = width * (width > height ? 0.08 : 0.09);
  const low = random.chance(0.75);
  const ends = card > 0 ? seconds - card : Number.POSITIVE_INFINITY;
  const placed = shots.map((shot): PlacedShot => {
    const boxWidth = width > height ? width * 0.6 : width - side * 2;
    const boxHeight = height * (shot.characters > 120 ? 0.5 : 0.32);
    const block = typeset(shot.words, {
      ...look.setting,
      width: boxWidth,
      height: boxHeight,
      largest: look.largest * unit,
      direction: script.direction,
      language: script.language,
    });
    const x =
      look.setting.align === 'center'
        ? (width - boxWidth) / 2
        : script.direction === 'rtl'
          ? width - boxWidth - side
          : side;
    const foot = height * (width > height ? 0.9 : 0.86);
    return { shot, block, x, y: low ? foot - block.height : width > height ? height * 0.1 : height * 0.13 };
  });
  const accent = color(0.85, 0.14, warm);
  const sprites = new Sprites((ctx, word) => {
    if (look.shadow) {
      ctx.shadowColor = 'rgba(0,0,0,0.5)';
      ctx.shadowBlur = word.size * 0.22;
      ctx.shadowOffsetY = word.size * 0.03;
    }
    paintWord(ctx, word, word.strong && !look.plate ? css(accent) : look.ink);
  });
  const shade = makeShade(stage, low, text !== '');
  const leaks = makeLeaks(stage, warm);
  const grain = new Grain(random, 0.042, width, height);
  const end = card > 0 ? makeEndCard(stage, photo, camera.graded, text, script, accent) : null;
  return {
    draw(ctx, time) {
      camera.draw(ctx, stage.still ? 0.55 : time / seconds);
      leaks(ctx, time);
      if (text !== '') ctx.drawImage(shade, 0, 0);
      for (const shot of placed) {
        if (time >= shot.shot.start && time <= shot.shot.end)
          drawCaption(ctx, stage, sprites, look, shot, time, css(accent));
      }
      if (end && time >= ends) end(ctx, time - ends, card);
      grain.draw(ctx, Math.floor(time * 8));
      const black = 1 - progress(time, 0, 0.35);
      if (black > 0 && !stage.still) {
        ctx.fillStyle = `rgba(0,0,0,${black})`;
        ctx.fillRect(0, 0, width, height);
      }
    },
    sound: { mood: 'reels', hits: [...hitsOf(shots), ...(card > 0 ? [ends] : [])] },
    stillAt: stage.still ? 3 : clamp((shots[0]?.end ?? seconds * 0.4) - 0.32, 0, seconds - 0.1),
  };
}

type Look = (typeof captionLooks)[number];

function drawCaption(
  ctx: Context,
  stage: Stage,
  sprites: Sprites,
  look: Look,
  { shot, block, x, y }: PlacedShot,
  time: number,
  accent: string,
): void {
  const length = shot.end - shot.start;
  const leave = easeInCubic(progress(time, shot.end - 0.22, shot.end));
  const speaking = Math.min(length * 0.62, shot.characters / 17);
  if (look.plate) {
    const rows = new Map<number, { left: number; right: number; base: number; size: number }>();
    for (const word of block.words) {
      const row = rows.get(word.line);
      rows.set(word.line, {
        left: Math.min(row?.left ?? word.x, word.x),
        right: Math.max(row?.right ?? 0, word.x + word.width),
        base: word.y,
        size: Math.max(row?.size ?? 0, word.size),
      });
    }
    for (const [row, { left, right, base, size }] of rows) {
      const open =
        easeOutExpo(progress(time, shot.start + row * 0.08, shot.start + row * 0.08 + 0.4)) * (1 - leave);
      ctx.fillStyle = look.plate === 'accent' ? accent : look.plate;
      const wide = (right - left + size * 0.64) * open;
      const from =
        shot.words[0]?.direction === 'rtl' ? x + right + size * 0.32 - wide : x + left - size * 0.32;
      ctx.beginPath();
      ctx.roundRect(from, y + base - size * 0.98, wide, size * 1.32, size * 0.2);
      ctx.fill();
    }
  }
  for (const word of block.words) {
    const share = word.index / Math.max(1, block.words.length);
    const begin = shot.start + share * speaking * (look.plate ? 0.4 : 1);
    const come = progress(time, begin, begin + 0.3);
    const ahead = look.karaoke ? 0.38 * easeOutCubic(progress(time, shot.start, shot.start + 0.25)) : 0;
    const alpha = Math.max(ahead, easeOutCubic(come)) * (1 - leave);
    const rise = look.karaoke ? 0 : (1 - easeOutCubic(come)) * 14 * stage.unit;
    sprites.draw(ctx, word, x + word.x, y + word.y + rise - leave * 10 * stage.unit, {
      alpha,
      scale: look.karaoke && come > 0 ? 1 + 0.05 * Math.sin(Math.PI * come) : 1,
    });
  }
}

function makeShade({ width, height }: Stage, low: boolean, text: boolean) {
  return sheet(width, height, (ctx) => {
    const gradient = ctx.createLinearGradient(0, low ? height : 0, 0, low ? height * 0.38 : height * 0.6);
    for (const [at, alpha] of [
      [0, 0.78],
      [0.35, 0.5],
      [0.7, 0.16],
      [1, 0],
    ] as const)
      gradient.addColorStop(at, `rgba(5,6,10,${text ? alpha : alpha * 0.3})`);
    ctx.fillStyle = gradient;
    ctx.fillRect(0, 0, width, height);
    const edge = ctx.createRadialGradient(
      width / 2,
      height / 2,
      Math.min(width, height) * 0.4,
      width / 2,
      height / 2,
      Math.hypot(width, height) * 0.56,
    );
    edge.addColorStop(0, 'rgba(0,0,0,0)');
    edge.addColorStop(1, 'rgba(0,0,0,0.42)');
    ctx.fillStyle = edge;
    ctx.fillRect(0, 0, width, height);
  });
}

/** Warm light that wanders in from an edge, and a few motes near the lens. */
function makeLeaks(stage: Stage, warm: number): (ctx: Context, time: number) => void {
  const { random, width, height, unit, seconds } = stage;
  const one = glow(256, toRgb(color(0.72, 0.19, warm)), 0, 0.6);
  const two = glow(256, toRgb(color(0.62, 0.2, warm - 40)), 0, 0.5);
  const mote = glow(48, toRgb(color(0.95, 0.05, warm)), 0.1);
  const edge = random.sign();
  const motes = Array.from({ length: 22 }, () => ({
    x: random.next(),
    y: random.next(),
    size: random.between(4, 26) * unit,
    speed: random.between(0.3, 1.2),
    phase: random.between(0, 6.3),
  }));
  const scale = 96 / Math.min(width, height);
  const small = sheet(width * scale, height * scale);
  const own = small.getContext('2d');
  return (ctx, time) => {
    const at = time / seconds;
    const size = Math.max(small.width, small.height) * 0.95;
    const x =
      mix(edge > 0 ? 1.05 : -0.05, edge > 0 ? 0.72 : 0.28, 0.5 + 0.5 * Math.sin(at * 4.2)) * small.width;
    own.reset();
    own.fillStyle = '#000';
    own.fillRect(0, 0, small.width, small.height);
    own.globalCompositeOperation = 'lighter';
    own.globalAlpha = 0.5 + 0.3 * Math.sin(time * 1.1);
    own.drawImage(one, x - size / 2, small.height * mix(0.1, 0.45, at) - size / 2, size, size);
    own.globalAlpha = 0.36 + 0.2 * Math.sin(time * 0.8 + 2);
    own.drawImage(two, small.width - x - size / 2, small.height * mix(0.95, 0.7, at) - size / 2, size, size);
    ctx.globalCompositeOperation = 'screen';
    ctx.imageSmoothingQuality = 'low';
    ctx.drawImage(small, 0, 0, width, height);
    for (const { x: mx, y: my, size: ms, speed, phase } of motes) {
      ctx.globalAlpha = (0.25 + 0.25 * Math.sin(time * 1.6 + phase)) * clamp(30 / ms);
      const px = ((mx + 0.02 * speed * Math.sin(time * 0.7 + phase)) % 1) * width;
      const py = ((((my - 0.03 * speed * time) % 1) + 1) % 1) * height;
      ctx.drawImage(mote, px - ms / 2, py - ms / 2, ms, ms);
    }
    ctx.globalAlpha = 1;
    ctx.globalCompositeOperation = 'source-over';
  };
}

/** The photo as a print on its own blurred ground, with the words under it. */
function makeEndCard(
  stage: Stage,
  photo: Photo,
  graded: ReturnType<typeof sheet>,
  text: string,
  script: ReturnType<typeof scriptFor>,
  accent: ReturnType<typeof color>,
): (ctx: Context, age: number, length: number) => void {
  const { width, height, unit } = stage;
  const ground = sheet(width, height, (ctx) => {
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
  const whole = script.shots.flatMap((shot) => shot.words);
  const few = text.length <= 140 ? whole : (script.shots[0]?.words ?? whole);
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
