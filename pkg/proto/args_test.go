package proto

import (
	"math"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

func TestParseInt(t *testing.T) {
	for _, text := range []string{
		"0", "1", "-1", "10", "9223372036854775807", "-9223372036854775808", "1000000000000000000",
	} {
		want, _ := strconv.ParseInt(text, 10, 64)
		if n, ok := ParseInt([]byte(text)); !ok || n != want {
			t.Errorf("%s: got %d, %v", text, n, ok)
		}
	}
	for _, text := range []string{
		"", "-", "+1", "-0", "01", "-01", "00", " 1", "1 ", "1a", "a", "1.0", "0x1", "9223372036854775808",
		"-9223372036854775809", "18446744073709551616", "99999999999999999999", "-99999999999999999999", "1\x00",
	} {
		if n, ok := ParseInt([]byte(text)); ok {
			t.Errorf("%q was read as %d", text, n)
		}
	}
}

// Canonical integers, and nothing else, are read.
func TestParseIntRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.Int64().Draw(t, "n")
		if n, ok := ParseInt(strconv.AppendInt(nil, want, 10)); !ok || n != want {
			t.Fatalf("%d was read as %d, %v", want, n, ok)
		}
		text := rapid.StringMatching(`[-+ ]?[0-9]{1,21}`).Draw(t, "text")
		want, err := strconv.ParseInt(text, 10, 64)
		canonical := err == nil && strconv.FormatInt(want, 10) == text
		if n, ok := ParseInt([]byte(text)); ok != canonical || ok && n != want {
			t.Fatalf("%q was read as %d, %v", text, n, ok)
		}
	})
}

// Cursors, with the odd forms that C's strtoull lets through.
func TestParseUint(t *testing.T) {
	for text, want := range map[string]uint64{
		"0": 0, "1": 1, "9223372036854775808": 1 << 63, "18446744073709551615": math.MaxUint64,
		" 1": 1, "+1": 1, "01": 1, "-9223372036854775809": 1<<63 - 1,
	} {
		if n, ok := ParseUint([]byte(text)); !ok || n != want {
			t.Errorf("%q: got %d, %v, want %d", text, n, ok, want)
		}
	}
	for _, text := range []string{"", "-1", "a", "1a", "1 ", "18446744073709551616", "-", "+", "0x1", "1_0"} {
		if n, ok := ParseUint([]byte(text)); ok {
			t.Errorf("%q was read as %d", text, n)
		}
	}
}

func TestOptions(t *testing.T) {
	o := Args{[]byte("SET"), []byte("k"), []byte("v"), []byte("eX"), []byte("10"), []byte("NX"), []byte("px")}.Options(3)
	if o.Word("px") || o.Left() != 4 {
		t.Error("a word that does not match must not be consumed")
	}
	if v, ok := o.WordWith("ex"); !ok || string(v) != "10" {
		t.Errorf("EX has the value %q, %v", v, ok)
	}
	if !o.Word("nx") || o.Word("nx") {
		t.Error("a word that matches is consumed once")
	}
	if _, ok := o.WordWith("px"); ok || o.Left() != 1 {
		t.Error("PX has no value and must not be consumed")
	}
	if !o.More() || string(o.Next()) != "px" || o.More() {
		t.Error("the last word is px")
	}
}

func TestEqualFold(t *testing.T) {
	for b, equal := range map[string]bool{"get": true, "GeT": true, "ge": false, "gets": false, "g\x45t": true, "g\xc5t": false} {
		if EqualFold([]byte(b), "get") != equal {
			t.Errorf("%q", b)
		}
	}
	if EqualFold([]byte("@"), "`") || EqualFold([]byte("["), "{") {
		t.Error("only letters have two cases")
	}
}
