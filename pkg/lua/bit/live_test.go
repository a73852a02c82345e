package bit

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
	"snakecache/internal/luatest"
)

// TestAgreesWithRedis does the same here and in a real Redis.
func TestAgreesWithRedis(t *testing.T) {
	compare := luatest.Compare(t, libraries)
	names := rapid.SampledFrom(functions)
	arguments := rapid.SliceOfN(rapid.OneOf(luatest.Numbers(), luatest.Numbers(), luatest.Numbers(), luatest.Values()), 0, 4)
	rapid.Check(t, func(t *rapid.T) {
		compare(t, "return bit."+names.Draw(t, "function").name+"("+strings.Join(arguments.Draw(t, "arguments"), ", ")+")")
	})
}
