package actor

import (
	"slices"

	"fmt"

	"snakecache/pkg/proto"
)

// KeySpec says where a command has keys and what it does with them, as COMMAND INFO's key specifications do.
type KeySpec struct {
	First   int    // index of the first key; of the number of keys if Counted; from which on Keyword is sought
	Last    int    // index of the last key; negative counts from the end, -1 being the last argument
	Step    int    // from one key to the next
	Counted bool   // how many keys there are is an argument of its own, behind which they stand; Last says nothing
	Keyword string // lower case; if given, the keys stand behind this word and Last, unless negative, counts from there
	Share   int    // if above 1, only the first of so many equal parts of what stands behind Keyword are keys
	Use     KeyUse
	UseIn   func(proto.Args) KeyUse // the use in one request, where Use has VariableFlags
	Notes   string

	// Find returns where the keys are in one request if none of the above can say that, with first 0 if there are none.
	// Clients are told that it is unknown.
	Find func(proto.Args) (first, last, step int)
}

// KeyUse is what a command does with its keys.
type KeyUse uint16

// The uses: one of the first four for the key as a whole, any of the rest for its contents.
const (
	RW KeyUse = 1 << iota
	RO
	OW
	RM
	Access
	Update
	Insert
	Delete
	NotKey
	Incomplete
	VariableFlags
)

var useNames = []string{
	"RW", "RO", "OW", "RM", "access", "update", "insert", "delete", "not_key", "incomplete", "variable_flags",
}

// Names returns the uses' words.
func (u KeyUse) Names() []string {
	var names []string
	for i, name := range useNames {
		if u&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return names
}

// Key is one key at index i.
func Key(i int, use KeyUse) []KeySpec { return []KeySpec{{First: i, Last: i, Step: 1, Use: use}} }

// KeysFrom is keys from index i to the last argument, every step-th.
func KeysFrom(i, step int, use KeyUse) []KeySpec {
	return []KeySpec{{First: i, Last: -1, Step: step, Use: use}}
}

// KeysCounted is keys whose number is the argument at index i.
func KeysCounted(i int, use KeyUse) []KeySpec {
	return []KeySpec{{First: i, Last: -1, Step: 1, Counted: true, Use: use}}
}

// KeysBehind is the first half of the arguments that stand behind a word in lower case, sought from index i on.
func KeysBehind(word string, i int, use KeyUse) []KeySpec {
	return []KeySpec{{First: i, Last: -1, Step: 1, Keyword: word, Share: 2, Use: use}}
}

// KeyFound is one key of which only a function can say where it is.
func KeyFound(find func(proto.Args) (first, last, step int), use KeyUse, notes string) []KeySpec {
	return []KeySpec{{Find: find, Use: use, Notes: notes}}
}

// Movable reports whether the arguments have to be read to know where the keys are.
func (s *KeySpec) Movable() bool { return s.Counted || s.Keyword != "" || s.Find != nil }

// span returns where a request has the keys: none if first is greater than last. It is false if the request contradicts
// itself, as one does that counts more keys than it has.
func (s *KeySpec) span(args proto.Args) (first, last, step int, ok bool) {
	if s.Movable() {
		return s.moved(args)
	}
	last = s.Last
	if last < 0 {
		last += len(args)
	}
	return s.First, min(last, len(args)-1), s.Step, true
}

func (s *KeySpec) moved(args proto.Args) (first, last, step int, ok bool) {
	switch {
	case s.Find != nil:
		if first, last, step = s.Find(args); first == 0 {
			last = -1
		}
		return first, last, step, last < len(args)
	case s.Counted:
		return s.counted(args)
	}
	for i := s.First; i < len(args)-1; i++ { // a last word has nothing behind it
		if proto.EqualFold(args[i], s.Keyword) {
			first = i + 1
			return first, s.lastBehind(first, len(args)), s.Step, true
		}
	}
	return 0, -1, s.Step, true
}

// lastBehind returns the index of the last of the keys that begin behind a word, of n arguments.
func (s *KeySpec) lastBehind(first, n int) int {
	switch {
	case s.Last >= 0:
		return min(first+s.Last, n-1)
	case s.Share > 1:
		return first + (n-first)/s.Share - 1
	}
	return n + s.Last
}

func (s *KeySpec) counted(args proto.Args) (first, last, step int, ok bool) {
	if s.First >= len(args) {
		return 0, -1, s.Step, false
	}
	n, ok := proto.ParseInt(args[s.First])
	first = s.First + 1
	if !ok || n < 1 || n > int64(len(args)-first) {
		return 0, -1, s.Step, false
	}
	last = first + (int(n)-1)*s.Step
	return first, last, s.Step, last < len(args)
}

// HasKeys reports whether the command has arguments that are keys.
func (c *Command) HasKeys() bool {
	return slices.ContainsFunc(c.Keys, func(spec KeySpec) bool { return spec.Use&NotKey == 0 })
}

// EachKey calls visit with the index of each key in args, a request for this command, and what it is used for. A request
// of which it cannot be said has none.
func (c *Command) EachKey(args proto.Args, visit func(i int, use KeyUse)) {
	for i := range c.Keys {
		if _, _, _, ok := c.Keys[i].span(args); !ok {
			return
		}
	}
	for i := range c.Keys {
		spec := &c.Keys[i]
		use := spec.Use
		if use&NotKey != 0 { // the channel of a shard, which is found as a key is
			continue
		}
		if spec.UseIn != nil {
			use = spec.UseIn(args)
		}
		first, last, step, _ := spec.span(args)
		for i := first; i <= last; i += step {
			visit(i, use)
		}
	}
}

// KeyRange sums the key specifications up in the three numbers from before there were any, all 0 if no key has a fixed
// place, and tells whether they leave keys out.
func (c *Command) KeyRange() (first, last, step int, movable bool) {
	if len(c.Keys) == 1 && !c.Keys[0].Movable() {
		return c.Keys[0].First, c.Keys[0].Last, c.Keys[0].Step, c.Keys[0].Use&Incomplete != 0
	}
	for i := range c.Keys {
		spec := &c.Keys[i]
		if spec.Movable() || spec.Step != 1 || last != 0 && last != spec.First-1 {
			movable = true
			continue
		}
		movable = movable || spec.Use&Incomplete != 0
		if first == 0 {
			first = spec.First
		}
		last, step = spec.Last, 1
	}
	return first, last, step, movable
}

// check refuses a specification that cannot be meant.
func (s *KeySpec) check() error {
	switch {
	case (s.UseIn != nil) != (s.Use&VariableFlags != 0):
		return fmt.Errorf("the use of keys varies, but nothing says how")
	case s.Find != nil:
		return nil
	case s.First < 1 || s.Step < 1,
		!s.Movable() && s.Last >= 0 && s.Last < s.First,
		s.Counted && s.Keyword != "",
		s.Share != 0 && (s.Keyword == "" || s.Last != -1):
		return fmt.Errorf("impossible keys %+v", *s)
	}
	return nil
}
