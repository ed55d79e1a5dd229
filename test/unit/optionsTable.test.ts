import { fileURLToPath } from 'node:url';
import { test } from 'vitest';
import { flagOf, hasFlag, variableOf } from '../../src/config.ts';
import { options } from '../../src/options.ts';
import { expectGenerated, table } from '../support/generated.ts';
import { names } from '../support/optionExamples.ts';

const readme = fileURLToPath(new URL('../../README.md', import.meta.url));

test('the options in README.md are those of src/config.ts', async () => {
  const rows = names.map((name) => {
    const option = options[name];
    const shown = 'shownDefault' in option ? option.shownDefault : undefined;
    const fallback = shown ?? option.schema.safeParse(undefined).data ?? 'none';
    return [hasFlag(name) ? `\`${flagOf(name)}\`` : 'none', `\`${variableOf(name)}\``, String(fallback), option.doc];
  });
  await expectGenerated(readme, 'options', table(['flag', 'variable', 'default', 'what it does'], rows));
});
