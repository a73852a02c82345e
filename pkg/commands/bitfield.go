package commands

import (
	"encoding/binary"
	"math"

	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
	"snakecache/pkg/store"
)

// fieldOp is one of BITFIELD's operations on an integer of some bits.
type fieldOp struct {
	field
	verb     fieldVerb
	overflow overflowMode
	operand  int64 // to set or to add
}

// field is an integer somewhere in a string.
type field struct {
	offset int64 // of its first and highest bit
	bits   uint8 // at most 64, or 63 without a sign
	signed bool
}

type fieldVerb uint8

const (
	fieldGet fieldVerb = iota
	fieldSet
	fieldIncrby
)

// overflowMode says what becomes of a number that does not fit its field.
type overflowMode uint8

const (
	overflowWrap overflowMode = iota
	overflowSat
	overflowFail
)

func bitfieldCommand(c *actor.Call) error   { return bitfield(c, false) }
func bitfieldroCommand(c *actor.Call) error { return bitfield(c, true) }

func bitfield(c *actor.Call, readOnly bool) error {
	var room [8]fieldOp
	ops, err := readFieldOps(c, room[:0])
	if err != nil {
		return err
	}
	length := lengthWritten(ops)
	switch {
	case length == 0:
		return getFields(c, ops)
	case readOnly:
		return proto.ErrBitfieldReadOnly
	}
	return editFields(c, ops, length)
}

// bitfieldKeys tells of BITFIELD's key that it is only read if the request has nothing but GET in it.
func bitfieldKeys() []actor.KeySpec {
	const writes = actor.RW | actor.Access | actor.Update
	keys := noted(actor.Key(1, writes|actor.VariableFlags), "This command allows both access and modification of the key")
	keys[0].UseIn = func(args proto.Args) actor.KeyUse {
		for i := 2; i < len(args); i += 3 {
			if !proto.EqualFold(args[i], "get") {
				return writes
			}
		}
		return actor.RO | actor.Access
	}
	return keys
}

// bitfieldGrows is the padding up to the last field written.
func bitfieldGrows(c *actor.Call) int64 {
	ops, err := readFieldOps(c, nil)
	if err != nil {
		return 0
	}
	return growth(c, c.Args[1], int64(lengthWritten(ops)))
}

// readFieldOps appends the request's operations. An OVERFLOW holds for those behind it.
func readFieldOps(c *actor.Call, ops []fieldOp) ([]fieldOp, error) {
	mode := overflowWrap
	for o := c.Args.Options(2); o.More(); {
		if word, ok := o.WordWith("overflow"); ok {
			var err error
			if mode, err = readOverflowMode(word); err != nil {
				return nil, err
			}
			continue
		}
		op, err := readFieldOp(c, &o)
		if err != nil {
			return nil, err
		}
		op.overflow = mode
		ops = append(ops, op)
	}
	return ops, nil
}

func readFieldOp(c *actor.Call, o *proto.Options) (op fieldOp, err error) {
	switch left := o.Left(); {
	case left >= 3 && o.Word("get"):
	case left >= 4 && o.Word("set"):
		op.verb = fieldSet
	case left >= 4 && o.Word("incrby"):
		op.verb = fieldIncrby
	default:
		return op, proto.ErrSyntax
	}
	if op.field, err = readField(c, o.Next(), o.Next()); err == nil && op.verb != fieldGet {
		op.operand, err = integer(o.Next())
	}
	return op, err
}

func readOverflowMode(word []byte) (overflowMode, error) {
	switch {
	case proto.EqualFold(word, "wrap"):
		return overflowWrap, nil
	case proto.EqualFold(word, "sat"):
		return overflowSat, nil
	case proto.EqualFold(word, "fail"):
		return overflowFail, nil
	}
	return 0, proto.ErrBitfieldOverflow
}

// readField reads a type such as i16 or u8, and an offset, which behind # counts fields of that type. A product that
// overflows is taken modulo 2^64, as in Redis.
func readField(c *actor.Call, kind, offset []byte) (f field, err error) {
	most := int64(63)
	switch {
	case len(kind) > 0 && kind[0] == 'i':
		f.signed, most = true, 64
	case len(kind) == 0 || kind[0] != 'u':
		return f, proto.ErrBitfieldType
	}
	width, ok := proto.ParseInt(kind[1:])
	if !ok || width < 1 || width > most {
		return f, proto.ErrBitfieldType
	}
	f.bits = uint8(width)
	if len(offset) == 0 || offset[0] != '#' {
		f.offset, err = bitOffset(c, offset)
		return f, err
	}
	n, ok := proto.ParseInt(offset[1:])
	if f.offset = n * width; !ok || !isBitOffset(c, f.offset) {
		return f, proto.ErrBitOffset
	}
	return f, nil
}

