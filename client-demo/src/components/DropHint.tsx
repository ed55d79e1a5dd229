import { FileUp } from 'lucide-react';

/** Over the whole page while files hover over it. */
export function DropHint() {
  return (
    <div className="drop-hint">
      <FileUp aria-hidden="true" />
      <p>Drop to offer it to everybody</p>
    </div>
  );
}
