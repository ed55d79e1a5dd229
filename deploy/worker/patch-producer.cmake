# Two RTP packets of a participant can make the worker begin a second stream for one encoding: the first is found by its
# RID, the second by its SSRC, which is 0 for an encoding that names none. An assertion that there is no other stream
# then ends the process with all rooms on it. Such a packet is dropped, as those are that are found by their RID.
mend("${MEDIASOUP_WORKER_DIR}" worker_sources src/RTC/Producer.cpp
  [=[			if (isMediaPacket && encoding.ssrc == ssrc)
]=]
  [=[			if (isMediaPacket && encoding.ssrc == ssrc && this->rtpStreamByEncodingIdx[i])
			{
				MS_WARN_TAG(rtp, "RTP packet dropped: its encoding has another stream");

				return nullptr;
			}

			if (isMediaPacket && encoding.ssrc == ssrc)
]=])
