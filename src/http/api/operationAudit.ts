import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ApiSubject } from '../../protocol/api.ts';
import type { ErrorCode } from '../../protocol/index.ts';
import { codeOf } from '../problems.ts';
import type { ApiService } from './ports.ts';

/** What is known so far of a request that changes something. */
interface Note {
  readonly operation: string;
  /** Which application asks. */
  readonly name: string;
  target?: string | undefined;
  outcome?: 'done' | 'replayed' | ErrorCode;
}

/** Writes down once what each request that changes something has come to, whoever's token was good, allowed or not. */
export class OperationAudit {
  readonly #notes = new WeakMap<FastifyRequest, Note>();

  constructor(app: FastifyInstance, { audit, identityOf }: ApiService) {
    app.addHook('preHandler', async (request) => {
      const note = this.#notes.get(request);
      // Before anything is done: afterwards it may be gone.
      if (note) note.target = identityOf(textAt(request.params, 'room'), subjectOf(request));
    });
    app.addHook('onError', async (request, _reply, error) => this.came(request, codeOf(error)));
    app.addHook('onResponse', async (request) => {
      const { operation: action, name, target, outcome = 'internal' } = this.#notes.get(request) ?? {};
      // Asked again with the same key, it was not done again.
      if (action === undefined || name === undefined || outcome === 'replayed') return;
      const room = textAt(request.params, 'room') || textAt(request.body, 'name') || undefined;
      const actor = { kind: 'application', name } as const;
      audit.record({ actor, address: request.ip, action, params: paramsOf(request), room, target, outcome });
    });
  }

  /** Who asks is known. */
  asked(request: FastifyRequest, operation: string, name: string): void {
    this.#notes.set(request, { operation, name });
  }

  came(request: FastifyRequest, outcome: 'done' | 'replayed' | ErrorCode): void {
    const note = this.#notes.get(request);
    if (note) note.outcome = outcome;
  }
}

/** What was asked for, without what people say to one another and what is said of them. */
function paramsOf({ params, query, body }: FastifyRequest): object {
  const { room: _room, ...ids } = entries(params);
  const all: Record<string, unknown> = { ...ids, ...entries(query), ...entries(body) };
  const { name: _name, text: _text, base64: _base64, metadata, ...rest } = all;
  return { ...rest, ...(metadata !== undefined && { metadata: Object.keys(entries(metadata)) }) };
}

/** What the address names. */
function subjectOf({ params }: FastifyRequest): ApiSubject {
  return {
    participantId: textAt(params, 'participantId'),
    publicationId: textAt(params, 'publicationId'),
    knockId: textAt(params, 'knockId'),
  };
}

function entries(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function textAt(value: unknown, key: string): string {
  const found = entries(value)[key];
  return typeof found === 'string' ? found : '';
}
