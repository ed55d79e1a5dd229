import { Check, Link as LinkIcon } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useNotices } from '../hooks/useNotices.tsx';
import { copyText } from '../lib/clipboard.ts';
import { roomLink } from '../lib/router.ts';

const shownMs = 2_500;

/** Puts the room's link on the clipboard and says so. The name of the button stays, whatever it shows. */
export function CopyLinkButton({ roomName, label = 'Copy link' }: { roomName: string; label?: string }) {
  const [copied, setCopied] = useState(0);
  const { tell } = useNotices();
  useEffect(() => {
    if (copied === 0) return undefined;
    const timer = window.setTimeout(() => setCopied(0), shownMs);
    return () => window.clearTimeout(timer);
  }, [copied]);

  const copy = async () => {
    const link = roomLink(roomName);
    if (await copyText(link)) setCopied((count) => count + 1);
    else tell('trouble', 'The browser does not let this page copy', `The link is ${link}`);
  };

  return (
    <>
      <button type="button" className="button button-small copy-link" aria-label={label} onClick={() => void copy()}>
        {copied > 0 ? <Check aria-hidden="true" /> : <LinkIcon aria-hidden="true" />}
        <span className="copy-link-text">{copied > 0 ? 'Link copied' : label}</span>
      </button>
      <span className="visually-hidden" role="status">
        {copied > 0 ? 'Link copied' : ''}
      </span>
    </>
  );
}
