import type { EmulatedTask } from './tasks.ts';
import type { Service } from './service.ts';

export interface Delivery {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface CallbackStyle {
  /** The signed callback, about this task, in this task's words; `forged` with a signature that is not the vendor's. */
  make(task: EmulatedTask, told: { readonly aboutTask: string; readonly forged: boolean }): Delivery;
  /** Tries in all, and the wait before each next one. */
  readonly tries: number;
  readonly waitMs: (tried: number) => number;
  readonly timeoutMs: number;
  /** A 3xx or 4xx ends it for good. */
  readonly permanentRefusals: boolean;
}

const held = new WeakMap<Service, (() => Promise<void>)[]>();

/** Tells what a callback has to tell, as wrongly as the knob wants it. */
export async function callBack(task: EmulatedTask, service: Service, style: CallbackStyle): Promise<void> {
  if (task.callbackUrl === null) return;
  const make = (aboutTask: string, forged: boolean): Delivery => style.make(task, { aboutTask, forged });
  const send = (delivery: Delivery): Promise<void> => deliver(delivery, style, service);
  switch (service.knobs.callback) {
    case null:
      return send(make(task.id, false));
    case 'none':
      return undefined;
    case 'dup':
      await send(make(task.id, false));
      return send(make(task.id, false));
    case 'late':
      service.later(service.knobs.lateMs, () => send(make(task.id, false)));
      return undefined;
    case 'forged':
      return send(make(task.id, true));
    case 'wrong_task': {
      const other = [...service.tasks.keys()].find((id) => id !== task.id) ?? `${task.id}0`;
      return send(make(other, false));
    }
    case 'out_of_order': {
      // Each waits until the next one has gone.
      const waiting = held.get(service) ?? [];
      held.set(service, [() => send(make(task.id, false))]);
      if (waiting.length === 0) return undefined;
      held.set(service, []);
      await send(make(task.id, false));
      for (const go of waiting) await go();
      return undefined;
    }
    default:
      throw new Error(`unknown fault ${String(service.knobs.callback satisfies never)}`);
  }
}

async function deliver(delivery: Delivery, style: CallbackStyle, service: Service, tried = 0): Promise<void> {
  let status = 0;
  try {
    const response = await fetch(delivery.url, {
      method: 'POST',
      redirect: 'manual',
      headers: { 'content-type': 'application/json', ...delivery.headers },
      body: delivery.body,
      signal: AbortSignal.any([service.closing, AbortSignal.timeout(style.timeoutMs)]),
    });
    status = response.status;
    await response.body?.cancel();
  } catch (error) {
    if (service.closing.aborted) throw error;
    service.complain(`a callback to ${delivery.url} was not taken: ${String(error)}`);
  }
  const taken = status >= 200 && status < 300;
  if (taken || tried + 1 >= style.tries) return;
  if (style.permanentRefusals && status >= 300 && status < 400) return;
  service.later(style.waitMs(tried + 1), () => deliver(delivery, style, service, tried + 1));
}
