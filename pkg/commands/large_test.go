package commands_test

import (
	"strconv"
	"strings"
	"testing"

	"snakecache/pkg/proto"
)

// The decoder lets arguments from proto.RefSize bytes on be kept, and the store keeps no shorter ones.
func TestShorterArgumentsAreCopied(t *testing.T) {
	for _, command := range []string{"SET", "APPEND", "GETSET", "RPUSH", "SETNX"} {
		c := startEngine(t).Connect(proto.RESP2)
		value := make([]byte, proto.RefSize-1)
		c.Send(proto.Args{[]byte(command), []byte("k"), value})
		value[7] = 1
		read := []string{"GET", "k"}
		if command == "RPUSH" {
			read = []string{"LINDEX", "k", "0"}
		}
		if got := c.Do(read...).Text; len(got) != len(value) || got[7] != 0 {
			t.Errorf("%s keeps the request's own bytes", command)
		}
	}
}

// Whatever proto-max-bulk-len lets Redis' table have, ours takes no more than 128 MiB.
func TestLCSIsBounded(t *testing.T) {
	c := startEngine(t).Connect(proto.RESP2)
	c.Do("CONFIG", "SET", "proto-max-bulk-len", "16gb")
	c.Do("SETRANGE", "k", "33000", "x")
	if reply := c.Do("LCS", "k", "k"); reply.Text != string(proto.ErrLCSMemory) {
		t.Errorf("%.100s", reply)
	}
}

// A connection reads a value to which its reply refers while the owner runs others' commands. System calls hide what they
// read from the race detector; this client does not.
func TestValuesAreReadWhileTheyChange(t *testing.T) {
	e := startEngine(t)
	reader, writer := e.Connect(proto.RESP2), e.Connect(proto.RESP2)
	const size = 300_000
	writer.Do("SET", "k", strings.Repeat("a", size))
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 200 {
			value := reader.Do("GET", "k").Text
			part := reader.Do("GETRANGE", "k", "10", "100000").Text
			if len(value) < size || strings.Trim(value[:size], "ab") != "" || len(part) != 99_991 {
				t.Errorf("%d and %d bytes were read", len(value), len(part))
			}
		}
	}()
	for i := 0; ; i++ {
		select {
		case <-done:
			return
		default:
		}
		writer.Do("SETRANGE", "k", "5", strings.Repeat(string(rune('a'+i%2)), 1000))
		writer.Do("APPEND", "k", "c")
		writer.Do("SETBIT", "k", strconv.Itoa(8*size), strconv.Itoa(i%2))
		writer.Do("BITCOUNT", "k")
		if i%50 == 49 {
			writer.Do("SET", "k", strings.Repeat("b", size))
		}
	}
}
