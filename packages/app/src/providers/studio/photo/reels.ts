import { Grain } from '../draw/canvas.ts';
import { color, css } from '../draw/color.ts';
import { clamp, progress } from '../draw/easing.ts';
import type { Scene, Stage } from '../scene.ts';
import { Sprites, hitsOf, paintWord, scriptFor } from '../styles/film.ts';
import type { PlacedShot } from '../styles/film.ts';
import { typeset } from '../text/typeset.ts';
import { captionLooks } from './captions.ts';
import { drawCaption } from './draw-caption.ts';
import { makeEndCard } from './end-card.ts';
import { openCamera } from './layers.ts';
import { makeLeaks, makeShade } from './light-leaks.ts';
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
