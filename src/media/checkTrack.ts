import { parseScalabilityMode } from 'mediasoup';
import { type Kind, PlenumError, type RtpParameters } from '../protocol/index.ts';

/** The most that any codec's scalability modes have, of spatial layers and of temporal ones (W3C webrtc-svc). */
const mostLayers = 3;

/**
 * What mediasoup lets pass although no receiver could use it: Opus as a video, two encodings with one RID, of which
 * only the first would ever be fed, or layers by the hundred. And two codecs in one track: a receiver's state is made for
 * the first of them, and packets of the other one would be counted in it, past the end of its memory (`Codecs` of the
 * worker).
 *
 * @throws PlenumError `unsupported`
 */
export function checkTrack(kind: Kind, { codecs, encodings }: RtpParameters): void {
  const stranger = codecs.find(({ mimeType }) => !mimeType.toLowerCase().startsWith(`${kind}/`));
  if (stranger) throw refusal(kind, `${stranger.mimeType} is no ${kind} codec`);
  const isRtx = ({ mimeType }: { mimeType: string }) => mimeType.toLowerCase().endsWith('/rtx');
  const [media, ...others] = codecs.filter((codec) => !isRtx(codec));
  if (others.length > 0) throw refusal(kind, 'a track has one codec');
  if (!codecs.filter(isRtx).every(({ parameters }) => Number(parameters?.apt) === media?.payloadType)) {
    throw refusal(kind, 'a codec for retransmission names by "apt" the payload type that it repeats');
  }
  if (kind === 'audio' && encodings.length > 1) throw refusal(kind, 'audio has one encoding');
  const rids = encodings.flatMap(({ rid }) => rid ?? []);
  if (new Set(rids).size < rids.length) throw refusal(kind, 'two encodings have the same RID');
  for (const { scalabilityMode } of encodings) {
    const { spatialLayers, temporalLayers } = parseScalabilityMode(scalabilityMode);
    if (spatialLayers > mostLayers || temporalLayers > mostLayers) {
      throw refusal(kind, `the scalability mode ${scalabilityMode} has more than ${mostLayers} layers`);
    }
  }
}

function refusal(kind: Kind, why: string): PlenumError {
  return new PlenumError('unsupported', `cannot publish this ${kind}: ${why}`);
}
