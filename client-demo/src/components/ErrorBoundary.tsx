import { Component, type ReactNode } from 'react';

interface State {
  readonly failed: boolean;
}

/** Catches what no page expected: a defect of ours, or a part of the page that could not be loaded. */
export class ErrorBoundary extends Component<{ children: ReactNode }, State> {
  override state: State = { failed: false };

  static getDerivedStateFromError(): State {
    return { failed: true };
  }

  override render(): ReactNode {
    if (!this.state.failed) return this.props.children;
    return (
      <main className="page page-main">
        <section className="card message" role="alert">
          <h1>This page did not load as it should</h1>
          <p className="lead">
            The connection may have been lost on the way, or the server updated meanwhile. Reloading usually mends it.
          </p>
          <div className="actions">
            <button type="button" className="button button-primary" onClick={() => window.location.reload()}>
              Reload
            </button>
          </div>
        </section>
      </main>
    );
  }
}
