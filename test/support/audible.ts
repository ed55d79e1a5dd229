import type { Page } from 'playwright-core';

/**
 * How many of the page's audio elements are heard within a second and a half: they play on, and what they play is louder
 * than silence. The fake microphone beeps once a second.
 */
export function audible(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const context = new AudioContext();
    const watched = [...document.querySelectorAll('audio')].flatMap((element) => {
      const { srcObject, paused, muted, volume, currentTime } = element;
      if (paused || muted || volume === 0 || !(srcObject instanceof MediaStream)) return [];
      if (srcObject.getAudioTracks().length === 0) return [];
      const analyser = context.createAnalyser();
      context.createMediaStreamSource(srcObject).connect(analyser);
      return [{ element, analyser, startedAt: currentTime }];
    });
    const loud = new Set<AnalyserNode>();
    const samples = new Float32Array(2048);
    const heard = () =>
      watched.filter(({ element, analyser, startedAt }) => loud.has(analyser) && element.currentTime > startedAt);
    const end = performance.now() + 1500;
    while (performance.now() < end && heard().length < watched.length) {
      for (const { analyser } of watched) {
        analyser.getFloatTimeDomainData(samples);
        if (samples.some((sample) => Math.abs(sample) > 0.01)) loud.add(analyser);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await context.close();
    return heard().length;
  });
}
