package commands_test

import (
	"bytes"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"snakecache/internal/redistest"
	"snakecache/pkg/actor"
	"snakecache/pkg/actor/actortest"
	"snakecache/pkg/proto"
	"snakecache/pkg/store"
)

var (
	streams = flag.Int("streams", 30, "how many random streams of 1,000 commands TestDifferential sends to both servers")
	stream  = flag.Uint64("stream", 0, "the seed of its first stream")
)

const (
	streamLength  = 1000
	sharedDBs     = 3
	maxPipeline   = 100
	timeTolerance = 300_000 // milliseconds: our clock stands still during a stream, theirs does not
)

// notShared are commands whose replies cannot be compared, and why.
var notShared = map[string]string{
	"randomkey":   "chance",
	"spop":        "chance",
	"scan":        "cursors are each server's own; contents scans",
	"sscan":       "cursors are each server's own, and 7.4 refuses some",
	"hscan":       "cursors are each server's own",
	"zscan":       "cursors are each server's own",
	"dbsize":      "counts keys that are due and not yet removed",
	"dump":        "each server has forms of its own, which TestDumpsAreExchangedWithRedis shows to be good for the other",
	"object|help": "the text is of another version",
	"xgroup|help": "the text is of another version",
	"xinfo":       "tells more since 7.2; contents compares what is told of streams",
	"xsetid":      "refuses IDs below the deleted ones since 7.2",

	"blpop":      waits,
	"brpop":      waits,
	"blmove":     waits,
	"brpoplpush": waits,
	"blmpop":     waits,
	"bzpopmin":   waits,
	"bzpopmax":   waits,
	"bzmpop":     waits,
	"wait":       waits,

	"client":  "describes the connection",
	"command": "describes the rows, which TestRowsAreAsInRedis compares",
	"config":  "describes the settings",
	"debug":   "not enabled there",
	"hello":   "tells the version",
	"info":    "describes the server",
	"latency": "measures time",
	"slowlog": "measures time",
	"monitor": "goes on answering",
	"memory":  "measures each server's own way of keeping a value",
	"time":    "is later there",

	"multi":         "the streams do that themselves",
	"exec":          "the streams do that themselves",
	"discard":       "the streams do that themselves",
	"watch":         "a client of its own does that",
	"unwatch":       "a client of its own does that",
	"acl":           "there is one user",
	"lolwut":        "draws",
	"module|help":   "the text is of another version",
	"lastsave":      "tells when the server began",
	"save":          "there is no persistence",
	"bgsave":        "there is no persistence",
	"bgrewriteaof":  "there is no persistence",
	"replicaof":     "there is no replication",
	"slaveof":       "there is no replication",
	"replconf":      "there is no replication",
	"psync":         "there is no replication",
	"sync":          "there is no replication",
	"shutdown":      "ends the server",
	"subscribe":     "a reply for each channel, and messages among them",
	"unsubscribe":   "as for SUBSCRIBE",
	"psubscribe":    "as for SUBSCRIBE",
	"punsubscribe":  "as for SUBSCRIBE",
	"ssubscribe":    "as for SUBSCRIBE",
	"sunsubscribe":  "as for SUBSCRIBE",
	"pubsub|help":   "the text is of another version",
	"script|help":   "the text is of another version",
	"script|debug":  "there is no debugger",
	"function|help": "the text is of another version",

	"auth":     "locks the client out",
	"quit":     "ends the stream",
	"select":   "the streams do that themselves",
	"flushall": "leaves nothing to compare",
	"flushdb":  "leaves nothing to compare",
}

const waits = "the only client would wait; TestBlockedLive has several"

