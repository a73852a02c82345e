package commands_test

import (
	"math/big"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"snakecache/internal/redistest"
	"snakecache/pkg/proto"
)

// numberText makes text that is a number, or nearly: decimal and hexadecimal, of few digits and many, far exponents.
func numberText(r *rand.Rand) string {
	switch r.IntN(6) {
	case 0:
		return strconv.FormatInt(r.Int64()>>r.IntN(64), 10)
	case 1:
		return strconv.FormatFloat(r.NormFloat64(), 'f', r.IntN(25), 64)
	case 2:
		return sign(r) + digits(r, "0123456789", 1+r.IntN(40)) + "e" + strconv.Itoa(r.IntN(80)-40)
	case 3:
		return sign(r) + digits(r, "0123456789", r.IntN(30)) + "." + digits(r, "0123456789", r.IntN(90))
	case 4:
		return sign(r) + digits(r, "0123456789", 1+r.IntN(20)) + "E" + strconv.Itoa(r.IntN(10200)-5100)
	}
	return sign(r) + "0x" + digits(r, "0123456789abcdefABCDEF", r.IntN(24)) + "." +
		digits(r, "0123456789abcdef", r.IntN(24)) + "p" + strconv.Itoa(r.IntN(200)-100)
}

func sign(r *rand.Rand) string { return []string{"", "", "-", "+"}[r.IntN(4)] }

func digits(r *rand.Rand, alphabet string, n int) string {
	var b strings.Builder
	for range n {
		b.WriteByte(alphabet[r.IntN(len(alphabet))])
	}
	return b.String()
}

// halfway makes a number in the middle between two long doubles or just above, in decimal: how it is rounded depends
// on the last of up to a hundred digits.
func halfway(r *rand.Rand) string {
	const bits = 1 + 15*4 + 4 // one more than a long double has
	text := "0x1" + digits(r, "0123456789abcdef", 15) + digits(r, "13579bdf", 1) + "p-" + strconv.Itoa(r.IntN(56))
	f, _, err := big.ParseFloat(text, 0, bits, big.ToZero)
	if err != nil {
		panic(err)
	}
	return sign(r) + f.Text('f', 60) + []string{"", "0", "000000000000000000001"}[r.IntN(3)]
}

// INCRBYFLOAT is C's long double arithmetic, so only a C program knows: thousands of random sums beside a real Redis.
func TestIncrbyfloatAgainstRedis(t *testing.T) {
	real, ours := redistest.Start(t), startEngine(t).Connect(proto.RESP2)
	r := rand.New(rand.NewPCG(1, 2))
	const rounds, batch = 40, 200
	for range rounds {
		var pairs [batch][2]string
		var answers [batch]*redis.Cmd
		_, err := real.Pipelined(t.Context(), func(p redis.Pipeliner) error {
			for i := range pairs {
				pairs[i] = [2]string{numberText(r), numberText(r)}
				if r.IntN(4) == 0 {
					pairs[i][0] = halfway(r)
				}
				p.Set(t.Context(), "k", pairs[i][0], 0)
				answers[i] = p.Do(t.Context(), "INCRBYFLOAT", "k", pairs[i][1])
			}
			return nil
		})
		if err != nil && !strings.HasPrefix(err.Error(), "ERR ") {
			t.Fatal(err)
		}
		for i, pair := range pairs {
			ours.Do("SET", "k", pair[0])
			want, err := answers[i].Text()
			if err != nil {
				want = err.Error()
			}
			if got := ours.Do("INCRBYFLOAT", "k", pair[1]).Text; got != want {
				t.Errorf("%s + %s is %q, want %q", pair[0], pair[1], got, want)
			}
		}
	}
}
