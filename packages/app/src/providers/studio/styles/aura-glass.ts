import { toRgb } from '../draw/color.ts';
import type { Rgb } from '../draw/color.ts';
import { Field, sheet } from '../draw/canvas.ts';
import type { Canvas, Context } from '../draw/canvas.ts';
import { easeInOutSine, mix } from '../draw/easing.ts';
import { makeNoise } from '../draw/noise.ts';
import type { Stage } from '../scene.ts';
import type { Melt } from './aura.ts';

type Draw = (ctx: Context, time: number) => void;

/** Colours that flow into one another, drawn small. Each call paints the moment and gives the picture. */
function flow(stage: Stage, melt: Melt, folds: number): (time: number) => Canvas {
  const { random, width, height } = stage;
  const noise = makeNoise(random);
  const field = new Field(width, height, stage.rich ? 96 : 64);
  const short = Math.min(width, height);
  const colors = melt.colors.map(toRgb);
  const spots = [...colors, ...random.shuffle(colors).slice(0, 2)].map((rgb: Rgb) => ({
    rgb,
    x: random.between(0, 1),
    y: random.between(0, 1),
    reach: random.between(0.16, 0.34),
    wander: random.between(0.14, 0.3),
    pace: random.between(0.35, 0.8),
    phase: random.between(0, 6.3),
  }));
  const bend = random.between(0.22, 0.42);
  const scale = random.between(0.9, 1.7);
  const lean = random.between(0, Math.PI);
  return (time) => {
    const places = spots.map((spot) => ({
      rgb: spot.rgb,
      px: (spot.x + Math.cos(time * spot.pace + spot.phase) * spot.wander) * (width / short),
      py: (spot.y + Math.sin(time * spot.pace * 0.8 + spot.phase * 2) * spot.wander) * (height / short),
      soft: 1 / (spot.reach * spot.reach),
    }));
    return field.paint((u, v, out) => {
      const ax = (u * width) / short;
      const ay = (v * height) / short;
      const warp = noise(ax * scale, ay * scale, time * 0.16);
      const x = ax + warp * bend;
      const y = ay + noise(ax * scale + 7, ay * scale, time * 0.16 + 4) * bend;
      let total = 0;
      let red = 0;
      let green = 0;
      let blue = 0;
      for (const spot of places) {
        const dx = x - spot.px;
        const dy = y - spot.py;
        const weight = 1 / (0.06 + (dx * dx + dy * dy) * spot.soft) ** 1.5;
        total += weight;
        red += spot.rgb[0] * weight;
        green += spot.rgb[1] * weight;
        blue += spot.rgb[2] * weight;
      }
      let shine = 1;
      if (folds > 0) {
        const along = x * Math.cos(lean) + y * Math.sin(lean);
        const wave = Math.sin(along * folds + warp * 7 + time * 0.7);
        shine = 0.955 + 0.09 * wave - 0.07 * Math.max(0, -wave) ** 3;
      }
      out[0] = (red / total) * shine;
      out[1] = (green / total) * shine;
      out[2] = (blue / total) * shine;
    });
  };
}

export function auraGlass(stage: Stage, melt: Melt): Draw {
  return stage.random.pick([flutes, flutes, lenses, ripples, silk])(stage, melt);
}

function spread(ctx: Context, picture: Canvas, width: number, height: number): void {
  ctx.imageSmoothingEnabled = true;
  ctx.imageSmoothingQuality = 'low';
  ctx.drawImage(picture, 0, 0, width, height);
}

