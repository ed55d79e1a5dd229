import type { Emitter } from '../events.ts';
import type { OwnQuality } from './OwnQuality.ts';
import type { ParticipantEvents } from './ParticipantOptions.ts';
import type { PublishingListener } from './Publishing.ts';

/** Hands on what becomes of somebody's publications: to those who follow the participant, and to its own quality. */
export function tellPublishing(events: Emitter<ParticipantEvents>, quality: () => OwnQuality): PublishingListener {
  return {
    published: (publication) => events.emit('published', publication),
    unpublished: (publication) => {
      events.emit('unpublished', publication);
      quality().forget(publication.publicationId);
    },
    changed: (publication) => events.emit('publicationChanged', publication),
    resized: (publication) => events.emit('resized', publication),
    restored: (publication) => events.emit('restored', publication),
    scored: ({ publicationId }, score) => quality().scored(publicationId, score),
  };
}
