package store

import (
	"bytes"
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// setsOfAllForms are sets of n members each, as ints as a listpack and as a dict.
func setsOfAllForms(n int) map[string]*Set {
	ks := newTestStore(Options{SetMaxIntsetEntries: n, SetMaxListpackEntries: n, SetMaxListpackValue: 8}).DB(0)
	ints, packed, dict := ks.NewSet(), ks.NewSet(), ks.NewSet()
	dict.Spread()
	for i := range n {
		ints.Add(fmt.Appendf(nil, "%d", i))
		packed.Add(fmt.Appendf(nil, "m%d", i))
		dict.Add(fmt.Appendf(nil, "m%d", i))
	}
	return map[string]*Set{"intset": ints, "listpack": packed, "hashtable": dict}
}

// unfairness is the chi-square statistic of how often things were drawn that all have the same chance. Of n things it is
// n on average, with a standard deviation of √(2n).
func unfairness(drawn map[string]int, n int) (sum float64) {
	total := 0
	for _, times := range drawn {
		total += times
	}
	expected := float64(total) / float64(n)
	sum = float64(n-len(drawn)) * expected
	for _, times := range drawn {
		sum += (float64(times) - expected) * (float64(times) - expected) / expected
	}
	return sum
}

// Every member has the same chance, whatever the form of the set and the way in which it is drawn. The bound is eight
// standard deviations beyond the average.
func TestDrawsAreFair(t *testing.T) {
	const n, rounds = 50, 20_000
	const bound = n + 8*10
	draws := map[string]func(s *Set, count func(member []byte)){
		"Random": func(s *Set, count func(member []byte)) { count(s.Random()) },
		"Take": func(s *Set, count func(member []byte)) {
			var taken [][]byte
			s.Take(1, func(member []byte) { taken = append(taken, bytes.Clone(member)) })
			s.Add(taken[0])
			count(taken[0])
		},
	}
	for _, some := range []int{1, 7, n / 2, n - 1} {
		draws[fmt.Sprintf("Sample of %d", some)] = func(s *Set, count func(member []byte)) { s.Sample(some, count) }
	}
	for how, draw := range draws {
		for form, s := range setsOfAllForms(n) {
			drawn := map[string]int{}
			for range rounds {
				draw(s, func(member []byte) { drawn[string(member)]++ })
			}
			if s.Encoding() != form || s.Len() != n {
				t.Fatalf("%s: %s of %d, want %s of %d", how, s.Encoding(), s.Len(), form, n)
			}
			if sum := unfairness(drawn, n); sum > bound {
				t.Errorf("%s of %s: %.0f, want at most %d", how, form, sum, bound)
			}
		}
	}
}

// The chi-square test itself finds a draw unfair that prefers one member a little.
func TestUnfairnessIsSeen(t *testing.T) {
	drawn := map[string]int{}
	for i := range 50 {
		drawn[fmt.Sprint(i)] = 400
	}
	if sum := unfairness(drawn, 50); sum != 0 {
		t.Errorf("a perfect draw has %v", sum)
	}
	drawn["7"] = 800
	if sum := unfairness(drawn, 50); sum < 130 {
		t.Errorf("twice the chance has only %v", sum)
	}
	delete(drawn, "7")
	if sum := unfairness(drawn, 50); sum < 130 {
		t.Errorf("none at all has only %v", sum)
	}
}

// Sample and Take yield as many different members as were asked for, and Take removes just these.
func TestSampleAndTake(t *testing.T) {
	for _, n := range []int{1, 2, 10, 100, 1000} {
		for _, some := range []int{0, 1, n / 4, n / 2, n} {
			for form, s := range setsOfAllForms(n) {
				seen := map[string]bool{}
				s.Sample(some, func(member []byte) {
					if !s.Has(bytes.Clone(member)) {
						t.Errorf("%s: Sample yields %q, which is no member", form, member)
					}
					seen[string(member)] = true
				})
				if len(seen) != some {
					t.Errorf("%s: Sample(%d) of %d yields %d", form, some, n, len(seen))
				}
				clear(seen)
				s.Take(some, func(member []byte) { seen[string(member)] = true })
				if len(seen) != some || s.Len() != n-some {
					t.Errorf("%s: Take(%d) of %d yields %d and leaves %d", form, some, n, len(seen), s.Len())
				}
				s.Each(func(member []byte) bool {
					if seen[string(member)] {
						t.Errorf("%s: %q was taken and is still there", form, member)
					}
					return true
				})
			}
		}
	}
}

// Whatever comes and goes between its calls, a scan of a large set returns every member that is there all the time.
func TestSetScanGuarantee(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		st := newTestStore(smallLimits)
		s, _ := Edit(st.DB(0), []byte("s"), st.DB(0).NewSet)
		stable, other := rapid.IntRange(20, 1000).Draw(t, "stable"), rapid.IntRange(0, 6000)
		for i := range stable {
			s.Add(fmt.Appendf(nil, "stable:%d", i))
		}
		churn := func(label string, do func(member []byte) bool) {
			for i, n := other.Draw(t, label+" from"), other.Draw(t, label); n > 0; n-- {
				do(fmt.Appendf(nil, "other:%d", i+n))
			}
		}
		churn("before", s.Add)
		seen := map[string]bool{}
		for cursor, calls := uint64(0), 0; ; calls++ {
			count := rapid.IntRange(1, 500).Draw(t, "count")
			if cursor = s.Scan(cursor, count, func(member []byte) { seen[string(member)] = true }); cursor == 0 {
				break
			}
			if calls%4 == 0 {
				churn("add", s.Add)
				churn("remove", s.Remove)
			}
		}
		for i := range stable {
			if member := fmt.Sprintf("stable:%d", i); !seen[member] {
				t.Fatalf("%s was there all the time and was not returned", member)
			}
		}
	})
}
