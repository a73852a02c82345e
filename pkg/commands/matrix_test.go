package commands_test

import (
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"

	"snakecache/internal/redistest"
	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
)

var matrixStep = flag.Int("matrix", 97, "TestBoundaryMatrix runs one of so many cases; 1 = all of them")

// edges are what stands in every argument of the matrix once.
var edges = []string{
	"9223372036854775808", "-9223372036854775808", "9223372036854775807", "-9223372036854775807", "2147483648", "-2147483648",
	"4294967296", "18446744073709551616", "0", "-0", "1", "-1", "+1", "01", " 1", "", "nan", "inf", "-inf", "+inf", "1e400", "1.5", "a",
}

// subjects are what a command's first key holds in the matrix: nothing, and the values in its prototypes.
var subjects = []string{"missing", "wrong type", "1 element", "1000 elements"}

// prototypes are the values of one and of a thousand elements by which a group's commands are tried.
func prototypes(group string) (requests [][]string) {
	switch group {
	case "list":
		return [][]string{{"RPUSH", "one", "a"}, many([]string{"RPUSH", "thousand"}, "e%d")}
	case "hash":
		return [][]string{{"HSET", "one", "a", "1"}, many([]string{"HSET", "thousand", "a", "1"}, "f%d", "%d")}
	case "set":
		return [][]string{{"SADD", "one", "a"}, many([]string{"SADD", "thousand", "a"}, "m%d")}
	case "sorted-set":
		return [][]string{{"ZADD", "one", "1", "a"}, many([]string{"ZADD", "thousand", "1", "a"}, "%d", "m%d")}
	case "geo":
		return [][]string{{"GEOADD", "one", "13.361389", "38.115556", "a"}, many([]string{"GEOADD", "thousand", "15.087269", "37.502669", "a"}, "0.%d", "1.%d", "m%d")}
	case "hyperloglog":
		return [][]string{{"PFADD", "one", "a"}, many([]string{"PFADD", "thousand", "a"}, "m%d")}
	case "stream":
		return [][]string{{"XADD", "one", "1-1", "a", "1"}, {"XADD", "thousand", "1-1", "a", "1"}}
	}
	return [][]string{{"SET", "one", "1"}, {"SET", "thousand", strings.Repeat("1234567890", 100)}}
}

// many appends the words a thousand times, with a number in each.
func many(words []string, formats ...string) []string {
	for i := range 1000 {
		for _, format := range formats {
			words = append(words, fmt.Sprintf(format, i))
		}
	}
	return words
}

// form is one way to write a command: its words, and which of them are arguments of any value.
type form struct {
	words []string
	slots []int
}

// append adds what comes behind.
func (f form) append(tail form) form {
	joined := form{slices.Concat(f.words, tail.words), slices.Clone(f.slots)}
	for _, slot := range tail.slots {
		joined.slots = append(joined.slots, slot+len(f.words))
	}
	return joined
}

// sequence returns the forms of arguments one behind the other: the plainest, and those that differ from it in one.
func sequence(arguments []argument) []form {
	all := []form{{}}
	for _, a := range arguments {
		next := forms(a)
		plain := all[0]
		for i := range all {
			all[i] = all[i].append(next[0])
		}
		for _, other := range next[1:] {
			all = append(all, plain.append(other))
		}
	}
	return all
}

// forms returns those of one argument.
func forms(a argument) (all []form) {
	switch a.kind {
	case "pure-token":
		all = []form{{words: []string{a.token}}}
	case "oneof":
		for _, part := range a.parts {
			all = append(all, forms(part)...)
		}
	case "block":
		all = sequence(a.parts)
	default:
		all = []form{plainForm(a)}
	}
	if a.token != "" && a.kind != "pure-token" {
		for i := range all {
			all[i] = form{words: []string{a.token}}.append(all[i])
		}
	}
	if a.multiple {
		all = append(all, all[0].append(all[0]))
	}
	if a.optional {
		all = append([]form{{}}, all...)
	}
	return all
}

// longTime stands for times to live, none of which may end while two servers are compared: not even 1 takes its place.
const longTime = "1000000"

// plainForm is an argument with a value that most commands take.
func plainForm(a argument) form {
	switch {
	case a.kind == "key" && a.name != "destination" && a.name != "destkey":
		return form{words: []string{"k"}}
	case a.kind == "key":
		return form{words: []string{"d"}}
	case a.kind == "unix-time":
		return form{[]string{"33177117420"}, []int{0}}
	case timespans.MatchString(a.name):
		return form{[]string{longTime}, []int{0}}
	case a.kind == "integer" || a.kind == "double":
		return form{[]string{"1"}, []int{0}}
	case a.kind == "pattern":
		return form{words: []string{"*"}}
	case namedValues[a.name] != nil:
		return form{namedValues[a.name][:1], []int{0}}
	}
	return form{[]string{"a"}, []int{0}}
}

