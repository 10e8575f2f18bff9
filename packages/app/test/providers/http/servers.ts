import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

export interface Listening {
  readonly port: number;
  close(): Promise<void>;
}

/** A server that answers as it is told. */
export function startHttp(listener: RequestListener): Promise<Listening> {
  const server = createServer(listener);
  return listening(server, () => server.closeAllConnections());
}

/** A server that knows nothing of HTTP. */
export function startTcp(onConnection: (socket: Socket) => void): Promise<Listening> {
  const open = new Set<Socket>();
  const server = createTcpServer((socket) => {
    open.add(socket);
    socket.on('error', () => socket.destroy());
    onConnection(socket);
  });
  return listening(server, () => {
    for (const socket of open) socket.destroy();
  });
}

async function listening(server: Server, cut: () => void): Promise<Listening> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      cut();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
