# Two packets of a participant that end the worker, with all rooms on it: its own code throws a MediaSoupError, which
# nobody catches on these ways.
#
# SCTP: a packet can make the worker build an answer that does not fit into a packet: it echoes, for example, a chunk of
# an unknown type within an OPERATION-ERROR chunk. Found by test/fuzz. Such a packet is dropped instead, as SCTP drops
# others that it cannot use.
#
# RTP: over TCP a packet may have almost 64 KiB. Then there is no room in the worker's buffer for the header extensions
# that Producer::MangleRtpPacket() adds. What is larger than 16 KiB comes from no real client, since even jumbo frames
# carry less: it is dropped, and so is every other packet with which the worker's code throws.
mend("${MEDIASOUP_WORKER_DIR}" worker_sources src/RTC/Transport.cpp
  [=[this->sctpAssociation->ReceiveSctpData(data, len, receivedAtUs);]=]
  [=[try
		{
			this->sctpAssociation->ReceiveSctpData(data, len, receivedAtUs);
		}
		catch (const MediaSoupError& error)
		{
			MS_WARN_TAG(sctp, "SCTP packet dropped: %s", error.what());
		}]=]
  [=[		// Apply the Transport RTP header extension ids so the RTP listener can use
]=]
  [=[		if (packet->GetLength() > 16384)
		{
			MS_WARN_TAG(rtp, "RTP packet dropped, it is too large: %zu bytes", packet->GetLength());

			delete packet;

			return;
		}

		// Apply the Transport RTP header extension ids so the RTP listener can use
]=]
  [=[auto result = producer->ReceiveRtpPacket(packet, receivedAtUs);]=]
  [=[RTC::Producer::ReceiveRtpPacketResult result;

		try
		{
			result = producer->ReceiveRtpPacket(packet, receivedAtUs);
		}
		catch (const MediaSoupError& error)
		{
			MS_WARN_TAG(rtp, "RTP packet dropped: %s", error.what());

			delete packet;

			return;
		}]=])