// matrixExcept are commands that the matrix leaves out beside those that are not shared, and why.
var matrixExcept = map[string]string{
	"keys": "has no key of its own",
}

// matrixDiffers are the requests in which we do not follow the oracle, and why.
var matrixDiffers = []struct {
	is     func(words []string) bool
	reason string
}{
	{func(words []string) bool { return withdrawn(words, "lrem", 2) || withdrawn(words, "lpos", -1) },
		"7.2 refuses -2^63, since its sign cannot be changed"},
	{has("STOREDIST"), "one distance of some hundreds has another last bit, since C rounds its functions otherwise"},
	{drawsForever, "replies of gigabytes, which the real server makes before it closes the connection"},
	{streamsApart, "streams of other clocks, and with commands that would wait"},
}

func drawsForever(words []string) bool {
	draws := slices.Contains([]string{"srandmember", "hrandfield", "zrandmember"}, words[0])
	return draws && has("-2147483648", "-9223372036854775807")(words)
}

// withdrawn reports whether a request of the command has -2^63 as argument i, or anywhere if that is negative.
func withdrawn(words []string, name string, i int) bool {
	const least = "-9223372036854775808"
	return strings.EqualFold(words[0], name) && (i < 0 && slices.Contains(words, least) || i >= 0 && words[i] == least)
}

// TestBoundaryMatrix puts every value at an edge into every argument of every command that both servers know, over a
// missing key, one of the wrong type, one of one and of a thousand elements, and compares the replies and what is there then.
func TestBoundaryMatrix(t *testing.T) {
	addr := redistest.Start(t).Options().Addr
	shapes := sharedShapes(t, addr)
	var pairs []*pair // cases read in both dialects by turns
	for _, dialect := range dialects {
		pairs = append(pairs, setting{dialect: dialect}.newPair(t, addr))
	}
	count, i := 0, 0
	for _, s := range shapes {
		if matrixExcept[s.row.FullName()] != "" {
			continue
		}
		m := matrix{row: s.row, prototypes: prototypes(s.row.Group)}
		for _, f := range sequence(s.arguments) {
			f = form{words: strings.Split(s.row.FullName(), "|")}.append(f)
			for _, words := range f.calls() {
				for subject := range subjects {
					if i++; i%*matrixStep == 0 && !isExpectedToDiffer(words) {
						count++
						m.pair = pairs[count%len(pairs)]
						m.try(t, subject, words)
					}
				}
			}
		}
	}
	t.Logf("%d of %d cases", count, i)
}

func isExpectedToDiffer(words []string) bool {
	for _, d := range matrixDiffers {
		if d.is(words) {
			return true
		}
	}
	return false
}

// calls returns the form as it is, and with every edge in every slot.
func (f form) calls() [][]string {
	all := [][]string{f.words}
	for _, slot := range f.slots {
		for _, edge := range edges {
			if edge == "1" && f.words[slot] == longTime {
				continue
			}
			words := slices.Clone(f.words)
			words[slot] = edge
			all = append(all, words)
		}
	}
	return all
}

// matrix is the cases of one command.
type matrix struct {
	*pair
	row        *actor.Command
	prototypes [][]string
}

// try sends one request to both servers, in the same state, and compares.
func (m *matrix) try(t *testing.T, subject int, words []string) {
	setup := [][]string{{"FLUSHALL"}}
	switch subject {
	case 1:
		setup = append(setup, m.wrongType())
	case 2, 3:
		prototype := slices.Clone(m.prototypes[subject-2])
		prototype[1] = "k"
		setup = append(setup, prototype)
	}
	var pipeline []proto.Args
	for _, request := range append(setup, words) {
		pipeline = append(pipeline, asArgs(request))
	}
	mine, real := m.ours.pipeline(pipeline), m.theirs.pipeline(pipeline)
	last := len(pipeline) - 1
	if difference := m.compare(pipeline[last], mine[last], real[last]); difference != "" {
		t.Errorf("%s, %s", subjects[subject], difference)
	} else if slices.Contains(words, "STOREDIST") {
		return // C's arc sine is not always the nearest number, so that the last bit of a distance may differ
	} else if difference := m.compareContents(); difference != "" {
		t.Errorf("%s, %.200q: %s", subjects[subject], words, difference)
	}
}

func (m *matrix) wrongType() []string {
	if slices.Contains([]string{"list", "generic"}, m.row.Group) {
		return []string{"SET", "k", "text"}
	}
	return []string{"RPUSH", "k", "x"}
}
