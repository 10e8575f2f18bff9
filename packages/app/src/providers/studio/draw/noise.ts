import type { Random } from '../random.ts';

/** Smooth noise in three dimensions, about -1 to 1, the same for the same random numbers. */
export type Noise = (x: number, y: number, z?: number) => number;

/** Value-gradient noise on a lattice of 256 cells that repeats; fast enough for every pixel of a small field in every frame. */
export function makeNoise(random: Random): Noise {
  const order = random.shuffle(Array.from({ length: 256 }, (_, i) => i));
  const table = new Uint8Array(512);
  for (let i = 0; i < 512; i += 1) table[i] = order[i & 255] as number;
  const gradient = new Float32Array(256 * 3);
  for (let i = 0; i < gradient.length; i += 1) gradient[i] = random.between(-1, 1);
  const corner = (cx: number, cy: number, cz: number, dx: number, dy: number, dz: number): number => {
    const at =
      (table[((table[((table[cx & 255] as number) + cy) & 255] as number) + cz) & 255] as number) * 3;
    return (
      (gradient[at] as number) * dx + (gradient[at + 1] as number) * dy + (gradient[at + 2] as number) * dz
    );
  };
  return (x, y, z = 0) => {
    const cx = Math.floor(x);
    const cy = Math.floor(y);
    const cz = Math.floor(z);
    const fx = x - cx;
    const fy = y - cy;
    const fz = z - cz;
    const u = fx * fx * (3 - 2 * fx);
    const v = fy * fy * (3 - 2 * fy);
    const w = fz * fz * (3 - 2 * fz);
    const near =
      (corner(cx, cy, cz, fx, fy, fz) * (1 - u) + corner(cx + 1, cy, cz, fx - 1, fy, fz) * u) * (1 - v) +
      (corner(cx, cy + 1, cz, fx, fy - 1, fz) * (1 - u) +
        corner(cx + 1, cy + 1, cz, fx - 1, fy - 1, fz) * u) *
        v;
    if (w === 0) return near;
    const far =
      (corner(cx, cy, cz + 1, fx, fy, fz - 1) * (1 - u) +
        corner(cx + 1, cy, cz + 1, fx - 1, fy, fz - 1) * u) *
        (1 - v) +
      (corner(cx, cy + 1, cz + 1, fx, fy - 1, fz - 1) * (1 - u) +
        corner(cx + 1, cy + 1, cz + 1, fx - 1, fy - 1, fz - 1) * u) *
        v;
    return near * (1 - w) + far * w;
  };
}
