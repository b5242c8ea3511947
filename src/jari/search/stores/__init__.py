"""The databases that can hold a collection: each is a `jari.search.store.Store`."""
