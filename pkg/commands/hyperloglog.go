package commands

import (
	"snakecache/pkg/actor"
	"snakecache/pkg/hll"
	"snakecache/pkg/proto"
	"snakecache/pkg/store"
)

func hyperloglogCommands() []actor.Command {
	const group = "hyperloglog"
	const write = actor.Write | actor.DenyOOM
	counted := noted(actor.KeysFrom(1, 1, actor.RW|actor.Access), "RW because it may change the internal representation of the key, and propagate to replicas")
	merged := append(actor.Key(1, actor.RW|actor.Access|actor.Insert), actor.KeysFrom(2, 1, actor.RO|actor.Access)...)
	return []actor.Command{
		{Name: "pfadd", Arity: -2, Flags: write | actor.Fast, Keys: actor.Key(1, actor.RW|actor.Insert), Run: pfaddCommand, Grows: sketchGrows, Group: group, Since: "2.8.9",
			Complexity: "O(1) to add every element.", Summary: "Adds elements to a HyperLogLog key. Creates the key if it doesn't exist.", Syntax: "key [element [element ...]]"},
		{Name: "pfcount", Arity: -2, Flags: actor.ReadOnly | actor.MayReplicate, Keys: counted, Run: pfcountCommand, Group: group, Since: "2.8.9",
			Complexity: "O(1) with a very small average constant time when called with a single key. O(N) with N being the number of keys, and much bigger constant times, when called with multiple keys.",
			Summary:    "Returns the approximated cardinality of the set(s) observed by the HyperLogLog key(s).", Syntax: "key [key ...]"},
		{Name: "pfmerge", Arity: -2, Flags: write, Keys: merged, Run: pfmergeCommand, Grows: sketchGrows, Group: group, Since: "2.8.9",
			Complexity: "O(N) to merge N HyperLogLogs, but with high constant times.", Summary: "Merges one or more HyperLogLog values into a single key.",
			Syntax: "destkey [sourcekey [sourcekey ...]]"},
		{Name: "pfdebug", Arity: 3, Flags: write | actor.Admin, Keys: actor.Key(2, actor.RW|actor.Access), Run: pfdebugCommand, Group: group, Since: "2.8.9",
			Complexity: "N/A",
			Internal:   true,
			Summary:    "Internal commands for debugging HyperLogLog values.", Syntax: "subcommand key"},
	}
}

// sketchRoom is memory on the stack for a sketch in the sparse form, at the default bound of its length.
type sketchRoom [3<<10 + 72]byte

// sketchGrows is what a key takes whose HyperLogLog becomes dense.
func sketchGrows(c *actor.Call) int64 { return growth(c, c.Args[1], hll.DenseSize) }

// sketchOf checks what a look-up found. A number is no HyperLogLog, nor is a string without the header of one.
func sketchOf(s *store.String, err error) (*store.String, hll.Sketch, error) {
	if s == nil || err != nil {
		return nil, nil, err
	}
	value := s.Peek()
	if hll.Check(value) != nil {
		return nil, nil, proto.ErrNotHLL
	}
	return s, value, nil
}

// storeSketch makes the string that FindForWrite found, or a new one if that was nothing, hold a sketch.
func storeSketch(c *actor.Call, key []byte, s *store.String, sketch hll.Sketch) {
	editString(c, key, s).Fill(len(sketch), func(dst []byte) { copy(dst, sketch) })
}

// pfaddCommand answers whether the key is new or a register was raised.
func pfaddCommand(c *actor.Call) error {
	key, elements := c.Args[1], c.Args[2:]
	s, sketch, err := sketchOf(store.FindForWrite[*store.String](c.Keys(), key))
	if err != nil {
		return err
	}
	added := s == nil
	if s != nil && sketch.Encoding() == hll.Dense {
		s.Update(0, func(value []byte) { _, added, _ = addElements(c, value, elements) })
	} else if added, err = addToSparse(c, s, sketch); err != nil {
		return err
	}
	if added {
		c.Changed(key, "pfadd")
	}
	c.Reply.Flag(added)
	return nil
}

// addToSparse works on a copy, since it may turn out that the sketch is corrupt when some elements have been added.
func addToSparse(c *actor.Call, s *store.String, sketch hll.Sketch) (added bool, err error) {
	var room sketchRoom
	if s == nil {
		sketch = hll.AppendNew(room[:0])
		sketch.Invalidate()
	} else {
		sketch = append(room[:0], sketch...)
	}
	sketch, added, err = addElements(c, sketch, c.Args[2:])
	if err != nil {
		return false, err
	}
	if added = added || s == nil; added {
		storeSketch(c, c.Args[1], s, sketch)
	}
	return added, nil
}

// addElements never fails on a dense sketch, which it changes in place.
func addElements(c *actor.Call, sketch hll.Sketch, elements [][]byte) (now hll.Sketch, added bool, err error) {
	for _, element := range elements {
		register, rank := hll.Position(element)
		var raised bool
		if sketch, raised, err = sketch.Raise(register, rank, c.Store().HLLSparseMaxBytes()); err != nil {
			return nil, false, proto.ErrHLLCorrupt
		}
		added = added || raised
	}
	if added {
		sketch.Invalidate()
	}
	return sketch, added, nil
}

