/** Every moment at which a test may kill the process while it delivers. */
export type DeliveryFailpoint = 'delivery.marked' | 'delivery.sent' | 'delivery.uploaded';

const armed = process.env['NODE_ENV'] === 'test' ? process.env['TEST_FAILPOINT'] : undefined;

/** Dies here as by `kill -9`, where a test asked for it; otherwise, and in production always, does nothing. */
export function deliveryFailpoint(name: DeliveryFailpoint): void {
  if (armed === name) process.kill(process.pid, 'SIGKILL');
}
