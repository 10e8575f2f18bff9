import { color, css, toRgb } from '../draw/color.ts';
import { Grain, glow } from '../draw/canvas.ts';
import type { Context } from '../draw/canvas.ts';
import { clamp, easeOutCubic, easeInCubic, mix, progress } from '../draw/easing.ts';
import type { Scene, Stage } from '../scene.ts';
import { typeset } from '../text/typeset.ts';
import { bestMoment, hitsOf, paintBlurred, paintWord, scriptFor, Sprites } from './film.ts';
import type { PlacedShot } from './film.ts';
import { nightSky } from './nocturne-skies.ts';
import type { Night } from './nocturne-light.ts';

/** Light in the dark: a serif that comes into focus, slow air, one source of light. */
export function composeNocturne(stage: Stage, text: string): Scene {
  const { random, width, height, unit } = stage;
  const hue = random.pick([18, 42, 68, 150, 195, 225, 255, 285, 330]);
  const second = hue + random.pick([-70, -45, 50, 80, 150]);
  const night: Night = {
    base: color(0.13, 0.035, second),
    deep: color(0.055, 0.02, second),
    light: color(0.82, 0.13, hue),
    glow: color(0.6, 0.16, second),
    text: color(0.965, 0.018, hue),
    strong: color(0.88, 0.11, hue),
  };
  const sky = nightSky(stage, night);
  const script = scriptFor(stage, text, { lead: 0.35, tail: 0.1, phraseCharacters: 38, shortestShot: 1.35 });
  const placed = placeNocturne(stage, script.shots, script.direction, script.language, sky.free);
  const sprites = new Sprites((ctx, word, look) => {
    const fill = css(word.strong ? night.strong : night.text);
    if (look === 'blur') paintBlurred(ctx, word, fill, word.size * 0.09 + 2);
    else paintWord(ctx, word, fill);
  });
  const grain = new Grain(random, stage.rich ? 0.05 : 0.04, width, height);
  const dust = makeDust(stage, night);
  return {
    draw(ctx, time) {
      sky.draw(ctx, time);
      dust(ctx, time);
      for (const shot of placed) drawShot(ctx, stage, sprites, shot, time);
      grain.draw(ctx, Math.floor(time * 8));
    },
    sound: { mood: 'nocturne', hits: hitsOf(script.shots) },
    stillAt: bestMoment(stage, script.shots),
  };

  function placeNocturne(
    { still }: Stage,
    shots: typeof script.shots,
    direction: typeof script.direction,
    language: typeof script.language,
    free: { top: number; bottom: number },
  ): PlacedShot[] {
    const align = random.pick(['center', 'center', 'start'] as const);
    const side = width * (height > width ? 0.1 : 0.12);
    return shots.map((shot) => {
      const long = shot.characters > 90;
      const box = { width: width - side * 2, height: (free.bottom - free.top) * height };
      const wide = width > height ? Math.min(box.width, width * 0.72) : box.width;
      const block = typeset(shot.words, {
        voice: { face: 'serif', weight: 420, tracking: -0.008 },
        strongVoice: { face: 'serif-italic', weight: 460, tracking: -0.012 },
        strongScale: long ? 1.06 : 1.22,
        width: wide,
        height: box.height,
        largest: (shot.finale && !still ? 84 : 104) * unit,
        leading: 1.16,
        align,
        direction,
        language,
      });
      const rest = width - wide;
      const x = align === 'center' ? rest / 2 : direction === 'rtl' ? rest - side : side;
      return { shot, block, x, y: free.top * height + (box.height - block.height) / 2 };
    });
  }
}

function drawShot(
  ctx: Context,
  stage: Stage,
  sprites: Sprites,
  { shot, block, x, y }: PlacedShot,
  time: number,
): void {
  if (time < shot.start - 0.05 || time > shot.end + 0.01) return;
  const length = shot.end - shot.start;
  const last = shot.end >= stage.seconds - 0.01;
  const leave = Math.min(0.5, length * 0.28);
  const stagger = Math.min(0.13, (length * 0.32) / Math.max(1, block.words.length));
  const out = last
    ? progress(time, shot.end - 0.3, shot.end + 0.2) * 0.6
    : easeInCubic(progress(time, shot.end - leave, shot.end));
  const breath = 1 + 0.018 * ((time - shot.start) / Math.max(1, length));
  ctx.save();
  ctx.translate(stage.width / 2, y + block.height / 2);
  ctx.scale(breath, breath);
  ctx.translate(-stage.width / 2, -(y + block.height / 2));
  for (const word of block.words) {
    const begin = shot.start + word.index * stagger;
    const here = easeOutCubic(progress(time, begin, begin + Math.min(0.75, length * 0.45)));
    const rise = mix(22, 0, here) * stage.unit - out * 16 * stage.unit;
    const sharp = clamp((here - 0.35) / 0.65) * (1 - clamp(out * 1.6));
    const soft = clamp(here * 1.8) * (1 - sharp * 0.92) * (1 - out);
    sprites.draw(ctx, word, x + word.x, y + word.y + rise, { look: 'blur', alpha: soft });
    sprites.draw(ctx, word, x + word.x, y + word.y + rise, { alpha: sharp });
  }
  ctx.restore();
}

/** Motes at many depths: far ones are points, near ones are wide and faint. */
function makeDust(stage: Stage, night: Night): (ctx: Context, time: number) => void {
  const { random, width, height, unit } = stage;
  const warm = glow(64, toRgb(night.light), 0.1);
  const pale = glow(64, toRgb(night.text), 0.1);
  const drift = random.between(-14, 14) * unit;
  const rise = random.between(-26, 8) * unit;
  const motes = Array.from({ length: stage.rich ? 90 : 56 }, () => {
    const depth = random.next() ** 2.4;
    return {
      x: random.next() * width,
      y: random.next() * height,
      size: mix(3, 46, depth) * unit,
      light: mix(0.75, 0.06, Math.sqrt(depth)),
      speed: mix(0.35, 1.8, depth),
      phase: random.between(0, 7),
      picture: random.chance(0.45) ? warm : pale,
    };
  });
  return (ctx, time) => {
    ctx.globalCompositeOperation = 'lighter';
    for (const mote of motes) {
      const x =
        (((mote.x + drift * mote.speed * time + Math.sin(time * 0.5 + mote.phase) * 8 * unit) % width) +
          width) %
        width;
      const y = (((mote.y + rise * mote.speed * time) % height) + height) % height;
      ctx.globalAlpha = mote.light * (0.55 + 0.45 * Math.sin(time * 1.3 + mote.phase * 3));
      ctx.drawImage(mote.picture, x - mote.size / 2, y - mote.size / 2, mote.size, mote.size);
    }
    ctx.globalAlpha = 1;
    ctx.globalCompositeOperation = 'source-over';
  };
}
