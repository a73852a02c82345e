package commands_test

import (
	"bytes"
	"encoding/binary"
	"flag"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"snakecache/pkg/actor"
	"snakecache/pkg/actor/actortest"
	"snakecache/pkg/proto"
	"snakecache/pkg/store"
)

// boundaries are arguments at and beyond the edges of what commands read. Nothing in them makes a value of more than
// a few hundred kilobytes: beyond that the limits that count are those of numbers.
var boundaries = []string{
	"0", "-0", "1", "-1", "+1", "01", " 1", "1 ", "2", "3", "10", "16", "100", "1000", "-100", "100000", "0x10", "1.0",
	"2147483647", "2147483648", "-2147483648", "-2147483649", "4294967295", "4294967296",
	"9223372036854775807", "-9223372036854775808", "9223372036854775808", "-9223372036854775809",
	"18446744073709551615", "18446744073709551616", "9223372036854775", "1767225600", "1767225601000",
	"", " ", "a", "value", "nan", "inf", "-inf", "1e400", "1e-400", "3.14", "-2.5e3", "0.1", "(1", "[a", "*", "?", "[", "k*", "\\",
	"\r\n", "\x00", "\xff\xfe", "GET", "COUNT", strings.Repeat("x", 64), strings.Repeat("y", 20_000),
}

// fewKeys are few, so that commands meet each other's values.
var fewKeys = []string{"k0", "k1", "k2", "k3", "k4", "k5", "k6", "k7", "k8", "k9", "k10", "k11", "\x00", ""}

// hints are words for commands whose syntax does not say them.
var hints = map[string][]string{
	"config|get": {"maxmemory*", "*"},
	"config|set": {"maxmemory", "20000", "0", "maxmemory-policy", "noeviction", "allkeys-lru", "requirepass"},
	"auth":       {"default", ""},
	"hello":      {"2", "3", "AUTH", "SETNAME"},
	"debug":      {"SLEEP", "0.01", "OBJECT", "SET-ACTIVE-EXPIRE"},

	"set":         {"HYLL\x01" + strings.Repeat("\x00", 10) + "\x80\x7f\x00", "HYLL\x01" + strings.Repeat("\x00", 10) + "\x80\x7f\xff"},
	"bitfield":    {"u8", "i8", "u1", "i64", "u63", "#3", "u64"},
	"bitfield_ro": {"u8", "i8", "i64", "#3"},
	"pfdebug":     {"ENCODING", "DECODE", "TODENSE", "GETREG"},
	"delex":       {"9555e8555c62dcfd"},

	"xadd":       {"*", "1-*", "2-2", "~"},
	"xrange":     {"-", "+", "(1-1"},
	"xrevrange":  {"-", "+", "(2-2"},
	"xread":      {"STREAMS", "k10", "k11", "0", "$", "+"},
	"xreadgroup": {"GROUP", "g", "c", "STREAMS", "k10", ">", "0"},
	"xack":       {"g", "1-1", "2-2"},
	"xclaim":     {"g", "c", "0", "1-1"},
	"xautoclaim": {"g", "c", "0", "-"},
	"xpending":   {"g", "-", "+", "10"},

	"xgroup|create":         {"g", "h", "$", "0"},
	"xgroup|setid":          {"g", "h", "$", "0"},
	"xgroup|destroy":        {"g", "h"},
	"xgroup|createconsumer": {"g", "c"},
	"xgroup|delconsumer":    {"g", "c"},
	"xinfo|consumers":       {"g"},
}

// notAlone are commands that programs do not call, since they change what follows from others.
var notAlone = map[string]string{
	"client|pause": "nobody is answered any more",
	"client|reply": "there may be no reply",
	"monitor":      "there is more than one reply",
}

// alone returns the rows whose calls have one reply each, and change that of no other.
func alone(table *actor.Table) []*actor.Command {
	return slices.DeleteFunc(callable(table), func(row *actor.Command) bool { return notAlone[row.FullName()] != "" })
}

var syntaxWord = regexp.MustCompile(`\b[A-Z][A-Z-]+\b`)

// program turns bytes into requests: whoever mutates the bytes mutates commands, their arguments, and how they follow
// each other. Bytes that are missing read as zero.
type program struct {
	bytes  []byte
	rows   []*actor.Command
	keys   []string
	values func(*actor.Command) []string
	called map[*actor.Command]int
	row    *actor.Command // of the call being made
	more   []string       // values beside those that all programs use
}

