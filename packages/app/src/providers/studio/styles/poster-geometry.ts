import type { Context } from '../draw/canvas.ts';
import { easeInOutCubic, easeOutBack, easeOutExpo, mix, progress } from '../draw/easing.ts';
import type { Stage } from '../scene.ts';
import type { Roles } from './poster.ts';

export interface Geometry {
  /** Where the type stands, as parts of the frame; `stand` is 0 at the top of it, 1 at its foot. */
  readonly text: { x: number; y: number; width: number; height: number; stand: number };
  draw(ctx: Context, time: number, roles: Roles, moment: number): void;
  /** Adds the shape inside which the type changes its ink. */
  clip?(ctx: Context, time: number, moment: number): void;
}

const beat = 0.5;
/** Counts beats, but moves only in the first third of each: hard rhythm with soft edges. */
const steps = (time: number, offset = 0): number => {
  const at = time / beat + offset;
  const whole = Math.floor(at);
  return whole + easeInOutCubic(progress(at - whole, 0, 0.42));
};

export function posterGeometry(stage: Stage): Geometry {
  return stage.random.pick([tiles, tiles, giant, giant, bars, rings, steppers])(stage);
}

const margin = 0.065;

type Motif = (ctx: Context, size: number) => void;
const quarter: Motif = (ctx, size) => {
  ctx.moveTo(-size / 2, -size / 2);
  ctx.arc(-size / 2, -size / 2, size, 0, Math.PI / 2);
};
const half: Motif = (ctx, size) => ctx.arc(0, -size / 2, size / 2, 0, Math.PI);
const disc: Motif = (ctx, size) => ctx.arc(0, 0, size / 2, 0, Math.PI * 2);
const dot: Motif = (ctx, size) => ctx.arc(0, 0, size * 0.22, 0, Math.PI * 2);
const wedge: Motif = (ctx, size) => {
  ctx.moveTo(-size / 2, -size / 2);
  ctx.lineTo(size / 2, -size / 2);
  ctx.lineTo(-size / 2, size / 2);
};
const stripes: Motif = (ctx, size) => {
  for (let i = 0; i < 3; i += 1) ctx.rect(-size / 2, -size / 2 + (i * size) / 3, size, size / 6);
};
const leaf: Motif = (ctx, size) => {
  ctx.moveTo(-size / 2, -size / 2);
  ctx.arc(-size / 2, size / 2, size, -Math.PI / 2, 0);
  ctx.arc(size / 2, -size / 2, size, Math.PI / 2, Math.PI);
};

/** A chequer of pieces, of which some turn at each beat. */
function tiles({ random, width, height }: Stage): Geometry {
  const wide = width > height;
  const columns = random.int(3, 5);
  const upper = random.chance(0.6);
  const left = random.chance(0.5);
  const size = wide ? (width * 0.46) / columns : width / columns;
  const rows = wide
    ? Math.ceil(height / size)
    : Math.max(2, Math.round((height * (height > width ? 0.46 : 0.42)) / size));
  const motifs = random.shuffle([quarter, half, disc, dot, wedge, stripes, leaf]).slice(0, random.int(2, 4));
  const cells = Array.from({ length: rows * columns }, (_, i) => ({
    x: (i % columns) * size + (wide ? (left ? 0 : width - size * columns) : 0),
    y: Math.floor(i / columns) * size + (wide || upper ? 0 : height - rows * size),
    motif: random.pick(motifs),
    turn: random.int(0, 3),
    pace: random.pick([0, 0.25, 0.5, 0.5, 1]),
    offset: random.int(0, 3) * 0.25,
    ink: random.int(0, 5),
    appear: random.between(0, 0.45),
  }));
  const share = wide ? (size * columns) / width : (rows * size) / height;
  return {
    text: wide
      ? {
          x: left ? share + margin * 0.6 : margin * 0.6,
          y: 0.1,
          width: 1 - share - margin * 1.2,
          height: 0.8,
          stand: 0.5,
        }
      : {
          x: margin,
          y: upper ? share + 0.035 : 0.05,
          width: 1 - margin * 2,
          height: 1 - share - 0.085,
          stand: upper ? 0.55 : 0.3,
        },
    draw(ctx, time, roles, moment) {
      for (const cell of cells) {
        const show = easeOutExpo(progress(time, cell.appear, cell.appear + 0.4));
        if (show <= 0) continue;
        const ground = cell.ink + moment;
        if (ground % 3 === 0) {
          ctx.fillStyle = roles.second;
          ctx.fillRect(cell.x, cell.y, Math.ceil(size), Math.ceil(size * show));
        }
        ctx.fillStyle =
          ground % 3 === 0 ? (ground % 2 ? roles.paper : roles.type) : ground % 2 ? roles.first : roles.type;
        ctx.save();
        ctx.beginPath();
        ctx.rect(cell.x, cell.y, size, size);
        ctx.clip();
        ctx.translate(cell.x + size / 2, cell.y + size / 2);
        ctx.rotate((cell.turn + steps(time * cell.pace, cell.offset)) * (Math.PI / 2));
        ctx.scale(show, show);
        ctx.beginPath();
        cell.motif(ctx, size);
        ctx.fill();
        ctx.restore();
      }
    },
  };
}

