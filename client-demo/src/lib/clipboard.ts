/** Copies text; false where the browser does not allow it. */
export async function copyText(text: string): Promise<boolean> {
  // Typed as always there, but missing on insecure origins.
  const clipboard: Clipboard | undefined = navigator.clipboard;
  if (clipboard !== undefined) {
    try {
      await clipboard.writeText(text);
      return true;
    } catch (error) {
      console.debug('Plenum could not use the clipboard', error);
    }
  }
  return copyBySelection(text);
}

/** The old way, which also works over plain http. */
function copyBySelection(text: string): boolean {
  const area = document.createElement('textarea');
  area.value = text;
  area.className = 'visually-hidden';
  document.body.append(area);
  area.select();
  const done = document.execCommand('copy');
  area.remove();
  return done;
}