// notSent are calls of which the real server, which is of version 7.0, may make something else than ours.
var notSent = map[string]struct {
	such   func(words []string) bool
	reason string
}{
	"lrem":     {has("-9223372036854775808"), "refused since 7.2, since its sign cannot be changed"},
	"lpos":     {has("-9223372036854775808"), "refused since 7.2, since its sign cannot be changed"},
	"zrank":    {hasFour, "WITHSCORE is new in 7.2, so that there is another arity"},
	"zrevrank": {hasFour, "WITHSCORE is new in 7.2, so that there is another arity"},
	"hset":     {repeats(2, 2), "since 7.2 all fields count when the form is chosen, whether they are the same or not"},
	"hmset":    {repeats(2, 2), "as for HSET"},
	"sadd":     {repeats(2, 1), "as for HSET"},
	"zadd":     {mayAddFewer, "as for HSET"},
	"geoadd":   {mayPlaceFewer, "as for HSET"},
	"set":      {has("IFEQ", "IFNE", "IFDEQ", "IFDNE"), "conditions of 8.4"},
	"bitop":    {has("DIFF", "DIFF1", "ANDOR", "ONE"), "operations of 8.2"},
	"sort":     {sortsByChance, "a set has no order, and equal texts stay in that in which they came"},
	"sort_ro":  {sortsByChance, "a set has no order, and equal texts stay in that in which they came"},

	"xadd":       {streamsApart, "the clocks are not the same"},
	"xread":      {streamsApart, "the real server would wait, and does not know +"},
	"xreadgroup": {streamsApart, "the real server would wait, and does not know +"},
}

// sendable reports whether the real server makes the same of a request.
func sendable(words []string) bool {
	except, ok := notSent[words[0]]
	return !ok || !except.such(words)
}

// has returns whether a request has one of some words.
func has(some ...string) func(words []string) bool {
	return func(words []string) bool {
		return slices.ContainsFunc(words, func(word string) bool { return slices.Contains(some, word) })
	}
}

// repeats returns whether of every size-th argument from one on two are the same.
func repeats(from, size int) func(words []string) bool {
	return func(words []string) bool {
		for i := from; i < len(words); i += size {
			for j := from; j < i; j += size {
				if words[i] == words[j] {
					return true
				}
			}
		}
		return false
	}
}

func hasFour(words []string) bool { return len(words) > 3 }

func mayAddFewer(words []string) bool {
	return has("XX", "GT", "LT")(words) || repeats(len(words)%2+1, 2)(words)
}

func mayPlaceFewer(words []string) bool {
	return has("XX")(words) || repeats((len(words)+1)%3+4, 3)(words)
}

func sortsByChance(words []string) bool {
	for i, word := range words[:len(words)-1] {
		if strings.EqualFold(word, "BY") && !strings.Contains(words[i+1], "*") {
			return true
		}
	}
	return has("BY")(words) && has("ALPHA")(words)
}

// loose are commands whose replies need not be equal to the byte.
var loose = map[string]func(ours, theirs proto.Value) bool{
	"keys":             equalSorted,
	"srandmember":      equalShapes,
	"hrandfield":       equalShapes,
	"zrandmember":      equalShapes,
	"hgetall":          equalPairs,
	"hkeys":            equalSorted,
	"hvals":            equalSorted,
	"bitcount":         equalOrRefused,
	"bitpos":           equalOrRefused,
	"smembers":         equalSorted,
	"sinter":           equalSorted,
	"sunion":           equalSorted,
	"sdiff":            equalSorted,
	"zadd":             equalScores,
	"zincrby":          equalScores,
	"zscore":           equalScores,
	"zmscore":          equalScores,
	"zrange":           equalScores,
	"zrevrange":        equalScores,
	"zpopmin":          equalScores,
	"zpopmax":          equalScores,
	"zmpop":            equalScores,
	"zunion":           equalScores,
	"zinter":           equalScores,
	"zdiff":            equalScores,
	"zrank":            equalUnlessFour,
	"zrevrank":         equalUnlessFour,
	"zrangebyscore":    equalScores,
	"zrevrangebyscore": equalScores,
	"ttl":              equalTimes(time.Second),
	"expiretime":       equalTimes(time.Second),
	"pttl":             equalTimes(time.Millisecond),
	"pexpiretime":      equalTimes(time.Millisecond),
	"object|encoding":  equalEncodings,
	"object|idletime":  equalTypes,
	"object|refcount":  equalTypes, // integers are shared there

	"xpending":              equalButIdle,
	"xread":                 equalOrUnbalanced,
	"xreadgroup":            equalOrUnbalanced,
	"xgroup|createconsumer": equalTypes, // a consumer that has got nothing is there since 7.2
}

func equalTypes(ours, theirs proto.Value) bool { return ours.Type == theirs.Type }

func equalSorted(ours, theirs proto.Value) bool {
	sortElems(&ours)
	sortElems(&theirs)
	return ours.String() == theirs.String()
}

