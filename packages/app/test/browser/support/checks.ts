import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Finding {
  id: string;
  impact: string | null;
  nodes: { target: string[]; failureSummary?: string }[];
}

/** What axe finds on the page as it is now that is serious or critical, as sentences; nothing is the aim. */
export async function seriousFindings(page: Page): Promise<string[]> {
  // Evaluated by the debugger, so that the page's own policy on scripts stays as strict as it is.
  await page.evaluate(axe);
  const { violations } = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(options: object): Promise<{ violations: Finding[] }> };
    };
    return axe.run({ resultTypes: ['violations'] });
  });
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.target.join(' ')} (${node.failureSummary ?? ''})`),
    );
}

/** Everything the page complains about, such as a breach of its policy; to be empty at the end. */
export function complaintsOf(page: Page): string[] {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    // A refusal by the server is an answer, not a fault of the page.
    if (message.type() === 'error' && !message.text().includes('the server responded with a status of')) {
      complaints.push(message.text());
    }
  });
  return complaints;
}

/** True where nothing has to be scrolled sideways. */
export function fitsWidth(page: Page): Promise<boolean> {
  return page.locator('html').evaluate((element) => element.scrollWidth <= element.clientWidth);
}

export async function numberAt(page: Page, testId: string): Promise<number> {
  // What is shown, without the words for screen readers beside it.
  const text = await page.getByTestId(testId).locator('[aria-hidden]').first().textContent();
  return Number((text ?? '').replaceAll(/[^\d-]/g, ''));
}
