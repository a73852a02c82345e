package server

import (
	"fmt"
	"testing"

	"snakecache/pkg/store"
)

// What clients have sent and not finished, and what they asked for and do not read, is many times maxmemory here. It is not
// the dataset's and no key goes for it.
func TestClientBuffersEvictNoKeys(t *testing.T) {
	r := start(t, func(s *setup) {
		s.store = store.Options{MaxMemory: 2 << 20, Policy: store.AllKeysLRU, Samples: 5}
	})
	const keys, clients, size = 1000, 8, 8 << 20
	writer := r.dial()
	for i := range keys {
		writer.do("SET", fmt.Sprint("key:", i), "value")
	}
	_, before := r.engine.State()
	half := repeat(size/2, "x")
	for range clients {
		sender, reader := r.dial(), r.dial()
		sender.send(fmt.Sprintf("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$%d\r\n%s", size, half))
		reader.send(fmt.Sprintf("TEST.FILL %d\r\n", size))
	}
	r.await("every reader's reply", func() bool { return r.calls("test.fill") == clients })
	for i := range keys {
		writer.do("SET", fmt.Sprint("key:", i), "other")
	}
	_, after := r.engine.State()
	if n := writer.do("DBSIZE").Int; n != keys || after.Evicted != 0 || after.UsedMemory != before.UsedMemory {
		t.Errorf("%d keys are left and %d were evicted; the dataset went from %d to %d bytes",
			n, after.Evicted, before.UsedMemory, after.UsedMemory)
	}
}