// equalShapes is for what is drawn by chance: as many of the same types.
func equalShapes(ours, theirs proto.Value) bool {
	if ours.Type != theirs.Type || ours.Null != theirs.Null || len(ours.Elems) != len(theirs.Elems) || ours.IsError() && ours.Text != theirs.Text {
		return false
	}
	for i := range ours.Elems {
		if !equalShapes(ours.Elems[i], theirs.Elems[i]) {
			return false
		}
	}
	return true
}

// equalPairs is equalSorted for fields and values by turns.
func equalPairs(ours, theirs proto.Value) bool {
	return ours.Type == theirs.Type && sortedPairs(ours).String() == sortedPairs(theirs).String()
}

func sortedPairs(v proto.Value) proto.Value {
	if v.Type == '*' && len(v.Elems)%2 == 0 {
		v.Type = '%'
	}
	sortElems(&v)
	return v
}

// equalScores takes numbers for equal that are printed in different ways: since 7.2 in the fewest digits.
func equalScores(ours, theirs proto.Value) bool {
	return plainScores(ours).String() == plainScores(theirs).String()
}

// equalUnlessFour takes any refusal for that of a fourth argument, which the real server does not know.
func equalUnlessFour(ours, theirs proto.Value) bool {
	return strings.HasPrefix(theirs.Text, "ERR wrong number") || ours.String() == theirs.String()
}

func plainScores(v proto.Value) proto.Value {
	if score, err := strconv.ParseFloat(v.Text, 64); err == nil && (v.Type == '$' || v.Type == ',') {
		v.Text = fmt.Sprint(score)
	}
	for i := range v.Elems {
		v.Elems[i] = plainScores(v.Elems[i])
	}
	return v
}

// equalEncodings knows the forms that 7.2 has added: listpacks for what were quicklists and hash tables.
func equalEncodings(ours, theirs proto.Value) bool {
	added := ours.Text == "listpack" && (theirs.Text == "quicklist" || theirs.Text == "hashtable")
	return ours.Type == theirs.Type && (added || ours.String() == theirs.String())
}

// equalOrRefused is for commands that before 7.4 do not look at their arguments where there is no key, or of another type.
func equalOrRefused(ours, theirs proto.Value) bool {
	noString := theirs.Type == ':' && theirs.Int <= 0 || strings.HasPrefix(theirs.Text, "WRONGTYPE")
	return ours.String() == theirs.String() || ours.IsError() && noString
}

func equalTimes(unit time.Duration) func(ours, theirs proto.Value) bool {
	return func(ours, theirs proto.Value) bool {
		if ours.Type != ':' || theirs.Type != ':' || ours.Int < 0 || theirs.Int < 0 {
			return ours.String() == theirs.String()
		}
		return max(ours.Int-theirs.Int, theirs.Int-ours.Int) <= timeTolerance/unit.Milliseconds()
	}
}

// server is anything that answers a pipeline.
type server interface {
	pipeline(requests []proto.Args) []proto.Value
}

// ours is an engine in this process.
type ours struct{ *actortest.Client }

// pipeline sends copies, because the store may keep long arguments and edit them.
func (o ours) pipeline(requests []proto.Args) []proto.Value {
	own := make([]proto.Args, len(requests))
	for i, args := range requests {
		for _, arg := range args {
			own[i] = append(own[i], bytes.Clone(arg))
		}
	}
	return readAll(proto.NewValueReader(bytes.NewReader(o.Send(own...)), longestReply), len(requests))
}

// theirs is a connection to a real Redis.
type theirs struct{ *remote }

func (r theirs) pipeline(requests []proto.Args) []proto.Value {
	var wire []byte
	for _, args := range requests {
		wire = proto.AppendCommand(wire, args...)
	}
	r.conn.SetDeadline(time.Now().Add(replyTimeout))
	go r.conn.Write(wire)
	return readAll(r.values, len(requests))
}

// readAll reads n replies. One that is missing is like no value: its type is '?'.
func readAll(r *proto.ValueReader, n int) []proto.Value {
	values := make([]proto.Value, n)
	for i := range values {
		value, err := r.Read()
		if err != nil {
			value = proto.Value{Type: '?', Text: err.Error()}
		}
		values[i] = value
	}
	return values
}

func ask(s server, words ...string) proto.Value { return s.pipeline([]proto.Args{asArgs(words)})[0] }

// held is what a server holds under one key.
type held struct {
	content            string
	deadline, encoding proto.Value
}

