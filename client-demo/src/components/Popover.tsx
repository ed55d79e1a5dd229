import { type ReactNode, type RefObject, useEffect, useLayoutEffect, useRef } from 'react';

interface Props {
  /**
   * The button that it belongs to: it opens beside it, and the focus goes back there. It may become another element
   * meanwhile.
   */
  readonly anchor: RefObject<HTMLElement | null>;
  readonly className?: string;
  readonly children: ReactNode;
  onClose(): void;
}

/** Between it and the button, and the edges of the window, in CSS pixels. */
const gap = 6;
const edge = 8;

/**
 * Something that opens beside a button, over everything else, for as long as it is rendered. Escape, a click elsewhere and
 * the focus going elsewhere close it: nobody is kept in it.
 */
export function Popover({ anchor, className = '', children, onClose }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const close = useRef(onClose);
  useEffect(() => {
    close.current = onClose;
  });

  useLayoutEffect(() => {
    const element = box.current;
    if (element === null || anchor.current === null) return undefined;
    element.showPopover();
    let beside = anchor.current.getBoundingClientRect();
    const place = () => {
      beside = anchor.current?.getBoundingClientRect() ?? beside;
      placeBeside(element, beside);
    };
    place();
    // Its content may become another one while it is open. Where the button has gone elsewhere it does not jump after it:
    // somebody may be about to press something.
    const size = new ResizeObserver(() => placeBeside(element, beside));
    size.observe(element);
    const isOutside = (target: EventTarget | null) =>
      target instanceof Node && !element.contains(target) && !anchor.current?.contains(target);
    const away = ({ target }: Event) => {
      if (isOutside(target)) close.current();
    };
    window.addEventListener('resize', place);
    window.addEventListener('scroll', place, { capture: true, passive: true });
    document.addEventListener('pointerdown', away, true);
    document.addEventListener('focusin', away);
    return () => {
      size.disconnect();
      window.removeEventListener('resize', place);
      window.removeEventListener('scroll', place, { capture: true });
      document.removeEventListener('pointerdown', away, true);
      document.removeEventListener('focusin', away);
      if (element.contains(document.activeElement)) anchor.current?.focus();
    };
  }, [anchor]);

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: what it holds has the roles; keys that nobody wants end here
    <div
      ref={box}
      popover="manual"
      className={`popover ${className}`}
      onKeyDown={(event) => {
        // The letters of the page's shortcuts are not meant here.
        event.stopPropagation();
        if (event.key !== 'Escape' || event.nativeEvent.isComposing) return;
        event.preventDefault();
        onClose();
      }}
    >
      {children}
    </div>
  );
}

/** Below the button, or above it where there is more room; the style sheet puts it at the lower edge of a phone. */
function placeBeside(box: HTMLElement, button: DOMRect): void {
  const below = window.innerHeight - button.bottom - gap - edge;
  const above = button.top - gap - edge;
  const down = box.scrollHeight <= below || below >= above;
  const right = Math.min(window.innerWidth - button.right, window.innerWidth - box.offsetWidth - edge);
  box.style.setProperty('--popover-top', down ? `${button.bottom + gap}px` : 'auto');
  box.style.setProperty('--popover-bottom', down ? 'auto' : `${window.innerHeight - button.top + gap}px`);
  box.style.setProperty('--popover-right', `${Math.max(edge, right)}px`);
  box.style.setProperty('--popover-most', `${down ? below : above}px`);
}
