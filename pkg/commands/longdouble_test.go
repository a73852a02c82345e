package commands

import (
	"bytes"
	"math"
	"strconv"
	"testing"
)

// What is read must be what Go reads too, and what is printed must read back as what prints the same.
func FuzzLongDouble(f *testing.F) {
	for _, seed := range []string{
		"0", "-0", "+1", ".5", "5.", "1e5", "-1E-5", "0x1.8p1", "0X.8", "inf", "-Infinity", "nan", "", ".", "1e", "0x", "1_0",
		"18446744073709551616", "1.18973149535723176502e+4932", "1e4933", "3.6e-4951", "1e-4951", "0e99999999999999999999",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		d, err := parseLongDouble(text)
		if err != nil || d.IsInf() {
			return
		}
		checkAgainstFloat64(t, d, text)
		printed := d.append([]byte("text: "))
		again, err := parseLongDouble(printed[len("text: "):])
		if err != nil {
			t.Fatalf("%q is printed as %q, which is not read", text, printed)
		}
		if reprinted := again.append([]byte("text: ")); !bytes.Equal(printed, reprinted) {
			t.Fatalf("%q is printed as %q, and that as %q", text, printed, reprinted)
		}
	})
}

func checkAgainstFloat64(t *testing.T, d *longDouble, text []byte) {
	want, err := strconv.ParseFloat(string(text), 64)
	if err != nil || math.IsInf(want, 0) {
		if !bytes.ContainsAny(text, "xX") && d.MantExp(nil) < 1024 { // Go wants an exponent with 0x
			t.Fatalf("%q is read, but Go says %v", text, err)
		}
		return
	}
	if got, _ := d.Float64(); math.Abs(got-want) > math.Abs(want)*1e-15 {
		t.Fatalf("%q is read as %v, want %v", text, got, want)
	}
}
