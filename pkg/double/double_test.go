package double

import (
	"math"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

// Integers below 2^62 have all their digits. The layout of the rest follows from fpconv_dtoa's two rules. With d digits, the last of which has the weight 10^k, and the first
// 10^e: a whole number is written out while |e| < d+7, a fraction while k > -7 or |e| < 4, and all else with an exponent.
func TestAppend(t *testing.T) {
	for f, want := range map[float64]string{
		0: "0", 1: "1", -1: "-1", 10: "10", 3: "3", 1.5: "1.5", -1.5: "-1.5", 3.14: "3.14", 0.1: "0.1", 100.25: "100.25",
		1e7: "10000000", 1e8: "100000000", 12e8: "1200000000", -1e8: "-100000000", 1e17: "100000000000000000", 4e18: "4000000000000000000", 5e18: "5e+18",
		12e18: "1.2e+19", 1234567890123e7: "12345678901230000000",
		1e21: "1e+21", 1e22: "1e+22", 1e100: "1e+100", 1.5e300: "1.5e+300",
		1 << 53: "9007199254740992", 1 << 62: "4611686018427387904", -1 << 62: "-4611686018427387904", 1<<62 + 1<<10: "4611686018427389000", 1 << 63: "9223372036854776000",
		0.01: "0.01", 0.001: "0.001", 1e-6: "0.000001", 1e-7: "1e-7", 1.5e-7: "1.5e-7", 12e-7: "1.2e-6", 1e-10: "1e-10",
		0.000123: "0.000123", 0.0001234567: "1.234567e-4", 0.001234567: "0.001234567", 0.1234567: "0.1234567",
		1234.12345678: "1234.12345678", 12345.12345678: "1.234512345678e+4", 123.12345678: "123.12345678", 12345678.123456: "12345678.123456",
		1.0000000000000002: "1.0000000000000002", 0.30000000000000004: "0.30000000000000004",
		1.7976931348623157e308: "1.7976931348623157e+308", 2.2250738585072014e-308: "2.2250738585072014e-308",
		5e-324: "5e-324", math.Inf(1): "inf", math.Inf(-1): "-inf",
	} {
		if got := string(Append([]byte("x"), f)); got != "x"+want {
			t.Errorf("%v: got %q, want %q", f, got[1:], want)
		}
	}
	if got := string(Append(nil, math.NaN())); got != "nan" {
		t.Errorf("NaN: got %q", got)
	}
	if got := string(Append(nil, math.Copysign(0, -1))); got != "-0" {
		t.Errorf("-0: got %q", got)
	}
}

// Every number reads back as itself, fits into the room that replies have for it, and costs no allocation.
func TestAppendReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := math.Float64frombits(rapid.Uint64().Draw(t, "bits"))
		if math.IsNaN(f) {
			return
		}
		text := Append(nil, f)
		back, err := strconv.ParseFloat(string(text), 64)
		if err != nil || math.Float64bits(back) != math.Float64bits(f) {
			t.Fatalf("%v was written as %s and read back as %v, %v", f, text, back, err)
		}
		if len(text) > MaxLen {
			t.Fatalf("%s is longer than expected", text)
		}
	})
	var room [MaxLen]byte
	if got := testing.AllocsPerRun(100, func() { Append(room[:0], -1.2345678901234567e-300) }); got != 0 {
		t.Errorf("%v allocations", got)
	}
}
