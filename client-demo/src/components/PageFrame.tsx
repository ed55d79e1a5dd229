import type { ReactNode } from 'react';
import { Link } from './Link.tsx';
import { Logo } from './Logo.tsx';

/** Everything but the meeting itself: the name of the product above, the content in the middle. */
export function PageFrame({ children }: { children: ReactNode }) {
  return (
    <div className="page">
      <header className="page-header">
        <Link to="/" className="brand">
          <Logo />
          <span>Plenum</span>
        </Link>
      </header>
      <main className="page-main">{children}</main>
    </div>
  );
}
