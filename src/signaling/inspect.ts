import { PlenumError } from '../protocol/index.ts';

/** Deeper than any declared message. */
const deepest = 16;
const forbiddenKeys = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Looks a message over before its schema does: its size, its depth, binary attachments, and keys that would reach
 * into an object's prototype wherever the message is copied.
 *
 * @throws PlenumError `message-too-large` or `bad-request`
 */
export function inspectMessage(message: unknown, maxBytes: number): void {
  walk(message, 0);
  const bytes = Buffer.byteLength(JSON.stringify(message) ?? '');
  if (bytes > maxBytes) {
    throw new PlenumError('message-too-large', `the message has ${bytes} bytes; the server takes ${maxBytes}`);
  }
}

function walk(value: unknown, depth: number): void {
  if (depth > deepest) throw new PlenumError('bad-request', `the message is nested deeper than ${deepest} levels`);
  if (typeof value !== 'object' || value === null) return;
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
    throw new PlenumError('bad-request', 'requests carry no binary attachments');
  }
  if (Array.isArray(value)) {
    for (const item of value) walk(item, depth + 1);
    return;
  }
  for (const key of Object.keys(value)) {
    if (forbiddenKeys.has(key)) throw new PlenumError('bad-request', `the key "${key}" is not allowed`);
    walk(Reflect.get(value, key), depth + 1);
  }
}