/** One enormous shape that jumps at every moment; the type changes colour where it crosses. */
function giant({ random, width, height }: Stage): Geometry {
  const short = Math.min(width, height);
  const kind = random.pick(['disc', 'arch', 'pill', 'ring', 'cross'] as const);
  const places = Array.from({ length: 12 }, () => ({
    x: random.between(0.12, 0.88) * width,
    y: random.between(0.14, 0.86) * height,
    size: random.between(0.34, 0.6) * short,
    turn: random.int(0, 7) * (Math.PI / 4),
  }));
  const at = (time: number, moment: number) => {
    const step = steps(time * 0.5, 0) + moment * 0.5;
    const from = places[Math.floor(step) % places.length];
    const to = places[(Math.floor(step) + 1) % places.length];
    const share = step % 1;
    if (!from || !to) throw new RangeError('a shape without a place');
    return {
      x: mix(from.x, to.x, share),
      y: mix(from.y, to.y, share),
      size: mix(from.size, to.size, share) * easeOutBack(progress(time, 0, 0.6), 0.8),
      turn: mix(from.turn, to.turn, share),
    };
  };
  const path = (ctx: Context, time: number, moment: number): void => {
    const { x, y, size, turn } = at(time, moment);
    const point = (dx: number, dy: number): [number, number] => [
      x + dx * Math.cos(turn) - dy * Math.sin(turn),
      y + dx * Math.sin(turn) + dy * Math.cos(turn),
    ];
    const polygon = (points: [number, number][]): void => {
      points.forEach(([dx, dy], i) =>
        i === 0 ? ctx.moveTo(...point(dx, dy)) : ctx.lineTo(...point(dx, dy)),
      );
      ctx.closePath();
    };
    if (kind === 'disc') ctx.arc(x, y, size, 0, Math.PI * 2);
    else if (kind === 'ring') {
      ctx.arc(x, y, size * 1.15, 0, Math.PI * 2);
      ctx.moveTo(x + size * 0.55, y);
      ctx.arc(x, y, size * 0.55, 0, Math.PI * 2, true);
    } else if (kind === 'arch') {
      ctx.arc(x, y, size, turn + Math.PI, turn);
      ctx.lineTo(...point(size, size * 1.1));
      ctx.lineTo(...point(-size, size * 1.1));
      ctx.closePath();
    } else if (kind === 'pill') {
      const [ax, ay] = point(-size * 0.8, 0);
      const [bx, by] = point(size * 0.8, 0);
      ctx.arc(ax, ay, size * 0.62, turn + Math.PI / 2, turn + Math.PI * 1.5);
      ctx.arc(bx, by, size * 0.62, turn - Math.PI / 2, turn + Math.PI / 2);
      ctx.closePath();
    } else {
      const arm = size * 0.4;
      const far = size * 1.15;
      polygon([
        [-arm, -far],
        [arm, -far],
        [arm, -arm],
        [far, -arm],
        [far, arm],
        [arm, arm],
        [arm, far],
        [-arm, far],
        [-arm, arm],
        [-far, arm],
        [-far, -arm],
        [-arm, -arm],
      ]);
    }
  };
  const companion = random.pick([quarter, half, wedge, stripes]);
  const corner = random.int(0, 3);
  const small = short * random.between(0.2, 0.34);
  return {
    text: { x: margin, y: 0.06, width: 1 - margin * 2, height: 0.88, stand: random.pick([0, 0.5, 1]) },
    draw(ctx, time, roles, moment) {
      ctx.save();
      ctx.fillStyle = roles.second;
      ctx.translate(corner % 2 ? width - small / 2 : small / 2, corner < 2 ? small / 2 : height - small / 2);
      ctx.rotate((corner + steps(time)) * (Math.PI / 2));
      ctx.beginPath();
      companion(ctx, small);
      ctx.fill();
      ctx.restore();
      ctx.fillStyle = roles.first;
      ctx.beginPath();
      path(ctx, time, moment);
      ctx.fill();
    },
    clip: path,
  };
}

