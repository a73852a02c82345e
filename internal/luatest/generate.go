package luatest

import (
	"fmt"
	"strconv"
	"strings"

	"pgregory.net/rapid"
)

// Numbers draws numbers as code: small ones, those around powers of two, and any others.
func Numbers() *rapid.Generator[string] {
	return rapid.Map(rapid.OneOf(
		rapid.Map(rapid.IntRange(-40, 300), func(i int) float64 { return float64(i) }),
		rapid.Map(rapid.Float64Range(-10, 10), func(f float64) float64 { return float64(int(f*8)) / 8 }),
		rapid.Custom(func(t *rapid.T) float64 {
			f := float64(uint64(1)<<rapid.IntRange(5, 63).Draw(t, "power") + uint64(rapid.IntRange(-2, 2).Draw(t, "near")))
			return f * rapid.SampledFrom([]float64{1, -1, 0.5, -1.5}).Draw(t, "factor")
		}),
		rapid.Float64(),
	), func(f float64) string { return strconv.FormatFloat(f, 'g', 17, 64) })
}

// Strings draws strings as code: of any bytes, often of those that need an escape in a format.
func Strings() *rapid.Generator[string] {
	bytes := rapid.OneOf(rapid.SampledFrom([]byte("ab\"\\/\n\x00\x7f\x1f ")), rapid.Byte())
	return rapid.Map(rapid.SliceOfN(bytes, 0, 40), func(b []byte) string {
		var out strings.Builder
		for _, c := range b {
			fmt.Fprintf(&out, `\%03d`, c)
		}
		return `"` + out.String() + `"`
	})
}

// Values draws values as code: tables with holes and keys of many kinds, and what is in them.
func Values() *rapid.Generator[string] {
	plain := rapid.OneOf(Numbers(), Strings(), rapid.SampledFrom([]string{"nil", "true", "false", "0/0", "1/0", "-1/0", "pcall"}))
	keys := rapid.OneOf(Numbers(), Strings(), rapid.Map(rapid.IntRange(0, 20), strconv.Itoa), rapid.SampledFrom([]string{"true", "1/0"}))
	var nested func(depth int) *rapid.Generator[string]
	nested = func(depth int) *rapid.Generator[string] {
		if depth == 0 {
			return plain
		}
		values := nested(depth - 1)
		tables := rapid.Custom(func(t *rapid.T) string {
			fields := rapid.SliceOfN(values, 0, 6).Draw(t, "elements")
			for range rapid.IntRange(0, 4).Draw(t, "fields") {
				fields = append(fields, "["+keys.Draw(t, "key")+"]="+values.Draw(t, "value"))
			}
			return "{" + strings.Join(fields, ", ") + "}"
		})
		return rapid.OneOf(plain, tables, tables)
	}
	return nested(3)
}