/** Reeded glass: each reed shows a wide piece of what is behind, squeezed. */
function flutes(stage: Stage, melt: Melt): Draw {
  const { random, width, height } = stage;
  const paint = flow(stage, melt, 0);
  const upright = random.chance(0.75);
  const count = random.int(7, 17);
  const squeeze = random.between(2.4, 4.6);
  const long = upright ? width : height;
  const each = long / count;
  const drift = random.sign() * random.between(0.02, 0.05);
  const light = sheet(width, height, (ctx) => {
    for (let i = 0; i < count; i += 1) {
      const from = i * each;
      const gradient = upright
        ? ctx.createLinearGradient(from, 0, from + each, 0)
        : ctx.createLinearGradient(0, from, 0, from + each);
      gradient.addColorStop(0, 'rgba(255,255,255,0.34)');
      gradient.addColorStop(0.1, 'rgba(255,255,255,0.06)');
      gradient.addColorStop(0.62, 'rgba(30,10,60,0.0)');
      gradient.addColorStop(1, 'rgba(30,10,60,0.15)');
      ctx.fillStyle = gradient;
      if (upright) ctx.fillRect(from, 0, each + 1, height);
      else ctx.fillRect(0, from, width, each + 1);
    }
  });
  return (ctx, time) => {
    const picture = paint(time);
    ctx.imageSmoothingEnabled = true;
    ctx.imageSmoothingQuality = 'low';
    for (let i = 0; i < count; i += 1) {
      const side = upright ? picture.width : picture.height;
      const size = Math.min(side * 0.9, (side / count) * squeeze);
      const middle = ((i + 0.5) / count + drift * Math.sin(time * 0.8 + i * 0.4)) * side;
      const from = Math.min(side - size, Math.max(0, middle - size / 2));
      if (upright)
        ctx.drawImage(
          picture,
          from,
          0,
          size,
          picture.height,
          Math.floor(i * each),
          0,
          Math.ceil(each) + 1,
          height,
        );
      else
        ctx.drawImage(
          picture,
          0,
          from,
          picture.width,
          size,
          0,
          Math.floor(i * each),
          width,
          Math.ceil(each) + 1,
        );
    }
    ctx.drawImage(light, 0, 0);
  };
}

/** Thick round glasses that drift and turn what is behind them upside down. */
function lenses(stage: Stage, melt: Melt): Draw {
  const { random, width, height } = stage;
  const paint = flow(stage, melt, 0);
  const short = Math.min(width, height);
  const list = Array.from({ length: random.int(3, 6) }, () => ({
    x: random.between(0.05, 0.95) * width,
    y: random.between(0.08, 0.95) * height,
    r: random.between(0.13, 0.4) * short,
    dx: random.between(-26, 26) * stage.unit,
    dy: random.between(-40, 40) * stage.unit,
    phase: random.between(0, 6.3),
  })).sort((one, two) => two.r - one.r);
  const covers = list.map(({ r }) =>
    sheet(r * 2.4, r * 2.4, (ctx) => {
      const c = r * 1.2;
      ctx.shadowColor = 'rgba(40,10,70,0.30)';
      ctx.shadowBlur = r * 0.16;
      ctx.shadowOffsetY = r * 0.07;
      ctx.fillStyle = '#fff';
      ctx.beginPath();
      ctx.arc(c, c, r, 0, Math.PI * 2);
      ctx.fill();
      ctx.shadowColor = 'transparent';
      ctx.globalCompositeOperation = 'destination-out';
      ctx.fill();
      ctx.globalCompositeOperation = 'source-over';
      const rim = ctx.createRadialGradient(c, c, r * 0.72, c, c, r);
      rim.addColorStop(0, 'rgba(255,255,255,0)');
      rim.addColorStop(0.86, 'rgba(255,255,255,0.16)');
      rim.addColorStop(1, 'rgba(255,255,255,0.6)');
      ctx.fillStyle = rim;
      ctx.fill();
      const spark = ctx.createRadialGradient(
        c - r * 0.4,
        c - r * 0.48,
        0,
        c - r * 0.4,
        c - r * 0.48,
        r * 0.6,
      );
      spark.addColorStop(0, 'rgba(255,255,255,0.5)');
      spark.addColorStop(1, 'rgba(255,255,255,0)');
      ctx.fillStyle = spark;
      ctx.fill();
    }),
  );
  return (ctx, time) => {
    const picture = paint(time);
    spread(ctx, picture, width, height);
    list.forEach((lens, i) => {
      const cover = covers[i];
      if (!cover) return;
      const x = lens.x + Math.sin(time * 0.6 + lens.phase) * lens.dx;
      const y = lens.y + Math.cos(time * 0.5 + lens.phase) * lens.dy;
      ctx.save();
      ctx.beginPath();
      ctx.arc(x, y, lens.r, 0, Math.PI * 2);
      ctx.clip();
      ctx.translate(x, y);
      ctx.scale(-0.7, -0.7);
      ctx.imageSmoothingQuality = 'low';
      ctx.drawImage(
        picture,
        -width - (width / 2 - x) * 0.5,
        -height - (height / 2 - y) * 0.5,
        width * 2,
        height * 2,
      );
      ctx.restore();
      ctx.drawImage(cover, Math.round(x - lens.r * 1.2), Math.round(y - lens.r * 1.2));
    });
  };
}

