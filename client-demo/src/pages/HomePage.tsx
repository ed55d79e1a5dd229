import { ArrowRight, Dices } from 'lucide-react';
import { type FormEvent, useEffect, useId, useRef, useState } from 'react';
import { PageFrame } from '../components/PageFrame.tsx';
import { useDocumentTitle } from '../hooks/useDocumentTitle.ts';
import { readRoomName, roomNameProblem, suggestRoomName } from '../lib/roomName.ts';
import { navigate, roomPath } from '../lib/router.ts';

interface Props {
  readonly initialName: string | undefined;
  /** `link`: the page was reached by a link to a room that cannot exist. */
  readonly problem: 'link' | undefined;
}

/** Asks which room. The suggestion is already in the field, so that a new meeting is one click away. */
export function HomePage({ initialName, problem }: Props) {
  useDocumentTitle(undefined);
  const [text, setText] = useState(() => initialName ?? suggestRoomName());
  const [checked, setChecked] = useState(problem === 'link');
  const input = useRef<HTMLInputElement>(null);
  const id = useId();
  const name = readRoomName(text);
  // The next page is loaded while somebody reads this one.
  useEffect(() => {
    import('./RoomPage.tsx').catch((error: unknown) => console.debug('Plenum could not load ahead', error));
  }, []);
  const wrong = checked ? roomNameProblem(name) : undefined;

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setChecked(true);
    if (roomNameProblem(name) === undefined) navigate(roomPath(name));
    else input.current?.focus();
  };
  const suggest = () => {
    setText(suggestRoomName());
    setChecked(false);
    input.current?.focus();
  };

  return (
    <PageFrame>
      <section className="home">
        <h1>Meet face to face, on your own server</h1>
        <p className="lead">Choose a room, share its link, and talk. No account, nothing to install.</p>
        <form className="card home-form" onSubmit={submit} noValidate>
          <div className="field">
            <label htmlFor={id}>Room name</label>
            <div className="input-row">
              <input
                ref={input}
                id={id}
                name="room"
                value={text}
                onChange={(event) => setText(event.target.value)}
                onFocus={(event) => event.target.select()}
                autoComplete="off"
                autoCapitalize="none"
                autoCorrect="off"
                spellCheck={false}
                enterKeyHint="go"
                aria-invalid={wrong !== undefined}
                aria-describedby={`${id}-help`}
              />
              <button type="button" className="icon-button" aria-label="Suggest another name" onClick={suggest}>
                <Dices aria-hidden="true" />
              </button>
            </div>
            <p id={`${id}-help`} className={wrong === undefined ? 'hint' : 'hint hint-wrong'} aria-live="polite">
              {wrong ?? 'Everybody who opens the same room meets there. You can paste a link, too.'}
            </p>
          </div>
          <button type="submit" className="button button-primary button-large">
            Continue
            <ArrowRight aria-hidden="true" />
          </button>
        </form>
      </section>
    </PageFrame>
  );
}