// hostile is a program whose values are mostly such that they must be refused.
func hostile(bytes []byte, rows []*actor.Command) *program {
	values := func(*actor.Command) []string { return boundaries }
	return &program{bytes: bytes, rows: rows, keys: fewKeys, values: values, called: map[*actor.Command]int{}}
}

func (p *program) done() bool { return len(p.bytes) == 0 }

// pick consumes a byte and returns a number below n, which is at most 256.
func (p *program) pick(n int) int {
	if p.done() {
		return 0
	}
	b := p.bytes[0]
	p.bytes = p.bytes[1:]
	return int(b) % n
}

func (p *program) choose(from []string) string { return from[p.pick(len(from))] }

// request makes a call of any row with, nearly always, a number of arguments that it takes.
func (p *program) request() (*actor.Command, []string) {
	row := p.rows[(p.pick(256)<<8|p.pick(256))%len(p.rows)]
	p.called[row]++
	words := strings.Split(row.FullName(), "|")
	n := max(row.Arity, -row.Arity)
	if row.Arity < 0 {
		n += p.pick(6)
	}
	switch p.pick(32) {
	case 0:
		n++
	case 1:
		n--
	}
	own := slices.Concat(syntaxWord.FindAllString(row.Syntax, -1), hints[row.FullName()])
	for len(words) < n {
		words = append(words, "")
	}
	var isKey []int
	row.EachKey(asArgs(words), func(i int, _ actor.KeyUse) { isKey = append(isKey, i) })
	for i := strings.Count(row.FullName(), "|") + 1; i < n; i++ {
		words[i] = p.argument(slices.Contains(isKey, i), own, row)
	}
	return row, words
}

// argument makes a key where keys stand, and elsewhere a word of the command's own syntax or any value.
func (p *program) argument(isKey bool, own []string, row *actor.Command) string {
	kind := p.pick(8)
	switch {
	case isKey && kind > 0:
		return p.choose(p.keys)
	case len(own) > 0 && kind < 4:
		return p.choose(own)
	}
	return p.choose(p.values(row))
}

func asArgs(words []string) proto.Args {
	args := make(proto.Args, len(words))
	for i, word := range words {
		args[i] = []byte(word)
	}
	return args
}

// furniture are values for the commands of a program to find.
var furniture = []string{
	"SET k0 10", "SET k1 text EX 100", "SET k2 3.25", "SET k3 9223372036854775806 PX 50",
	"RPUSH k4 a b c 1 2 3", "RPUSH k5 x", "EXPIRE k5 1", "PFADD k8 a b c", "PFADD k9 1 2", "PFDEBUG TODENSE k9",
	"ZADD k10 1 a -1 k1 inf 10 3.25 GET 0 -1", "GEOADD k11 13 38 a 15 37 b",
	"HSET k6 k0 10 k1 text k2 3.25 GET -1", "HSET k7 k0 1 k1 2 k2 3", "HPEXPIRE k7 20 FIELDS 2 k0 k1",
	"XADD k10 1-1 a 1", "XADD k10 2-2 a 2", "XGROUP CREATE k10 g 0", "XREADGROUP GROUP g c COUNT 1 STREAMS k10 >", "XADD k11 1-1 a 1",
}

// run executes the program on an engine and fails at the first command that breaks an invariant.
func (p *program) run(t testing.TB, e *actortest.Engine) {
	clients, queueing := [2]*actortest.Client{}, [2]bool{}
	for _, line := range furniture {
		words := strings.Fields(line)
		if e.Table().Lookup(asArgs(words)) != nil {
			e.Connect(proto.RESP2).Do(words...)
		}
	}
	var history []string
	before := observe(e)
	for !p.done() {
		if p.pick(16) == 0 {
			e.Advance(time.Duration(p.pick(100)) * time.Millisecond)
			before = observe(e)
		}
		i := p.pick(len(clients))
		if clients[i] != nil && clients[i].Parked() {
			clients[i].Close() // it vanishes while it is blocked
		}
		if clients[i] == nil || clients[i].Closed() {
			clients[i], queueing[i] = e.Connect(dialects[i]), false
		}
		if late := clients[i].Received(); len(late) > 0 {
			if _, err := actortest.ReadOne(late); err != nil {
				t.Fatalf("a client that was blocked gets %.100q\nafter\n%s", late, strings.Join(history[max(0, len(history)-30):], "\n"))
			}
		}
		row, words := p.transact(queueing[i])
		history = append(history, fmt.Sprintf("%c> %.100q", 'A'+i, words))
		reply, after, err := runOne(e, clients[i], row, words, before)
		queueing[i] = reply.Text == "QUEUED" || row.Name == "multi" && !reply.IsError()
		if err != nil {
			t.Fatalf("%v\nafter\n%s", err, strings.Join(history[max(0, len(history)-30):], "\n"))
		}
		before = after
		if row.Is(actor.Subscribed) && p.pick(4) > 0 { // or a RESP2 client may do little more
			clients[i].Send(asArgs([]string{"RESET"}))
		}
	}
}

