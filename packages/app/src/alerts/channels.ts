import type { Mailer } from '../delivery/mail/port.ts';
import type { Logger } from '../platform/logger.ts';
import type { AlertChannel } from './deps.ts';
import { subjectOf, textOf } from './rules.ts';

/** One line per alert; warnings as such, what is critical as an error. */
export function logChannel(log: Logger): AlertChannel {
  return {
    id: 'log',
    async send({ alerts }) {
      for (const alert of alerts) {
        if (alert.about === 'cleared') log.info({ alert }, `all clear: ${alert.title}`);
        else if (alert.severity === 'critical') log.error({ alert }, `alert: ${alert.title}`);
        else log.warn({ alert }, `alert: ${alert.title}`);
      }
    },
  };
}

/** One mail to each address. */
export function mailChannel(mailer: Pick<Mailer, 'send'>, to: string): AlertChannel {
  return {
    id: `mail ${to}`,
    async send({ alerts }) {
      const link = alerts.find((alert) => alert.link !== null)?.link;
      await mailer.send({
        to,
        subject: `[Holdfast] ${subjectOf(alerts)}`,
        text: textOf(alerts),
        ...(link ? { link } : {}),
      });
    },
  };
}
