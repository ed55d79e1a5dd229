/** Networks for tests: namespaces as machines, cables with delay, jitter and loss between them. Linux, root. */
export { available, whyUnavailable } from './available.ts';
export { Cable, type CableCounts, type CableQuality } from './Cable.ts';
export { Namespace } from './Namespace.ts';
export { Network } from './Network.ts';
export { type ProbeResult, probe } from './probe.ts';