// contents reads all that a server holds in its shared databases.
func contents(s server) map[string]held {
	data := map[string]held{}
	for db := range sharedDBs {
		ask(s, "SELECT", strconv.Itoa(db))
		for cursor := ""; cursor != "0"; {
			page := ask(s, "SCAN", max(cursor, "0"), "COUNT", "1000")
			cursor = page.Elems[0].Text
			for _, key := range page.Elems[1].Elems {
				data[fmt.Sprintf("%d %q", db, key.Text)] = held{
					content(s, key.Text), ask(s, "PEXPIRETIME", key.Text), ask(s, "OBJECT", "ENCODING", key.Text),
				}
			}
		}
	}
	return data
}

// content reads one key by the command that gives all of its type.
func content(s server, key string) string {
	kind := ask(s, "TYPE", key).Text
	switch kind {
	case "string":
		return ask(s, "GET", key).String()
	case "list":
		return ask(s, "LRANGE", key, "0", "-1").String()
	case "stream":
		return streamContent(s, key)
	case "set":
		members := ask(s, "SMEMBERS", key)
		sortElems(&members)
		return members.String()
	case "hash":
		return sortedPairs(ask(s, "HGETALL", key)).String()
	case "zset":
		return plainScores(ask(s, "ZRANGE", key, "0", "-1", "WITHSCORES")).String()
	}
	return "a type that this test does not know: " + kind
}

// pair is both servers, empty and in the same state.
type pair struct {
	ours, theirs server
	engine       *actortest.Engine
	table        *actor.Table
	forms        bool // encodings are compared

	onlooker [2]server    // another client of each, which watches keys
	inside   bool         // behind MULTI
	queued   []proto.Args // since then
}

// newPair connects to both in RESP2 where collections have the forms that they have by default.
func newPair(t *testing.T, addr string) *pair { return setting{dialect: proto.RESP2}.newPair(t, addr) }

// setting is what differs between streams of random commands.
type setting struct {
	dialect int
	limits  *rand.Rand // of where collections change their forms; nil = as by default
	large   bool       // some values are long
	group   string     // whose commands are sent, with those for keys of any type; none = all
}

// settingOf has half of all streams read in RESP3, and two thirds deal with one type only, whose forms change early.
func settingOf(seed uint64) setting {
	x := setting{dialect: dialects[seed%2], large: seed/2%2 > 0}
	if seed%3 > 0 {
		x.limits = rand.New(rand.NewPCG(seed, 1))
		x.group = []string{"hash", "set", "sorted-set", "list", "string", "geo", "stream"}[(seed/3)%7]
	}
	return x
}

// choose returns the commands to be sent. SORT makes a real server change the form of a sorted set that it reads, so that it is
// sent only where forms are not compared. Where they are, commands that make collections grow come more often.
func (x setting) choose(shapes []shape) (chosen []shape) {
	for _, s := range shapes {
		own, grows := s.row.Group == x.group, s.row.Flags&actor.DenyOOM != 0
		sorts, asksForForm := s.row.Name == "sort" || s.row.Name == "sort_ro", s.row.FullName() == "object|encoding"
		switch {
		case !x.comparesForms() && !asksForForm, x.comparesForms() && s.row.Group == "generic" && !sorts:
			chosen = append(chosen, s)
		case own && grows:
			chosen = append(chosen, s, s, s, s)
		case own:
			chosen = append(chosen, s)
		}
	}
	return chosen
}

// values are what half of the streams use beside what all do: such that lie elsewhere for being long.
func (x setting) values() []string {
	if x.large {
		return largeValues
	}
	return nil
}

// keys are fewer where there is one type only.
func (x setting) keys() []string {
	if x.comparesForms() {
		return sharedKeys[:10]
	}
	return sharedKeys
}

func (x setting) comparesForms() bool { return x.group != "" }

// formLimit is a setting that says which form a collection has, its default, and other values to try. Entries of sorted sets have
// no 0: since 7.2 what ZADD and ZINCRBY name counts before they know whether it is there already, and a single member is more
// than 0 (notSent leaves out what names several).
type formLimit struct {
	name, plain string
	low         []string
}

