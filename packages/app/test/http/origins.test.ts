import { expect, test } from 'vitest';
import { isLocalRequest, isTrustedOrigin } from '../../src/http/origins.ts';

test('only pages of this server are trusted, on loopback by any name of it', () => {
  expect(isTrustedOrigin('https://video.example.com', 'https://video.example.com')).toBe(true);
  expect(isTrustedOrigin('http://video.example.com', 'https://video.example.com')).toBe(false);
  expect(isTrustedOrigin('https://video.example.com.evil.example', 'https://video.example.com')).toBe(false);
  expect(isTrustedOrigin('null', 'https://video.example.com')).toBe(false);
  expect(isTrustedOrigin('http://127.0.0.1:8000', 'http://localhost:8000')).toBe(true);
  expect(isTrustedOrigin('http://127.0.0.1:9000', 'http://localhost:8000')).toBe(false);
});

test('a request is local when it came straight from this machine and was meant for it', () => {
  const from = (remoteAddress: string, headers: Record<string, string>) =>
    isLocalRequest({ socket: { remoteAddress }, headers }, 'http://localhost:8000');
  expect(from('127.0.0.1', { host: 'localhost:8000' })).toBe(true);
  expect(from('::1', { host: '[::1]:8000' })).toBe(true);
  expect(from('10.0.0.5', { host: 'localhost:8000' })).toBe(false);
  expect(from('127.0.0.1', { host: 'video.example.com' })).toBe(false);
  expect(from('127.0.0.1', { host: 'localhost:8000', 'x-forwarded-for': '127.0.0.1' })).toBe(false);
  expect(from('127.0.0.1', {})).toBe(false);
  // A proxy on this machine may leave no trace of itself.
  const request = { socket: { remoteAddress: '127.0.0.1' }, headers: { host: 'localhost:8000' } };
  expect(isLocalRequest(request, 'https://video.example.com')).toBe(false);
});
