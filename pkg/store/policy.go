package store

// Policy says what is evicted when the dataset outgrows its bound.
type Policy uint8

// The policies of Redis.
const (
	NoEviction Policy = iota
	AllKeysLRU
	AllKeysLFU
	AllKeysRandom
	VolatileLRU
	VolatileLFU
	VolatileRandom
	VolatileTTL
)

var policyNames = [...]string{
	NoEviction: "noeviction", AllKeysLRU: "allkeys-lru", AllKeysLFU: "allkeys-lfu", AllKeysRandom: "allkeys-random",
	VolatileLRU: "volatile-lru", VolatileLFU: "volatile-lfu", VolatileRandom: "volatile-random", VolatileTTL: "volatile-ttl",
}

// String returns the policy's name in maxmemory-policy.
func (p Policy) String() string { return policyNames[p] }

// PolicyNamed returns the policy of that name.
func PolicyNamed(name string) (p Policy, ok bool) {
	for p, known := range policyNames {
		if known == name {
			return Policy(p), true
		}
	}
	return NoEviction, false
}

// LFU reports whether the policy goes by how often keys are used, and not by when.
func (p Policy) LFU() bool { return p == AllKeysLFU || p == VolatileLFU }

// volatileOnly reports whether the policy spares keys that have no deadline.
func (p Policy) volatileOnly() bool { return p >= VolatileLRU }