var formLimits = []formLimit{
	{"hash-max-listpack-entries", "128", []string{"0", "1", "2", "5"}},
	{"hash-max-listpack-value", "64", []string{"0", "2", "4", "200"}},
	{"set-max-intset-entries", "512", []string{"0", "1", "3", "5"}},
	{"set-max-listpack-entries", "128", []string{"0", "1", "2", "5"}},
	{"set-max-listpack-value", "64", []string{"0", "2", "4", "200"}},
	{"zset-max-listpack-entries", "128", []string{"1", "2", "5"}},
	{"zset-max-listpack-value", "64", []string{"0", "2", "4", "200"}},
	{"list-max-listpack-size", "-2", []string{"1", "2", "5", "-1"}},
}

func (x setting) newPair(t *testing.T, addr string) *pair {
	e := startEngineAt(t, time.Now())
	conn := dial(t, addr, x.dialect)
	t.Cleanup(func() { conn.conn.Close() })
	conn.must("FLUSHALL")
	p := &pair{ours: ours{e.Connect(x.dialect)}, theirs: theirs{conn}, engine: e, table: e.Table(), forms: x.comparesForms()}
	onlooker := dial(t, addr, x.dialect)
	t.Cleanup(func() { onlooker.conn.Close() })
	p.onlooker = [2]server{ours{e.Connect(x.dialect)}, theirs{onlooker}}
	for _, s := range []server{p.ours, p.theirs} {
		ask(s, "CONFIG", "SET", "proto-max-bulk-len", "1mb")    // or SETBIT makes strings of a quarter of a gigabyte
		ask(s, "CONFIG", "SET", "stream-node-max-entries", "3") // so that small streams have many nodes
	}
	for _, limit := range formLimits {
		p.set(limit, limit.plain)
		if x.limits != nil {
			p.set(limit, limit.low[x.limits.IntN(len(limit.low))])
		}
	}
	return p
}

// set changes a limit on both servers; the real one does not know those of listpacks of sets.
func (p *pair) set(limit formLimit, value string) {
	ask(p.ours, "CONFIG", "SET", limit.name, value)
	ask(p.theirs, "CONFIG", "SET", limit.name, value)
}

// changeLimits changes one now and then, so that collections are met whose forms are against it.
func (p *pair) changeLimits(random *rand.Rand) {
	if limit := formLimits[random.IntN(len(formLimits))]; p.forms && !p.inside && random.IntN(3) == 0 {
		p.set(limit, limit.low[random.IntN(len(limit.low))])
	}
}

// firstDifference sends a stream to both servers in pipelines of random lengths and describes where they part: the
// command at index, or what they hold at the end if that is len(stream). It describes nothing if they do not.
func (p *pair) firstDifference(stream []proto.Args, seed uint64) (index int, difference string) {
	random := rand.New(rand.NewPCG(seed, 0))
	for index < len(stream) {
		batch := stream[index:min(len(stream), index+1+random.IntN(maxPipeline))]
		look := p.watch(batch, random)
		mine, real := p.ours.pipeline(batch), p.theirs.pipeline(batch)
		for i, args := range batch {
			if difference := p.compare(args, mine[i], real[i]); difference != "" {
				return index + i, difference
			}
		}
		if difference := look(); difference != "" {
			return index + len(batch) - 1, difference
		}
		if damage := p.damage(); damage != nil {
			return index + len(batch) - 1, damage.Error()
		}
		p.changeLimits(random)
		index += len(batch)
	}
	ask(p.ours, "DISCARD")
	ask(p.theirs, "DISCARD")
	return index, p.compareContents()
}

// damage verifies what our store holds.
func (p *pair) damage() (err error) {
	p.engine.Inspect(func(st *store.Store) { err = st.Verify() })
	return err
}

// compare compares two replies, and those of an EXEC one by one.
func (p *pair) compare(args proto.Args, mine, real proto.Value) string {
	queued := p.queued
	switch row := p.table.Lookup(args); {
	case mine.Text == "QUEUED":
		p.queued = append(p.queued, args)
	case row != nil && slices.Contains([]string{"exec", "discard", "reset"}, row.Name):
		p.inside, p.queued = false, nil
	case row != nil && row.Name == "multi":
		p.inside = true
	}
	if len(queued) == 0 || len(mine.Elems) != len(queued) || len(real.Elems) != len(queued) {
		return p.compareOne(args, mine, real)
	}
	for i := range queued {
		if difference := p.compareOne(queued[i], mine.Elems[i], real.Elems[i]); difference != "" {
			return difference
		}
	}
	return ""
}

