import { Grain } from '../draw/canvas.ts';
import { css } from '../draw/color.ts';
import { clamp, progress } from '../draw/easing.ts';
import type { Scene, Stage } from '../scene.ts';
import { Sprites, hitsOf, paintWord, scriptFor } from '../styles/film.ts';
import type { PlacedShot } from '../styles/film.ts';
import { typeset } from '../text/typeset.ts';
import { captionLooks } from './captions.ts';
import { drawCaption } from './draw-caption.ts';
import { makeEndCard, makeGround } from './end-card.ts';
import type { GradeName } from '../request.ts';
import { chooseGrade } from './grade.ts';
import { openCamera } from './layers.ts';
import { makeLeaks, makeShade } from './light-leaks.ts';
import type { Photo } from './photo.ts';
import { chooseLayout, lookOn } from './reels-layout.ts';

/** A slow camera over a photo, words timed to reading, light that leaks in, and a card at the end. */
export function composeReels(
  stage: Stage,
  photo: Photo,
  { captions, style }: { captions: readonly string[]; style: GradeName | undefined },
): Scene {
  const { random, width, height, unit, seconds } = stage;
  const grade = chooseGrade(random, style);
  const layout = chooseLayout(stage, photo, grade);
  const { window } = layout;
  const camera = openCamera({ ...stage, width: window.width, height: window.height }, photo, grade);
  const look = lookOn(random.pick(captionLooks), layout);
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
  const ends = card > 0 ? seconds - card : Number.POSITIVE_INFINITY;
  const placed = shots.map((shot): PlacedShot => {
    const box = layout.words;
    const block = typeset(shot.words, {
      ...look.setting,
      width: box.width,
      height: layout.ground === null ? box.height * (shot.characters > 120 ? 0.66 : 0.42) : box.height,
      largest: look.largest * unit,
      direction: script.direction,
      language: script.language,
    });
    const across = width - box.width - box.x;
    const centred = layout.ground === null && look.setting.align === 'center';
    const x = centred
      ? (width - box.width) / 2
      : script.direction === 'rtl' && layout.ground === null
        ? across
        : box.x;
    return { shot, block, x, y: box.y + (box.height - block.height) * box.stand };
  });
  const { accent } = grade;
  const sprites = new Sprites((ctx, word) => {
    if (look.shadow) {
      ctx.shadowColor = 'rgba(0,0,0,0.5)';
      ctx.shadowBlur = word.size * 0.22;
      ctx.shadowOffsetY = word.size * 0.03;
    }
    paintWord(ctx, word, word.strong && !look.plate ? css(look.strong ?? accent) : look.ink);
  });
  const shade = layout.ground === null ? makeShade(stage, layout.words.stand === 1, text !== '') : null;
  const leaks = makeLeaks({ ...stage, width: window.width, height: window.height }, accent.h);
  const ground = layout.ground === null ? null : makeGround(stage, photo, camera.graded, layout.ground);
  const grain = new Grain(random, 0.042, width, height);
  const end = card > 0 ? makeEndCard(stage, photo, camera.graded, script, accent) : null;
  return {
    draw(ctx, time) {
      if (ground) ctx.drawImage(ground, 0, 0);
      ctx.save();
      ctx.translate(window.x, window.y);
      if (ground) {
        ctx.beginPath();
        ctx.roundRect(0, 0, window.width, window.height, window.corner);
        ctx.clip();
      }
      camera.draw(ctx, stage.still ? 0.55 : time / seconds);
      leaks(ctx, time);
      ctx.restore();
      if (shade) ctx.drawImage(shade, 0, 0);
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
