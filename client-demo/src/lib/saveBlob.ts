/** The browser needs the address for a while after the click. */
const keptMs = 60_000;

/** Puts a file among the downloads. Never shown by the browser: it is somebody else's, and this page's origin. */
export function saveBlob(content: Blob, name: string): void {
  const url = URL.createObjectURL(new Blob([content], { type: 'application/octet-stream' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(url), keptMs);
}
