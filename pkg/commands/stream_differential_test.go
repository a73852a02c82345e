package commands_test

import (
	"fmt"
	"slices"
	"strings"

	"snakecache/pkg/proto"
)

// Streams beside a real Redis 7.0: what is sent of them, and what of the replies has to be the same.

// streamsApart reports whether a request for a stream means something else to the real server, or has it wait.
func streamsApart(words []string) bool {
	switch strings.ToLower(words[0]) {
	case "xadd":
		return has("*", "18446744073709551614-*")(words)
	case "xread", "xreadgroup":
		return has("BLOCK", "+")(words)
	case "xautoclaim": // it may not have the memory that it asks for, and that ours does not need
		return has("2147483648", "4294967296")(words)
	}
	return false
}

// streamWord makes a value of the kinds that only the group of streams has, or none. Keys are few, IDs grow while the
// program goes on, and those of a while are few too, so that commands meet what others have added.
func (p *program) streamWord(a argument) string {
	if p.row.Group != "stream" {
		return ""
	}
	now := (32*streamLength - len(p.bytes)) / 512
	switch a.name {
	case "key":
		return p.choose(p.keys[:4])
	case "group", "groupname":
		return p.choose([]string{"g", "g", "g", "h"})
	case "consumer", "consumername":
		return p.choose([]string{"alice", "bob", "carol"})
	case "min-idle-time":
		return p.choose([]string{"0", "0", "1000000000", "-1"})
	case "start", "end":
		return p.choose([]string{"-", "+", "(" + p.streamID(now), p.streamID(now), p.streamID(now)})
	case "threshold":
		return p.choose([]string{p.streamID(now), "1", "3", "10", "0"})
	case "id":
		return p.choose(slices.Concat(special[p.row.Name], []string{p.streamID(now), p.streamID(now), p.streamID(now), fmt.Sprint(now)}))
	}
	return ""
}

// special are IDs by the commands to which they mean something.
var special = map[string][]string{
	"xread": {"0", "$"}, "xreadgroup": {"0", "0", ">", ">", ">", ">", "$"}, "create": {"0", "0"}, "setid": {"0", "+"},
}

// streamID is one of the last IDs, or of the next.
func (p *program) streamID(now int) string {
	return fmt.Sprintf("%d-%d", max(0, now-p.pick(4)+1), p.pick(2))
}

// balanced gives a request that reads streams as many IDs as keys, but for one in eight.
func (p *program) balanced(words []string) []string {
	from := slices.Index(words, "STREAMS") + 1
	if from == 0 || p.pick(8) == 0 {
		return words
	}
	ids := from
	for ids < len(words) && slices.Contains(p.keys, words[ids]) {
		ids++
	}
	n := min(ids-from, len(words)-ids)
	return slices.Concat(words[:from+n], words[ids:ids+n])
}

// equalButIdle compares lists of XPENDING, in which the third of four is a time.
func equalButIdle(ours, theirs proto.Value) bool {
	return withoutIdle(ours).String() == withoutIdle(theirs).String()
}

func withoutIdle(list proto.Value) proto.Value {
	list.Elems = slices.Clone(list.Elems)
	for i, e := range list.Elems {
		if len(e.Elems) == 4 {
			e.Elems = slices.Delete(slices.Clone(e.Elems), 2, 3)
			list.Elems[i] = e
		}
	}
	return list
}

// equalOrUnbalanced lets pass that 7.2 says in other words that there are more keys than IDs.
func equalOrUnbalanced(ours, theirs proto.Value) bool {
	return ours.String() == theirs.String() || strings.HasPrefix(ours.Text, "ERR Unbalanced") && strings.HasPrefix(theirs.Text, "ERR Unbalanced")
}

// streamContent renders a stream with its groups, without what 7.2 and 7.4 tell otherwise: how far groups have got where
// entries are gone, and consumers that have nothing pending.
func streamContent(s server, key string) string {
	full := ask(s, "XINFO", "STREAM", key, "FULL", "COUNT", "0")
	text := "XINFO"
	for i := 0; i < len(full.Elems); i += 2 {
		if name := full.Elems[i].Text; name != "groups" {
			text += fmt.Sprintf("\n%s %s", name, full.Elems[i+1])
		}
	}
	for _, group := range field(full, "groups").Elems {
		text += fmt.Sprintf("\ngroup %q up to %s", field(group, "name").Text, field(group, "last-delivered-id").Text)
		for _, e := range field(group, "pending").Elems {
			text += fmt.Sprintf("\n  %s for %q, %d times", e.Elems[0].Text, e.Elems[1].Text, e.Elems[3].Int)
		}
		for _, consumer := range field(group, "consumers").Elems {
			for _, e := range field(consumer, "pending").Elems {
				text += fmt.Sprintf("\n  %q has %s", field(consumer, "name").Text, e.Elems[0].Text)
			}
		}
	}
	return text
}
