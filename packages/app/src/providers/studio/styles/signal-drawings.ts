import { css } from '../draw/color.ts';
import type { Context } from '../draw/canvas.ts';
import { clamp, easeOutCubic, mix, progress, smooth } from '../draw/easing.ts';
import { makeNoise } from '../draw/noise.ts';
import type { Stage } from '../scene.ts';
import type { Inks } from './signal.ts';

interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export type Drawing = (ctx: Context, time: number) => void;

export function signalDrawing(stage: Stage, set: Inks, area: Area): Drawing {
  return stage.random.pick([ridges, lattice, sphere, currents, tunnel, orbit])(stage, set, area);
}

/** Lines behind lines, raised where something pulses. */
function ridges({ random, unit, rich }: Stage, set: Inks, area: Area): Drawing {
  const noise = makeNoise(random);
  const count = rich ? 44 : 34;
  const points = 84;
  const middle = random.between(0.32, 0.68);
  const spread = random.between(0.13, 0.24);
  const tall = area.height * random.between(0.16, 0.26);
  const rough = random.between(6, 13);
  const marked = random.int(8, count - 4);
  const top = area.y + area.height * 0.2;
  return (ctx, time) => {
    ctx.lineJoin = 'round';
    for (let row = 0; row < count; row += 1) {
      const y = top + ((area.height * 0.78) / count) * row;
      const shown = easeOutCubic(progress(time, row * 0.012, 0.7 + row * 0.012));
      ctx.beginPath();
      for (let i = 0; i <= points; i += 1) {
        const u = i / points;
        const envelope = Math.exp(-(((u - middle - 0.08 * noise(row * 0.12, 4, time * 0.2)) / spread) ** 2));
        const bump =
          Math.abs(noise(u * rough, row * 0.34, time * 0.5)) +
          0.35 * Math.abs(noise(u * rough * 2.6, row * 0.9, time * 0.9));
        const lift = envelope * bump * tall * 1.7 * shown + 2 * unit * noise(u * 20, row, time);
        const x = area.x + area.width * mix(0.06, 0.94, u);
        if (i === 0) ctx.moveTo(x, y - lift);
        else ctx.lineTo(x, y - lift);
      }
      ctx.fillStyle = css(set.ground);
      ctx.fill();
      ctx.strokeStyle = css(
        row === marked ? set.accent : set.line,
        row === marked ? 1 : mix(0.5, 1, row / count),
      );
      ctx.lineWidth = (row === marked ? 3 : 1.7) * unit;
      ctx.stroke();
    }
  };
}

/** A field of points that swell where waves meet. */
function lattice({ random, unit }: Stage, set: Inks, area: Area): Drawing {
  const pitch = random.between(24, 32) * unit;
  const columns = Math.floor((area.width - pitch) / pitch);
  const rows = Math.floor((area.height - pitch) / pitch);
  const sources = Array.from({ length: random.int(2, 3) }, () => ({
    x: random.between(0.1, 0.9) * columns,
    y: random.between(0.1, 0.9) * rows,
    long: random.between(4.5, 9),
    pace: random.between(2.2, 4),
  }));
  const kind = random.pick(['dot', 'dash', 'square'] as const);
  const left = area.x + (area.width - (columns - 1) * pitch) / 2;
  const top = area.y + (area.height - (rows - 1) * pitch) / 2;
  return (ctx, time) => {
    for (const hot of [false, true]) {
      ctx.fillStyle = css(hot ? set.accent : set.line);
      ctx.beginPath();
      for (let row = 0; row < rows; row += 1) {
        for (let column = 0; column < columns; column += 1) {
          let wave = 0;
          for (const source of sources) {
            const distance = Math.hypot(column - source.x, row - source.y);
            wave +=
              Math.sin((distance / source.long) * Math.PI * 2 - time * source.pace) *
              Math.exp(-distance * 0.035);
          }
          wave /= sources.length;
          if (wave > 0.55 !== hot) continue;
          const size =
            mix(0.07, 0.42, clamp(wave * 0.62 + 0.42)) *
            pitch *
            progress(time, 0, 0.5 + (row + column) * 0.006);
          const x = left + column * pitch;
          const y = top + row * pitch;
          if (kind === 'dot') {
            ctx.moveTo(x + size, y);
            ctx.arc(x, y, size, 0, Math.PI * 2);
          } else if (kind === 'square') ctx.rect(x - size, y - size, size * 2, size * 2);
          else ctx.rect(x - pitch * 0.34, y - size * 0.6, pitch * 0.68, size * 1.2);
        }
      }
      ctx.fill();
    }
  };
}

