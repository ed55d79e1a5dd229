import type { RoomRegistry } from '../room/RoomRegistry.ts';
import type { Audit } from './AuditLog.ts';

/**
 * Writes down what moderators do or try, and what Plenum does of itself. What the application does by the API is written
 * down there, with the request.
 */
export function auditModeration(registry: RoomRegistry, audit: Audit): void {
  registry.on('moderated', ({ by, room, action: { action, ...params }, target, outcome }) => {
    if (by.kind === 'server') {
      audit.record({ actor: { kind: by.kind }, action, params, room, target, outcome });
      return;
    }
    if (by.kind !== 'participant') return;
    const { identity, participantId, link } = by.participant;
    const actor = { kind: by.kind, identity, participantId } as const;
    audit.record({ actor, address: link.address, action, params, room, target, outcome });
  });
}
