/** What the address of a room may ask for: `?name=Ada&join=1&video=0&audio=0`. */
export interface PageParams {
  readonly name: string | undefined;
  /** Join at once, without the page before it. */
  readonly join: boolean;
  /** False: the device is off, and is never asked for until somebody turns it on. */
  readonly video: boolean;
  readonly audio: boolean;
}

export function readPageParams(search: string): PageParams {
  const params = new URLSearchParams(search);
  return {
    name: params.get('name') ?? undefined,
    join: isOn(params.get('join'), false),
    video: isOn(params.get('video'), true),
    audio: isOn(params.get('audio'), true),
  };
}

function isOn(value: string | null, otherwise: boolean): boolean {
  if (value === null) return otherwise;
  return !['0', 'false', 'no', 'off'].includes(value.toLowerCase());
}