/** A globe of points turning, with a line of latitude that is measured. */
function sphere({ random, unit, rich }: Stage, set: Inks, area: Area): Drawing {
  const count = rich ? 2200 : 1300;
  const radius = Math.min(area.width, area.height) * random.between(0.38, 0.46);
  const noise = makeNoise(random);
  const tilt = random.between(-0.6, 0.6);
  const bulge = random.between(0.05, 0.28);
  const pace = random.sign() * random.between(0.35, 0.6);
  const list = Array.from({ length: count }, (_, i) => {
    const y = 1 - (2 * (i + 0.5)) / count;
    const ring = Math.sqrt(1 - y * y);
    const angle = i * Math.PI * (3 - Math.sqrt(5));
    return { x: Math.cos(angle) * ring, y, z: Math.sin(angle) * ring };
  });
  const cx = area.x + area.width / 2;
  const cy = area.y + area.height / 2;
  return (ctx, time) => {
    const cos = Math.cos(time * pace);
    const sin = Math.sin(time * pace);
    const scan = Math.sin(time * 0.9) * 0.9;
    const open = easeOutCubic(progress(time, 0, 1));
    const layers: [number, number, number][][] = [[], [], [], [], []];
    for (const point of list) {
      const grown =
        (1 + bulge * noise(point.x * 1.7 + 3, point.y * 1.7, point.z * 1.7 + time * 0.35)) *
        mix(1.5, 1, open);
      const x = point.x * cos - point.z * sin;
      const z = point.x * sin + point.z * cos;
      const y = point.y * Math.cos(tilt) - z * Math.sin(tilt);
      const depth = point.y * Math.sin(tilt) + z * Math.cos(tilt);
      const hot = Math.abs(point.y - scan) < 0.05;
      const layer = hot ? 4 : Math.min(3, Math.floor((depth + 1) * 2));
      layers[layer]?.push([cx + x * radius * grown, cy + y * radius * grown, depth]);
    }
    layers.forEach((points, i) => {
      ctx.fillStyle = i === 4 ? css(set.accent, open) : css(set.line, (0.16 + i * 0.27) * open);
      ctx.beginPath();
      for (const [x, y, depth] of points) {
        const size = mix(1.1, i === 4 ? 3.4 : 2.7, (depth + 1) / 2) * unit;
        ctx.rect(x - size, y - size, size * 2, size * 2);
      }
      ctx.fill();
    });
  };
}

/** Paths of something carried by a slow field. */
function currents({ random, unit, rich }: Stage, set: Inks, area: Area): Drawing {
  const noise = makeNoise(random);
  const scale = random.between(1.1, 2.4);
  const length = 110;
  const swirl = random.between(1.2, 2.4);
  const lines = Array.from({ length: rich ? 300 : 190 }, () => {
    let x = random.between(-0.05, 1.05) * area.width;
    let y = random.between(-0.05, 1.05) * area.height;
    const points: [number, number][] = [];
    for (let i = 0; i < length; i += 1) {
      points.push([area.x + x, area.y + y]);
      const angle = noise((x / area.width) * scale, (y / area.width) * scale) * Math.PI * swirl;
      x += Math.cos(angle) * 5.5 * unit;
      y += Math.sin(angle) * 5.5 * unit;
    }
    return {
      points,
      hot: random.chance(0.09),
      pace: random.between(16, 40),
      phase: random.between(0, length),
      trail: random.int(26, 60),
    };
  });
  return (ctx, time) => {
    ctx.save();
    ctx.beginPath();
    ctx.rect(area.x, area.y, area.width, area.height);
    ctx.clip();
    ctx.lineCap = 'round';
    for (const hot of [false, true]) {
      ctx.strokeStyle = css(hot ? set.accent : set.line, hot ? 1 : 0.82);
      ctx.lineWidth = (hot ? 3 : 1.5) * unit;
      ctx.beginPath();
      for (const line of lines) {
        if (line.hot !== hot) continue;
        const head = (line.phase + time * line.pace) % (length + line.trail);
        const from = Math.max(0, Math.floor(head - line.trail));
        const to = Math.min(length - 1, Math.floor(head));
        for (let i = from; i <= to; i += 2) {
          const point = line.points[i];
          if (!point) continue;
          if (i === from) ctx.moveTo(...point);
          else ctx.lineTo(...point);
        }
      }
      ctx.stroke();
    }
    ctx.restore();
  };
}

