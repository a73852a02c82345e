package store

import (
	"math"
	"strconv"
	"testing"
)

func TestCanonicalIntAgreesWithPrinting(t *testing.T) {
	for _, n := range []int64{0, 1, -1, 9, 10, math.MaxInt64, math.MinInt64, math.MaxInt32, -1 << 12, 1e18} {
		for d := int64(-2); d <= 2; d++ {
			v := strconv.FormatInt(n+d, 10)
			if got, ok := canonicalInt([]byte(v)); !ok || got != n+d {
				t.Errorf("canonicalInt(%s) = %d, %v", v, got, ok)
			}
		}
	}
	for _, v := range []string{"", "-", "-0", "00", "1 ", "1a", "1.", "9223372036854775808",
		"-9223372036854775809", "99999999999999999999", "-99999999999999999999", "--1", "/", ":"} {
		if n, ok := canonicalInt([]byte(v)); ok {
			t.Errorf("canonicalInt(%q) = %d, want none", v, n)
		}
	}
}
