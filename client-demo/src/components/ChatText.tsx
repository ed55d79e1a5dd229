import { splitLinks } from '../lib/links.ts';

/** A message as text: React escapes it, and only web addresses become links. */
export function ChatText({ text }: { text: string }) {
  let at = 0;
  return splitLinks(text).map((part) => {
    const key = at;
    at += part.kind === 'link' ? part.url.length : part.text.length;
    if (part.kind === 'text') return <span key={key}>{part.text}</span>;
    return (
      <a key={key} href={part.url} target="_blank" rel="noopener noreferrer nofollow">
        {part.url}
      </a>
    );
  });
}
