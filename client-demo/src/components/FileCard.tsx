import { Download, FileText } from 'lucide-react';
import type { ReactNode } from 'react';
import type { FileEntry, OfferedFile, SentFile } from '../lib/FileShelf.ts';
import { offeredText, percentOf, sentText, sizeText } from '../lib/fileTexts.ts';
import { saveBlob } from '../lib/saveBlob.ts';

interface Props {
  readonly entry: FileEntry;
  onAccept(entry: OfferedFile): void;
}

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });

/** A file in the chat: offered, on its way, there, or given up. */
export function FileCard({ entry, onAccept }: Props) {
  return entry.kind === 'sent' ? <Sent entry={entry} /> : <Offered entry={entry} onAccept={onAccept} />;
}

function Sent({ entry }: { entry: SentFile }) {
  const { transfer } = entry;
  const { state, recipients, size, name } = transfer;
  const percent = percentOf(transfer.received, size);
  const open = state === 'offered' || state === 'sending';
  return (
    <Card own author="You" at={entry.at} name={name} size={size} text={sentText(state, recipients, percent)}>
      {state === 'sending' && <Progress name={name} percent={percent} />}
      {open && (
        <div className="file-actions">
          <button
            type="button"
            className="button button-small"
            aria-label={`Cancel sending ${name}`}
            onClick={() => transfer.cancel()}
          >
            Cancel
          </button>
        </div>
      )}
    </Card>
  );
}

function Offered({ entry, onAccept }: { entry: OfferedFile; onAccept: (entry: OfferedFile) => void }) {
  const { file, from, at, content, failure } = entry;
  const { state, name, size } = file;
  const percent = percentOf(file.received, size);
  return (
    <Card own={false} author={from} at={at} name={name} size={size} text={offeredText(state, failure, percent)}>
      {state === 'receiving' && <Progress name={name} percent={percent} />}
      <div className="file-actions">
        {state === 'offered' && (
          <>
            <button
              type="button"
              className="button button-small button-primary"
              aria-label={`Accept ${name}`}
              onClick={() => onAccept(entry)}
            >
              Accept
            </button>
            <button
              type="button"
              className="button button-small"
              aria-label={`Decline ${name}`}
              onClick={() => file.decline()}
            >
              Decline
            </button>
          </>
        )}
        {state === 'receiving' && (
          <button
            type="button"
            className="button button-small"
            aria-label={`Cancel receiving ${name}`}
            onClick={() => file.cancel()}
          >
            Cancel
          </button>
        )}
        {content !== undefined && (
          <button
            type="button"
            className="button button-small"
            aria-label={`Save ${name} again`}
            onClick={() => saveBlob(content, name)}
          >
            <Download aria-hidden="true" />
            Save again
          </button>
        )}
      </div>
    </Card>
  );
}

interface CardProps {
  readonly own: boolean;
  readonly author: string;
  readonly at: number;
  readonly name: string;
  readonly size: number;
  readonly text: string;
  readonly children: ReactNode;
}

function Card({ own, author, at, name, size, text, children }: CardProps) {
  return (
    <article className={`chat-group ${own ? 'chat-group-own' : ''}`} data-testid="file" data-name={name}>
      <header>
        <span className="chat-author">{author}</span>
        <time dateTime={new Date(at).toISOString()}>{clock.format(at)}</time>
      </header>
      <div className="file-card">
        <div className="file-what">
          <FileText aria-hidden="true" />
          <span className="file-name">{name}</span>
          <span className="file-size">{sizeText(size)}</span>
        </div>
        <p className="file-state">{text}</p>
        {children}
      </div>
    </article>
  );
}

function Progress({ name, percent }: { name: string; percent: number }) {
  return <progress className="file-progress" aria-label={name} max={100} value={percent} />;
}