/** Bars that change their widths like an equaliser. */
function bars({ random, width, height }: Stage): Geometry {
  const count = random.int(5, 11);
  const upright = random.chance(0.5);
  const fromEnd = random.chance(0.5);
  const lengths = Array.from({ length: count }, () =>
    Array.from({ length: 40 }, () => random.between(0.06, 1) ** 1.5),
  );
  const ink = Array.from({ length: count }, () => random.chance(0.28));
  const reach = upright ? (height > width ? 0.5 : 0.46) : height > width ? 0.82 : 0.6;
  const shape = (ctx: Context, time: number, wanted: boolean | null): void => {
    const step = steps(time, 0);
    lengths.forEach((list, i) => {
      if (wanted !== null && ink[i] !== wanted) return;
      const from = list[Math.floor(step) % 40] ?? 0;
      const to = list[(Math.floor(step) + 1) % 40] ?? 0;
      const length =
        mix(from, to, step % 1) *
        reach *
        (upright ? height : width) *
        easeOutExpo(progress(time, i * 0.03, 0.5 + i * 0.03));
      const thick = (upright ? width : height) / count;
      if (upright) ctx.rect(i * thick, fromEnd ? height - length : 0, thick * 0.86, length);
      else ctx.rect(fromEnd ? width - length : 0, i * thick, length, thick * 0.86);
    });
  };
  return {
    text: {
      x: margin,
      y: 0.07,
      width: 1 - margin * 2,
      height: 0.86,
      stand: upright ? (fromEnd ? 0 : 1) : 0.5,
    },
    draw(ctx, time, roles) {
      for (const wanted of [true, false]) {
        ctx.fillStyle = wanted ? roles.second : roles.first;
        ctx.beginPath();
        shape(ctx, time, wanted);
        ctx.fill();
      }
    },
    clip: (ctx, time) => shape(ctx, time, false),
  };
}

/** Rings out of a corner, each cut open and turning at its own pace. */
function rings({ random, width, height }: Stage): Geometry {
  const cx = random.pick([0, 0.5, 1]) * width;
  const cy = random.pick([0, 1]) * height;
  const count = random.int(4, 8);
  const span = Math.hypot(width, height) * random.between(0.5, 0.72);
  const thick = span / count;
  const list = Array.from({ length: count }, () => ({
    open: random.between(0.6, 3.6),
    turn: random.between(0, 6.3),
    pace: random.sign() * random.pick([0.5, 1]),
    ink: random.chance(0.6),
  }));
  return {
    text: { x: margin, y: 0.06, width: 1 - margin * 2, height: 0.88, stand: cy === 0 ? 1 : 0 },
    draw(ctx, time, roles) {
      ctx.lineWidth = thick * 0.6;
      list.forEach((ring, i) => {
        const grow = easeOutExpo(progress(time, i * 0.05, 0.7 + i * 0.05));
        const turn = ring.turn + steps(time * ring.pace) * 0.8;
        ctx.strokeStyle = ring.ink ? roles.first : roles.second;
        ctx.beginPath();
        ctx.arc(cx, cy, (i + 0.6) * thick, turn, turn + (Math.PI * 2 - ring.open) * grow);
        ctx.stroke();
      });
    },
  };
}

/** A staircase of blocks that climbs the sheet. */
function steppers({ random, width, height }: Stage): Geometry {
  const count = random.int(4, 7);
  const mirrored = random.chance(0.5);
  const upper = random.chance(0.5);
  const lift = height * random.between(0.34, 0.5);
  const rounded = random.chance(0.5);
  const shape = (ctx: Context, time: number): void => {
    const step = width / count;
    for (let i = 0; i < count; i += 1) {
      const place = mirrored ? count - 1 - i : i;
      const wave = 0.5 + 0.5 * Math.sin((steps(time) + i) * 0.9);
      const tall =
        lift * ((i + 1) / count) * mix(0.55, 1, wave) * easeOutExpo(progress(time, i * 0.06, 0.6 + i * 0.06));
      const x = place * step;
      if (rounded) ctx.roundRect(x, upper ? -step : height - tall, step, tall + step, step / 2);
      else ctx.rect(x, upper ? 0 : height - tall, step + 1, tall);
    }
  };
  return {
    text: { x: margin, y: 0.07, width: 1 - margin * 2, height: 0.86, stand: upper ? 1 : 0 },
    draw(ctx, time, roles) {
      ctx.fillStyle = roles.first;
      ctx.beginPath();
      shape(ctx, time);
      ctx.fill();
    },
    clip: (ctx, time) => shape(ctx, time),
  };
}
