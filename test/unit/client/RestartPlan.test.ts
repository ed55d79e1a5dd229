import { describe, expect, test } from 'vitest';
import { giveUpMs, RestartPlan } from '../../../src/client/RestartPlan.ts';

/** When the restarts of a plan come, and of which kind, where nothing helps. */
function restarts(reachable: boolean): { at: number; kind: string }[] {
  const plan = new RestartPlan(0);
  const made: { at: number; kind: string }[] = [];
  for (let now = 0; !plan.hopeless(now); now += 100) {
    if (plan.due(now)) made.push({ at: now, kind: plan.restarting(now, reachable) });
  }
  return made;
}

describe('restarts of ICE', () => {
  test('come at once, then with growing pauses, until the visit is given up', () => {
    const made = restarts(false);
    expect(made.map(({ at }) => at)).toEqual([0, 1200, 2700, 5200, 9200, 13_200]);
    expect(new Set(made.map(({ kind }) => kind))).toEqual(new Set(['local']));
  });

  test('ask the server each second time, where it can be asked', () => {
    expect(
      restarts(true)
        .map(({ kind }) => kind)
        .slice(0, 4),
    ).toEqual(['local', 'server', 'local', 'server']);
  });

  test('come at once when the browser reports a network, but not in a storm', () => {
    const plan = new RestartPlan(0);
    plan.restarting(0, false);
    plan.hasten();
    expect(plan.due(200)).toBe(false);
    expect(plan.due(300)).toBe(true);
    let made = 1;
    for (let now = 300; now < giveUpMs; now += 10) {
      plan.hasten();
      if (!plan.due(now)) continue;
      plan.restarting(now, false);
      made += 1;
    }
    expect(made).toBe(12);
    expect(plan.due(giveUpMs)).toBe(false);
  });

  test('wait while the browser is about to change over to a path that works', () => {
    const plan = new RestartPlan(0);
    plan.restarting(0, false);
    expect(plan.due(1200, true)).toBe(true);
    plan.restarting(1200, false);
    expect(plan.due(3200)).toBe(true);
    expect(plan.due(5600, true)).toBe(false);
    expect(plan.due(5700, true)).toBe(true);
    plan.hasten();
    expect(plan.due(1500, true)).toBe(true);
  });

  test('end after fifteen seconds', () => {
    const plan = new RestartPlan(1000);
    expect(plan.hopeless(15_999)).toBe(false);
    expect(plan.hopeless(16_000)).toBe(true);
  });

  test('keep their pauses where the path breaks again and again, and begin anew after a calm while', () => {
    const plan = new RestartPlan(0);
    let made = 0;
    for (let now = 0; now < 60_000; now += 100) {
      // It seems to work for a moment after each restart.
      if (now % 1000 === 500) plan.settled(now);
      if (now % 1000 === 0) plan.broken(now);
      if (now % 1000 < 500 && plan.due(now)) {
        plan.restarting(now, false);
        made += 1;
      }
      expect(plan.hopeless(now)).toBe(false);
    }
    expect(made).toBe(12);
    plan.settled(60_000);
    plan.broken(65_000);
    expect(plan.due(65_000)).toBe(true);
  });
});
