package cmsgpack

import (
	"encoding/binary"
	"math"

	"snakecache/pkg/lua"
)

// maxNesting is how deep tables may nest. Those within are packed as nil: so tables that contain themselves are no error.
const maxNesting = 16

// The first bytes of values.
const (
	fixMap      = 0x80
	fixArray    = 0x90
	fixString   = 0xa0
	nothing     = 0xc0
	no          = 0xc2
	yes         = 0xc3
	float32Code = 0xca
	float64Code = 0xcb
	uint8Code   = 0xcc
	uint16Code  = 0xcd
	uint32Code  = 0xce
	uint64Code  = 0xcf
	int8Code    = 0xd0
	int16Code   = 0xd1
	int32Code   = 0xd2
	int64Code   = 0xd3
	string8     = 0xd9
	string16    = 0xda
	string32    = 0xdb
	array16     = 0xdc
	array32     = 0xdd
	map16       = 0xde
	map32       = 0xdf
	fixNegative = 0xe0
)

// maxHeader is the most bytes that a number, or what is before a string's bytes or a table's elements, is long.
const maxHeader = 9

// packer puts a result together.
type packer struct {
	state *lua.State
	out   []byte
}

func (p *packer) value(v lua.Value, level int) {
	p.state.Step(1)
	p.out = p.state.Room(p.out, maxHeader)
	switch v.Kind() {
	case lua.KindBoolean:
		if v.Truth() {
			p.out = append(p.out, yes)
		} else {
			p.out = append(p.out, no)
		}
	case lua.KindNumber:
		p.number(v.Float())
	case lua.KindString:
		p.text(v.Str())
	case lua.KindTable:
		if level == maxNesting {
			p.out = append(p.out, nothing)
		} else {
			p.table(v.Table(), level+1)
		}
	default:
		p.out = append(p.out, nothing)
	}
}

// number packs what is whole as an integer, anything else as a float if that says the same, or as a double.
func (p *packer) number(f float64) {
	if n := lua.ToInt(f); float64(n) == f {
		p.integer(int64(n))
	} else if single := float32(f); float64(single) == f {
		p.out = binary.BigEndian.AppendUint32(append(p.out, float32Code), math.Float32bits(single))
	} else {
		p.out = binary.BigEndian.AppendUint64(append(p.out, float64Code), math.Float64bits(f))
	}
}

// integer packs a number as short as it can be.
func (p *packer) integer(n int64) {
	switch {
	case n >= -32 && n <= math.MaxInt8:
		p.out = append(p.out, byte(n))
	case n >= 0 && n <= math.MaxUint8:
		p.out = append(p.out, uint8Code, byte(n))
	case n >= 0 && n <= math.MaxUint16:
		p.out = binary.BigEndian.AppendUint16(append(p.out, uint16Code), uint16(n))
	case n >= 0 && n <= math.MaxUint32:
		p.out = binary.BigEndian.AppendUint32(append(p.out, uint32Code), uint32(n))
	case n >= 0:
		p.out = binary.BigEndian.AppendUint64(append(p.out, uint64Code), uint64(n))
	case n >= math.MinInt8:
		p.out = append(p.out, int8Code, byte(n))
	case n >= math.MinInt16:
		p.out = binary.BigEndian.AppendUint16(append(p.out, int16Code), uint16(n))
	case n >= math.MinInt32:
		p.out = binary.BigEndian.AppendUint32(append(p.out, int32Code), uint32(n))
	default:
		p.out = binary.BigEndian.AppendUint64(append(p.out, int64Code), uint64(n))
	}
}

func (p *packer) text(s string) {
	switch n := len(s); {
	case n < 32:
		p.out = append(p.out, fixString|byte(n))
	case n <= math.MaxUint8:
		p.out = append(p.out, string8, byte(n))
	default:
		p.count(n, string16, string32)
	}
	p.state.Step(len(s) >> 5)
	p.out = append(p.state.Room(p.out, len(s)), s...)
}

// count packs how many there are in 16 or 32 bits.
func (p *packer) count(n int, code16, code32 byte) {
	if n <= math.MaxUint16 {
		p.out = binary.BigEndian.AppendUint16(append(p.out, code16), uint16(n))
	} else {
		p.out = binary.BigEndian.AppendUint32(append(p.out, code32), uint32(n))
	}
}

// table packs a table whose contents are at the given level: as an array if its keys are just the numbers from 1 to n, for some n.
func (p *packer) table(t *lua.Table, level int) {
	count, array := p.measure(t)
	switch {
	case array && count < 16:
		p.out = append(p.out, fixArray|byte(count))
	case array:
		p.count(count, array16, array32)
	case count < 16:
		p.out = append(p.out, fixMap|byte(count))
	default:
		p.count(count, map16, map32)
	}
	if array {
		for i := 1; i <= count; i++ {
			p.value(t.GetInt(i), level)
		}
		return
	}
	t.All(func(k, v lua.Value) bool {
		p.value(k, level)
		p.value(v, level)
		return true
	})
}

// measure returns how many keys the table has, and whether they are those of an array.
func (p *packer) measure(t *lua.Table) (count int, array bool) {
	array, greatest := true, 0
	t.All(func(k, _ lua.Value) bool {
		count++
		n, ok := index(k)
		array, greatest = array && ok, max(greatest, n)
		return true
	})
	p.state.Step(count)
	return count, array && greatest == count
}

// index returns the number that a key is, if that is an element's.
func index(k lua.Value) (n int, ok bool) {
	if !k.IsNumber() {
		return 0, false
	}
	n = lua.ToInt(k.Float())
	return n, float64(n) == k.Float() && n > 0 && n <= math.MaxInt32
}
