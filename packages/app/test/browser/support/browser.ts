import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import type { Browser } from 'playwright-core';

const installed = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];
const args = ['--no-sandbox', '--disable-background-networking', '--disable-dev-shm-usage', '--mute-audio'];

/**
 * Chromium out of the npm package, which brings its own libraries, so that a bare Linux is enough. CHROMIUM_PATH names another one; elsewhere
 * than on Linux an installed one is taken.
 */
export async function launchBrowser(): Promise<Browser> {
  const given = process.env['CHROMIUM_PATH'];
  if (given) return chromium.launch({ executablePath: given, args });
  if (process.platform !== 'linux') {
    const found = installed.find((path) => existsSync(path));
    return chromium.launch({ executablePath: found, channel: found ? undefined : 'chrome', args });
  }
  // By this the package knows that it shall unpack its libraries too.
  process.env['AWS_EXECUTION_ENV'] ??= 'AWS_Lambda_nodejs22.x';
  const { default: packaged } = await import('@sparticuz/chromium');
  const executablePath = await packaged.executablePath();
  const libraries = join(tmpdir(), 'al2023', 'lib');
  const others = process.env['LD_LIBRARY_PATH'];
  return chromium.launch({
    executablePath,
    args,
    env: { ...process.env, LD_LIBRARY_PATH: others ? `${libraries}:${others}` : libraries },
  });
}