/** Figures inside figures, each turned a little further. */
function tunnel({ random, unit }: Stage, set: Inks, area: Area): Drawing {
  const sides = random.pick([3, 4, 5, 6]);
  const count = 30;
  const twist = random.sign() * random.between(0.08, 0.22);
  const cx = area.x + area.width * random.between(0.42, 0.58);
  const cy = area.y + area.height * random.between(0.42, 0.58);
  const reach = Math.hypot(area.width, area.height) * 0.56;
  const marked = random.int(5, 9);
  return (ctx, time) => {
    ctx.save();
    ctx.beginPath();
    ctx.rect(area.x, area.y, area.width, area.height);
    ctx.clip();
    ctx.lineJoin = 'miter';
    const flow = (time * 0.55) % 1;
    const whole = Math.floor(time * 0.55);
    for (let i = 0; i < count; i += 1) {
      const at = i + flow;
      const size = reach * 0.86 ** (count - at);
      const hot = (((i - whole) % marked) + marked) % marked === 0;
      const turn = (count - at) * twist + Math.sin(time * 0.4) * 0.5;
      ctx.strokeStyle = css(hot ? set.accent : set.line, smooth(2, 9, at) * smooth(0, 0.5, time + 0.2));
      ctx.lineWidth = (hot ? 3.2 : 1.6) * unit * mix(0.6, 1.2, at / count);
      ctx.beginPath();
      for (let side = 0; side < sides; side += 1) {
        const angle = turn + (side / sides) * Math.PI * 2;
        if (side === 0) ctx.moveTo(cx + Math.cos(angle) * size, cy + Math.sin(angle) * size);
        else ctx.lineTo(cx + Math.cos(angle) * size, cy + Math.sin(angle) * size);
      }
      ctx.closePath();
      ctx.stroke();
    }
    ctx.restore();
  };
}

/** Bodies on ellipses about one centre, with the arcs they have passed. */
function orbit({ random, unit }: Stage, set: Inks, area: Area): Drawing {
  const cx = area.x + area.width * random.between(0.4, 0.6);
  const cy = area.y + area.height * random.between(0.42, 0.58);
  const reach = Math.min(area.width, area.height) * 0.56;
  const lean = random.between(-0.7, 0.7);
  const list = Array.from({ length: random.int(9, 14) }, (_, i) => ({
    radius: reach * mix(0.16, 1.1, i / 12) * random.between(0.96, 1.04),
    flat: random.between(0.3, 0.46),
    phase: random.between(0, Math.PI * 2),
    pace: (random.chance(0.85) ? 1 : -1) * mix(2.2, 0.5, i / 12),
    size: random.between(3, 10) * unit,
    hot: false,
  }));
  const hot = random.int(1, list.length - 2);
  return (ctx, time) => {
    ctx.save();
    ctx.translate(cx, cy);
    ctx.rotate(lean);
    const open = easeOutCubic(progress(time, 0, 1.1));
    list.forEach((body, i) => {
      const angle = body.phase + body.pace * time;
      ctx.strokeStyle = css(set.line, 0.26);
      ctx.lineWidth = 1.3 * unit;
      ctx.beginPath();
      ctx.ellipse(0, 0, body.radius, body.radius * body.flat, 0, body.phase, body.phase + Math.PI * 2 * open);
      ctx.stroke();
      ctx.strokeStyle = css(i === hot ? set.accent : set.line, 0.95);
      ctx.lineWidth = (i === hot ? 4 : 2.1) * unit;
      ctx.beginPath();
      ctx.ellipse(
        0,
        0,
        body.radius,
        body.radius * body.flat,
        0,
        angle,
        angle + 0.9 * Math.sign(-body.pace) * open,
        body.pace > 0,
      );
      ctx.stroke();
      ctx.fillStyle = css(i === hot ? set.accent : set.line);
      ctx.beginPath();
      ctx.arc(
        Math.cos(angle) * body.radius,
        Math.sin(angle) * body.radius * body.flat,
        body.size * (i === hot ? 1.5 : 1),
        0,
        Math.PI * 2,
      );
      ctx.fill();
    });
    ctx.fillStyle = css(set.line);
    ctx.beginPath();
    ctx.arc(0, 0, 15 * unit * open, 0, Math.PI * 2);
    ctx.fill();
    ctx.restore();
  };
}
