import { expect, test } from 'vitest';
import { DataStage } from '../../support/DataTalker.ts';

/** Where one identity may be in a room several times. */

test('what is for an identity goes to all of its visits but the one that says it, and to those that are still there', async () => {
  const stage = new DataStage();
  const phone = await stage.join('phone', { identity: 'ada' });
  const laptop = await stage.join('laptop', { identity: 'ada' });
  const bob = await stage.join('bob');
  bob.send('both', { to: ['ada'] });
  bob.send('one', { to: [phone.participantId] });
  phone.send('own', { to: ['ada'] });
  expect(phone.texts).toEqual(['both', 'one']);
  expect(laptop.texts).toEqual(['both', 'own']);
  stage.leave(laptop);
  bob.send('rest', { to: ['ada'] });
  expect(phone.texts).toEqual(['both', 'one', 'rest']);
  expect(bob.refused).toEqual([]);
});
