package bit

import (
	"testing"

	"snakecache/internal/luatest"
	"snakecache/pkg/lua"
)

// libraries are what the recorded scripts use.
func libraries(s *lua.State) {
	Open(s)
}

func TestRecorded(t *testing.T) { luatest.Run(t, libraries) }
