import { Paperclip, SendHorizontal } from 'lucide-react';
import { type FormEvent, type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { codeOf } from '../lib/failures.ts';

/** The server's limit, in characters. */
const longest = 4_000;

interface Props {
  onSend(text: string): Promise<void>;
  onFiles(files: readonly File[]): void;
}

/** Enter sends, Shift+Enter starts a new line. What could not be sent stays in the field. */
export function ChatComposer({ onSend, onFiles }: Props) {
  const [text, setText] = useState('');
  const [problem, setProblem] = useState<string | undefined>(undefined);
  const [busy, setBusy] = useState(false);
  const input = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const id = useId();
  // Opened on purpose, so the next key stroke belongs here.
  useEffect(() => input.current?.focus(), []);

  const send = async () => {
    const trimmed = text.trim();
    if (trimmed === '' || busy) return;
    setBusy(true);
    setText('');
    setProblem(undefined);
    try {
      await onSend(trimmed);
    } catch (error) {
      setText((since) => (since === '' ? trimmed : `${trimmed}\n${since}`));
      setProblem(sendProblem(error));
    } finally {
      setBusy(false);
      input.current?.focus();
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void send();
  };
  const press = (event: KeyboardEvent) => {
    // While an input method composes a word, Enter belongs to it.
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    void send();
  };

  return (
    <form className="chat-composer" onSubmit={submit}>
      {problem !== undefined && (
        <p className="hint hint-wrong" role="alert">
          {problem}
        </p>
      )}
      <div className="chat-input">
        <input
          ref={picker}
          type="file"
          multiple
          hidden
          data-testid="file-input"
          onChange={({ target }) => {
            onFiles([...(target.files ?? [])]);
            // The same file may be chosen again.
            target.value = '';
          }}
        />
        <button
          type="button"
          className="icon-button"
          aria-label="Send a file"
          data-tooltip="Send a file"
          onClick={() => picker.current?.click()}
        >
          <Paperclip aria-hidden="true" />
        </button>
        <label htmlFor={id} className="visually-hidden">
          Message
        </label>
        <textarea
          ref={input}
          id={id}
          rows={1}
          value={text}
          maxLength={longest}
          placeholder="Write a message"
          enterKeyHint="send"
          onChange={(event) => setText(event.target.value)}
          onKeyDown={press}
        />
        <button type="submit" className="send-button" aria-label="Send" disabled={text.trim() === ''}>
          <SendHorizontal aria-hidden="true" />
        </button>
      </div>
    </form>
  );
}

function sendProblem(error: unknown): string {
  switch (codeOf(error)) {
    case 'rate-limited':
      return 'Not sent: you write faster than the server allows. Wait a moment.';
    case 'disconnected':
    case 'timeout':
      return 'Not sent: the server cannot be reached. Try again when you are connected.';
    case 'wrong-phase':
      return 'Not sent: nobody has let you in yet.';
    case 'bad-request':
      return 'Not sent: the message has characters that the server does not take.';
    default:
      return 'Not sent. Try again.';
  }
}
