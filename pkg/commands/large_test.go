package commands_test

import (
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
