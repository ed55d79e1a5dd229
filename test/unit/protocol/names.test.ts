import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { shapes } from '../../../src/protocol/index.ts';
import { cleanName } from '../../../src/protocol/names.ts';

const kinds = ['identity', 'displayName'] as const;
const takes = (text: string) => kinds.filter((kind) => shapes[kind].safeParse(text).success);

/** As people write them; escapes where nobody would see what is there. */
const real = [
  ...[
    'Ada Lovelace',
    "Sinéad O'Connor",
    'Zoë',
    'Zoe\u0308',
    'Jean-Luc Šírá',
    'Nguyễn Thị Minh',
    'Þórður',
    'Łukasz',
    'X Æ A-12',
  ],
  ...['Αλέξανδρος', 'Анна-Мария', 'Đorđe', 'Հայկ', 'ნინო', 'דָּוִד', 'Nʼdiaye', 'ꯃꯩꯇꯩ', 'ᏣᎳᎩ', 'አበበ ቢቂላ', 'ⵣⵉⵔⵉ'],
  ...['محمد عبد الله', 'فاطمة', 'علی\u200cرضا', 'می\u200cشود', 'نِگارِ\u200cمن', 'ه\u200d', 'ئۇيغۇر', 'ܡܪܝܡ'],
  ...[
    'क्षितिज',
    'क\u094d\u200dष',
    'राम\u200cजी',
    'र\u094d\u200dया',
    'ক্ষমা',
    'র\u200d\u09cdয',
    'ਗੁਰਪ੍ਰੀਤ',
    'નરેન્દ્ર',
    'ତପନ',
    'முருகன்',
    'రామ\u0c4d\u200c',
    'ಕೃಷ್ಣ',
  ],
  ...[
    'മോഹന\u0d4d\u200d',
    'ശ്രീ',
    'ශ\u0dca\u200dරී',
    'สมชาย ใจดี',
    'ສົມ\u200bສັກ',
    'សុខ\u200bហេង',
    'အောင်ဆန်း',
    'བསྟན་འཛིན་',
    'ᠠᠨᠳ\u180eᠠ',
    'ᠮᠣᠩᠭᠣᠯ\u180b',
  ],
  ...[
    '山田\u3000太郎',
    '葛\u{e0100}城',
    '\u{20bb7}野家',
    'さくら',
    'ｱﾀﾞ',
    '김민준',
    '\u1100\u1161\u11a8',
    'ㄅㄆㄇ',
    '张伟',
    'Ꙁ',
    '𞤀𞤣𞤢𞤥',
  ],
  ...[
    '\u{1f600}',
    'Ada \u{1f469}\u200d\u{1f4bb}',
    '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}\u200d\u{1f466}',
    '\u{1f3f3}\ufe0f\u200d\u{1f308}',
  ],
  ...[
    '\u2764\ufe0f\u200d\u{1f525}',
    '\u{1f9d1}\u{1f3fd}\u200d\u{1f9b0}',
    '\u{1f9d4}\u{1f3ff}\u200d\u2642\ufe0f',
    '1\ufe0f\u20e3',
    '\u263a\ufe0e',
    '\u{1f1e9}\u{1f1ea}',
  ],
  ...['\u2801\u2803', '<b>x</b>', 'x'.repeat(64)],
];

test.each(real)('%s is a name', (name) => {
  expect(takes(name)).toEqual(kinds);
  expect(shapes.displayName.parse(` ${name} `)).toBe(name);
});

test('so are several of them together', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...real), { minLength: 1, maxLength: 4 }), (names) => {
      const name = names.join(' ');
      fc.pre(name.length <= 64);
      expect(takes(name)).toEqual(kinds);
    }),
  );
});

