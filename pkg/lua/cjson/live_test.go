package cjson

import (
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
	"snakecache/internal/luatest"
)

// fragments are of what JSON and what looks like it is made.
var fragments = strings.Split(`{ } [ ] , : { } [ ] , : " \ \u 12 "a" "b":1 "a\nb" "\u00e9\u0000" "\ud83d\ude00" "\ud83d" "\q" 0 -0 1 -1.5e3 01 0x1F 0x 0x.8p1 1e400 -nan NaN `+
	`inf Infinity nan(1) + - . true false null tru e5 é 'a' /**/ 12345678901234567890 0.1`, " ")

// documents draws JSON, most of it wrong.
func documents() *rapid.Generator[string] {
	blanks := rapid.SampledFrom([]string{"", "", "", " ", "\n", "\x00"})
	return rapid.Custom(func(t *rapid.T) string {
		var out strings.Builder
		for _, f := range rapid.SliceOfN(rapid.SampledFrom(fragments), 0, 12).Draw(t, "fragments") {
			out.WriteString(f + blanks.Draw(t, "blank"))
		}
		return out.String()
	})
}

// rightDocuments draws JSON that is right but for a byte, if any.
func rightDocuments() *rapid.Generator[string] {
	plain := rapid.OneOf(
		rapid.SampledFrom([]string{"true", "false", "null", "0", "-1", `""`, `"\u20ac"`, "1e10", " [] ", "{}"}),
		rapid.Map(rapid.Float64(), func(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }),
		rapid.Map(rapid.String(), strconv.Quote),
	)
	var nested func(depth int) *rapid.Generator[string]
	nested = func(depth int) *rapid.Generator[string] {
		if depth == 0 {
			return plain
		}
		values := nested(depth - 1)
		arrays := rapid.Map(rapid.SliceOfN(values, 0, 5), func(v []string) string { return "[" + strings.Join(v, ",") + "]" })
		objects := rapid.Map(rapid.SliceOfN(values, 0, 5), func(v []string) string {
			for i := range v {
				v[i] = `"k` + strconv.Itoa(i) + `":` + v[i]
			}
			return "{" + strings.Join(v, ", ") + "}"
		})
		return rapid.OneOf(arrays, objects, plain)
	}
	return rapid.Custom(func(t *rapid.T) string {
		text := nested(3).Draw(t, "json")
		if rapid.Bool().Draw(t, "spoil") && text != "" {
			i := rapid.IntRange(0, len(text)-1).Draw(t, "at")
			text = text[:i] + rapid.SampledFrom([]string{"", "x", `"`, "]", "\\", "\x00", ","}).Draw(t, "instead") + text[i+1:]
		}
		return text
	})
}

// TestAgreesWithRedis does the same here and in a real Redis.
func TestAgreesWithRedis(t *testing.T) {
	compare := luatest.Compare(t, libraries)
	rapid.Check(t, func(t *rapid.T) {
		compare(t, "return cjson.decode(ARGV[1])", documents().Draw(t, "document"))
		compare(t, "return cjson.decode(ARGV[1])", rightDocuments().Draw(t, "right document"))
		compare(t, "local cjson = cjson.new() cjson.decode_invalid_numbers(false) return cjson.decode(ARGV[1])", documents().Draw(t, "document"))
		value := luatest.Values().Draw(t, "value")
		compare(t, "return cjson.encode("+value+")")
		precision := strconv.Itoa(rapid.IntRange(1, 14).Draw(t, "precision"))
		compare(t, "local cjson = cjson.new() cjson.encode_sparse_array(true, 2, 3) cjson.encode_invalid_numbers(true) cjson.encode_number_precision("+precision+
			") return cjson.encode("+value+")")
	})
}
