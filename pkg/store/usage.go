package store

// usage is what a key's blob remembers of its accesses. Under the LRU policies it is the time of the last one, in ticks
// of 16 ms that go round every year. Under the LFU ones it is how often the key is used, on a logarithmic scale, and when
// that last fell, in minutes that go round every eight: Redis' counter. The top bit tells which, so that a key that has
// not been used since the policy changed counts as used once, at that moment: every key in use is better than it.
type usage uint32

const (
	usageIsLFU   usage = 1 << 31
	tickShift          = 4 // bits of a millisecond count that a tick leaves out
	tickMask           = 1<<31 - 1
	minuteShift        = 8 // the count lies below the minute
	minuteMask         = 1<<22 - 1
	counterMask        = 1<<minuteShift - 1
	msPerMinute        = 60_000
	firstCounter       = 5 // a new key's, so that it is not the first to go
)

// fresh returns the usage of a key that is new now.
func (st *Store) fresh() usage {
	if st.options.Policy.LFU() {
		return st.counted(firstCounter)
	}
	return usage(st.uptime>>tickShift) & tickMask
}

func (st *Store) counted(counter uint8) usage {
	return usageIsLFU | usage(st.uptime/msPerMinute&minuteMask)<<minuteShift | usage(counter)
}

// touch makes an access count, unless the session asked for none.
func (st *Store) touch(h *header) {
	switch {
	case st.frozen:
	case st.options.Policy.LFU():
		h.used = st.counted(st.increment(st.frequency(h.used)))
	default:
		h.used = usage(st.uptime>>tickShift) & tickMask
	}
}

// idle returns for how many milliseconds a key has not been used.
func (st *Store) idle(u usage) int64 {
	if u&usageIsLFU != 0 {
		return st.uptime - st.since
	}
	return int64((usage(st.uptime>>tickShift)-u)&tickMask) << tickShift
}

// frequency is a key's counter, less what it has lost since it was last used: one for each LFUDecayTime minutes.
func (st *Store) frequency(u usage) uint8 {
	counter, minute := int64(u&counterMask), int64(u>>minuteShift&minuteMask)
	if u&usageIsLFU == 0 {
		counter, minute = firstCounter, st.since/msPerMinute
	}
	if st.options.LFUDecayTime > 0 {
		minutes := (st.uptime/msPerMinute - minute) & minuteMask
		counter = max(0, counter-minutes/int64(st.options.LFUDecayTime))
	}
	return uint8(counter)
}

// increment raises a counter with a probability that falls the higher it is (Redis' LFULogIncr).
func (st *Store) increment(counter uint8) uint8 {
	if counter == 255 {
		return counter
	}
	base := max(0, float64(counter)-firstCounter)
	if st.rng.Float64() < 1/(base*float64(st.options.LFULogFactor)+1) {
		counter++
	}
	return counter
}

// SetIdle makes the existing key one that has not been used for so many milliseconds, and SetFrequency one that has been
// used so often. Each means something only under a policy of its kind, and does nothing under another.
func (ks *Keyspace) SetIdle(key []byte, ms int64) {
	if e := ks.lookup(key); e != nil && !ks.store.options.Policy.LFU() {
		e.head.used = usage((ks.store.uptime-min(ms, tickMask<<tickShift))>>tickShift) & tickMask
	}
}

// SetFrequency is described with SetIdle.
func (ks *Keyspace) SetFrequency(key []byte, counter uint8) {
	if e := ks.lookup(key); e != nil && ks.store.options.Policy.LFU() {
		e.head.used = ks.store.counted(counter)
	}
}
