package actor_test

import (
	"slices"
	"strings"
	"testing"

	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
)

// Where the keys of a request are, for every kind of specification.
func TestEachKey(t *testing.T) {
	join := func(specs ...[]actor.KeySpec) []actor.KeySpec { return slices.Concat(specs...) }
	last := func(args proto.Args) (first, last, step int) { return len(args) - 1, len(args) - 1, 1 }
	none := func(proto.Args) (first, last, step int) { return 0, 0, 1 }
	store := join(actor.Key(1, actor.OW), actor.KeysCounted(2, actor.RO))
	word := []actor.KeySpec{{First: 2, Last: 0, Step: 1, Keyword: "store", Use: actor.OW}}
	for _, tt := range []struct {
		specs   []actor.KeySpec
		request string
		want    string
	}{
		{actor.Key(1, actor.RO), "x a b", "a"},
		{actor.Key(2, actor.RO), "x a", ""},
		{actor.KeysFrom(1, 2, actor.RO), "x a 1 b 2 c", "a b c"},
		{join(actor.Key(1, actor.RO), actor.Key(2, actor.OW)), "x a b c", "a b"},
		{actor.KeysCounted(2, actor.RO), "x body 2 a b c", "a b"},
		{actor.KeysCounted(2, actor.RO), "x body 0 a", ""},
		{actor.KeysCounted(2, actor.RO), "x body", ""},
		{store, "x d 2 a b weights 1 2", "d a b"},
		{store, "x d 3 a b", ""},
		{store, "x d -1 a b", ""},
		{store, "x d 0 a b", ""},
		{store, "x d 9223372036854775807 a b", ""},
		{store, "x d two a b", ""},
		{actor.KeysBehind("streams", 1, actor.RO), "x count 1 STREAMS a b 0 0", "a b"},
		{actor.KeysBehind("streams", 1, actor.RO), "x streams streams a 0 0", "streams a"},
		{actor.KeysBehind("streams", 1, actor.RO), "x streams a b 0", "a"},
		{actor.KeysBehind("streams", 1, actor.RO), "x streams a", ""},
		{actor.KeysBehind("streams", 1, actor.RO), "x block 0 streams", ""},
		{actor.KeysBehind("streams", 3, actor.RO), "x streams streams a b c", ""},
		{join(actor.Key(1, actor.RO), word), "x a store b", "a b"},
		{join(actor.Key(1, actor.RO), word), "x a by b", "a"},
		{join(actor.Key(1, actor.RO), actor.KeyFound(last, actor.OW, "")), "x a store b", "a b"},
		{join(actor.Key(1, actor.RO), actor.KeyFound(none, actor.OW, "")), "x a store b", "a"},
	} {
		var args proto.Args
		for _, word := range strings.Fields(tt.request) {
			args = append(args, []byte(word))
		}
		command, keys := actor.Command{Keys: tt.specs}, []string(nil)
		command.EachKey(args, func(i int, _ actor.KeyUse) { keys = append(keys, string(args[i])) })
		if got := strings.Join(keys, " "); got != tt.want {
			t.Errorf("the keys of %q are %q, want %q", tt.request, got, tt.want)
		}
	}
}

// The three numbers by which older clients find keys, and whether those are all.
func TestKeyRange(t *testing.T) {
	join := func(specs ...[]actor.KeySpec) []actor.KeySpec { return slices.Concat(specs...) }
	none := func(proto.Args) (first, last, step int) { return 0, 0, 1 }
	for _, tt := range []struct {
		name    string
		specs   []actor.KeySpec
		want    [3]int
		movable bool
	}{
		{"no key", nil, [3]int{0, 0, 0}, false},
		{"one key", actor.Key(2, actor.RO), [3]int{2, 2, 1}, false},
		{"MSET", actor.KeysFrom(1, 2, actor.OW), [3]int{1, -1, 2}, false},
		{"BITOP", join(actor.Key(2, actor.OW), actor.KeysFrom(3, 1, actor.RO)), [3]int{2, -1, 1}, false},
		{"ZUNIONSTORE", join(actor.Key(1, actor.OW), actor.KeysCounted(2, actor.RO)), [3]int{1, 1, 1}, true},
		{"XREAD", actor.KeysBehind("streams", 1, actor.RO), [3]int{0, 0, 0}, true},
		{"SORT", join(actor.Key(1, actor.RO), actor.KeyFound(none, actor.OW, "")), [3]int{1, 1, 1}, true},
		{"apart", join(actor.Key(1, actor.RO), actor.Key(3, actor.RO)), [3]int{1, 1, 1}, true},
		{"incomplete", actor.Key(1, actor.RO|actor.Incomplete), [3]int{1, 1, 1}, true},
	} {
		command := actor.Command{Keys: tt.specs}
		first, last, step, movable := command.KeyRange()
		if got := [3]int{first, last, step}; got != tt.want || movable != tt.movable {
			t.Errorf("%s: %v, movable: %v", tt.name, got, movable)
		}
	}
}
