// Stands in for ankerl::unordered_dense, which Debian 12 does not have, on top of Abseil's flat hash containers.
// Only what mediasoup's worker uses.
#ifndef PLENUM_ANKERL_UNORDERED_DENSE_H
#define PLENUM_ANKERL_UNORDERED_DENSE_H

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>
#include <absl/hash/hash.h>
#include <functional>
#include <iterator>

namespace ankerl::unordered_dense
{
	template<typename T>
	using hash = absl::Hash<T>;

	// Abseil's erase(iterator) returns nothing, while the worker goes on with the iterator it gets back.
	template<typename Base>
	class with_erase : public Base
	{
	public:
		using Base::Base;
		using Base::erase;

		typename Base::iterator erase(typename Base::iterator it)
		{
			auto next = std::next(it);

			Base::erase(it);

			return next;
		}
	};

	template<typename Key, typename T, typename Hash = hash<Key>, typename Equal = std::equal_to<Key>>
	using map = with_erase<absl::flat_hash_map<Key, T, Hash, Equal>>;

	template<typename Key, typename Hash = hash<Key>, typename Equal = std::equal_to<Key>>
	using set = with_erase<absl::flat_hash_set<Key, Hash, Equal>>;
} // namespace ankerl::unordered_dense

#endif
