/** The same rule as the protocol's: a name that the server would refuse is caught while it is typed. */
const valid = /^[A-Za-z0-9_-]{1,64}$/;

const adjectives =
  'amber bold brave bright calm clever cosy curious eager fair fresh gentle golden happy honest jolly keen kind light lively lucky mellow merry mild neat nimble noble open patient proud quick quiet ready sunny swift tidy warm wise witty'.split(
    ' ',
  );
const nouns =
  'acorn badger beacon birch brook canyon cedar comet coral crane dune falcon fern finch forest harbor heron island kestrel lagoon lark maple meadow moose orchard otter panda pebble pine puffin raven reef river robin sparrow spruce stream valley walrus willow wren'.split(
    ' ',
  );

function pick(words: readonly string[], random: () => number): string {
  return words[Math.floor(random() * words.length)] ?? 'plenum';
}

/** A name that is easy to say on the phone, for example `calm-otter-42`. */
export function suggestRoomName(random: () => number = Math.random): string {
  return `${pick(adjectives, random)}-${pick(nouns, random)}-${10 + Math.floor(random() * 90)}`;
}

export function isRoomName(text: string): boolean {
  return valid.test(text);
}

/** What somebody typed or pasted: a name, or the whole link of a room. */
export function readRoomName(text: string): string {
  const trimmed = text.trim();
  const inLink = /^https?:\/\/[^/]+\/r\/([^/?#]+)/i.exec(trimmed)?.[1];
  if (inLink === undefined) return trimmed;
  try {
    return decodeURIComponent(inLink);
  } catch {
    return inLink;
  }
}

/** What is wrong with a room name, as a sentence; undefined when nothing is. */
export function roomNameProblem(name: string): string | undefined {
  if (name === '') return 'Enter a room name.';
  if (name.length > 64) return `A room name has at most 64 characters; this one has ${name.length}.`;
  if (isRoomName(name)) return undefined;
  const near = nearestRoomName(name);
  const rule = 'Use only letters without accents, digits, “-” and “_”.';
  return near === '' ? rule : `${rule} For example: ${near}`;
}

/** The nearest valid name: accents dropped, everything else that is not allowed becomes a dash. */
export function nearestRoomName(name: string): string {
  return name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/[^A-Za-z0-9_-]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 64);
}
