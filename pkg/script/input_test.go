package script

import (
	"testing"

	"snakecache/pkg/lua"
	"snakecache/pkg/proto"
)

// A reply that does not fit into the memory of scripts is refused while it is read, however much of what it is made of is garbage.
func TestRepliesCountWhileTheyAreRead(t *testing.T) {
	limits := lua.DefaultLimits
	limits.Memory = 1 << 20
	e := New(limits)
	var reply proto.Reply
	const outer, inner = 100, 1000
	reply.Array(outer)
	for range outer {
		reply.Array(inner)
		for range inner {
			reply.BulkString("0123456789abcdef")
		}
	}
	L := e.lua.Main()
	L.Push(e.lua.NewFunction("read", func(L *lua.Thread) int {
		bytes, _ := reply.Bytes()
		in := input{L: L, rest: bytes}
		L.Push(in.value())
		return 1
	}))
	if err := L.PCall(0, 0); err == nil || err.Error() != "not enough memory" {
		t.Errorf("%d strings fit into %d bytes: %v", outer*inner, limits.Memory, err)
	}
}
