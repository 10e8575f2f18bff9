import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** One address in front of several servers, as a proxy is: the next server that takes the connection gets it. */
export interface Balancer {
  readonly url: string;
  close(): Promise<void>;
}

export async function startBalancer(ports: readonly number[]): Promise<Balancer> {
  const sockets = new Set<Socket>();
  let turn = 0;
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    // What breaks a connection is seen by both its ends; here it only ends.
    socket.on('error', () => socket.destroy());
    return socket;
  };
  const forward = (client: Socket, left: number): void => {
    if (left === 0) {
      client.destroy();
      return;
    }
    turn += 1;
    const port = ports[turn % ports.length] ?? 0;
    const server = keep(connect(port, '127.0.0.1'));
    server.once('connect', () => {
      client.pipe(server);
      server.pipe(client);
      client.once('close', () => server.destroy());
      server.once('close', () => client.destroy());
      server.off('error', next);
    });
    const next = (): void => forward(client, left - 1);
    server.once('error', next);
  };
  const listener = createServer({ pauseOnConnect: true }, (client) => {
    keep(client);
    forward(client, ports.length);
  });
  await new Promise<void>((resolve, reject) =>
    listener.once('error', reject).listen(0, '127.0.0.1', resolve),
  );
  return {
    url: `http://127.0.0.1:${(listener.address() as AddressInfo).port}`,
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => listener.close(() => resolve()));
    },
  };
}

/** Ports that nobody uses now. */
export async function freePorts(count: number): Promise<number[]> {
  const probes = await Promise.all(
    Array.from({ length: count }, async () => {
      const probe = createServer();
      await new Promise<void>((resolve, reject) =>
        probe.once('error', reject).listen(0, '127.0.0.1', resolve),
      );
      return probe;
    }),
  );
  const ports = probes.map((probe) => (probe.address() as AddressInfo).port);
  await Promise.all(probes.map((probe) => new Promise((resolve) => probe.close(resolve))));
  return ports;
}
