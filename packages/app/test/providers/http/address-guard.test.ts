import { expect, test } from 'vitest';
import { isPublicAddress, lookupPublic } from '../../../src/providers/http/address-guard.ts';
import { ask, openAnswer } from '../../../src/providers/http/connection.ts';

const soon = (): AbortSignal => AbortSignal.timeout(10_000);

test.each(['8.8.8.8', '104.16.0.1', '2606:4700::1111'])('%s is of the public internet', (address) => {
  expect(isPublicAddress(address)).toBe(true);
});

test.each([
  '127.0.0.1',
  '0.0.0.0',
  '10.1.2.3',
  '100.64.0.1',
  '169.254.169.254',
  '172.31.0.1',
  '192.168.1.1',
  '198.18.0.1',
  '224.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  'fe80::1',
  'fd00::1',
  '::ffff:127.0.0.1',
  '64:ff9b::7f00:1',
  '2002:7f00:1::',
  '2001:db8::1',
  'not an address',
])('%s is not', (address) => {
  expect(isPublicAddress(address)).toBe(false);
});

test('a name that leads to this machine is refused where it is looked up, which is where it is connected to', async () => {
  const error = await new Promise<Error | null>((resolve) => {
    lookupPublic('localhost', { all: true }, (problem) => resolve(problem));
  });
  expect(error).toMatchObject({ code: 'private_address' });
});

test.each([
  ['https://127.0.0.1/', 'private_address'],
  ['https://2130706433/', 'private_address'],
  ['https://[::1]/', 'private_address'],
  ['https://localhost/', 'private_address'],
  ['http://example.com/', 'wrong_protocol'],
  ['file:///etc/passwd', 'wrong_protocol'],
  ['nonsense', 'err_invalid_url'],
])('%s is never connected to for a stranger', async (url, code) => {
  const opened = openAnswer({ method: 'GET', url, signal: soon(), publicOnly: true });
  await expect(opened).rejects.toMatchObject({ code, notSent: true });
});

test('a name that does not exist, and a signal that came before, prove that nothing was sent', async () => {
  const url = 'http://there-is-no-such-name.invalid/';
  await expect(ask({ method: 'POST', url, signal: soon() })).rejects.toMatchObject({ notSent: true });
  const early = AbortSignal.abort();
  await expect(ask({ method: 'POST', url: 'http://127.0.0.1:9/', signal: early })).rejects.toMatchObject({
    notSent: true,
  });
});
