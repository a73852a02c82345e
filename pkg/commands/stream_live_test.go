package commands_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"snakecache/internal/redistest"
	"snakecache/pkg/proto"
)

// liveGroups writes commands for one stream whose groups have consumers at work, so that what is pending is read again,
// claimed, acknowledged, deleted and trimmed. The commands of randomStream seldom get so far.
type liveGroups struct {
	*rand.Rand
	last int // ID of the last entry
}

// liveCommands are drawn with equal chances, so that those that come often are there several times.
var liveCommands = []func(g *liveGroups) []string{
	(*liveGroups).add, (*liveGroups).add, (*liveGroups).add, (*liveGroups).add,
	(*liveGroups).read, (*liveGroups).read, (*liveGroups).read,
	(*liveGroups).claim, (*liveGroups).autoClaim, (*liveGroups).pending, (*liveGroups).administrate,
	func(g *liveGroups) []string { return g.withIDs("XACK", "s", g.group()) },
	func(g *liveGroups) []string { return g.withIDs("XACK", "s", g.group()) },
	func(g *liveGroups) []string { return g.withIDs("XDEL", "s") },
	func(g *liveGroups) []string { return g.trim([]string{"XTRIM", "s"}) },
	func(g *liveGroups) []string { return []string{"XRANGE", "s", g.id(), "+", "COUNT", g.number(5)} },
	func(g *liveGroups) []string { return []string{"XREVRANGE", "s", "+", g.id()} },
	func(g *liveGroups) []string { return []string{"XREAD", "COUNT", g.number(4), "STREAMS", "s", g.id()} },
}

func (g *liveGroups) one(of ...string) string { return of[g.IntN(len(of))] }
func (g *liveGroups) number(below int) string { return fmt.Sprint(g.IntN(below)) }
func (g *liveGroups) group() string           { return g.one("g", "g", "g", "h") }
func (g *liveGroups) consumer() string        { return g.one("alice", "bob", "carol") }
func (g *liveGroups) id() string              { return fmt.Sprintf("%d-%d", max(0, g.last-g.IntN(30)), g.IntN(2)) }
func (g *liveGroups) perhaps(w ...string) []string {
	if g.IntN(4) > 0 {
		return nil
	}
	return w
}

func (g *liveGroups) withIDs(words ...string) []string {
	for range 1 + g.IntN(4) {
		words = append(words, g.id())
	}
	return words
}

func (g *liveGroups) add() []string {
	g.last++
	words := []string{"XADD", "s"}
	if g.IntN(12) == 0 {
		words = g.trim(words)
	}
	return append(words, fmt.Sprintf("%d-%d", g.last, g.IntN(2)), g.one("field", "field", "other"), g.number(1000))
}

// trim leaves some entries that are pending, and takes others.
func (g *liveGroups) trim(words []string) []string {
	words = append(words, g.one("MAXLEN", "MINID"), g.one("=", "~"))
	if words[len(words)-2] == "MINID" {
		return append(words, g.id())
	}
	return append(words, fmt.Sprint(10+g.IntN(20)))
}

func (g *liveGroups) read() []string {
	words := append([]string{"XREADGROUP", "GROUP", g.group(), g.consumer(), "COUNT", g.number(6)}, g.perhaps("NOACK")...)
	return append(words, "STREAMS", "s", g.one(">", ">", ">", "0", g.id()))
}

// Entries are claimed that were delivered in this moment, or such that XCLAIM has said to be of long ago.
const longAgo, longest = "5000000000", "1000000000"

func (g *liveGroups) claim() []string {
	words := g.withIDs("XCLAIM", "s", g.group(), g.consumer(), g.one("0", "0", longest))
	for _, option := range [][]string{{"IDLE", longAgo}, {"RETRYCOUNT", g.number(9)}, {"FORCE"}, {"JUSTID"}, {"LASTID", g.id()}} {
		words = append(words, g.perhaps(option...)...)
	}
	return words
}

func (g *liveGroups) autoClaim() []string {
	words := []string{"XAUTOCLAIM", "s", g.group(), g.consumer(), g.one("0", longest), g.one("-", "0", g.id(), "("+g.id())}
	return append(append(words, g.perhaps("COUNT", fmt.Sprint(1+g.IntN(5)))...), g.perhaps("JUSTID")...)
}

func (g *liveGroups) pending() []string {
	words := []string{"XPENDING", "s", g.group()}
	if g.IntN(3) == 0 {
		return words
	}
	words = append(words, g.perhaps("IDLE", longest)...)
	words = append(words, g.one("-", g.id()), g.one("+", "+", g.id()), fmt.Sprint(1+g.IntN(20)))
	return append(words, g.perhaps(g.consumer())...)
}

// administrate does what is done to streams and groups now and then.
func (g *liveGroups) administrate() []string {
	switch g.IntN(16) {
	case 0:
		return []string{"XGROUP", "DESTROY", "s", g.group()}
	case 1:
		return []string{"XGROUP", "SETID", "s", g.group(), g.one("0", "$", g.id())}
	case 2, 3:
		return []string{"XGROUP", "DELCONSUMER", "s", g.group(), g.consumer()}
	case 4:
		return []string{"COPY", "s", "t", "REPLACE"}
	case 5:
		return []string{"RENAME", "t", "s"}
	case 6:
		return []string{"XTRIM", "s", "MAXLEN", "0"}
	case 7:
		return []string{"XGROUP", "CREATECONSUMER", "s", g.group(), g.consumer()}
	}
	return []string{"XGROUP", "CREATE", "s", g.group(), g.one("0", "$", g.id()), "MKSTREAM"}
}

// TestLiveGroups compares consumer groups at work with those of a real Redis, reply by reply and in the end.
func TestLiveGroups(t *testing.T) {
	addr := redistest.Start(t).Options().Addr
	for seed := *stream; seed < *stream+uint64(*streams); seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			g := &liveGroups{Rand: rand.New(rand.NewPCG(seed, 1))}
			commands := []proto.Args{asArgs([]string{"XGROUP", "CREATE", "s", "g", "0", "MKSTREAM"})}
			for len(commands) < streamLength {
				commands = append(commands, asArgs(liveCommands[g.IntN(len(liveCommands))](g)))
			}
			compareStream(t, func() setting { return setting{dialect: dialects[seed%2]} }, addr, commands, seed)
		})
	}
}
