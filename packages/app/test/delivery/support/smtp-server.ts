import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

export interface SmtpServer {
  readonly url: string;
  /** What was taken, or read to its end. */
  readonly letters: string[];
  /** From now on: what is answered to a command instead of what is usual; `cut` ends the connection. By the command, `.` for the end of a letter. */
  readonly answers: Record<string, string>;
  close(): Promise<void>;
}

/** A mail server on loopback that does as it is told. */
export async function startSmtpServer(answers: Record<string, string> = {}): Promise<SmtpServer> {
  const letters: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.once('close', () => sockets.delete(socket)));
    socket.on('error', () => socket.destroy());
    let letter: string | null = null;
    const say = (command: string, usual: string) => {
      const answer = answers[command] ?? usual;
      if (answer === 'cut') socket.destroy();
      else if (answer !== 'silence') socket.write(`${answer}\r\n`);
    };
    say('connect', '220 mail.example.com ESMTP');
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      for (const line of chunk.split(/(?<=\r\n)/)) {
        if (letter !== null) {
          letter += line;
          if (!letter.endsWith('\r\n.\r\n')) continue;
          letters.push(letter);
          letter = null;
          say('.', '250 2.0.0 taken');
        } else if (/^(EHLO|HELO)/i.test(line)) say('EHLO', '250 mail.example.com');
        else if (/^RCPT/i.test(line)) say('RCPT', '250 2.1.0 ok');
        else if (/^DATA/i.test(line)) {
          if ((answers['DATA'] ?? '354').startsWith('354')) letter = '';
          say('DATA', '354 go on');
        } else if (/^QUIT/i.test(line)) socket.end('221 bye\r\n');
        else say('MAIL', '250 2.1.0 ok');
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    letters,
    answers,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
