# A participant who gets media over TCP and stops reading makes the worker's memory grow without end, by all that is
# sent to it: TcpConnectionHandle::Write() has libuv keep what the kernel does not take. Where more than 512 KiB wait,
# which a key frame of a camera in HD does not fill, packets are dropped instead, whole ones, as they get lost over UDP.
#
# When such a connection is closed, libuv waits until everything is written: for somebody who does not read, for ever,
# with descriptor and memory. So it is closed at once where something still waits.
mend("${MEDIASOUP_WORKER_DIR}" worker_sources src/handles/TcpConnectionHandle.cpp
  [=[	// First try uv_try_write(). In case]=]
  [=[	if (uv_stream_get_write_queue_size(reinterpret_cast<uv_stream_t*>(this->uvHandle)) > 524288)
	{
		MS_WARN_TAG(info, "TCP packet dropped, the client does not read");

		if (cb)
		{
			(*cb)(false);
			delete cb;
		}

		return;
	}

	// First try uv_try_write(). In case]=]
  [=[	if (!this->hasError && !this->isClosedByPeer)
]=]
  [=[	if (
	  !this->hasError && !this->isClosedByPeer &&
	  uv_stream_get_write_queue_size(reinterpret_cast<uv_stream_t*>(this->uvHandle)) == 0)
]=])
