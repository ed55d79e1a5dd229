import { config } from 'zod';

// Pages with a strict Content-Security-Policy forbid the `new Function` by which zod compiles its schemas. This must run
// before the protocol's schemas are built, so the entry imports this module first.
config({ jitless: true });
