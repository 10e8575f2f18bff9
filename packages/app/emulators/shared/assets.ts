import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { AssetFault } from './knobs.ts';

const types = { mp4: 'video/mp4', png: 'image/png' } as const;
const huge_bytes = 2 ** 40;

/** A result's file, whole or broken as is wanted. */
export function answerAsset(
  response: ServerResponse,
  content: Buffer,
  kind: keyof typeof types,
  fault: AssetFault | null,
): void {
  const head = { 'content-type': types[kind], 'content-length': String(content.length) };
  switch (fault) {
    case null:
      response.writeHead(200, head).end(content);
      return;
    case '404':
      response.writeHead(404).end();
      return;
    case 'html':
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Sign in to see this file.</html>');
      return;
    case 'huge':
      response.writeHead(200, { ...head, 'content-length': String(huge_bytes) });
      response.write(content);
      return;
    case 'truncated':
      response.writeHead(200, head);
      response.write(content.subarray(0, Math.floor(content.length / 2)), () => response.destroy());
      return;
    case 'slow':
      response.writeHead(200, head);
      trickle(response, content).catch(() => response.destroy());
      return;
    default:
      throw new Error(`unknown fault ${String(fault satisfies never)}`);
  }
}

async function trickle(response: ServerResponse, content: Buffer): Promise<void> {
  const step = Math.ceil(content.length / 20);
  for (let at = 0; at < content.length && !response.destroyed; at += step) {
    response.write(content.subarray(at, at + step));
    await delay(250);
  }
  response.end();
}
