package commands

import (
	"bytes"
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

// bitAt is the bit as its number says.
func bitAt(value []byte, at int64) bool { return value[at/8]>>(7-at%8)&1 == 1 }

// drawBits makes a string of long runs of equal bits.
func drawBits(t *rapid.T, name string, length int) []byte {
	value := make([]byte, length)
	from := rapid.IntRange(0, length).Draw(t, name+" from")
	for i := from; i < length; i++ {
		value[i] = 0xff
	}
	for range rapid.IntRange(0, 3).Draw(t, name+" odd") {
		if length > 0 {
			value[rapid.IntRange(0, length-1).Draw(t, name+" at")] = rapid.Byte().Draw(t, name)
		}
	}
	return value
}

func TestBitsAgainstModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := drawBits(t, "value", rapid.IntRange(0, 100).Draw(t, "length"))
		end := int64(len(value)) * 8
		from, to := rapid.Int64Range(0, end).Draw(t, "from"), rapid.Int64Range(0, end).Draw(t, "to")
		count, first := 0, map[bool]int64{true: -1, false: -1}
		for at := from; at < to; at++ {
			bit := bitAt(value, at)
			if bit {
				count++
			}
			if first[bit] < 0 {
				first[bit] = at
			}
		}
		if got := countBits(value, from, to); got != count {
			t.Errorf("%x has %d bits from %d to %d, not %d", value, count, from, to, got)
		}
		for bit, at := range first {
			if got := findBit(value, from, to, bit); got != at {
				t.Errorf("%x has the first %t from %d to %d at %d, not %d", value, bit, from, to, at, got)
			}
		}
	})
}

// A search that skips what is blank finds the one bit that is not, wherever it is.
func TestFindBitInLongStrings(t *testing.T) {
	const length = 3*blankSize + 21
	for _, set := range []bool{true, false} {
		value := bytes.Repeat(blank[set][:1], length)
		end := int64(length) * 8
		for at := int64(0); at < end; at += 5 {
			value[at>>3] ^= bitMask(at)
			for _, from := range []int64{0, 1, 8*blankSize - 3, at, at + 1} {
				for _, to := range []int64{end, end - 3, at + 1, at} {
					want := int64(-1)
					if from <= at && at < to {
						want = at
					}
					if got := findBit(value, from, to, set); got != want {
						t.Fatalf("bit %d, from %d to %d: %d, not %d", at, from, to, got, want)
					}
				}
			}
			value[at>>3] ^= bitMask(at)
		}
	}
}

// Every operation of BITOP says for each bit what it makes of the sources' bits.
func TestBitOperationsAgainstModel(t *testing.T) {
	models := map[string]func(first bool, others, all int) bool{
		"and": nil, "or": func(_ bool, _, all int) bool { return all > 0 },
		"xor": func(_ bool, _, all int) bool { return all%2 == 1 }, "not": func(first bool, _, _ int) bool { return !first },
		"diff":  func(first bool, others, _ int) bool { return first && others == 0 },
		"diff1": func(first bool, others, _ int) bool { return !first && others > 0 },
		"andor": func(first bool, others, _ int) bool { return first && others > 0 },
		"one":   func(_ bool, _, all int) bool { return all == 1 },
	}
	rapid.Check(t, func(t *rapid.T) {
		op := rapid.SampledFrom(bitOperations[:]).Draw(t, "op")
		sources, length := [][]byte{}, 0
		for range rapid.IntRange(1, 4).Draw(t, "sources") {
			source := drawBits(t, "source", rapid.IntRange(0, 150).Draw(t, "length"))
			sources, length = append(sources, source), max(length, len(source))
		}
		if op.checkFor(len(sources)) != nil {
			return
		}
		dst := bytes.Repeat([]byte{0xa5}, length) // left from before
		op.combine(dst, sources)
		for at := range int64(length) * 8 {
			first, all := false, 0
			for i, source := range sources {
				if at < int64(len(source))*8 && bitAt(source, at) {
					first, all = first || i == 0, all+1
				}
			}
			others := all
			if first {
				others--
			}
			want := all == len(sources)
			if model := models[op.name]; model != nil {
				want = model(first, others, all)
			}
			if bitAt(dst, at) != want {
				t.Fatalf("%s of %x: bit %d is not %t", op.name, sources, at, want)
			}
		}
	})
}

// drawNumber makes integers of every magnitude.
func drawNumber(t *rapid.T, name string) int64 {
	return rapid.OneOf(rapid.Int64(), rapid.Int64Range(-300, 300), rapid.SampledFrom([]int64{math.MinInt64, math.MaxInt64})).Draw(t, name) >>
		rapid.IntRange(0, 63).Draw(t, name+" shift")
}

// A field is read as it was written, nothing beside it changes, and sums are those of integers without bounds.
func TestFieldsAgainstModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := field{signed: rapid.Bool().Draw(t, "signed"), offset: rapid.Int64Range(0, 80).Draw(t, "offset")}
		most := uint8(63)
		if f.signed {
			most = 64
		}
		f.bits = rapid.Uint8Range(1, most).Draw(t, "bits")
		value := drawBits(t, "value", int(f.offset+int64(f.bits)+7)/8)
		was := append([]byte(nil), value...)
		base, delta := drawNumber(t, "base"), drawNumber(t, "delta")
		f.put(value, base)
		for at := range int64(len(value)) * 8 {
			if at < f.offset || at >= f.offset+int64(f.bits) {
				if bitAt(value, at) != bitAt(was, at) {
					t.Fatalf("%+v put into %x: bit %d has changed", f, was, at)
				}
			}
		}
		low, high := f.bounds()
		if stored := f.get(value); low <= base && base <= high && stored != base {
			t.Fatalf("%+v is %d, not %d", f, stored, base)
		} else {
			base = stored
		}
		checkFieldSum(t, f, base, delta, low, high)
	})
}

func checkFieldSum(t *rapid.T, f field, base, delta, low, high int64) {
	exact := new(big.Int).Add(big.NewInt(base), big.NewInt(delta))
	fits := exact.Cmp(big.NewInt(low)) >= 0 && exact.Cmp(big.NewInt(high)) <= 0
	nearest := exact
	if !fits {
		nearest = big.NewInt(low)
		if exact.Cmp(big.NewInt(high)) > 0 {
			nearest = big.NewInt(high)
		}
	}
	period := new(big.Int).Lsh(big.NewInt(1), uint(f.bits))
	wrapped := new(big.Int).Mod(exact, period)
	if f.signed && wrapped.Cmp(big.NewInt(high)) > 0 {
		wrapped.Sub(wrapped, period)
	}
	for saturate, want := range map[bool]*big.Int{true: nearest, false: wrapped} {
		if sum, ok := f.add(base, delta, saturate); ok != fits || sum != want.Int64() {
			t.Fatalf("%+v: %d + %d is %d, %t with saturate %t; want %s, %t", f, base, delta, sum, ok, saturate, want, fits)
		}
	}
}
