package commands_test

import (
	"fmt"
	"strings"
	"testing"

	"snakecache/pkg/proto"
)

// What MEMORY USAGE says of all keys, and the overhead, is used_memory: there is nothing that nobody accounts for.
func TestMemoryUsageAddsUp(t *testing.T) {
	e := startEngine(t)
	c := e.Connect(proto.RESP2)
	for i := range 300 {
		key := fmt.Sprint("key:", strings.Repeat("k", i%20*i%20), i)
		switch i % 5 {
		case 0:
			c.Do("SET", key, strings.Repeat("v", i*100), "EX", "1000")
		case 1:
			c.Do("SETRANGE", key, fmt.Sprint(i*50), "x")
		case 2:
			c.Do("RPUSH", key, strings.Repeat("e", i*10), "x", "1234")
		case 3:
			c.Do("INCR", key)
		case 4:
			c.Do("SET", key, "short", "EXAT", "99999999999")
		}
	}
	sum := int64(0)
	for _, key := range c.Do("KEYS", "*").Elems {
		sum += c.Do("MEMORY", "USAGE", key.Text).Int
	}
	var used, overhead int64
	for line := range strings.Lines(c.Do("INFO", "memory").Text) {
		fmt.Sscanf(line, "used_memory:%d", &used)
		fmt.Sscanf(line, "used_memory_overhead:%d", &overhead)
	}
	if used == 0 || sum+overhead != used {
		t.Errorf("the keys use %d bytes and the overhead is %d, used_memory is %d", sum, overhead, used)
	}
}