// lengthWritten returns how many bytes a string must have for all fields that are written, 0 if none is.
func lengthWritten(ops []fieldOp) (bytes int) {
	for i := range ops {
		if ops[i].verb != fieldGet {
			bytes = max(bytes, int((ops[i].offset+int64(ops[i].bits)-1)>>3)+1)
		}
	}
	return bytes
}

func getFields(c *actor.Call, ops []fieldOp) error {
	value, err := peekString(c, c.Args[1])
	if err != nil {
		return err
	}
	c.Reply.Array(len(ops))
	for i := range ops {
		c.Reply.Int(ops[i].get(value))
	}
	return nil
}

// editFields makes the string long enough even if an operation fails, which Redis does too.
func editFields(c *actor.Call, ops []fieldOp, length int) error {
	key := c.Args[1]
	s, err := store.FindForWrite[*store.String](c.Keys(), key)
	if err != nil {
		return err
	}
	changed, longer := false, length > lengthOf(s)
	c.Reply.Array(len(ops))
	editString(c, key, s).Update(length, func(value []byte) {
		for i := range ops {
			changed = ops[i].run(c.Reply, value, longer) || changed
		}
	})
	switch {
	case changed:
		c.Changed(key, "setbit")
	case longer:
		c.ChangedAside(key, "") // Redis tells nobody of the zeros that failed operations leave
	}
	return nil
}

// run does the operation, answers, and reports whether the field is another one now, or new because the string has become
// longer. SET answers what was there before.
func (op *fieldOp) run(r *proto.Reply, value []byte, longer bool) (changed bool) {
	was := op.get(value)
	if op.verb == fieldGet {
		r.Int(was)
		return false
	}
	base, delta := op.operand, int64(0)
	if op.verb == fieldIncrby {
		base, delta = was, op.operand
	}
	is, fits := op.add(base, delta, op.overflow == overflowSat)
	switch {
	case !fits && op.overflow == overflowFail:
		r.Null()
		return false
	case op.verb == fieldSet:
		r.Int(was)
	default:
		r.Int(is)
	}
	op.put(value, is)
	return longer || is != was
}

// get returns the integer. What is behind the string's end is zero.
func (f *field) get(value []byte) int64 {
	var window [16]byte
	copy(window[:9], value[min(f.offset>>3, int64(len(value))):])
	shift := f.offset & 7
	word := binary.BigEndian.Uint64(window[:])<<shift | uint64(window[8])>>(8-shift)
	if f.signed {
		return int64(word) >> (64 - f.bits)
	}
	return int64(word >> (64 - f.bits))
}

// put writes the integer's lowest bits. The string must be long enough.
func (f *field) put(value []byte, n int64) {
	var window [9]byte
	value = value[f.offset>>3:]
	copy(window[:], value)
	shift := f.offset & 7
	mask, word := ^uint64(0)<<(64-f.bits), uint64(n)<<(64-f.bits)
	head := binary.BigEndian.Uint64(window[:])&^(mask>>shift) | word>>shift
	binary.BigEndian.PutUint64(window[:], head)
	window[8] = window[8]&^byte(mask<<(64-shift)>>56) | byte(word<<(64-shift)>>56)
	copy(value, window[:])
}

// add returns the sum of two integers as the field can hold it: as it is if it fits, else the nearest bound, or with
// saturate false what its lowest bits mean.
func (f *field) add(base, delta int64, saturate bool) (sum int64, fits bool) {
	least, most := f.bounds()
	sum = base + delta
	above, below := f.exceeds(base, delta, least, most)
	switch {
	case !above && !below:
		return sum, true
	case saturate && above:
		return most, false
	case saturate:
		return least, false
	}
	unused := 64 - f.bits
	if f.signed {
		return sum << unused >> unused, false
	}
	return int64(uint64(sum) << unused >> unused), false
}

func (f *field) bounds() (least, most int64) {
	if f.signed {
		return math.MinInt64 >> (64 - f.bits), math.MaxInt64 >> (64 - f.bits)
	}
	return 0, 1<<f.bits - 1
}

// exceeds reports whether base plus delta is above most or below least. A negative base of a field without a sign is
// a number of 64 bits that is too large.
func (f *field) exceeds(base, delta, least, most int64) (above, below bool) {
	switch {
	case base > most || !f.signed && base < 0:
		return true, false
	case base < least:
		return false, true
	}
	// Now base lies between the bounds, and only its distance from the far one may overflow: then delta fits it.
	up, down := uint64(most)-uint64(base), uint64(base)-uint64(least)
	return delta > 0 && uint64(delta) > up, delta < 0 && -uint64(delta) > down
}
