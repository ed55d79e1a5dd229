import { isIPv6 } from 'node:net';

/**
 * Who counts as one address: with IPv6 everybody has a network of 64 bits at least (RFC 6177), and may come from another
 * address of it each time.
 *
 * @param address as `clientAddress` gives it
 */
export function addressKey(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.split('::');
  const before = groupsOf(head);
  const after = groupsOf(tail ?? '');
  const zeros = Array<string>(tail === undefined ? 0 : 8 - before.length - after.length).fill('0');
  return `${[...before, ...zeros, ...after].slice(0, 4).join(':')}::/64`;
}

function groupsOf(text: string): string[] {
  // An IPv4 address at the end stands for two groups; they are none of the first four.
  return text === '' ? [] : text.split(':').flatMap((group) => (group.includes('.') ? [group, group] : group));
}
