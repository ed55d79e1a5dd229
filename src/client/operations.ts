import { type ParamsInput, PlenumError, type RequestName } from '../protocol/index.ts';
import type { Attendance } from './Attendance.ts';
import { toPlenumError } from './errors.ts';
import type { Session } from './Session.ts';

/** Runs an operation; when the room is left meanwhile it fails with `aborted`, whatever else went wrong. */
export async function whileOpen<T>(
  attendance: Attendance,
  operation: (session: () => Session) => Promise<T>,
): Promise<T> {
  attendance.assertOpen();
  try {
    return await operation(() => attendance.require());
  } catch (error) {
    if (attendance.state === 'closed') {
      throw new PlenumError('aborted', 'The room was left meanwhile.', { cause: error });
    }
    throw toPlenumError(error);
  }
}

/** The same for what belongs into a meeting; while the way back is being sought it takes effect after it. */
export function whileJoined<T>(attendance: Attendance, operation: () => Promise<T>): Promise<T> {
  return whileOpen(attendance, async () => {
    attendance.assertJoined();
    return operation();
  });
}

/** A request whose answer says nothing but that it was done. */
export function tell<N extends RequestName>(attendance: Attendance, name: N, params: ParamsInput<N>): Promise<void> {
  return whileOpen(attendance, async (session) => {
    await session().request(name, params);
  });
}
