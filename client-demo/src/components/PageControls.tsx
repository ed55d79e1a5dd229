import { ChevronLeft, ChevronRight } from 'lucide-react';

interface Props {
  /** From 0. */
  readonly index: number;
  readonly count: number;
  onTurn(direction: 1 | -1): void;
}

/** Nothing where there is one page only. */
export function PageControls({ index, count, onTurn }: Props) {
  if (count < 2) return null;
  return (
    <nav className="page-controls" aria-label="Pages of participants">
      <button
        type="button"
        className="icon-button"
        aria-label="Previous page"
        aria-disabled={index === 0}
        onClick={() => onTurn(-1)}
      >
        <ChevronLeft aria-hidden="true" />
      </button>
      <span className="page-number" role="status">
        Page {index + 1} of {count}
      </span>
      <button
        type="button"
        className="icon-button"
        aria-label="Next page"
        aria-disabled={index === count - 1}
        onClick={() => onTurn(1)}
      >
        <ChevronRight aria-hidden="true" />
      </button>
    </nav>
  );
}
