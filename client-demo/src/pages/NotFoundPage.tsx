import { Link } from '../components/Link.tsx';
import { PageFrame } from '../components/PageFrame.tsx';
import { useDocumentTitle } from '../hooks/useDocumentTitle.ts';

export function NotFoundPage() {
  useDocumentTitle('Page not found');
  return (
    <PageFrame>
      <section className="card message">
        <h1>There is nothing here</h1>
        <p className="lead">The address may be mistyped. Meetings live at addresses like /r/calm-otter-42.</p>
        <div className="actions">
          <Link to="/" className="button button-primary">
            Go to the start page
          </Link>
        </div>
      </section>
    </PageFrame>
  );
}
