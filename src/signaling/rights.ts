import {
  type Grants,
  mayPublish,
  PlenumError,
  type RequestName,
  type Right,
  type RoomSettings,
  requests,
  type Source,
  shapes,
} from '../protocol/index.ts';

/** What a right means: whether somebody with these grants has it in that room, for what the request asks. */
type Rule = (grants: Grants, settings: RoomSettings, params: Readonly<Record<string, unknown>>) => boolean;

const sources: readonly Source[] = shapes.source.options;

const rules: Record<Right, Rule> = {
  anybody: () => true,
  publish: (grants, settings) => sources.some((source) => mayPublish(grants, source, settings)),
  'publish-source': (grants, settings, params) => {
    const source = shapes.source.safeParse(params.source);
    return source.success && mayPublish(grants, source.data, settings);
  },
  subscribe: ({ canSubscribe }) => canSubscribe,
  chat: ({ canChat, hidden }) => canChat && !hidden,
  'update-metadata': ({ canUpdateMetadata }) => canUpdateMetadata,
  'be-seen': ({ hidden }) => !hidden,
  moderate: ({ moderator }) => moderator,
};

const complaints: Record<Right, string> = {
  anybody: 'this is not allowed',
  publish: 'you may not publish here',
  'publish-source': 'you may not publish this here',
  subscribe: 'your access token does not let you receive',
  chat: 'your access token does not let you chat',
  'update-metadata': 'your access token does not let you say anything of yourself',
  'be-seen': 'a hidden participant cannot do this',
  moderate: 'only moderators may do this',
};

/**
 * The one place where it is decided who may do what: each request names its right in the table of requests, and what
 * has no row there is refused.
 *
 * @param settings of the room; of an open one before the join
 * @param params of the request, parsed
 * @throws PlenumError `forbidden`
 */
export function checkRight(
  name: RequestName,
  grants: Grants,
  settings: RoomSettings,
  params: Readonly<Record<string, unknown>>,
): void {
  const { right } = requests[name];
  if (!rules[right](grants, settings, params)) throw new PlenumError('forbidden', complaints[right]);
}