/** Rings on still water, each showing the ground a little larger. */
function ripples(stage: Stage, melt: Melt): Draw {
  const { random, width, height } = stage;
  const paint = flow(stage, melt, 0);
  const count = random.int(6, 10);
  const cx = random.between(0.15, 0.85) * width;
  const cy = random.between(0.2, 0.85) * height;
  const reach = Math.hypot(width, height) * random.between(0.5, 0.72);
  const light = sheet(width, height, (ctx) => {
    for (let i = count; i >= 1; i -= 1) {
      const r = (reach * i) / count;
      const inner = (reach * (i - 1)) / count;
      const gradient = ctx.createRadialGradient(cx, cy, inner, cx, cy, r);
      gradient.addColorStop(0, 'rgba(30,10,60,0.14)');
      gradient.addColorStop(0.3, 'rgba(30,10,60,0)');
      gradient.addColorStop(0.85, 'rgba(255,255,255,0.04)');
      gradient.addColorStop(1, 'rgba(255,255,255,0.38)');
      ctx.fillStyle = gradient;
      ctx.beginPath();
      ctx.arc(cx, cy, r, 0, Math.PI * 2);
      if (inner > 0) ctx.arc(cx, cy, inner, 0, Math.PI * 2, true);
      ctx.fill();
    }
  });
  return (ctx, time) => {
    const picture = paint(time);
    spread(ctx, picture, width, height);
    ctx.imageSmoothingQuality = 'low';
    for (let i = count; i >= 1; i -= 1) {
      const r = (reach * i) / count;
      const turn = (i % 2 ? 1 : -1) * (0.5 + 0.22 * Math.sin(time * 0.7 + i * 0.5));
      const zoom = mix(1.1, 1.9, i / count);
      ctx.save();
      ctx.beginPath();
      ctx.arc(cx, cy, r, 0, Math.PI * 2);
      if (i > 1) ctx.arc(cx, cy, (reach * (i - 1)) / count - 1, 0, Math.PI * 2, true);
      ctx.clip();
      ctx.translate(cx, cy);
      ctx.rotate(turn);
      ctx.scale(zoom, zoom);
      ctx.drawImage(picture, -width * 0.62, -height * 0.62, width * 1.24, height * 1.24);
      ctx.restore();
    }
    ctx.drawImage(light, 0, 0);
  };
}

/** Folds of silk under one light. */
function silk(stage: Stage, melt: Melt): Draw {
  const { width, height, random, seconds } = stage;
  const paint = flow(stage, melt, random.between(7, 15));
  const from = random.between(-0.05, 0.05);
  return (ctx, time) => {
    const zoom = 1.06 + 0.04 * easeInOutSine(Math.min(1, time / seconds));
    ctx.save();
    ctx.translate(width / 2, height / 2);
    ctx.rotate(from);
    ctx.scale(zoom + Math.abs(from), zoom + Math.abs(from));
    ctx.translate(-width / 2, -height / 2);
    spread(ctx, paint(time), width, height);
    ctx.restore();
  };
}
