package cmsgpack

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
	"snakecache/internal/luatest"
)

// TestAgreesWithRedis does the same here and in a real Redis.
func TestAgreesWithRedis(t *testing.T) {
	compare := luatest.Compare(t, libraries)
	rapid.Check(t, func(t *rapid.T) {
		args := strings.Join(rapid.SliceOfN(luatest.Values(), 1, 3).Draw(t, "values"), ", ")
		compare(t, "return cmsgpack.pack("+args+")")
		compare(t, "return cmsgpack.unpack(cmsgpack.pack("+args+"))")
		codes := rapid.OneOf(rapid.Byte(), rapid.ByteRange(0x80, 0xa4), rapid.ByteRange(0xc0, 0xe0), rapid.ByteRange(0, 4))
		data := string(rapid.SliceOfN(codes, 0, 40).Draw(t, "data"))
		compare(t, "return cmsgpack.unpack(ARGV[1])", data)
		compare(t, "return cmsgpack.unpack_one(ARGV[1], "+luatest.Numbers().Draw(t, "offset")+")", data)
		compare(t, "return cmsgpack.unpack_limit(ARGV[1], "+luatest.Numbers().Draw(t, "limit")+", 1)", data)
	})
}
