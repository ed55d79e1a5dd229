import type { ReactNode } from 'react';
import { PageFrame } from '../components/PageFrame.tsx';

/** Something is on its way; on a slow network this is seen for a while. */
export function WaitingPage({ children }: { children: ReactNode }) {
  return (
    <PageFrame>
      <section className="joining" role="status">
        <span className="spinner spinner-large" aria-hidden="true" />
        <p className="lead">{children}</p>
      </section>
    </PageFrame>
  );
}
