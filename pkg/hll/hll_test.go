package hll

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

const defaultSparse = 3000

// checkAgainstRegisters raises registers of a sketch and of a plain array.
func checkAgainstRegisters(t *rapid.T) {
	maxSparse := rapid.SampledFrom([]int{0, 40, 200, defaultSparse, 100_000}).Draw(t, "max sparse")
	span := rapid.SampledFrom([]int{8, 100, Registers}).Draw(t, "span") // few registers make neighbours, which are joined
	s, model := AppendNew(nil), make([]uint8, Registers)
	for range rapid.IntRange(0, 300).Draw(t, "steps") {
		register := rapid.IntRange(0, span-1).Draw(t, "register")
		if rapid.Bool().Draw(t, "at the end") {
			register = Registers - 1 - register
		}
		rank := uint8(min(rapid.IntRange(1, 6).Draw(t, "rank")*rapid.IntRange(1, 10).Draw(t, "factor"), rankBits+1))
		now, raised, err := s.Raise(register, rank, maxSparse)
		if err != nil || raised != (model[register] < rank) {
			t.Fatalf("raising %d from %d to %d: %t, %v", register, model[register], rank, raised, err)
		}
		s, model[register] = now, max(model[register], rank)
	}
	checkRegisters(t, s, model)
	if s.Encoding() == Sparse && len(s) > max(maxSparse, headerSize+2) {
		t.Fatalf("%d bytes, allowed are %d", len(s), maxSparse)
	}
	dense, err := s.Densify()
	if err != nil || dense.Encoding() != Dense {
		t.Fatal(err)
	}
	checkRegisters(t, dense, model)
}

func checkRegisters(t *rapid.T, s Sketch, model []uint8) {
	if err := Check(s); err != nil {
		t.Fatal(err)
	}
	registers := make([]uint8, Registers)
	if err := s.MaxInto(registers); err != nil {
		t.Fatal(err)
	}
	for i := range registers {
		if registers[i] != model[i] {
			t.Fatalf("register %d is %d, want %d", i, registers[i], model[i])
		}
	}
	if n, err := s.Count(); err != nil || n != CountRegisters(model) {
		t.Fatalf("counts %d, %v; want %d", n, err, CountRegisters(model))
	}
}

func TestSketchAgainstModel(t *testing.T) { rapid.Check(t, checkAgainstRegisters) }

// Estimates of sets of many sizes are off by Redis' standard error, 1.04 / sqrt(16384) = 0.81 %, and no more.
func TestStandardError(t *testing.T) {
	const promised = 0.0081
	for _, size := range []int{100, 1000, 10_000, 100_000, 1_000_000} {
		runs := min(40, 4_000_000/size)
		squares := 0.0
		for seed := range runs {
			s := sketchOfRandom(uint64(seed), size)
			n, err := s.Count()
			if err != nil {
				t.Fatal(err)
			}
			off := float64(n)/float64(size) - 1
			if squares += off * off; math.Abs(off) > 4*promised {
				t.Errorf("%d elements are estimated to be %d", size, n)
			}
		}
		if deviation := math.Sqrt(squares / float64(runs)); deviation > 1.5*promised {
			t.Errorf("%d elements: standard error %.4f over %d runs", size, deviation, runs)
		}
	}
}

func sketchOfRandom(seed uint64, size int) Sketch {
	r := rand.New(rand.NewPCG(seed, 0))
	s := AppendNew(nil)
	var element [8]byte
	for range size {
		binary.LittleEndian.PutUint64(element[:], r.Uint64())
		register, rank := Position(element[:])
		s, _, _ = s.Raise(register, rank, defaultSparse)
	}
	return s
}

func TestCache(t *testing.T) {
	s := AppendNew(nil)
	if n, ok := s.Cached(); n != 0 || !ok {
		t.Error("an empty sketch has no estimate")
	}
	s.Cache(12345)
	if n, ok := s.Cached(); n != 12345 || !ok {
		t.Errorf("%d, %t", n, ok)
	}
	if s.Invalidate(); s[staleAt] != stale {
		t.Error("the estimate is not out of date")
	}
	if _, ok := s.Cached(); ok {
		t.Error("an estimate that is out of date is returned")
	}
}

// Any bytes at all may be a string that PFADD, PFCOUNT and PFMERGE are used on.
func FuzzCorrupt(f *testing.F) {
	f.Add([]byte(AppendNew(nil)), 5, uint8(3))
	f.Add([]byte(sketchOfRandom(1, 50)), 16383, uint8(51))
	f.Add(make([]byte, DenseSize), 16383, uint8(51))
	f.Add([]byte("HYLL\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x80\x00\x84\x3f\x7f"), 4, uint8(1))
	f.Fuzz(func(t *testing.T, b []byte, register int, rank uint8) {
		if Check(b) != nil {
			return
		}
		s := Sketch(b)
		s.Runs()
		_, countErr := s.Count()
		err := s.MaxInto(make([]uint8, Registers))
		dense, denseErr := s.Densify()
		if (err == nil) != (countErr == nil) || (err == nil) != (denseErr == nil) {
			t.Fatalf("counting: %v, merging: %v, densifying: %v", countErr, err, denseErr)
		}
		if err == nil && Check(dense) != nil {
			t.Fatal("the dense form is none")
		}
		register, rank = int(uint(register)%Registers), rank%(rankBits+1)+1
		now, _, raiseErr := s.Raise(register, rank, defaultSparse)
		if raiseErr != nil && err == nil {
			t.Fatalf("raising a register of a valid sketch: %v", raiseErr)
		}
		if raiseErr == nil && err == nil && now.MaxInto(make([]uint8, Registers)) != nil {
			t.Fatal("a register was raised and the sketch became corrupt")
		}
	})
}

func BenchmarkCountDense(b *testing.B) {
	s := sketchOfRandom(1, 100_000)
	for b.Loop() {
		s.Count()
	}
}

func BenchmarkRaiseSparse(b *testing.B) {
	full := sketchOfRandom(1, 1000)
	room := make(Sketch, 0, 4096)
	for b.Loop() {
		s := append(room[:0], full...)
		s.Raise(8000, 30, defaultSparse)
	}
}
