import fc from 'fast-check';
import { injections } from './injections.ts';

/** Packets of engine.io (protocol 4) and socket.io (protocol 5) as no client sends them. */

const corpus: readonly string[] = [
  '',
  '0',
  '0{"sid":"x"}',
  '1',
  '2',
  '2probe',
  '3',
  '3probe',
  '4',
  '40',
  '40{}',
  '40{"token":1}',
  '40/admin,{"token":"x"}',
  '41',
  '41/other,',
  '42',
  '42[]',
  '42[1]',
  '42[null]',
  '42[{"a":1}]',
  '42["connect"]',
  '42["disconnect"]',
  '42["disconnecting"]',
  '42["newListener",1]',
  '42["__proto__"]',
  '420["join"',
  '421[',
  '4299999999999999999999["raiseHand",{}]',
  '42-1["raiseHand",{}]',
  '43',
  '430',
  '430[]',
  '4399[1]',
  '43"x"',
  '44',
  '44{"message":"x"}',
  '45',
  '45-',
  '451-["publish",{"_placeholder":true,"num":0}]',
  '45x-["publish"]',
  '459999-["publish"]',
  '4599999999999-["publish"]',
  '461-[{"_placeholder":true,"num":9}]',
  '46-1-[]',
  '47',
  '49',
  '5',
  '6',
  '7',
  '9',
  'b',
  'bAAAA',
  'b!!!!',
  '\u001e',
  '2\u001e2\u001e2',
  '4\u001e42["x"]',
  '\ufffd\u0000',
  `42["sendChat",{"requestId":"p","text":"${'x'.repeat(70_000)}"}]`,
  `420["join",${'['.repeat(20_000)}${']'.repeat(20_000)}]`,
  `42/${'a'.repeat(5000)},["x"]`,
  ...injections.slice(0, 3),
];

/** A packet of the corpus with some letters gone, doubled or changed. */
const mutilated = fc
  .tuple(
    fc.constantFrom(...corpus.filter((packet) => packet.length < 1000)),
    fc.nat(),
    fc.nat(5),
    fc.string({ maxLength: 4 }),
  )
  .map(([packet, at, gone, text]) => {
    const place = at % (packet.length + 1);
    return packet.slice(0, place) + text + packet.slice(place + gone);
  });

const digits = fc.tuple(fc.nat(9), fc.nat(9), fc.constantFrom('', '0', '1-', '/x,', '17'), fc.json({ maxDepth: 2 }));

export const packets: fc.Arbitrary<string | Uint8Array<ArrayBuffer>> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...corpus) },
  { weight: 4, arbitrary: mutilated },
  { weight: 3, arbitrary: digits.map(([engine, socket, middle, body]) => `${engine}${socket}${middle}${body}`) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => new Uint8Array(bytes)) },
);
