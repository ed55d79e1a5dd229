import { useEffect, useRef } from 'react';
import type { RemotePublication, Room } from '../../../src/client/index.ts';
import { canChooseSpeaker } from '../hooks/useDevices.ts';

/** One audio element for everything that is heard, apart from the tiles: scrolling away must not silence anybody. */
export function AudioSinks({ room, speaker }: { room: Room; speaker: string | undefined }) {
  const sounds = [...room.participants.values()].flatMap((participant) =>
    [...participant.publications.values()].filter((publication) => publication.kind === 'audio'),
  );
  return (
    <div hidden>
      {sounds.map((publication) => (
        <AudioSink key={publication.publicationId} publication={publication} speaker={speaker} />
      ))}
    </div>
  );
}

function AudioSink({ publication, speaker }: { publication: RemotePublication; speaker: string | undefined }) {
  const ref = useRef<HTMLAudioElement>(null);
  useEffect(() => {
    const element = ref.current;
    return element === null ? undefined : publication.attach(element);
  }, [publication]);
  useEffect(() => {
    if (speaker === undefined || !canChooseSpeaker()) return;
    // The remembered speaker may be gone: then the sound stays on the system's choice.
    ref.current?.setSinkId(speaker).catch((error: unknown) => console.debug('Plenum could not use the speaker', error));
  }, [speaker]);
  return (
    // biome-ignore lint/a11y/useMediaCaption: a live conversation has no captions
    <audio
      ref={ref}
      autoPlay
      data-testid="audio"
      data-identity={publication.participant.identity}
      data-source={publication.source}
    />
  );
}
