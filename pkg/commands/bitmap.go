package commands

import (
	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
	"snakecache/pkg/store"
)

func bitmapCommands() []actor.Command {
	const group = "bitmap"
	const read, write = actor.ReadOnly, actor.Write | actor.DenyOOM
	access := actor.Key(1, actor.RO|actor.Access)
	sources := append(actor.Key(2, actor.OW|actor.Update), actor.KeysFrom(3, 1, actor.RO|actor.Access)...)
	return []actor.Command{
		{Name: "setbit", Arity: 4, Flags: write, Keys: actor.Key(1, actor.RW|actor.Access|actor.Update), Run: setbitCommand, Grows: setbitGrows, Group: group, Since: "2.2.0", Complexity: "O(1)",
			Summary: "Sets or clears the bit at offset of the string value. Creates the key if it doesn't exist.", Syntax: "key offset value"},
		{Name: "getbit", Arity: 3, Flags: read | actor.Fast, Keys: access, Run: getbitCommand, Group: group, Since: "2.2.0", Complexity: "O(1)",
			Summary: "Returns a bit value by offset.", Syntax: "key offset"},
		{Name: "bitcount", Arity: -2, Flags: read, Keys: access, Run: bitcountCommand, Group: group, Since: "2.6.0", Complexity: "O(N)",
			Summary: "Counts the number of set bits (population counting) in a string.", Syntax: "key [start end [BYTE | BIT]]"},
		{Name: "bitpos", Arity: -3, Flags: read, Keys: access, Run: bitposCommand, Group: group, Since: "2.8.7", Complexity: "O(N)",
			Summary: "Finds the first set (1) or clear (0) bit in a string.", Syntax: "key bit [start [end [BYTE | BIT]]]"},
		{Name: "bitop", Arity: -4, Flags: write, Keys: sources, Run: bitopCommand, Grows: bitopGrows, Group: group, Since: "2.6.0", Complexity: "O(N)",
			Summary: "Performs bitwise operations on multiple strings, and stores the result.",
			Syntax:  "<AND | OR | XOR | NOT | DIFF | DIFF1 | ANDOR | ONE> destkey key [key ...]"},
		{Name: "bitfield", Arity: -2, Flags: write, Keys: bitfieldKeys(), Run: bitfieldCommand, Grows: bitfieldGrows, Group: group, Since: "3.2.0",
			Complexity: "O(1) for each subcommand specified", Summary: "Performs arbitrary bitfield integer operations on strings.",
			Syntax: "key [<GET encoding offset | [OVERFLOW <WRAP | SAT | FAIL>] <SET encoding offset value | INCRBY encoding offset increment>> ...]"},
		{Name: "bitfield_ro", Arity: -2, Flags: read | actor.Fast, Keys: access, Run: bitfieldroCommand, Group: group, Since: "6.0.0",
			Complexity: "O(1) for each subcommand specified", Summary: "Performs arbitrary read-only bitfield integer operations on strings.",
			Syntax: "key [GET encoding offset [GET encoding offset ...]]"},
	}
}

// bitOffset reads the number of a bit, which must lie in the longest string there may be.
func bitOffset(c *actor.Call, arg []byte) (int64, error) {
	offset, ok := proto.ParseInt(arg)
	if !ok || !isBitOffset(c, offset) {
		return 0, proto.ErrBitOffset
	}
	return offset, nil
}

func isBitOffset(c *actor.Call, offset int64) bool {
	return offset >= 0 && offset>>3 < c.Bounds().MaxBulk
}

// bitMask has the bit's place in its byte, the first of which is the highest.
func bitMask(offset int64) byte { return 0x80 >> (offset & 7) }

// setbitCommand makes the string long enough for the bit even if it is cleared, and raw even if it is as it was.
func setbitCommand(c *actor.Call) error {
	offset, err := bitOffset(c, c.Args[2])
	if err != nil {
		return err
	}
	bit, ok := proto.ParseInt(c.Args[3])
	if !ok || bit != 0 && bit != 1 {
		return proto.ErrBitValue
	}
	key := c.Args[1]
	s, err := store.FindForWrite[*store.String](c.Keys(), key)
	if err != nil {
		return err
	}
	on, was, at, mask := bit == 1, false, int(offset>>3), bitMask(offset)
	grown := at >= lengthOf(s)
	editString(c, key, s).Update(at+1, func(value []byte) {
		was = value[at]&mask != 0
		if was != on {
			value[at] ^= mask
		}
	})
	if grown || was != on {
		c.Changed(key, "setbit")
	}
	c.Reply.Flag(was)
	return nil
}

