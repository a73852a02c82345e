package commands

import (
	"bytes"
	"slices"

	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
	"snakecache/pkg/store"
)

func sortCommands() []actor.Command {
	const group = "generic"
	const complexity = "O(N+M*log(M)) where N is the number of elements in the list or set to sort, and M the number of returned elements. When the elements are not sorted, complexity is O(N)."
	const options = "key [BY pattern] [LIMIT offset count] [GET pattern [GET pattern ...]] [ASC | DESC] [ALPHA]"
	nowhere := func(proto.Args) (first, last, step int) { return 0, -1, 1 }
	read := append(actor.Key(1, actor.RO|actor.Access), actor.KeyFound(nowhere, actor.RO|actor.Access,
		"For the optional BY/GET keyword. It is marked 'unknown' because the key names derive from the content of the key we sort")...)
	stored := actor.KeyFound(findSortDestination, actor.OW|actor.Update,
		"For the optional STORE keyword. It is marked 'unknown' because the keyword can appear anywhere in the argument array")
	kinds := []string{"-keyspace", "set", "sortedset", "list", "dangerous"}
	return []actor.Command{
		{Name: "sort", Arity: -2, Flags: actor.Write | actor.DenyOOM, Keys: append(slices.Clip(read), stored...), Run: sortCommand, Group: group, Since: "1.0.0",
			Complexity: complexity, Summary: "Sorts the elements in a list, a set, or a sorted set, optionally storing the result.",
			Syntax: options + " [STORE destination]", Categories: kinds},
		{Name: "sort_ro", Arity: -2, Flags: actor.ReadOnly, Keys: read, Run: sortRoCommand, Group: group, Since: "7.0.0",
			Complexity: complexity, Summary: "Returns the sorted elements of a list, a set, or a sorted set.", Syntax: options, Categories: kinds},
	}
}

// findSortDestination returns where STORE's key is. As in Redis the last one counts, even if the word before it is
// the value of another STORE.
func findSortDestination(args proto.Args) (first, last, step int) {
	for i := 2; i < len(args); i++ {
		switch {
		case proto.EqualFold(args[i], "limit"):
			i += 2
		case proto.EqualFold(args[i], "get"), proto.EqualFold(args[i], "by"):
			i++
		case proto.EqualFold(args[i], "store") && i+1 < len(args):
			first = i + 1
		}
	}
	return first, first, 1
}

func sortCommand(c *actor.Call) error   { return sortElements(c, true) }
func sortRoCommand(c *actor.Call) error { return sortElements(c, false) }

// sorting is what SORT is asked for.
type sorting struct {
	unsorted    bool // BY names nothing that differs between elements
	by          *sortPattern
	gets        []sortPattern
	destination []byte // nil = the client
	descending  bool
	alpha       bool // compare bytes, not numbers
	offset      int
	count       int // negative = all
}

// readSorting reads all options; of one given twice the last one counts, but every GET does.
func readSorting(o proto.Options, mayStore bool) (s sorting, err error) {
	s.count = -1
	for err == nil && o.More() {
		if o.Word("asc") {
			s.descending = false
		} else if o.Word("desc") {
			s.descending = true
		} else if o.Word("alpha") {
			s.alpha = true
		} else if o.Left() > 2 && o.Word("limit") {
			if s.offset, err = position(o.Next()); err == nil {
				s.count, err = position(o.Next())
			}
		} else if pattern, ok := o.WordWith("by"); ok {
			by := readSortPattern(pattern)
			s.by, s.unsorted = &by, s.unsorted || !by.varies
		} else if pattern, ok := o.WordWith("get"); ok {
			s.gets = append(s.gets, readSortPattern(pattern))
		} else if key, ok := storeOption(&o, mayStore); ok {
			s.destination = key
		} else {
			err = proto.ErrSyntax
		}
	}
	return s, err
}

func storeOption(o *proto.Options, mayStore bool) (key []byte, ok bool) {
	if !mayStore {
		return nil, false
	}
	return o.WordWith("store")
}

func sortElements(c *actor.Call, mayStore bool) error {
	s, err := readSorting(c.Args.Options(2), mayStore)
	if err != nil {
		return err
	}
	value, err := store.Find[store.Value](c.Keys(), c.Args[1])
	if err != nil {
		return err
	}
	source, err := sortSource(value)
	if err != nil {
		return err
	}
	if s.unsorted && s.destination != nil && value != nil && value.Type() == store.TypeSet {
		s.unsorted, s.alpha, s.by = false, true, nil // so that what is stored does not depend on chance
	}
	work := sortWork{c: c, sorting: s}
	if err := work.load(source); err != nil {
		return err
	}
	if s.destination == nil {
		work.reply()
	} else {
		work.store()
	}
	return nil
}

// sortable is what can be sorted.
type sortable interface {
	Len() int
	// inOrder yields the elements from place from to place to-1 of the order that the collection has, or of the reverse
	// one. One without an order yields all.
	inOrder(from, to int, reverse bool, yield func(element []byte) bool)
}

// sortSource returns the value as something to be sorted; a missing one is an empty list.
func sortSource(value store.Value) (sortable, error) {
	switch v := value.(type) {
	case nil:
		return sortableList{}, nil
	case *store.List:
		return sortableList{v}, nil
	case *store.Set:
		return sortableSet{v}, nil
	case sortedSet:
		return sortableSortedSet{v}, nil
	}
	return nil, store.ErrWrongType
}

