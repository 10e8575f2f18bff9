import { brotliDecompressSync } from 'node:zlib';

/** The order in which WOFF2 numbers the tables it knows; `cmap` is 0. Only the two with a transform of their own matter here. */
const glyf = 10;
const loca = 11;

/**
 * Which characters a WOFF2 font really has, read from its `cmap`. What a package says of its slices is rounded up: only the font itself
 * tells whether a character would be drawn as an empty box.
 */
export function readCoverage(woff2: Buffer): Set<number> {
  if (woff2.readUInt32BE(0) !== 0x774f4632) throw new Error('not a WOFF2 font');
  const tables = woff2.readUInt16BE(12);
  const compressedBytes = woff2.readUInt32BE(20);
  let at = 48;
  const base128 = (): number => {
    let value = 0;
    for (let i = 0; i < 5; i += 1) {
      const byte = woff2.readUInt8(at);
      at += 1;
      value = value * 128 + (byte & 127);
      if (byte < 128) break;
    }
    return value;
  };
  let offset = 0;
  let cmap: { offset: number; length: number } | undefined;
  for (let i = 0; i < tables; i += 1) {
    const flags = woff2.readUInt8(at);
    at += 1;
    const known = flags & 63;
    let tag = '';
    if (known === 63) {
      tag = woff2.toString('latin1', at, at + 4);
      at += 4;
    }
    const original = base128();
    const version = flags >> 6;
    const transformed = known === glyf || known === loca ? version === 0 : version !== 0;
    const length = transformed ? base128() : original;
    if (known === 0 || tag === 'cmap') cmap = { offset, length };
    offset += length;
  }
  if (!cmap) throw new Error('a font without a character map');
  const data = brotliDecompressSync(woff2.subarray(at, at + compressedBytes));
  return readCharacterMap(data.subarray(cmap.offset, cmap.offset + cmap.length));
}

function readCharacterMap(cmap: Buffer): Set<number> {
  const covered = new Set<number>();
  const subtables = cmap.readUInt16BE(2);
  for (let i = 0; i < subtables; i += 1) {
    const start = cmap.readUInt32BE(4 + i * 8 + 4);
    const format = cmap.readUInt16BE(start);
    if (format === 12) readGroups(cmap, start, covered);
    if (format === 4) readSegments(cmap, start, covered);
  }
  return covered;
}

function readGroups(cmap: Buffer, start: number, covered: Set<number>): void {
  const groups = cmap.readUInt32BE(start + 12);
  for (let i = 0; i < groups; i += 1) {
    const at = start + 16 + i * 12;
    const last = cmap.readUInt32BE(at + 4);
    for (let code = cmap.readUInt32BE(at); code <= last; code += 1) covered.add(code);
  }
}

function readSegments(cmap: Buffer, start: number, covered: Set<number>): void {
  const twice = cmap.readUInt16BE(start + 6);
  for (let i = 0; i < twice; i += 2) {
    const last = cmap.readUInt16BE(start + 14 + i);
    const first = cmap.readUInt16BE(start + 16 + twice + i);
    const delta = cmap.readUInt16BE(start + 16 + twice * 2 + i);
    const rangeAt = start + 16 + twice * 3 + i;
    const range = cmap.readUInt16BE(rangeAt);
    for (let code = first; code <= last && code !== 0xffff; code += 1) {
      const glyph =
        range === 0 ? (code + delta) & 0xffff : cmap.readUInt16BE(rangeAt + range + (code - first) * 2);
      if (glyph !== 0) covered.add(code);
    }
  }
}
