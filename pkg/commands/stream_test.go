package commands_test

import (
	"encoding/binary"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
)

// sharedKeys are what the streams use.
var sharedKeys = func() (keys []string) {
	for i := range 64 {
		keys = append(keys, "key:"+strconv.Itoa(i))
	}
	return keys
}()

// The values are such that most calls succeed, and mean the same to both servers. Numbers for commands that take a
// time are moments long ago or far off; no time to live ends during a stream, and no two are so near to each other
// that the servers could disagree about which is later: see program.timespan.
var (
	anyValues = []string{
		"0", "-1", "a", "b", "c", "text", "3.25", "-0.5", "1e3", "", " 7", "01", "x\r\n", "nan", "inf",
		"9223372036854775807", "-9223372036854775808", "9223372036854775808", strings.Repeat("long ", 20),
	}
	largeValues = []string{
		strings.Repeat("1", 70), strings.Repeat("a", 254), strings.Repeat("b", 255), strings.Repeat("c", 1000), strings.Repeat("d", 8000),
		strings.Repeat("e", 1<<14-1), strings.Repeat("f", 1<<14), strings.Repeat("g", 70_000),
	}
	smallNumbers = []string{"1", "2", "3", "5", "10", "-2", "-3", "-10"}
	moments      = []string{"1000000", "33177117420", "33177117420000"}
)

// sharedValues returns what may stand in the arguments of a command.
func (p *program) sharedValues(row *actor.Command) []string {
	switch {
	case timespans.MatchString(row.Syntax):
		return slices.Concat(anyValues, slices.Repeat([]string{p.timespan()}, 10))
	case timestamps.MatchString(row.Syntax):
		return slices.Concat(anyValues, moments)
	}
	return slices.Concat(anyValues, smallNumbers)
}

// How syntax and arguments name times.
var (
	timespans  = regexp.MustCompile(`\b(milli)?seconds\b`)
	timestamps = regexp.MustCompile(`unix-time`)
)

// timespan is a number that is hardly ever another one, and if it is not, differs from it by more than a stream takes
// milliseconds.
func (p *program) timespan() string {
	return strconv.Itoa(1_000_000 * (1 + p.pick(256)<<16 + p.pick(256)<<8 + p.pick(256)))
}

// namedValues are what may stand in arguments whose type says nothing.
var namedValues = map[string][]string{
	"encoding":   {"u8", "i8", "u1", "i1", "u5", "i13", "u63", "i64"},
	"operation":  {"AND", "OR", "XOR", "NOT"},
	"subcommand": {"ENCODING", "DECODE", "TODENSE"},
}

// shape is a command with its arguments as COMMAND DOCS describes them.
type shape struct {
	row       *actor.Command
	arguments []argument
}

// argument is one of COMMAND DOCS' arguments.
type argument struct {
	name, kind, token                 string
	optional, multiple, multipleToken bool
	parts                             []argument // alternatives of a oneof, sequence of a block
}

// readArguments reads an array of COMMAND DOCS.
func readArguments(docs proto.Value) (all []argument) {
	for _, doc := range docs.Elems {
		flagged := func(word string) bool {
			return slices.ContainsFunc(field(doc, "flags").Elems, func(flag proto.Value) bool { return flag.Text == word })
		}
		all = append(all, argument{
			name: field(doc, "name").Text, kind: field(doc, "type").Text, token: field(doc, "token").Text,
			optional: flagged("optional"), multiple: flagged("multiple"), multipleToken: flagged("multiple_token"),
			parts: readArguments(field(doc, "arguments")),
		})
	}
	return all
}

// wellFormed makes a call with arguments in the right places. Whether they make sense together is another matter.
func (p *program) wellFormed(s shape) []string {
	p.called[s.row]++
	p.row = s.row
	words := strings.Split(s.row.FullName(), "|")
	for _, a := range s.arguments {
		words = p.fill(words, a)
	}
	return p.balanced(words)
}

// fill appends an argument, or leaves it out if it is optional.
func (p *program) fill(words []string, a argument) []string {
	if a.optional && p.pick(3) > 0 {
		return words
	}
	times := 1
	if a.multiple {
		times += p.pick(4)
	}
	for i := range times {
		if a.token != "" && (i == 0 || a.multipleToken) {
			words = append(words, a.token)
		}
		switch a.kind {
		case "pure-token":
		case "oneof":
			words = p.fill(words, a.parts[p.pick(len(a.parts))])
		case "block":
			for _, part := range a.parts {
				words = p.fill(words, part)
			}
		default:
			words = append(words, p.value(a))
		}
	}
	return words
}

// value makes a value of the argument's kind; one in sixteen is of any other.
func (p *program) value(a argument) string {
	special := p.streamWord(a)
	switch {
	case p.pick(16) == 0:
		return p.choose(anyValues)
	case special != "":
		return special
	case a.kind == "key":
		return p.keys[p.pick(len(p.keys))*p.pick(len(p.keys))/len(p.keys)] // some far more often than others
	case a.kind == "unix-time":
		return p.choose(moments)
	case timespans.MatchString(a.name):
		return p.timespan()
	case a.kind == "integer":
		return p.choose(smallNumbers)
	case a.kind == "pattern":
		return p.choose([]string{"key:*", "*1", "key:[1-3]?", "k\\*", "*"})
	case namedValues[a.name] != nil:
		return p.choose(namedValues[a.name])
	}
	return p.choose(slices.Concat(anyValues, smallNumbers, p.more))
}

// randomStream is always the same for the same seed and commands: calls in the right form, and some in any.
func randomStream(seed uint64, shapes []shape, keys, values []string) (stream []proto.Args) {
	random := make([]byte, 32*streamLength)
	rand.NewChaCha8([32]byte(binary.LittleEndian.AppendUint64(make([]byte, 24), seed))).Read(random)
	p := &program{bytes: random, keys: keys, more: values, called: map[*actor.Command]int{}}
	p.values = p.sharedValues
	for _, s := range shapes {
		p.rows = append(p.rows, s.row)
	}
	until := 0 // the length at which a transaction ends
	for len(stream) < streamLength {
		if until > 0 && len(stream) >= until {
			stream = append(stream, asArgs([]string{p.choose([]string{"EXEC", "EXEC", "EXEC", "DISCARD"})}))
			until = 0
		}
		var words []string
		switch p.pick(30) {
		case 2:
			words = []string{"MULTI"}
			if until == 0 {
				until = len(stream) + 2 + p.pick(10)
			}
		case 0:
			words = []string{"SELECT", strconv.Itoa(p.pick(sharedDBs))}
		case 1:
			_, words = p.request()
		default:
			words = p.wellFormed(shapes[p.pick(256)%len(shapes)])
		}
		if sendable(words) {
			stream = append(stream, asArgs(words))
		}
	}
	return stream
}
