package geohash

import (
	"math"
	"math/big"
	"math/bits"
	"testing"

	"pgregory.net/rapid"
)

func points(most float64) *rapid.Generator[Point] {
	return rapid.Custom(func(t *rapid.T) Point {
		return Point{rapid.Float64Range(-180, 179.99999).Draw(t, "longitude"), rapid.Float64Range(-most, most).Draw(t, "latitude")}
	})
}

// A place comes back as the middle of a cell of 0.6 m in height at most.
func TestPositions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := points(85.05112).Draw(t, "place")
		position := Encode(p)
		back := Decode(position)
		if position >= 1<<52 || Encode(back) != position {
			t.Fatalf("%v has the position %x, which is %v, whose position is %x", p, position, back, Encode(back))
		}
		if d := Distance(p, back); d > 0.6 {
			t.Fatalf("%v comes back as %v, which is %v m away", p, back, d)
		}
	})
}

func TestSpread(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, other := rapid.Uint32().Draw(t, "n"), rapid.Uint32().Draw(t, "other")
		b := spread(n) | spread(other)<<1
		if bits.OnesCount64(b) != bits.OnesCount32(n)+bits.OnesCount32(other) || gather(b) != n || gather(b>>1) != other {
			t.Fatalf("%x and %x become %x", n, other, b)
		}
	})
}

func TestAppend(t *testing.T) {
	for p, want := range map[Point]string{
		{13.361389, 38.115556}: "sqc8b49rny0", {15.087269, 37.502669}: "sqdtr74hyu0", {0, 0}: "s0000000000",
	} {
		if got := string(Append(nil, p)); got != want {
			t.Errorf("%v is %s, want %s", p, got, want)
		}
	}
}

func TestValid(t *testing.T) {
	for p, want := range map[Point]bool{
		{180, 85.05112878}: true, {-180, -85.05112878}: true, {180.1, 0}: false, {0, 85.06}: false, {-180.1, 0}: false, {0, -85.06}: false,
		{math.Inf(1), 0}: false, {math.NaN(), 0}: false,
	} {
		if p.Valid() != want {
			t.Errorf("%v: %v", p, p.Valid())
		}
	}
}

func TestDistance(t *testing.T) {
	palermo, catania := Point{13.361389338970184, 38.1155563954963}, Point{15.087267458438873, 37.50266842333162}
	if d := Distance(palermo, catania); math.Abs(d-166274.1516) > 0.0001 {
		t.Errorf("Palermo is %v m from Catania", d)
	}
	if d := Distance(Point{10, -20}, Point{10, 30}); math.Abs(d-50*radian*earthRadius) > 1e-6 {
		t.Errorf("along a meridian 50 degrees are %v m", d)
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b := points(85).Draw(t, "a"), points(85).Draw(t, "b")
		d, back := Distance(a, b), Distance(b, a)
		if math.Abs(d-back) > 1e-6 || d < 0 || d > math.Pi*earthRadius || Distance(a, a) != 0 {
			t.Fatalf("%v to %v are %v m, and %v m back", a, b, d, back)
		}
	})
}

func number(f float64) *big.Float { return new(big.Float).SetPrec(200).SetFloat64(f) }

// reference computes a sine with 200 bits.
func reference(x *big.Float) *big.Float {
	square := number(0).Mul(x, x)
	sum, term := number(0).Set(x), number(0).Set(x)
	for i := 2.0; i < 80; i += 2 {
		term.Mul(term, square).Quo(term, number(-i*(i+1)))
		sum.Add(sum, term)
	}
	return sum
}

// offBy returns how many units in the last place a result is off.
func offBy(got float64, want *big.Float) float64 {
	difference, _ := number(0).Sub(want, number(got)).Float64()
	return math.Abs(difference) / (math.Nextafter(math.Abs(got), math.Inf(1)) - math.Abs(got))
}

