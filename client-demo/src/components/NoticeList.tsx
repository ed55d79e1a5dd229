import { CircleAlert, Info, X } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { type Notice, useNotices } from '../hooks/useNotices.tsx';

const shownMs = { info: 5_000, trouble: 12_000 };

/** Short messages over the page; read out by screen readers, gone by themselves. */
export function NoticeList() {
  const { list, dismiss } = useNotices();
  return (
    <div className="notices" role="status" aria-live="polite" aria-relevant="additions">
      {list.map((notice) => (
        <NoticeCard key={notice.id} notice={notice} onDismiss={dismiss} />
      ))}
    </div>
  );
}

function NoticeCard({ notice, onDismiss }: { notice: Notice; onDismiss: (id: number) => void }) {
  const { id, tone, text, help } = notice;
  // While somebody points at it or has the focus in it, it stays.
  const held = useRef(false);
  useEffect(() => {
    let timer = window.setTimeout(function expire() {
      if (held.current) timer = window.setTimeout(expire, 1_000);
      else onDismiss(id);
    }, shownMs[tone]);
    return () => window.clearTimeout(timer);
  }, [id, tone, onDismiss]);
  const hold = (on: boolean) => () => {
    held.current = on;
  };
  const Icon = tone === 'trouble' ? CircleAlert : Info;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: pointing at it only keeps it from going away
    <div
      className={`notice notice-${tone}`}
      onPointerEnter={hold(true)}
      onPointerLeave={hold(false)}
      onFocus={hold(true)}
      onBlur={hold(false)}
    >
      <Icon className="notice-icon" aria-hidden="true" />
      <div className="notice-words">
        <p className="notice-text">{text}</p>
        {help !== undefined && <p className="notice-help">{help}</p>}
      </div>
      <button
        type="button"
        className="icon-button icon-button-small"
        aria-label="Dismiss"
        onClick={() => onDismiss(id)}
      >
        <X aria-hidden="true" />
      </button>
    </div>
  );
}