func (p *pair) compareOne(args proto.Args, mine, real proto.Value) string {
	same := func(x, y proto.Value) bool { return x.Type == y.Type && x.String() == y.String() }
	if row := p.table.Lookup(args); row != nil && loose[row.FullName()] != nil {
		same = loose[row.FullName()]
	}
	if mine.Type != '?' && real.Type != '?' && same(mine, real) {
		return ""
	}
	return fmt.Sprintf("%.80q\nours:   %.2000s\ntheirs: %.2000s", args, mine, real)
}

func (p *pair) compareContents() string {
	mine, real := contents(p.ours), contents(p.theirs)
	for _, key := range slices.Sorted(maps.Keys(mergeKeys(mine, real))) {
		switch x, y := mine[key], real[key]; {
		case x.content != y.content:
			return fmt.Sprintf("the key %s\nours:   %.2000s\ntheirs: %.2000s", key, x.content, y.content)
		case !equalTimes(time.Millisecond)(x.deadline, y.deadline):
			return fmt.Sprintf("the deadline of %s\nours:   %s\ntheirs: %s", key, x.deadline, y.deadline)
		case p.forms && !equalEncodings(x.encoding, y.encoding):
			return fmt.Sprintf("the encoding of %s\nours:   %s\ntheirs: %s", key, x.encoding, y.encoding)
		}
	}
	return ""
}

func mergeKeys(x, y map[string]held) map[string]held {
	all := maps.Clone(x)
	maps.Copy(all, y)
	return all
}

// TestDifferential sends random calls of the commands that both know to an engine and to a real Redis, and compares
// every reply and what is held in the end, in half of them in RESP3.
func TestDifferential(t *testing.T) {
	addr := redistest.Start(t).Options().Addr
	shapes := sharedShapes(t, addr)
	for seed := *stream; seed < *stream+uint64(*streams); seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			x := settingOf(seed)
			commands := randomStream(seed, x.choose(shapes), x.keys(), x.values())
			compareStream(t, func() setting { return settingOf(seed) }, addr, commands, seed)
		})
	}
}

// compareStream sends a stream to both servers, and if they part it finds the least of it with which they still do.
// compareStream sends the commands to both servers and reports the least of them that still makes them differ. Each try begins
// with the same setting, anew because that has random numbers to come.
func compareStream(t *testing.T, fresh func() setting, addr string, commands []proto.Args, seed uint64) {
	t.Helper()
	try := func(commands []proto.Args) (index int, difference string) {
		return fresh().newPair(t, addr).firstDifference(commands, seed)
	}
	index, difference := try(commands)
	if difference == "" {
		return
	}
	least := shrink(commands[:min(index+1, len(commands))], func(commands []proto.Args) bool {
		_, difference := try(commands)
		return difference != ""
	})
	_, difference = try(least)
	t.Errorf("command %d of stream %d, or the least of it that still differs:\n%s\n%s", index, seed, spell(least), difference)
}

func spell(commands []proto.Args) string {
	var text strings.Builder
	for _, args := range commands {
		fmt.Fprintf(&text, "> %.80q\n", args)
	}
	return text.String()
}

// shrink leaves commands out, as many at once as possible, while what is left still fails.
func shrink(commands []proto.Args, fails func([]proto.Args) bool) []proto.Args {
	for size := len(commands) / 2; size > 0; size /= 2 {
		for from := 0; from+size <= len(commands); {
			shorter := slices.Concat(commands[:from], commands[from+size:])
			if fails(shorter) {
				commands = shorter
			} else {
				from += size
			}
		}
	}
	return commands
}

// sharedShapes returns our commands that the real server has as well and that can be compared, in the form in which
// that documents them.
func sharedShapes(t *testing.T, addr string) (shapes []shape) {
	real := dial(t, addr, proto.RESP2)
	defer real.conn.Close()
	for _, row := range callable(startEngine(t).Table()) {
		container, _, _ := strings.Cut(row.FullName(), "|")
		if notShared[row.FullName()] != "" || notShared[container] != "" {
			continue
		}
		if docs := real.must("COMMAND", "DOCS", row.FullName()); len(docs.Elems) == 2 {
			shapes = append(shapes, shape{row, readArguments(field(docs.Elems[1], "arguments"))})
		}
	}
	if len(shapes) == 0 {
		t.Fatal("there is nothing to compare")
	}
	return shapes
}