func TestSinesAreRoundedCorrectly(t *testing.T) {
	const most = 0.5001
	halfPi, _ := number(0).SetString("1.57079632679489661923132169163975144209858469968755291048747229615390820314310449931401741267")
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.Float64Range(-math.Pi, math.Pi).Draw(t, "x")
		if off := offBy(sin(x), reference(number(x))); off > most && x != 0 {
			t.Fatalf("sin(%v) is off by %v", x, off)
		}
		x = rapid.Float64Range(-1.5, 1.5).Draw(t, "x")
		if off := offBy(cos(x), reference(number(0).Sub(halfPi, number(math.Abs(x))))); off > most {
			t.Fatalf("cos(%v) is off by %v", x, off)
		}
		x = rapid.Float64Range(0, 1).Draw(t, "x")
		angle := asin(x)
		low, high := reference(number(math.Nextafter(angle, 0))), reference(number(math.Nextafter(angle, 2)))
		if want := number(x); x > 0 && x < 1 && (low.Cmp(want) > 0 || high.Cmp(want) < 0) {
			t.Fatalf("asin(%v) is not next to %v", x, angle)
		}
	})
	for _, x := range []float64{math.Pi, -math.Pi, math.Pi / 2, 1e-300, 1.0 / 256, 201.5 / 128} {
		if off := offBy(sin(x), reference(number(x))); off > most {
			t.Errorf("sin(%v) is off by %v", x, off)
		}
	}
	if sin(0) != 0 || sin(5e-324) != 5e-324 {
		t.Errorf("the sines of nearly nothing are %v and %v", sin(0), sin(5e-324))
	}
	if asin(0) != 0 || asin(1) != math.Pi/2 || !math.IsNaN(asin(1.0001)) {
		t.Errorf("asin of 0, 1 and more: %v, %v, %v", asin(0), asin(1), asin(1.0001))
	}
}

func shapes(t *rapid.T) Shape {
	s := Shape{Center: points(60).Draw(t, "center"), Unit: rapid.SampledFrom([]float64{1, 1000, 0.3048, 1609.34}).Draw(t, "unit")}
	s.Center.Longitude /= 2
	size := rapid.Float64Range(0, 2e6)
	if s.Box = rapid.Bool().Draw(t, "box"); s.Box {
		s.Width, s.Height = size.Draw(t, "width")/s.Unit, size.Draw(t, "height")/s.Unit
	} else {
		s.Radius = size.Draw(t, "radius") / s.Unit / 2
	}
	return s
}

// Whatever is in a shape is in one of its ranges of positions, and in no two of them.
func TestSpansCoverShapes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := shapes(t)
		low, high := s.bounds()
		for range 50 {
			p := Point{
				rapid.Float64Range(low.Longitude, high.Longitude).Draw(t, "longitude"),
				rapid.Float64Range(low.Latitude, high.Latitude).Draw(t, "latitude"),
			}
			if _, ok := s.Contains(p); !ok || !p.Valid() {
				continue
			}
			in := 0
			s.EachSpan(func(first, last uint64) bool {
				if position := Encode(p); first <= position && position < last {
					in++
				}
				return true
			})
			if in != 1 {
				t.Fatalf("%v is in %d ranges of %+v", p, in, s)
			}
		}
	})
}

// The center comes first, and nobody is asked any more who has had enough.
func TestEachSpan(t *testing.T) {
	s := Shape{Center: Point{15, 37}, Radius: 200, Unit: 1000}
	n := 0
	s.EachSpan(func(first, last uint64) bool {
		n++
		if position := Encode(s.Center); position < first || position >= last {
			t.Errorf("%x is not in %x to %x", position, first, last)
		}
		return false
	})
	if n != 1 {
		t.Errorf("%d ranges were yielded", n)
	}
}

func BenchmarkDistance(b *testing.B) {
	p, q := Point{13.361389338970184, 38.1155563954963}, Point{15.087267458438873, 37.50266842333162}
	for b.Loop() {
		Distance(p, q)
	}
}
