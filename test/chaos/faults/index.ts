import type { Fault } from '../Fault.ts';
import { drain } from './drain.ts';
import { halfOpen, silentClient, tabKilled } from './gone.ts';
import { losses } from './loss.ts';
import { narrowLines } from './narrowLine.ts';
import { natRebind, networkSwitch, socketCut, udpBlocked } from './network.ts';
import { serverRestart } from './serverRestart.ts';
import { laptopNap, laptopSleep } from './sleep.ts';
import { workerHung, workerKilled } from './worker.ts';

/** All of them, the most important ones first. */
export const faults: readonly Fault[] = [
  workerKilled,
  workerHung,
  socketCut,
  networkSwitch,
  natRebind,
  udpBlocked,
  serverRestart,
  drain,
  tabKilled,
  halfOpen,
  silentClient,
  laptopNap,
  laptopSleep,
  ...losses,
  ...narrowLines,
];

/** Those of a soak. */
export const soakFaults: readonly Fault[] = faults.filter(({ soak }) => soak !== undefined);
