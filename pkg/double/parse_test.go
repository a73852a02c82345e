package double

import (
	"math"
	"strconv"
	"testing"
)

func TestParse(t *testing.T) {
	inf := math.Inf(1)
	for text, want := range map[string]float64{
		"0": 0, "1": 1, "-1": -1, "+1": 1, "007": 7, "1.5": 1.5, ".5": 0.5, "5.": 5, "1e3": 1000, "1E-3": 0.001, "-.5e1": -5,
		"123456789012345": 123456789012345, "1234567890123456789": 1234567890123456789, "0x10": 16, "-0X.8p1": -1, "0x1P-2": 0.25,
		"inf": inf, "-INF": -inf, "+Infinity": inf, "4.9e-324": 5e-324, "1.7976931348623157e308": math.MaxFloat64,
		"0e-400": 0, "0.000e-999": 0, "0x0p-2000": 0,
	} {
		if got, ok := Parse([]byte(text)); !ok || got != want {
			t.Errorf("%q: got %v, %v, want %v", text, got, ok, want)
		}
	}
	if f, ok := Parse([]byte("-0")); !ok || !math.Signbit(f) {
		t.Errorf("-0 is read as %v, %v", f, ok)
	}
	for _, text := range []string{
		"", "-", "+", ".", "e", "x", "nan", "-NaN", "1e", "1e+", "1 ", " 1", "\t1", "1x", "1\x00", "1e400", "-1e400", "1e-400",
		"1_0", "0x1_0p0", "0x", "0x.p1", "0x1p", "0x1p-2000", "0x1p2000", "infin", "in", "--1", "1e400x",
	} {
		if f, ok := Parse([]byte(text)); ok {
			t.Errorf("%q is read as %v", text, f)
		}
	}
}

func TestParseBound(t *testing.T) {
	inf := math.Inf(1)
	for text, want := range map[string]float64{
		"": 0, "1": 1, " 1": 1, "\r\n\t-2.5": -2.5, "1\x00junk": 1, "\x00": 0, "1e400": inf, "-1e400": -inf, "1e-400": 0, "-inf": -inf,
	} {
		if got, ok := ParseBound([]byte(text)); !ok || got != want {
			t.Errorf("%q: got %v, %v, want %v", text, got, ok, want)
		}
	}
	for _, text := range []string{" ", "1 ", "x", "(1", "nan", "1_0"} {
		if f, ok := ParseBound([]byte(text)); ok {
			t.Errorf("%q is read as %v", text, f)
		}
	}
}

func TestParseAllocatesNothing(t *testing.T) {
	for _, text := range []string{"12", "-3.25", "1234567890123456789", "inf"} {
		b := []byte(text)
		if n := testing.AllocsPerRun(100, func() { Parse(b) }); n != 0 {
			t.Errorf("%s: %v allocations", text, n)
		}
	}
}

func TestAppendFull(t *testing.T) {
	for f, want := range map[float64]string{
		0: "0", 3: "3", -2.5: "-2.5", 0.1: "0.10000000000000001", 1e16: "10000000000000000", 1e17: "1e+17",
		1e-4: "0.0001", 1e-5: "1.0000000000000001e-05", math.Inf(1): "inf", math.Inf(-1): "-inf", 123456.5: "123456.5",
	} {
		if got := string(AppendFull(nil, f)); got != want {
			t.Errorf("%v: got %s, want %s", f, got, want)
		}
	}
}

func TestAppendHuman(t *testing.T) {
	for f, want := range map[float64]string{
		0: "0", math.Copysign(0, -1): "0", 10: "10", -180: "-180", 13.361389338970184: "13.36138933897018433", 0.5: "0.5", 1e-20: "0", -1e-20: "0",
	} {
		if got := string(AppendHuman([]byte("x"), f)); got != "x"+want {
			t.Errorf("%v: got %s, want %s", f, got[1:], want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"1", "-1.5e3", "0x1.8p1", "inf", "nan", "1e-400", " 1", "1\x00"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		number, ok := Parse(text)
		if !ok {
			return
		}
		if bound, ok := ParseBound(text); !ok || math.Float64bits(bound) != math.Float64bits(number) {
			t.Fatalf("%q is %v as a score and %v, %v as a bound", text, number, bound, ok)
		}
		if back, err := strconv.ParseFloat(string(Append(nil, number)), 64); err != nil || back != number {
			t.Fatalf("%q is read as %v, which reads back as %v, %v", text, number, back, err)
		}
	})
}
