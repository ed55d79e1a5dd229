import type { ApiBodyLimits, ApiOperation } from '../../protocol/apiOperation.ts';
import { longestBody } from '../problems.ts';

/** How large the body of an operation may be, in bytes: whatever its shape takes fits, however the JSON is written. */
export function bodyLimitOf({ largeBody }: ApiOperation, limits: ApiBodyLimits): number {
  return longestBody + (largeBody?.(limits) ?? 0);
}