// pfcountCommand keeps the estimate for a single key in its value, as Redis does though the command only reads.
func pfcountCommand(c *actor.Call) error {
	if len(c.Args) > 2 {
		return countUnion(c)
	}
	key := c.Args[1]
	s, sketch, err := sketchOf(store.Find[*store.String](c.Keys(), key))
	if err != nil {
		return err
	}
	if s == nil {
		c.Reply.Count(0)
		return nil
	}
	n, fresh := sketch.Cached()
	if !fresh {
		if n, err = sketch.Count(); err != nil {
			return proto.ErrHLLCorrupt
		}
		s.Update(0, func(value []byte) { hll.Sketch(value).Cache(n) })
		c.Changed(key, "")
	}
	c.Reply.Int(int64(n))
	return nil
}

func countUnion(c *actor.Call) error {
	var registers [hll.Registers]uint8
	if _, err := mergeSketches(c, registers[:]); err != nil {
		return err
	}
	c.Reply.Int(int64(hll.CountRegisters(registers[:])))
	return nil
}

// mergeSketches raises the registers to those of all the request's keys, and reports whether any of them is dense.
func mergeSketches(c *actor.Call, registers []uint8) (dense bool, err error) {
	for _, key := range c.Args[1:] {
		s, sketch, err := sketchOf(store.Find[*store.String](c.Keys(), key))
		if err != nil {
			return false, err
		}
		if s == nil {
			continue
		}
		if sketch.MaxInto(registers) != nil {
			return false, proto.ErrHLLCorrupt
		}
		dense = dense || sketch.Encoding() == hll.Dense
	}
	return dense, nil
}

// pfmergeCommand counts its destination among the sources.
func pfmergeCommand(c *actor.Call) error {
	var registers [hll.Registers]uint8
	dense, err := mergeSketches(c, registers[:])
	if err != nil {
		return err
	}
	key := c.Args[1]
	s, sketch, err := sketchOf(store.FindForWrite[*store.String](c.Keys(), key))
	if err != nil {
		return err
	}
	var room sketchRoom
	if s == nil {
		sketch = hll.AppendNew(room[:0])
	} else {
		sketch = append(room[:0], sketch...)
	}
	if sketch, err = raiseAll(c, sketch, dense, registers[:]); err != nil {
		return err
	}
	storeSketch(c, key, s, sketch)
	c.Changed(key, "pfadd")
	c.Reply.OK()
	return nil
}

// raiseAll raises the sketch's registers to the given ones.
func raiseAll(c *actor.Call, sketch hll.Sketch, dense bool, registers []uint8) (now hll.Sketch, err error) {
	if dense {
		sketch, err = sketch.Densify()
	}
	for i, rank := range registers {
		if err == nil && rank > 0 {
			sketch, _, err = sketch.Raise(i, rank, c.Store().HLLSparseMaxBytes())
		}
	}
	if err != nil {
		return nil, proto.ErrHLLCorrupt
	}
	sketch.Invalidate()
	return sketch, nil
}

// pfdebugCommand has no rows for its subcommands because Redis has none.
func pfdebugCommand(c *actor.Call) error {
	s, sketch, err := sketchOf(store.FindForWrite[*store.String](c.Keys(), c.Args[2]))
	switch word := c.Args[1]; {
	case err != nil:
		return err
	case s == nil:
		return proto.ErrHLLNoKey
	case proto.EqualFold(word, "getreg"):
		return debugRegisters(c, s, sketch)
	case proto.EqualFold(word, "decode"):
		return debugRuns(c, sketch)
	case proto.EqualFold(word, "encoding"):
		c.Reply.Status(sketch.Encoding().String())
		return nil
	case proto.EqualFold(word, "todense"):
		wasSparse := sketch.Encoding() == hll.Sparse
		_, err := densify(c, s, sketch)
		c.Reply.Flag(wasSparse)
		return err
	}
	return proto.ErrPfdebugSubcommand(c.Args[1])
}

// densify makes the value dense if it is not.
func densify(c *actor.Call, s *store.String, sketch hll.Sketch) (hll.Sketch, error) {
	if sketch.Encoding() == hll.Dense {
		return sketch, nil
	}
	dense, err := sketch.Densify()
	if err != nil {
		return nil, proto.ErrHLLCorrupt
	}
	storeSketch(c, c.Args[2], s, dense)
	c.ChangedAside(c.Args[2], "")
	return dense, nil
}

// debugRegisters leaves a sparse value dense, as in Redis.
func debugRegisters(c *actor.Call, s *store.String, sketch hll.Sketch) error {
	dense, err := densify(c, s, sketch)
	if err != nil {
		return err
	}
	var registers [hll.Registers]uint8
	if err := dense.MaxInto(registers[:]); err != nil {
		return proto.ErrHLLCorrupt
	}
	c.Reply.Array(len(registers))
	for _, rank := range registers {
		c.Reply.Count(int(rank))
	}
	return nil
}

func debugRuns(c *actor.Call, sketch hll.Sketch) error {
	if sketch.Encoding() != hll.Sparse {
		return proto.ErrHLLNotSparse
	}
	c.Reply.BulkString(sketch.Runs())
	return nil
}
