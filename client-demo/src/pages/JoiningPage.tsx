import { PageFrame } from '../components/PageFrame.tsx';
import { useDocumentTitle } from '../hooks/useDocumentTitle.ts';

export function JoiningPage({ roomName }: { roomName: string }) {
  useDocumentTitle(roomName);
  return (
    <PageFrame>
      <section className="joining" role="status">
        <span className="spinner spinner-large" aria-hidden="true" />
        <p className="lead">
          Joining <strong>{roomName}</strong>…
        </p>
      </section>
    </PageFrame>
  );
}
