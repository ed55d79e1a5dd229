import { PageFrame } from '../components/PageFrame.tsx';
import { useDocumentTitle } from '../hooks/useDocumentTitle.ts';

export function UnsupportedPage() {
  useDocumentTitle('Unsupported browser');
  return (
    <PageFrame>
      <section className="card message message-trouble">
        <h1>This browser cannot hold video calls</h1>
        <p className="lead">
          Plenum needs WebRTC, which this browser lacks or has switched off. Open this page in a current version of
          Chrome, Edge, Firefox or Safari.
        </p>
      </section>
    </PageFrame>
  );
}
