package structlib

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
	"snakecache/internal/luatest"
)

// formats draws formats, and some that are none.
func formats() *rapid.Generator[string] {
	options := rapid.OneOf(
		rapid.SampledFrom(strings.Split("b B h H l L T f d x s c0 i I > < ! c c1 c3 c5", " ")),
		rapid.Custom(func(t *rapid.T) string {
			return rapid.SampledFrom([]string{"i", "I"}).Draw(t, "integer") + rapid.StringOfN(rapid.RuneFrom([]rune("01234567")), 0, 2, -1).Draw(t, "size")
		}),
		rapid.SampledFrom(strings.Split("!1 !2 !4 !8 !16 !3 ! c0 Bc0", " ")),
		rapid.SampledFrom([]string{" ", "=", "z", "3", "\xff", "\x00"}),
	)
	return rapid.Map(rapid.SliceOfN(options, 0, 8), func(all []string) string { return strings.Join(all, "") })
}

// TestAgreesWithRedis does the same here and in a real Redis.
func TestAgreesWithRedis(t *testing.T) {
	compare := luatest.Compare(t, libraries)
	values := rapid.OneOf(luatest.Numbers(), luatest.Numbers(), luatest.Strings(), luatest.Values())
	rapid.Check(t, func(t *rapid.T) {
		format := formats().Draw(t, "format")
		args := strings.Join(append([]string{"ARGV[1]"}, rapid.SliceOfN(values, 0, 8).Draw(t, "values")...), ", ")
		compare(t, "return struct.size(ARGV[1])", format)
		compare(t, "return struct.pack("+args+")", format)
		compare(t, "return struct.unpack(ARGV[1], struct.pack("+args+"))", format)
		data := string(rapid.SliceOfN(rapid.Byte(), 0, 80).Draw(t, "data"))
		position := rapid.OneOf(rapid.SampledFrom([]string{"1", "nil"}), luatest.Numbers()).Draw(t, "position")
		compare(t, "return struct.unpack(ARGV[1], ARGV[2], "+position+")", format, data)
	})
}
