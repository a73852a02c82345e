package mathx

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

var record = flag.Bool("record", false, "record testdata/vectors.txt with lua5.1")

// function is one of ours, with Go's to compare, and the share of arguments for which the C library's may be another one: of these it rounds
// some incorrectly itself.
type function struct {
	ours, gos func(x, y float64) float64
	argument  func(r *rand.Rand) (x, y float64)
	share     float64
}

func of(f func(float64) float64) func(x, y float64) float64 {
	return func(x, _ float64) float64 { return f(x) }
}

// between makes arguments of either sign, half of them spread evenly and half by their magnitude, from 2^-30 up.
func between(least, greatest float64) func(r *rand.Rand) (x, y float64) {
	return func(r *rand.Rand) (x, y float64) {
		for {
			x := least + (greatest-least)*r.Float64()
			if r.IntN(2) == 0 {
				x = math.Exp2(-30+r.Float64()*(30+math.Log2(max(-least, greatest)))) * float64(1-2*r.IntN(2))
			}
			if least <= x && x <= greatest {
				return x, 0
			}
		}
	}
}

var functions = map[string]function{
	"acos":  {of(Acos), of(math.Acos), between(-1, 1), 0.003},
	"asin":  {of(Asin), of(math.Asin), between(-1, 1), 0.003},
	"atan":  {of(Atan), of(math.Atan), between(-100, 100), 0.003},
	"atan2": {Atan2, math.Atan2, func(r *rand.Rand) (x, y float64) { return r.NormFloat64(), r.NormFloat64() }, 0.003},
	"cos":   {of(Cos), of(math.Cos), between(-1e6, 1e6), 0.003},
	"cosh":  {of(Cosh), of(math.Cosh), between(-710, 710), 0.003},
	"exp":   {of(Exp), of(math.Exp), between(-700, 700), 0.003},
	"log":   {of(Log), of(math.Log), between(0, 1e9), 0.003},
	"log10": {of(Log10), of(math.Log10), between(0, 1e9), 0.003},
	"pow": {Pow, math.Pow, func(r *rand.Rand) (x, y float64) {
		switch r.IntN(3) {
		case 0:
			return float64(1 + r.IntN(1000)), float64(r.IntN(400)-200) / 8
		case 1:
			return 0.01 * float64(r.IntN(10000)), float64(r.IntN(40) - 10)
		}
		return 100 * r.Float64(), 40*r.Float64() - 20
	}, 0.003},
	"sin":  {of(Sin), of(math.Sin), between(-1e6, 1e6), 0.003},
	"sinh": {of(Sinh), of(math.Sinh), between(-710, 710), 0.003},
	"tan":  {of(Tan), of(math.Tan), between(-1e6, 1e6), 0.003},
	"tanh": {of(Tanh), of(math.Tanh), between(-20, 20), 0.003},
}

// askLua has the functions of lua5.1 called.
func askLua(t *testing.T, questions []string) (answers []float64) {
	const script = `for line in io.lines() do
		local name, x, y = line:match("(%S+) (%S+) (%S+)")
		print(string.format("%.17g", math[name](tonumber(x), tonumber(y))))
	end`
	command := exec.Command("lua5.1", "-e", script)
	command.Stdin = strings.NewReader(strings.Join(questions, "\n") + "\n")
	out, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Fields(string(out)) {
		answer, err := strconv.ParseFloat(strings.TrimPrefix(line, "-nan"), 64)
		if err != nil {
			answer = math.NaN()
		}
		answers = append(answers, answer)
	}
	return answers
}

func same(a, b float64) bool {
	return a != a && b != b || math.Float64bits(a) == math.Float64bits(b)
}

func TestLive(t *testing.T) {
	if _, err := exec.LookPath("lua5.1"); err != nil {
		t.Skip("lua5.1 is not installed")
	}
	n := 20000
	if s := os.Getenv("N"); s != "" {
		n, _ = strconv.Atoi(s)
	}
	for name, f := range functions {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, 2))
			var questions []string
			var xs, ys []float64
			for range n {
				x, y := f.argument(r)
				xs, ys = append(xs, x), append(ys, y)
				questions = append(questions, fmt.Sprintf("%s %.17g %.17g", name, x, y))
			}
			ours, gos, far := 0, 0, 0
			for i, want := range askLua(t, questions) {
				got := f.ours(xs[i], ys[i])
				if !same(got, want) {
					ours++
					if math.Abs(float64(int64(math.Float64bits(got)-math.Float64bits(want)))) > 1 {
						far++
						if far < 4 {
							t.Errorf("%s: got %v, want %v", questions[i], got, want)
						}
					}
				}
				if !same(f.gos(xs[i], ys[i]), want) {
					gos++
				}
			}
			t.Logf("%.3f %% differ, of Go's %.3f %%, far %d", 100*float64(ours)/float64(n), 100*float64(gos)/float64(n), far)
		})
	}
}

var _ = bufio.NewReader
var _ = bytes.Cut
var _ = big.NewInt

var sink float64

func BenchmarkFunctions(b *testing.B) {
	for name, f := range functions {
		r := rand.New(rand.NewPCG(1, 2))
		var xs, ys [1024]float64
		for i := range xs {
			xs[i], ys[i] = f.argument(r)
		}
		b.Run(name, func(b *testing.B) {
			for i := range b.N {
				sink = f.ours(xs[i&1023], ys[i&1023])
			}
		})
		b.Run(name+"-go", func(b *testing.B) {
			for i := range b.N {
				sink = f.gos(xs[i&1023], ys[i&1023])
			}
		})
	}
}
