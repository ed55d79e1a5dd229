import { afterEach, expect, test } from 'vitest';
import { createAccessToken } from '../../src/auth/accessToken.ts';
import { type Grants, type ModerationInput, plainGrants } from '../../src/protocol/index.ts';
import { createContext } from '../load/meeting/LoadMeeting.ts';
import { LoadParticipant, type Published } from '../load/meeting/LoadParticipant.ts';
import type { AudioSender } from '../load/sending/AudioSender.ts';
import { newRequestId, type RawClient } from '../support/RawClient.ts';
import { setStage } from '../support/stage.ts';
import { testSecret } from '../support/testServer.ts';
import { waitFor } from '../support/waitFor.ts';

/** Microphones and cameras that may send no more, of a client that does not care and goes on sending. */

const stage = setStage();
const context = await createContext();
const visits: LoadParticipant[] = [];

// Runs before the stage looks for what was left behind.
afterEach(async () => {
  for (const visit of visits.splice(0)) await visit.close();
});

async function enter(identity: string, grants: Partial<Grants> = {}): Promise<LoadParticipant> {
  const token = await createAccessToken(testSecret, { room: 'room', identity, grants });
  const participant = await LoadParticipant.join(context, { url: stage.server.url, token });
  visits.push(participant);
  return participant;
}

async function moderatorOf(): Promise<RawClient> {
  const token = await createAccessToken(testSecret, { room: 'room', identity: 'mod', grants: { moderator: true } });
  const client = await stage.clientWith(token);
  await client.join();
  return client;
}

const does = (who: RawClient, moderation: ModerationInput) =>
  who.request('moderate', { requestId: newRequestId(), moderation });

/** Sound in each packet, 50 a second. */
async function talks(who: LoadParticipant): Promise<Published<AudioSender>> {
  const voice = await who.publishAudio({ dtx: false });
  voice.sender.speak();
  return voice;
}

const sentBy = ({ sender }: Published<AudioSender>) => sender.stream.packets;
const arrivedAt = (who: LoadParticipant, { publicationId }: Published<AudioSender>) =>
  who.receptions
    .filter(({ subscription }) => subscription.publicationId === publicationId)
    .reduce((sum, { stream }) => sum + stream.packets, 0);

async function sends(voice: Published<AudioSender>, packets: number): Promise<void> {
  const before = sentBy(voice);
  await waitFor('the packets to leave', () => sentBy(voice) >= before + packets);
}

async function hears(who: LoadParticipant, voice: Published<AudioSender>): Promise<void> {
  const before = arrivedAt(who, voice);
  await waitFor('the packets to come', () => arrivedAt(who, voice) >= before + 20);
}

/** A second of packets is sent, and none comes. */
async function hearsNothing(who: LoadParticipant, voice: Published<AudioSender>): Promise<void> {
  // What was under way has come when these have left.
  await sends(voice, 10);
  const before = arrivedAt(who, voice);
  await sends(voice, 50);
  expect(arrivedAt(who, voice)).toBe(before);
}

test('who is muted and goes on sending is heard by nobody; another microphone is one that they open', async () => {
  const [mod, ada, bob] = [await moderatorOf(), await enter('ada'), await enter('bob')];
  const voice = await talks(ada);
  await hears(bob, voice);
  await does(mod, { action: 'mute', participantId: ada.participantId });
  await hearsNothing(bob, voice);
  // A request, never more.
  await does(mod, { action: 'ask-to-unmute', participantId: ada.participantId });
  await hearsNothing(bob, voice);
  // A mute takes no right away: they may unmute themselves, and as well begin anew.
  await ada.unpublish(voice.publicationId);
  const another = await talks(ada);
  await hears(bob, another);
  await does(mod, { action: 'mute' });
  await hearsNothing(bob, another);
});

test('who may no longer speak and goes on sending is heard by nobody, and has no second microphone', async () => {
  const [mod, ada, bob] = [await moderatorOf(), await enter('ada'), await enter('bob')];
  const voice = await talks(ada);
  await hears(bob, voice);
  const { participantId } = ada;
  await does(mod, { action: 'grant', participantId, changes: { canPublish: ['camera'] } });
  await waitFor('it to end', () => bob.receptionOf(voice.publicationId) === undefined);
  const bytes = bob.recv.bytesIn;
  await hearsNothing(bob, voice);
  // Nor by packets of which it has not been told.
  expect(bob.recv.bytesIn - bytes).toBeLessThan(2000);
  await expect(ada.publishAudio()).rejects.toMatchObject({ code: 'forbidden' });
  await does(mod, { action: 'grant', participantId, changes: { canPublish: plainGrants.canPublish } });
  await hears(bob, await talks(ada));
});

test('who sends far more video than its token allows is seen no more', async () => {
  // What the smallest size of a camera needs; this client sends all three, as if it had not been told.
  const [mod, ada, bob] = [await moderatorOf(), await enter('ada', { maxVideoBitrate: 150_000 }), await enter('bob')];
  const { publicationId } = await ada.publishVideo();
  await bob.setView({ videos: [{ publicationId, width: 1280, height: 720 }] });
  await waitFor('a picture', () => (bob.receptionOf(publicationId)?.stream.packets ?? 0) > 0);
  await waitFor('it to end', () => bob.receptionOf(publicationId) === undefined, { timeoutMs: 30_000 });
  expect(stage.server.problems.splice(0)).toMatchObject([
    { msg: expect.stringContaining('far more video'), limit: 150_000 },
  ]);
  await expect(ada.publishVideo()).rejects.toMatchObject({ code: 'forbidden' });
  await talks(ada);
  const { participantId } = ada;
  await does(mod, { action: 'grant', participantId, changes: { canPublish: true } });
  await ada.publishVideo();
});
