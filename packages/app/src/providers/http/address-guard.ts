import { lookup as resolve } from 'node:dns';
import type { LookupAddress, LookupOptions } from 'node:dns';
import { BlockList, isIP } from 'node:net';

const v4_refused = new BlockList();
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const) {
  v4_refused.addSubnet(network, bits, 'ipv4');
}

/** What is routed at all; within it, what leads to IPv4 addresses by a side door, and what is only for documentation. */
const v6_routed = new BlockList();
v6_routed.addSubnet('2000::', 3, 'ipv6');
const v6_refused = new BlockList();
v6_refused.addSubnet('2001::', 32, 'ipv6');
v6_refused.addSubnet('2001:db8::', 32, 'ipv6');
v6_refused.addSubnet('2002::', 16, 'ipv6');
v6_refused.addSubnet('3fff::', 20, 'ipv6');

/** Whether an IP address is one of the public internet's: not this machine, not its network, not a cloud's metadata. */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !v4_refused.check(address, 'ipv4');
    case 6:
      return v6_routed.check(address, 'ipv6') && !v6_refused.check(address, 'ipv6');
    default:
      return false;
  }
}

/** The name leads to a machine that a stranger's URL must not reach. */
export class PrivateAddressError extends Error {
  readonly code = 'private_address';

  constructor(host: string) {
    super(`${host} is not an address of the public internet`);
    this.name = 'PrivateAddressError';
  }
}

/** `localhost` and what is below it, by RFC 6761 always this machine, whether or not it can be looked up. */
const this_machine = /(^|\.)localhost\.?$/i;

/** @throws PrivateAddressError where the URL names an IP address itself, or this machine by its own name: neither need be looked up */
export function refusePrivateLiteral(url: URL): void {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if ((isIP(host) !== 0 && !isPublicAddress(host)) || this_machine.test(host)) {
    throw new PrivateAddressError(host);
  }
}

type LookupDone = (error: Error | null, address: string | LookupAddress[], family?: number) => void;

/**
 * A DNS lookup for a connection's own use. What is checked is what is connected to: a name that changes its address between a check
 * and the connection gains nothing.
 */
export function lookupPublic(host: string, options: LookupOptions, done: LookupDone): void {
  if (this_machine.test(host)) {
    done(new PrivateAddressError(host), []);
    return;
  }
  resolve(host, { ...options, all: true }, (error, addresses) => {
    const [first] = addresses ?? [];
    if (error !== null || first === undefined) {
      done(error ?? new Error(`${host} has no address`), []);
    } else if (!addresses.every(({ address }) => isPublicAddress(address))) {
      done(new PrivateAddressError(host), []);
    } else if (options.all === true) done(null, addresses);
    else done(null, first.address, first.family);
  });
}
