package mathx

import (
	"flag"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var record = flag.Bool("record-lua", false, "write what lua5.1 answers to testdata/vectors.txt")

// function is one of ours and Go's to compare, with arguments as scripts have them.
type function struct {
	ours, gos func(x, y float64) float64
	arguments func(r *rand.Rand) (x, y float64)
}

func of(f func(float64) float64) func(x, y float64) float64 {
	return func(x, _ float64) float64 { return f(x) }
}

// between makes arguments half of which are spread evenly, and half by magnitude, from 2^-30 up.
func between(least, greatest float64) func(r *rand.Rand) (x, y float64) {
	return func(r *rand.Rand) (x, y float64) {
		x = least + (greatest-least)*r.Float64()
		if r.IntN(2) == 0 {
			x *= math.Exp2(-30 * r.Float64())
		}
		return x, 0
	}
}

func powers(r *rand.Rand) (x, y float64) {
	switch r.IntN(3) {
	case 0:
		return float64(1 + r.IntN(1000)), float64(r.IntN(400)-200) / 8
	case 1:
		return 0.01 * float64(1+r.IntN(10000)), float64(r.IntN(40) - 10)
	}
	return 100 * r.Float64(), 40*r.Float64() - 20
}

func points(r *rand.Rand) (x, y float64) { return r.NormFloat64(), r.NormFloat64() }

var functions = map[string]function{
	"acos":  {of(Acos), of(math.Acos), between(-1, 1)},
	"asin":  {of(Asin), of(math.Asin), between(-1, 1)},
	"atan":  {of(Atan), of(math.Atan), between(-100, 100)},
	"atan2": {Atan2, math.Atan2, points},
	"cos":   {of(Cos), of(math.Cos), between(-1e6, 1e6)},
	"cosh":  {of(Cosh), of(math.Cosh), between(-710, 710)},
	"exp":   {of(Exp), of(math.Exp), between(-745, 709)},
	"log":   {of(Log), of(math.Log), between(0, 1e9)},
	"log10": {of(Log10), of(math.Log10), between(0, 1e9)},
	"pow":   {Pow, math.Pow, powers},
	"sin":   {of(Sin), of(math.Sin), between(-1e6, 1e6)},
	"sinh":  {of(Sinh), of(math.Sinh), between(-710, 710)},
	"tan":   {of(Tan), of(math.Tan), between(-1e6, 1e6)},
	"tanh":  {of(Tanh), of(math.Tanh), between(-20, 20)},
}

// binary are the functions that look at their second argument.
var binary = map[string]bool{"atan2": true, "pow": true}

// specials are arguments for which there are rules, or at which ways of computing meet.
var specials = []float64{
	0, math.Copysign(0, -1), math.NaN(), math.Inf(1), math.Inf(-1), 5e-324, -5e-324, 0x1p-1022, math.MaxFloat64, -math.MaxFloat64,
	1, -1, 2, -2, 3, -3, 0.5, -0.5, 0.1, 1.5, 2.5, 10, 22, -22, 1023, 1024, -1074, -1075, 1 << 53, 6004799503160661, -6004799503160661, 1e16, 1e22, 1e300, -1e300,
	1 - 0x1p-52, -1 + 0x1p-52, 1 + 0x1p-52, math.Pi, math.Pi / 2, -math.Pi / 4, 5319372648326541 * 0x1p202, // the last is next to right angles
	709.782712893384, 710.4758600739439, -745.1332191019411, -745.1332191019413, -708.5, -740.25,
}

// vector is one call of the C library's, through Lua.
type vector struct {
	name string
	x, y float64
	want float64
}

func (v vector) String() string { return fmt.Sprintf("%s %.17g %.17g", v.name, v.x, v.y) }

// ruled is how many of them are also special as a second argument.
const ruled = 18

// specialVectors are the special arguments in combination.
func specialVectors() (all []vector) {
	for name := range functions {
		for _, x := range specials {
			if !binary[name] {
				all = append(all, vector{name: name, x: x})
				continue
			}
			for _, y := range specials[:ruled] {
				all = append(all, vector{name: name, x: x, y: y})
			}
		}
	}
	return all
}

func randomVectors(name string, n int) (all []vector) {
	r := rand.New(rand.NewPCG(1, 2))
	for range n {
		x, y := functions[name].arguments(r)
		all = append(all, vector{name: name, x: x, y: y})
	}
	return all
}

func needsLua(t *testing.T) {
	if _, err := exec.LookPath("lua5.1"); err != nil {
		t.Skip("lua5.1 is not installed")
	}
}

// ask has lua5.1 fill in the results.
func ask(t *testing.T, all []vector) {
	const script = `for line in io.lines() do
		local name, x, y = line:match("(%S+) (%S+) (%S+)")
		print(string.format("%.17g", math[name](tonumber(x) or 0/0, tonumber(y) or 0/0)))
	end`
	var questions strings.Builder
	for _, v := range all {
		questions.WriteString(v.String() + "\n")
	}
	command := exec.Command("lua5.1", "-e", script)
	command.Stdin = strings.NewReader(questions.String())
	out, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	for i, answer := range strings.Fields(string(out)) {
		all[i].want = number(t, answer)
	}
}

func number(t *testing.T, text string) float64 {
	f, err := strconv.ParseFloat(strings.TrimPrefix(text, "-"), 64)
	if err != nil {
		t.Fatal(err)
	}
	if text[0] == '-' {
		f = -f
	}
	return f
}

func same(a, b float64) bool { return a != a && b != b || math.Float64bits(a) == math.Float64bits(b) }

// check compares, with results that are off by at most some last digits for the given share of arguments, as the C library does not round
// all correctly.
func check(t *testing.T, all []vector, share float64) {
	const near = 4
	ours, gos := 0, 0
	for _, v := range all {
		got := functions[v.name].ours(v.x, v.y)
		if !same(got, v.want) {
			ours++
			distance := int64(math.Float64bits(got) - math.Float64bits(v.want))
			if share == 0 || max(distance, -distance) > near {
				t.Errorf("%v: got %v, want %v", v, got, v.want)
			}
		}
		if !same(functions[v.name].gos(v.x, v.y), v.want) {
			gos++
		}
	}
	n := float64(len(all))
	if float64(ours) > share*n {
		t.Errorf("%d of %v are off", ours, n)
	}
	t.Logf("%.3f %% differ, of Go's %.3f %%", 100*float64(ours)/n, 100*float64(gos)/n)
}

func TestLive(t *testing.T) {
	needsLua(t)
	for name := range functions {
		t.Run(name, func(t *testing.T) {
			all := randomVectors(name, 20000)
			ask(t, all)
			check(t, all, 0.004)
		})
	}
	t.Run("specials", func(t *testing.T) {
		all := specialVectors()
		ask(t, all)
		check(t, all, 0)
	})
}

const vectors = "testdata/vectors.txt"

// There are special arguments and such as chance had it, of which the C library may round one or two incorrectly.
func TestRecorded(t *testing.T) {
	if *record {
		recordVectors(t)
	}
	text, err := os.ReadFile(vectors)
	if err != nil {
		t.Fatal(err)
	}
	var all []vector
	for line := range strings.Lines(string(text)) {
		word := strings.Fields(line)
		all = append(all, vector{word[0], number(t, word[1]), number(t, word[2]), number(t, word[3])})
	}
	check(t, all, 0.001)
}

func recordVectors(t *testing.T) {
	needsLua(t)
	all := specialVectors()
	for name := range functions {
		all = append(all, randomVectors(name, 50)...)
	}
	ask(t, all)
	var lines []string
	for _, v := range all {
		lines = append(lines, fmt.Sprintf("%v %.17g\n", v, v.want))
	}
	slices.Sort(lines)
	if err := os.WriteFile(vectors, []byte(strings.Join(lines, "")), 0o644); err != nil {
		t.Fatal(err)
	}
}

// Whole powers are exact, and those that are beyond a double's bits are rounded once. Of those with one bit too many it is left to chance, as
// in the C library, to which side they go.
func TestWholePowers(t *testing.T) {
	for x := -12; x <= 12; x++ {
		for y := range 60 {
			exact := new(big.Int).Exp(big.NewInt(int64(x)), big.NewInt(int64(y)), nil)
			if exact.BitLen() == 54 && exact.Bit(0) == 1 {
				continue
			}
			want, _ := new(big.Float).SetInt(exact).Float64()
			if got := Pow(float64(x), float64(y)); got != want {
				t.Errorf("%d^%d: got %v, want %v", x, y, got, want)
			}
		}
	}
}

// 2/π·π is 2 to all bits of the table, with π by Machin's formula.
func TestPerRightAngle(t *testing.T) {
	const bits = uint(64 * (len(perRightAngle) - 1))
	one := new(big.Int).Lsh(big.NewInt(1), bits+64)
	arctangent := func(factor, n int64) *big.Int { // of 1/n
		sum, power := new(big.Int), new(big.Int).Div(one, big.NewInt(n))
		for i := int64(1); power.Sign() != 0; i += 2 {
			term := new(big.Int).Div(power, big.NewInt(i))
			if i%4 == 3 {
				term.Neg(term)
			}
			sum.Add(sum, term)
			power.Div(power, big.NewInt(n*n))
		}
		return sum.Mul(sum, big.NewInt(factor))
	}
	pi := arctangent(16, 5)
	pi.Sub(pi, arctangent(4, 239))
	want := new(big.Int).Lsh(one, bits+1)
	want.Div(want, pi)
	got := new(big.Int)
	for _, word := range perRightAngle {
		got.Or(got.Lsh(got, 64), new(big.Int).SetUint64(word))
	}
	if got.Cmp(want) != 0 {
		t.Errorf("got %x, want %x", got, want)
	}
}

var sink float64

func BenchmarkFunctions(b *testing.B) {
	for name, f := range functions {
		all := randomVectors(name, 1024)
		b.Run(name, func(b *testing.B) {
			for i := range b.N {
				v := &all[i%len(all)]
				sink = f.ours(v.x, v.y)
			}
		})
	}
	b.Run("square", func(b *testing.B) {
		for i := range b.N {
			sink = Pow(float64(i), 2)
		}
	})
	b.Run("cube", func(b *testing.B) {
		for i := range b.N {
			sink = Pow(float64(i&1023), 3)
		}
	})
}
