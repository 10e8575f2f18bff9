import type { Canvas, Context } from '../draw/canvas.ts';
import { easeOutBack, mix, progress } from '../draw/easing.ts';

export interface Theatre {
  /** Where the words lie, as parts of the height. */
  readonly words: { readonly top: number; readonly bottom: number };
  /** The words lie on many colours: they need ground of their own. */
  readonly busy: boolean;
  draw(ctx: Context, time: number): void;
}

/** A piece of paper on the table. Places are those of its picture's top left corner when it has arrived. */
export interface Piece {
  readonly picture: Canvas;
  readonly x: number;
  readonly y: number;
  /** Comes from here, relative to its place, after `delay` seconds. */
  readonly from: { readonly x: number; readonly y: number };
  readonly delay: number;
  /** Moves to and fro (pixels, radians) about `pivot` in the picture; `turns` goes round for ever. */
  readonly sway?: {
    readonly x?: number;
    readonly y?: number;
    readonly turn?: number;
    readonly pace: number;
    readonly phase: number;
  };
  readonly turns?: number;
  readonly tilt?: number;
  readonly drift?: number;
  readonly pivot?: { readonly x: number; readonly y: number };
}

export type Cut = (
  width: number,
  height: number,
  fill: string,
  outline: (ctx: Context) => void,
  depth?: number,
) => Canvas;

export type Built = { pieces: Piece[]; words: Theatre['words']; busy?: boolean };

export function drawPiece(ctx: Context, piece: Piece, time: number, still: boolean): void {
  const come = still ? 1 : easeOutBack(progress(time, piece.delay, piece.delay + 0.75), 0.8);
  if (come <= 0.001) return;
  const { sway } = piece;
  const wave = sway ? Math.sin(time * sway.pace + sway.phase) : 0;
  const x = piece.x + piece.from.x * (1 - come) + wave * (sway?.x ?? 0) + (piece.drift ?? 0) * time;
  const y = piece.y + piece.from.y * (1 - come) + wave * (sway?.y ?? 0);
  const turn = (piece.tilt ?? 0) + wave * (sway?.turn ?? 0) + (piece.turns ?? 0) * time;
  if (turn === 0) {
    ctx.drawImage(piece.picture, Math.round(x), Math.round(y));
    return;
  }
  const pivot = piece.pivot ?? { x: piece.picture.width / 2, y: piece.picture.height / 2 };
  ctx.save();
  ctx.translate(x + pivot.x, y + pivot.y);
  ctx.rotate(turn);
  ctx.drawImage(piece.picture, -pivot.x, -pivot.y);
  ctx.restore();
}

/** A colour between two hex colours. */
export function mixHex(one: string, two: string, share: number): string {
  const parts = [1, 3, 5].map((at) =>
    Math.round(
      mix(Number.parseInt(one.slice(at, at + 2), 16), Number.parseInt(two.slice(at, at + 2), 16), share),
    ),
  );
  return `#${parts.map((part) => part.toString(16).padStart(2, '0')).join('')}`;
}
