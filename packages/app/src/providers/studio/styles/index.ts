import type { StyleName } from '../request.ts';
import type { Scene, Stage } from '../scene.ts';
import { composeAura } from './aura.ts';
import { composeEcho } from './echo.ts';
import { composeNocturne } from './nocturne.ts';
import { composePaper } from './paper.ts';
import { composePoster } from './poster.ts';
import { composeSignal } from './signal.ts';

/** Composes a film for a text. Everything random comes from the stage. */
export type Style = (stage: Stage, text: string) => Scene;

export const styles: Record<StyleName, Style> = {
  nocturne: composeNocturne,
  poster: composePoster,
  paper: composePaper,
  signal: composeSignal,
  aura: composeAura,
  echo: composeEcho,
};
