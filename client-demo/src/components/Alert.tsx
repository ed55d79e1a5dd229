import { CircleAlert } from 'lucide-react';
import type { ReactNode } from 'react';

/** What went wrong and what to do about it, in the place where it matters. */
export function Alert({ title, help, children }: { title: string; help: string; children?: ReactNode }) {
  return (
    <div className="alert" role="alert">
      <CircleAlert className="alert-icon" aria-hidden="true" />
      <div>
        <p className="alert-title">{title}</p>
        <p className="alert-help">{help}</p>
        {children}
      </div>
    </div>
  );
}