type sortableList struct{ *store.List }

func (l sortableList) Len() int {
	if l.List == nil {
		return 0
	}
	return l.List.Len()
}

func (l sortableList) inOrder(from, to int, reverse bool, yield func(element []byte) bool) {
	if from >= to {
		return
	}
	if last := l.Len() - 1; reverse {
		l.RangeReverse(last-from, last-to+1, yield)
	} else {
		l.Range(from, to-1, yield)
	}
}

type sortableSet struct{ *store.Set }

func (s sortableSet) inOrder(_, _ int, _ bool, yield func(element []byte) bool) { s.Each(yield) }

// sortedSet is a sorted set, whose ranks from to to-1 it yields.
type sortedSet interface {
	Len() int
	Range(from, to int, yield func(member []byte, score float64) bool)
	RangeBack(from, to int, yield func(member []byte, score float64) bool)
}

type sortableSortedSet struct{ sortedSet }

func (z sortableSortedSet) inOrder(from, to int, reverse bool, yield func(element []byte) bool) {
	member := func(member []byte, _ float64) bool { return yield(member) }
	if n := z.Len(); reverse {
		z.RangeBack(n-to, n-from, member)
	} else {
		z.Range(from, to, member)
	}
}

// window returns which of n elements, as they are sorted, are wanted: those from place from to place to-1.
func (s *sorting) window(n int) (from, to int) {
	from = min(max(s.offset, 0), n)
	if s.count < 0 {
		return from, n
	}
	return from, from + min(s.count, n-from)
}

// sortWork is a SORT under way.
type sortWork struct {
	c *actor.Call
	sorting
	items  []sortItem // at last those of the window
	copies copies
	lookup sortLookup
}

// sortItem is an element with what it is sorted by.
type sortItem struct {
	element []byte
	place   int // among the elements as they came
	score   float64
	text    []byte // with ALPHA; nil if BY found nothing
}

// load takes the elements of the window, sorted, from the collection. They are copies, because looking keys up may
// remove some that are due.
func (w *sortWork) load(source sortable) error {
	from, to := w.window(source.Len())
	_, isSet := source.(sortableSet)
	first, last := 0, source.Len()
	if w.unsorted && !isSet {
		first, last = from, to
	}
	w.items = make([]sortItem, 0, last-first)
	source.inOrder(first, last, w.unsorted && w.descending, func(element []byte) bool {
		w.items = append(w.items, sortItem{element: w.copies.of(element), place: len(w.items)})
		return true
	})
	if !w.unsorted {
		if err := w.weigh(); err != nil {
			return err
		}
		slices.SortFunc(w.items, w.compare)
	}
	w.items = w.items[from-first : to-first]
	return nil
}

// weigh finds out what the elements are sorted by.
func (w *sortWork) weigh() error {
	for i := range w.items {
		item, valid := &w.items[i], true
		weigh := func(text []byte) {
			if w.alpha {
				item.text = w.copies.of(w.collated(text))
			} else {
				item.score, valid = sortScore(text)
			}
		}
		switch {
		case w.by != nil:
			w.lookup.find(w.c.Keys(), w.by, item.element, weigh)
		case w.alpha:
			item.text = w.collated(item.element)
		default:
			weigh(item.element)
		}
		if !valid {
			return proto.ErrScores
		}
	}
	return nil
}

// collated returns the part of a text that decides its place: as for C's strcoll that before a NUL, unless the result is
// stored.
func (w *sortWork) collated(text []byte) []byte {
	if end := bytes.IndexByte(text, 0); end >= 0 && w.destination == nil {
		return text[:end]
	}
	return text
}

// compare orders two items. Equal numbers are told apart by the elements, but not equal texts: as in Redis, their elements
// stay in the order in which they came. Texts are compared by their bytes, as Redis does in the locale C.
func (w *sortWork) compare(x, y sortItem) (order int) {
	if w.alpha {
		order = compareTexts(x.text, y.text)
	} else if order = compareScores(x.score, y.score); order == 0 {
		order = bytes.Compare(x.element, y.element)
	}
	switch {
	case order == 0:
		return x.place - y.place
	case w.descending:
		return -order
	}
	return order
}

// reply answers the elements, or what GET makes of them.
func (w *sortWork) reply() {
	w.c.Reply.Array(len(w.items) * max(1, len(w.gets)))
	for i := range w.items {
		if len(w.gets) == 0 {
			w.c.Reply.Bulk(w.items[i].element)
		}
		for j := range w.gets {
			if !w.lookup.find(w.c.Keys(), &w.gets[j], w.items[i].element, w.c.Reply.BulkRef) {
				w.c.Reply.Null()
			}
		}
	}
}

// store makes a list of the same and answers how long it is.
func (w *sortWork) store() {
	list := w.c.Keys().NewList()
	push := func(text []byte) { list.PushBack(text) }
	for i := range w.items {
		if len(w.gets) == 0 {
			push(w.items[i].element)
		}
		for j := range w.gets {
			if !w.lookup.find(w.c.Keys(), &w.gets[j], w.items[i].element, push) {
				push(nil)
			}
		}
	}
	n := list.Len()
	replaceKey(w.c, w.destination, list, "sortstore")
	w.c.Reply.Count(n)
}
