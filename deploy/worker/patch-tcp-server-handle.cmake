# The worker keeps each TCP connection to its media port for as long as the other side does, even where nothing ever
# comes over it: a stranger who reaches the port takes the descriptors of all who come after, without any token. So a
# connection over which no ICE check with the right password has come is closed after 10 s; where there are more than
# 256 of them, the oldest is closed at once. A client sends its check as soon as it is connected.
mend("${MEDIASOUP_WORKER_DIR}" worker_sources include/handles/TcpConnectionHandle.hpp
  [=[	void Dump(int indentation = 0) const;
]=]
  [=[	// Somebody who knows the password of a transport is behind it.
	void Confirm()
	{
		this->confirmed = true;
	}
	bool IsConfirmed() const
	{
		return this->confirmed;
	}
	void Dump(int indentation = 0) const;
]=]
  [=[	bool hasError{ false };
]=]
  [=[	bool hasError{ false };
	bool confirmed{ false };
]=])

mend("${MEDIASOUP_WORKER_DIR}" worker_sources include/RTC/TransportTuple.hpp
  [=[		void CloseTcpConnection();
]=]
  [=[		void CloseTcpConnection();

		void ConfirmTcpConnection()
		{
			if (this->tcpConnection)
			{
				this->tcpConnection->Confirm();
			}
		}
]=])

mend("${MEDIASOUP_WORKER_DIR}" worker_sources src/RTC/ICE/IceServer.cpp
  [=[			this->listener->OnIceServerTupleAdded(this, storedTuple);
]=]
  [=[			storedTuple->ConfirmTcpConnection();
			this->listener->OnIceServerTupleAdded(this, storedTuple);
]=])

mend("${MEDIASOUP_WORKER_DIR}" worker_sources include/handles/TcpServerHandle.hpp
  [=[#include <string>
]=]
  [=[#include <list>
#include <string>
]=]
  [=[	void OnUvConnection(int status);
]=]
  [=[	void OnUvConnection(int status);
	// Closes the oldest of those that are not confirmed: more than may stay, and what is older than they may get.
	void CloseUnconfirmed(size_t mayStay);
]=]
  [=[	ankerl::unordered_dense::set<TcpConnectionHandle*> connections;
]=]
  [=[	ankerl::unordered_dense::set<TcpConnectionHandle*> connections;
	struct Newcomer
	{
		TcpConnectionHandle* connection;
		int64_t acceptedAtMs;
	};
	// The oldest first; some may be confirmed by now.
	std::list<Newcomer> newcomers;
	uv_timer_t* newcomersTimer{ nullptr };
]=])

mend("${MEDIASOUP_WORKER_DIR}" worker_sources src/handles/TcpServerHandle.cpp
  [=[#include "Logger.hpp"
]=]
  [=[#include "DepLibUV.hpp"
#include "Logger.hpp"
]=]
  [=[static constexpr int ListenBacklog{ 512 };
]=]
  [=[static constexpr int ListenBacklog{ 512 };
static constexpr size_t MaxUnconfirmed{ 256 };
static constexpr int64_t MaxUnconfirmedMs{ 10000 };
static constexpr uint64_t NewcomersIntervalMs{ 1000 };
]=]
  [=[inline static void onCloseTcp(uv_handle_t* handle)
]=]
  [=[inline static void onNewcomersTimer(uv_timer_t* handle)
{
	MS_TRACE();

	static_cast<TcpServerHandle*>(handle->data)->CloseUnconfirmed(MaxUnconfirmed);
}

inline static void onCloseTimer(uv_handle_t* handle)
{
	MS_TRACE();

	delete reinterpret_cast<uv_timer_t*>(handle);
}

inline static void onCloseTcp(uv_handle_t* handle)
]=]
  [=[		MS_THROW_ERROR("error setting local IP and port");
	}
]=]
  [=[		MS_THROW_ERROR("error setting local IP and port");
	}

	// Neither of the two calls can fail here.
	this->newcomersTimer       = new uv_timer_t;
	this->newcomersTimer->data = static_cast<void*>(this);
	uv_timer_init(DepLibUV::GetLoop(), this->newcomersTimer);
	uv_timer_start(this->newcomersTimer, onNewcomersTimer, NewcomersIntervalMs, NewcomersIntervalMs);
]=]
  [=[	this->connections.insert(connection);
]=]
  [=[	this->connections.insert(connection);
	this->newcomers.push_back({ connection, DepLibUV::GetTimeMs() });
	CloseUnconfirmed(MaxUnconfirmed);
]=]
  [=[bool TcpServerHandle::SetLocalAddress()
]=]
  [=[void TcpServerHandle::CloseUnconfirmed(size_t mayStay)
{
	MS_TRACE();

	const int64_t nowMs = DepLibUV::GetTimeMs();

	this->newcomers.remove_if([](const Newcomer& each) { return each.connection->IsConfirmed(); });

	while (
	  !this->newcomers.empty() && (this->newcomers.size() > mayStay ||
	                               nowMs - this->newcomers.front().acceptedAtMs >= MaxUnconfirmedMs))
	{
		MS_WARN_TAG(ice, "TCP connection closed, no valid ICE check has come over it");

		auto* connection = this->newcomers.front().connection;

		this->newcomers.pop_front();
		// This ends in OnTcpConnectionClosed().
		connection->TriggerClose();
	}
}

bool TcpServerHandle::SetLocalAddress()
]=]
  [=[		delete connection;
	}

	uv_close(]=]
  [=[		delete connection;
	}

	uv_close(reinterpret_cast<uv_handle_t*>(this->newcomersTimer), static_cast<uv_close_cb>(onCloseTimer));
	uv_close(]=]
  [=[	// Remove the TcpConnectionHandle from the set.
	this->connections.erase(connection);
]=]
  [=[	// Remove the TcpConnectionHandle from the set.
	this->connections.erase(connection);
	this->newcomers.remove_if([connection](const Newcomer& each)
	                          { return each.connection == connection; });
]=])