// setbitGrows is the padding up to the offset.
func setbitGrows(c *actor.Call) int64 {
	offset, err := bitOffset(c, c.Args[2])
	if err != nil {
		return 0
	}
	return growth(c, c.Args[1], offset>>3+1)
}

// growth returns by how much a string of the given length is longer than what key holds.
func growth(c *actor.Call, key []byte, length int64) int64 {
	if e := c.Keys().Peek(key); e != nil {
		length -= int64(e.Value().Len())
	}
	return max(0, length)
}

func getbitCommand(c *actor.Call) error {
	offset, err := bitOffset(c, c.Args[2])
	if err != nil {
		return err
	}
	value, err := peekString(c, c.Args[1])
	if err != nil {
		return err
	}
	at := offset >> 3
	c.Reply.Flag(at < int64(len(value)) && value[at]&bitMask(offset) != 0)
	return nil
}

// peekString returns the bytes that key holds, none if it does not exist, for a command that only looks at them.
func peekString(c *actor.Call, key []byte) ([]byte, error) {
	s, err := store.Find[*store.String](c.Keys(), key)
	if s == nil {
		return nil, err
	}
	return s.Peek(), nil
}

// bitRange is the part of a string that BITCOUNT and BITPOS look at: from start to end, from the string's end if
// negative.
type bitRange struct {
	start, end int64
	inBits     bool // else in bytes
}

// readUnit reads the word behind a range.
func (r *bitRange) readUnit(arg []byte) error {
	r.inBits = proto.EqualFold(arg, "bit")
	if !r.inBits && !proto.EqualFold(arg, "byte") {
		return proto.ErrSyntax
	}
	return nil
}

// within returns the first bit of the range that a string of so many bytes has, and the one behind the last. There are
// none if from is not below to.
func (r *bitRange) within(bytes int) (from, to int64) {
	unit, length := int64(8), int64(bytes)
	if r.inBits {
		unit, length = 1, length*8
	}
	start, end := r.start, r.end
	if start < 0 {
		start = max(start+length, 0)
	}
	if end < 0 {
		end = max(end+length, 0)
	}
	if end = min(end, length-1); start > end {
		return 0, 0
	}
	return start * unit, (end + 1) * unit
}

// bitcountCommand checks its arguments even if there is no key, as Redis does since 7.4.
func bitcountCommand(c *actor.Call) error {
	r, err := readCountRange(c)
	if err != nil {
		return err
	}
	value, err := peekString(c, c.Args[1])
	if err != nil {
		return err
	}
	if r.start < 0 && r.end < 0 && r.start > r.end {
		c.Reply.Count(0)
		return nil
	}
	from, to := r.within(len(value))
	c.Reply.Count(countBits(value, from, to))
	return nil
}

func readCountRange(c *actor.Call) (r bitRange, err error) {
	if len(c.Args) == 2 {
		return bitRange{end: -1}, nil
	}
	if len(c.Args) != 4 && len(c.Args) != 5 {
		return r, proto.ErrSyntax
	}
	if r.start, err = integer(c.Args[2]); err == nil {
		r.end, err = integer(c.Args[3])
	}
	if err == nil && len(c.Args) == 5 {
		err = r.readUnit(c.Args[4])
	}
	return r, err
}

// bitposCommand takes what is behind the string's end for clear bits, unless the request says where to stop.
func bitposCommand(c *actor.Call) error {
	bit, err := integer(c.Args[2])
	if err != nil {
		return err
	}
	if bit != 0 && bit != 1 {
		return proto.ErrBitArgument
	}
	r, open, err := readSearchRange(c)
	if err != nil {
		return err
	}
	s, err := store.Find[*store.String](c.Keys(), c.Args[1])
	if err != nil {
		return err
	}
	if s == nil {
		c.Reply.Int(-bit)
		return nil
	}
	value := s.Peek()
	from, to := r.within(len(value))
	at := findBit(value, from, to, bit == 1)
	if at < 0 && bit == 0 && open && from < to {
		at = to
	}
	c.Reply.Int(at)
	return nil
}

// readSearchRange also reports whether the range has no end.
func readSearchRange(c *actor.Call) (r bitRange, open bool, err error) {
	r.end, open = -1, len(c.Args) < 5
	if len(c.Args) > 6 {
		return r, open, proto.ErrSyntax
	}
	if len(c.Args) > 3 {
		r.start, err = integer(c.Args[3])
	}
	if err == nil && len(c.Args) == 6 {
		err = r.readUnit(c.Args[5])
	}
	if err == nil && !open {
		r.end, err = integer(c.Args[4])
	}
	return r, open, err
}
