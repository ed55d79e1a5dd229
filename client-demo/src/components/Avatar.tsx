import type { CSSProperties } from 'react';
import { hueOf, initialsOf } from '../lib/displayName.ts';

/** Stands in for the picture of somebody without a camera. */
export function Avatar({ name, identity }: { name: string; identity: string }) {
  const style: CSSProperties & Record<'--hue', number> = { '--hue': hueOf(identity) };
  return (
    <span className="avatar" style={style} aria-hidden="true">
      {initialsOf(name)}
    </span>
  );
}
