package commands_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"snakecache/internal/redistest"
	"snakecache/pkg/proto"
)

// placePair is both servers with the same places in the key g: a third of them close together, the others all over the world.
type placePair struct {
	*pair
	rng    *rand.Rand
	places int
}

func newPlacePair(t *testing.T, places int) *placePair {
	p := &placePair{newPair(t, redistest.Start(t).Options().Addr), rand.New(rand.NewPCG(11, 12)), places}
	for i := range places {
		p.both(slices.Concat([]string{"GEOADD", "g"}, p.place(), []string{fmt.Sprint("m", i)})...)
	}
	return p
}

func (p *placePair) both(words ...string) (ours, theirs proto.Value) {
	return ask(p.ours, words...), ask(p.theirs, words...)
}

func decimal(f float64) string { return strconv.FormatFloat(f, 'f', 6, 64) }

func (p *placePair) place() []string {
	if p.rng.IntN(3) == 0 {
		return []string{decimal(10 + p.rng.Float64()), decimal(40 + p.rng.Float64())}
	}
	return []string{decimal(p.rng.Float64()*360 - 180), decimal(p.rng.Float64()*170 - 85)}
}

// area makes a center and a shape of some centimeters to half the world.
func (p *placePair) area() []string {
	center := []string{"FROMMEMBER", fmt.Sprint("m", p.rng.IntN(p.places))}
	if p.rng.IntN(2) == 0 {
		center = append([]string{"FROMLONLAT"}, p.place()...)
	}
	size := func() string { return decimal(float64(int(1)<<p.rng.IntN(24)) * (1 + p.rng.Float64())) }
	unit := []string{"m", "ft", "km", "mi"}[p.rng.IntN(20)/6]
	if p.rng.IntN(2) == 0 {
		return append(center, "BYBOX", size(), size(), unit)
	}
	return append(center, "BYRADIUS", size(), unit)
}

// TestPlacesAreFoundAsInRedis seeks in areas of all sizes: the same members, in the same order where none is asked for, with
// the same distances.
func TestPlacesAreFoundAsInRedis(t *testing.T) {
	p := newPlacePair(t, 1000)
	options := [][]string{{}, {"WITHDIST"}, {"WITHDIST", "ASC"}, {"WITHCOORD", "DESC"}, {"WITHHASH"}, {"COUNT", "10"}, {"COUNT", "5", "ANY"}}
	for i := range 700 {
		request := slices.Concat([]string{"GEOSEARCH", "g"}, p.area(), options[i%len(options)])
		if ours, theirs := p.both(request...); ours.String() != theirs.String() {
			t.Fatalf("%q\nours:   %.2000s\ntheirs: %.2000s", request, ours, theirs)
		}
	}
}

// TestStoredDistancesAreAsInRedis allows for the few in a thousand that C does not round correctly.
func TestStoredDistancesAreAsInRedis(t *testing.T) {
	p := newPlacePair(t, 1000)
	same, all := 0, 0
	for range 100 {
		p.both(slices.Concat([]string{"GEOSEARCHSTORE", "d", "g"}, p.area(), []string{"STOREDIST"})...)
		ours, theirs := p.both("ZRANGE", "d", "0", "-1", "WITHSCORES")
		scores := map[string]float64{}
		for pair := range slices.Chunk(ours.Elems, 2) {
			scores[pair[0].Text], _ = strconv.ParseFloat(pair[1].Text, 64)
		}
		for pair := range slices.Chunk(theirs.Elems, 2) {
			score, _ := strconv.ParseFloat(pair[1].Text, 64)
			if scores[pair[0].Text] == score {
				same++
			}
			all++
		}
	}
	if all < 1000 || same < all*99/100 {
		t.Errorf("%d of %d distances are the same", same, all)
	}
}