// transact makes a call, which begins or ends a transaction more often than one of any row does.
func (p *program) transact(queueing bool) (*actor.Command, []string) {
	name := "multi"
	if queueing {
		name = p.choose([]string{"exec", "exec", "exec", "discard"})
	}
	i := slices.IndexFunc(p.rows, func(row *actor.Command) bool { return row.Name == name })
	if i < 0 || p.pick(16) > 1 {
		row, words := p.request()
		if i < 0 || !queueing || !strings.HasSuffix(row.Name, "subscribe") { // what these answer is more than EXEC promises
			return row, words
		}
	}
	p.called[p.rows[i]]++
	return p.rows[i], []string{name}
}

// runOne sends one request: the reply must be one value, or none if the client was closed, and agree with its effects.
func runOne(e *actortest.Engine, c *actortest.Client, row *actor.Command, words []string, before witness) (reply proto.Value, after witness, err error) {
	raw := c.Send(asArgs(words))
	after = observe(e)
	e.Inspect(func(st *store.Store) { err = st.Verify() })
	if err != nil || len(raw) == 0 && c.Closed() {
		return reply, after, err
	}
	if len(raw) == 0 && row.Is(actor.Blocking) && c.Parked() {
		return reply, after, nil
	}
	if reply, err = readReply(row, raw); err == nil {
		err = checkEffects(row, reply, before, after)
	}
	return reply, after, err
}

// readReply reads one value, or some of a command that answers for each channel, or of a transaction with one. Messages, which
// come before it or behind, are nobody's reply.
func readReply(row *actor.Command, raw []byte) (reply proto.Value, err error) {
	rest := bytes.NewReader(raw)
	replies := 0
	for r := proto.NewValueReader(rest, len(raw)); r.Buffered()+rest.Len() > 0; {
		v, err := r.Read()
		if err != nil {
			return v, err
		}
		if !isMessage(v) {
			reply = v
			replies++
		}
	}
	if several := row.Group == "pubsub" || row.Name == "exec"; replies == 0 || (replies > 1 && !several) {
		return reply, fmt.Errorf("%d replies: %q", replies, raw)
	}
	return reply, nil
}

func isMessage(v proto.Value) bool {
	if v.Type == '>' && len(v.Elems) == 2 { // news of a key that the client tracks
		return v.Elems[0].Text == "invalidate" || v.Elems[0].Text == "tracking-redir-broken"
	}
	return len(v.Elems) > 2 && slices.Contains([]string{"message", "pmessage", "smessage"}, v.Elems[0].Text)
}

var programs = flag.Int("programs", 128, "how many random programs TestDispatch runs, of some 80 commands each")

// randomProgram is always the same for the same seed.
func randomProgram(seed uint64) []byte {
	bytes := make([]byte, 512)
	rand.NewChaCha8([32]byte(binary.LittleEndian.AppendUint64(make([]byte, 24), seed))).Read(bytes)
	return bytes
}

// startSmall returns an engine whose strings end at a megabyte: SETBIT can make one of 512 with one small argument.
func startSmall(t testing.TB) *actortest.Engine {
	e := startEngine(t)
	if reply := e.Connect(proto.RESP2).Do("CONFIG", "SET", "proto-max-bulk-len", "1mb"); reply.IsError() {
		t.Fatal(reply)
	}
	return e
}

// TestDispatch runs random calls of all commands against engines of their own. It finds panics, replies that are no
// reply, effects that contradict the reply, and damage to the store.
func TestDispatch(t *testing.T) {
	p := hostile(nil, alone(startEngine(t).Table()))
	for seed := range uint64(*programs) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			p.bytes = randomProgram(seed)
			p.run(t, startSmall(t))
		})
	}
	for _, row := range p.rows {
		if p.called[row] == 0 {
			t.Errorf("%s is never called", row.FullName())
		}
	}
}

// FuzzDispatch is TestDispatch with programs that grow from those that reached something new.
func FuzzDispatch(f *testing.F) {
	for seed := range uint64(16) {
		f.Add(randomProgram(seed))
	}
	rows := alone(startEngine(f).Table())
	f.Fuzz(func(t *testing.T, bytes []byte) { hostile(bytes, rows).run(t, startSmall(t)) })
}
