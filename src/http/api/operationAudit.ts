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
  readonly address: string;
  target?: string | undefined;
}

/**
 * Writes down once what each request that changes something has come to, whoever's token was good, allowed or not: when it
 * is done, since the answer may reach nobody any more.
 */
export class OperationAudit {
  readonly #service: Pick<ApiService, 'audit'>;
  readonly #notes = new WeakMap<FastifyRequest, Note>();

  constructor(app: FastifyInstance, service: Pick<ApiService, 'audit' | 'identityOf'>) {
    this.#service = service;
    app.addHook('preHandler', async (request) => {
      const note = this.#notes.get(request);
      // Before anything is done: afterwards it may be gone.
      if (note) note.target = targetOf(request, service);
    });
    app.addHook('onError', async (request, _reply, error) => this.came(request, codeOf(error)));
  }

  /** Who asks is known, and from where: a connection that is gone does not say it any more. */
  asked(request: FastifyRequest, note: Pick<Note, 'operation' | 'name' | 'address'>): void {
    this.#notes.set(request, { ...note });
  }

  /** Only the first counts: an answer that cannot be sent does not undo what was done. */
  came(request: FastifyRequest, outcome: 'done' | 'replayed' | ErrorCode): void {
    const note = this.#notes.get(request);
    if (!note) return;
    this.#notes.delete(request);
    // Asked again with the same key, it was not done again.
    if (outcome === 'replayed') return;
    const room = textAt(request.params, 'room') || textAt(request.body, 'name') || undefined;
    const { operation: action, name, address, target } = note;
    const actor = { kind: 'application', name } as const;
    this.#service.audit.record({ actor, address, action, params: paramsOf(request), room, target, outcome });
  }
}

/** What was asked for, without what people say to one another and what is said of them. */
function paramsOf({ params, query, body }: FastifyRequest): object {
  const { room: _room, ...ids } = entries(params);
  const all: Record<string, unknown> = { ...ids, ...entries(query), ...entries(body) };
  const { name: _name, text: _text, base64: _base64, metadata, ...rest } = all;
  return { ...rest, ...(metadata !== undefined && { metadata: Object.keys(entries(metadata)) }) };
}

/** Whom it concerns: an identity as it stands in the address, of somebody who need not be there, or that of whom an id names. */
function targetOf(request: FastifyRequest, { identityOf }: Pick<ApiService, 'identityOf'>): string | undefined {
  const named = textAt(request.query, 'identity');
  return named === '' ? identityOf(textAt(request.params, 'room'), subjectOf(request)) : named;
}

/** What the address names by an id. */
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
