package cmsgpack

import (
	"testing"

	"snakecache/internal/luatest"
	"snakecache/pkg/lua"
	"snakecache/pkg/lua/cjson"
)

// libraries are what the recorded scripts use.
func libraries(s *lua.State) {
	lua.OpenBase(s)
	lua.OpenString(s)
	lua.OpenTable(s)
	lua.OpenCoroutine(s)
	cjson.Open(s)
	Open(s)
}

func TestRecorded(t *testing.T) { luatest.Run(t, libraries) }
