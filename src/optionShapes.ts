import { isIP } from 'node:net';
import { z } from 'zod';
import { isFilePath } from './filePath.ts';
import { parseOrigin } from './origins.ts';
import { parseRange } from './proxies.ts';
import { parseRates, showRates } from './rates.ts';

/** What the texts of the environment and the command line may be, and what they become; src/options.ts has the options. */

/** Not z.coerce: Number('') is 0, and an empty value is a slip. */
const digits = z
  .string()
  .trim()
  .regex(/^\d+(\.\d+)?$/)
  .transform(Number);
export const whole = (least: number, most: number) => digits.pipe(z.number().int().min(least).max(most));
export const amount = (least: number, most: number) => digits.pipe(z.number().min(least).max(most));
export const port = whole(0, 65_535);
export const count = (most: number) => whole(1, most);
/** The worker takes no ceiling below 30 kbit/s. */
export const ceiling = whole(0, 1_000_000_000).refine((bitrate) => bitrate === 0 || bitrate >= 30_000);
export const flag = z
  .union([z.boolean(), z.enum(['1', 'true', 'yes', 'on', '0', 'false', 'no', 'off'])])
  .transform((value) => value === true || ['1', 'true', 'yes', 'on'].includes(String(value)));
export const text = z.string().trim().min(1);
export const filePath = text.refine(isFilePath);

/** RFC 1123: labels of letters, digits and inner hyphens; the last is not all digits, which would be an address. */
export const hostName =
  /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*(?!\d+$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i;
export const addresses = z
  .string()
  .transform((list) => list.split(',').map((entry) => entry.trim()))
  .pipe(z.array(z.string().refine((entry) => isIP(entry) !== 0 || hostName.test(entry))).max(4));
/** Each becomes what browsers send; a list with one that is none is refused as a whole. */
export const origins = text.transform((list, context) =>
  list.split(',').flatMap((entry) => {
    const origin = parseOrigin(entry);
    if (origin === undefined) context.addIssue({ code: 'custom', message: 'no origin' });
    return origin ?? [];
  }),
);
/** Several with commas between. */
export const list = <T extends z.ZodType<unknown, string>>(entry: T, most: number) =>
  text.transform((entries) => entries.split(',').map((each) => each.trim())).pipe(z.array(entry).max(most));
export const proxies = text
  .transform((list) => list.split(',').map((entry) => entry.trim()))
  .pipe(z.array(z.string().refine((entry) => parseRange(entry) !== undefined)));

/** `rates` are the defaults; who gives some of them keeps the others. */
export const limit = <S extends string>(doc: string, rates: Record<S, { perSecond: number; burst: number }>) => ({
  schema: text.optional().transform((given, context) => {
    const parsed = given === undefined ? rates : parseRates(given, rates);
    if (!parsed) context.addIssue({ code: 'custom', message: 'no rates' });
    return parsed ?? rates;
  }),
  doc,
  right: `rates of ${Object.keys(rates).join(', ')}, a second and at once, like ${showRates(rates)}; those left out stay`,
  shownDefault: showRates(rates),
});
export const rate = (perSecond: number, burst: number) => ({ perSecond, burst });

export interface OptionDeclaration {
  schema: z.ZodType;
  doc: string;
  /** What a right value looks like, for the message that refuses a wrong one. */
  right: string;
  /** It is, or may hold, something that nobody should read: messages do not show it. */
  secret?: true;
  /** It is a secret, so no flag: everybody on the machine reads those of a process, and npm prints them. */
  variableOnly?: true;
  /** The value has parts: messages say which of them is wrong, and why. */
  explains?: true;
  /** Shown by --help where the default is not a plain value. */
  shownDefault?: string;
}
