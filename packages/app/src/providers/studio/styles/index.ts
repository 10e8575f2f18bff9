import type { StyleName } from '../request.ts';
import type { Scene, Stage } from '../scene.ts';
import { composeNocturne } from './nocturne.ts';

/** Composes a film for a text. Everything random comes from the stage. */
export type Style = (stage: Stage, text: string) => Scene;

export const styles: Record<StyleName, Style> = {
  nocturne: composeNocturne,
  poster: composeNocturne,
  paper: composeNocturne,
  signal: composeNocturne,
  aura: composeNocturne,
  echo: composeNocturne,
};