/** Each is nothing that one sees, or less than a letter. */
const invisible = [
  ...[
    '\u00ad',
    '\u034f',
    '\u061c',
    '\u115f',
    '\u1160',
    '\u17b4',
    '\u17b5',
    '\u180b',
    '\u180e',
    '\u200b',
    '\u200c',
    '\u200d',
  ],
  ...['\u2028', '\u2029', '\u2060', '\u2063', '\u206f', '\u2800', '\u3164', '\uffa0', '\ufe00', '\ufe0f', '\ufff9'],
  ...['\u{e0001}', '\u{e0067}', '\u{e0100}', '\u{1d173}', '\u{1bca0}'],
];
const blank = [...invisible, ' ', '\u00a0', '\u3000', '\u0301', '\u20e3'];
const shown = (text: string) => [...text].map((each) => `U+${each.codePointAt(0)?.toString(16)}`).join(' ');

describe('what somebody types or pastes', () => {
  test('becomes one line that the server takes, or nothing', () => {
    expect(cleanName('  Ada\n\tLove\u200blace\u202e ')).toBe('Ada Lovelace');
    expect(cleanName(`${'x'.repeat(63)}\u{1f600}`)).toBe('x'.repeat(63));
    const part = fc.oneof(
      fc.constantFrom(...invisible, ...blank, 'a', '\n'),
      fc.constantFrom(...real),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 20 }), (parts) => {
        const name = cleanName(parts.join(''));
        if (name !== '') expect(takes(name), shown(name)).toEqual(kinds);
        expect(cleanName(name)).toBe(name);
      }),
      { numRuns: 2000 },
    );
  });

  test.each(real)('stays as it is where it is a name: %s', (name) => {
    expect(cleanName(name)).toBe(name.replace('\u3000', ' '));
  });
});

describe('no name', () => {
  test.each(invisible.map((sign) => [shown(sign), sign]))('has %s in it', (_, sign) => {
    for (const text of [`A${sign}da`, `Ada${sign}`, `${sign}Ada`, `Ада${sign}м`, `1${sign}2`, `Ada ${sign} L`]) {
      // At its ends, what breaks a line is trimmed as a space is.
      if (text.trim() === text) expect(takes(text), shown(text)).toEqual([]);
    }
  });

  test('is made of nothing that one sees', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...blank), { maxLength: 10 }), (signs) => {
        expect(takes(signs.join('')), shown(signs.join(''))).toEqual([]);
      }),
    );
  });

  test('looks like another one that is written in letters that do not join', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('Ada', 'Анна', '张伟', '김민준', 'x1'),
        fc.constantFrom(...invisible),
        fc.nat(3),
        (name, sign, at) => {
          const text = `${name.slice(0, at)}${sign}${name.slice(at)}`;
          // Other forms of the same character are seen.
          fc.pre(text.trim() === text && !(/\p{Script=Han}/u.test(name) && /\p{Variation_Selector}/u.test(sign)));
          expect(takes(text), shown(text)).toEqual([]);
        },
      ),
    );
  });

  test.each([
    ['an emoji that is joined to nothing', '\u{1f469}\u200d'],
    ['one that is joined to a letter', '\u{1f469}\u200da'],
    ['two joiners', 'क\u094d\u200d\u200dष'],
    ['two selectors', '\u2764\ufe0f\ufe0f'],
    [
      'the flag of England, whose letters are none that one sees',
      '\u{1f3f4}\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}',
    ],
  ])('has %s', (_, text) => {
    expect(takes(text)).toEqual([]);
  });
});

test('a reason is a text and no name: what nobody sees of it keeps nobody from being removed', () => {
  const { reason } = shapes;
  for (const text of [
    'Werbung\u00adflut',
    'spam\u200b',
    '\u{1f3f4}\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}',
  ]) {
    expect(reason.safeParse(text).success).toBe(true);
  }
  for (const text of ['', '  ', 'two\nlines', '\u001b[2J', '\u202eback', 'x'.repeat(201)]) {
    expect(reason.safeParse(text).success).toBe(false);
  }
});
