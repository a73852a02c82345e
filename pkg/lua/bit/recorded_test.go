package bit

import (
	"testing"

	"snakecache/internal/luatest"
	"snakecache/pkg/lua"
)

// libraries are what the recorded scripts use.
func libraries(s *lua.State) {
	lua.OpenBase(s)
	lua.OpenString(s)
	lua.OpenTable(s)
	lua.OpenCoroutine(s)
	Open(s)
}

func TestRecorded(t *testing.T) { luatest.Run(t, libraries) }
