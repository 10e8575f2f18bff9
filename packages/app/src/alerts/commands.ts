import type { AlertDeps, Severity } from './deps.ts';

export interface Alert {
  /** What it is about, such as `provider/kie/balance`: 1 to 200 characters. One alert is open per key. */
  readonly key: string;
  readonly severity: Severity;
  /** One line. */
  readonly title: string;
  /** What happened, and what an operator can do. Never a secret. */
  readonly detail: string;
  /** Where more can be seen: a path of the web app, or an address. Default: the operator's page, with this alert in sight. */
  readonly link?: string;
}

/**
 * Opens an alert, or counts it where it is open already (its words become these). Tells nobody by itself: a worker does, after the commit.
 * Idempotent per key while open.
 * @returns whether this call opened it
 */
export async function raiseAlert(deps: AlertDeps, alert: Alert): Promise<boolean> {
  const { rows } = await deps.db.query<{ opened: boolean }>({
    name: 'raise_alert',
    text: `insert into holdfast.alert as a (key, severity, title, detail, link)
           values ($1, $2, $3, $4, $5)
           on conflict (key) do update
              set severity = excluded.severity, title = excluded.title, detail = excluded.detail, link = excluded.link,
                  last_raised_at = holdfast.clock(),
                  raises = case when a.cleared_at is null then a.raises + 1 else 1 end,
                  openings = a.openings + case when a.cleared_at is null then 0 else 1 end,
                  opened_at = case when a.cleared_at is null then a.opened_at else holdfast.clock() end,
                  cleared_at = null
           returning raises = 1 as opened`,
    values: [
      alert.key,
      alert.severity,
      alert.title.slice(0, 200),
      alert.detail.slice(0, 4_000),
      alert.link ?? `/operator?alert=${encodeURIComponent(alert.key)}`,
    ],
  });
  return rows[0]?.opened ?? false;
}

/**
 * Says that it is over; whoever was told of it gets the all-clear. Nothing happens where none is open.
 * @returns whether one was open
 */
export async function clearAlert(deps: AlertDeps, key: string): Promise<boolean> {
  const { rowCount } = await deps.db.query({
    name: 'clear_alert',
    text: 'update holdfast.alert set cleared_at = holdfast.clock() where key = $1 and cleared_at is null',
    values: [key],
  });
  return rowCount === 1;
}
