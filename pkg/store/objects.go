package store

// objects are the values of a database that do not lie in their keys' blobs: large strings and large collections. A blob
// knows its object by number.
type objects = registry[Value]

// placeSize is the memory of an object's place among the others.
const placeSize = 16

// objectSize is what an object costs in memory with its place.
func objectSize(v Value) int { return v.Size() + placeSize }

// uncounted is the part of an object's size that its account has not heard of yet, because it is not the arena's.
func uncounted(v Value) int { return v.onHeap() + placeSize }
