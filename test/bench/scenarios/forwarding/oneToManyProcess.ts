import { oneToMany } from './oneToMany.ts';

/** One publisher and many subscribers, measured inside a namespace. See index.ts. */

const figures = await oneToMany(true, { repeat: 1, say: (line) => console.log(line) });
process.send?.(figures);
process.disconnect?.();
process.exit();
