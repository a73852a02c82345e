package commands_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"

	"snakecache/internal/redistest"
	"snakecache/pkg/proto"
)

// The same PFADDs, PFCOUNTs and PFMERGEs leave the same bytes behind as in a real Redis, in both forms and on the way from
// one to the other.
func TestHyperLogLogIsRedisToTheByte(t *testing.T) {
	for seed := range uint64(4) {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			real := dial(t, redistest.Start(t).Options().Addr, proto.RESP2)
			t.Cleanup(func() { real.conn.Close() })
			ours := startEngine(t).Connect(proto.RESP2)
			both := func(words ...string) {
				mine, theirs := ours.Do(words...), real.must(words...)
				if mine.String() != theirs.String() {
					t.Fatalf("%.80q\nours:   %.200s\ntheirs: %.200s", words, mine, theirs)
				}
			}
			r := rand.New(rand.NewPCG(seed, 0))
			both("CONFIG", "SET", "hll-sparse-max-bytes", strconv.Itoa([]int{3000, 300, 20_000, 3000}[seed]))
			keys := [...]string{"a", "b", "c"}
			for range 400 {
				key := keys[r.IntN(len(keys))]
				switch r.IntN(8) {
				case 0:
					both("PFCOUNT", key)
				case 1:
					both("PFCOUNT", "a", "b", "c")
				case 2:
					if r.IntN(8) == 0 {
						both("PFMERGE", key, keys[r.IntN(len(keys))])
					}
				default:
					words := []string{"PFADD", key}
					for range r.IntN(20) {
						words = append(words, fmt.Sprintf("element of %d", r.IntN(1<<r.IntN(20))))
					}
					both(words...)
				}
				both("GET", key)
			}
		})
	}
}

// A PFADD that changes nothing, or only a register, allocates nothing.
func TestPFAddAllocatesNothing(t *testing.T) {
	for name, elements := range map[string]int{"sparse": 200, "dense": 20_000} {
		e := startEngine(t)
		c := e.Connect(proto.RESP2)
		for i := range elements {
			c.Do("PFADD", "h", strconv.Itoa(i))
		}
		if encoding := c.Do("PFDEBUG", "ENCODING", "h").Text; encoding != name {
			t.Fatalf("%d elements are %s", elements, encoding)
		}
		request := proto.Args{[]byte("PFADD"), []byte("h"), []byte("1")}
		other := proto.Args{[]byte("GETBIT"), []byte("h"), []byte("1")}
		base := testing.AllocsPerRun(100, func() { c.Send(other) })
		if n := testing.AllocsPerRun(100, func() { c.Send(request) }); n > base {
			t.Errorf("%s: %v allocations, GETBIT has %v", name, n, base)
		}
	}
}
