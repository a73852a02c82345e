package commands_test

import (
	"encoding/binary"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"snakecache/pkg/proto"
	"snakecache/pkg/rdb"
)

// announced are values of few bytes that promise very many: elements, entries, or what compression saved.
var announced = func() map[string]string {
	const huge = "\x81\x00\x00\x01\x00\x00\x00\x00\x00" // 2^40 as a length
	listpack := func(count string, entries string) string {
		b := binary.LittleEndian.AppendUint32(nil, uint32(7+len(entries)))
		return string(b) + count + entries + "\xff"
	}
	text := func(s string) string { return string(byte(len(s))) + s }
	values := map[string]string{
		"string":              "\x00" + huge,
		"compressed string":   "\x00\xc3\x04" + huge + "\xe0\xff\x00\x00",
		"compression of none": "\x00\xc3" + huge + huge,
		"bomb":                "\x00\xc3\x3f\x83\xff\xff\xff\xff" + strings.Repeat("\xe0\xff\x00", 21),
		"intset":              "\x0b\x09\x08\x00\x00\x00\xff\xff\xff\xff\x00",
		"ziplist":             "\x0a\x0b\xff\xff\xff\x7f\x0a\x00\x00\x00\xff\xff\xff",
		"listpack's count":    "\x10" + text(listpack("\xfe\xff", "\x81a\x02\x81b\x02")),
		"listpack's length":   "\x10\x0b\xff\xff\xff\x7f\x02\x00\x81a\x02\xff",
		"listpack's string":   "\x14" + text(listpack("\x01\x00", "\xf0\xff\xff\xff\x7f\x81a\x02")),
		"stream's entries":    "\x13\x00" + huge + "\x01\x01\x00\x00\x00\x00" + huge + "\x00",
		"stream's groups":     "\x13\x00\x00\x01\x01\x00\x00\x00\x00\x00" + huge + "\x01g\x01\x01\x00",
		"group's pending":     "\x13\x00\x00\x01\x01\x00\x00\x00\x00\x00\x01\x01g\x01\x01\x00" + huge,
		"group's consumers":   "\x13\x00\x00\x01\x01\x00\x00\x00\x00\x00\x01\x01g\x01\x01\x00\x00" + huge,
		"consumer's pending":  "\x13\x00\x00\x01\x01\x00\x00\x00\x00\x00\x01\x01g\x01\x01\x00\x00\x01\x01c12345678" + huge,
		"stream's nodes": "\x13\x01\x10\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00" +
			text(listpack("\xff\xff", "\xf4\xff\xff\xff\xff\xff\xff\xff\x7f\x09\x00\x01\xf4\xff\xff\xff\xff\xff\xff\xff\x7f\x09\x00\x01")),
	}
	for name, kind := range map[string]string{"list": "\x01", "set": "\x02", "old zset": "\x03", "hash": "\x04", "zset": "\x05", "ziplists": "\x0e", "listpacks": "\x12"} {
		values[name] = kind + huge + "\x01a"
	}
	values["expiring hash"] = "\x18\x00\x00\x00\x00\x00\x00\x00\x00" + huge + "\x00\x01a\x01b"
	return values
}()

// A dump of a hundred bytes is refused without memory for what it announces.
func TestAnnouncedCountsTakeNoMemory(t *testing.T) {
	e := startEngine(t)
	c := e.Connect(proto.RESP2)
	c.Do("RESTORE", "warm", "0", "nothing")
	for name, value := range announced {
		dump := string(rdb.Seal([]byte(value), 10))
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		reply := c.Do("RESTORE", "k", "0", dump)
		runtime.ReadMemStats(&after)
		if !strings.Contains(reply.Text, "Bad data format") {
			t.Errorf("%s: %s", name, reply)
		}
		if took := after.TotalAlloc - before.TotalAlloc; took > 256<<10 {
			t.Errorf("%s: %d bytes of memory for a dump of %d", name, took, len(dump))
		}
	}
	verifyStore(t, e)
}

// All that strings of a dump unfold to is bounded as one argument is.
func TestCompressionIsBounded(t *testing.T) {
	c := startEngine(t).Connect(proto.RESP2)
	c.Do("CONFIG", "SET", "proto-max-bulk-len", "1mb")
	var half []byte // 600,000 bytes
	half = append(half, 0, 'a')
	size := 1
	for size+264 <= 600_000 {
		half, size = append(half, 0xe0, 0xff, 0x00), size+264
	}
	compressed := append([]byte{0xc3, 0x80}, binary.BigEndian.AppendUint32(nil, uint32(len(half)))...)
	compressed = append(compressed, 0x80)
	compressed = append(binary.BigEndian.AppendUint32(compressed, uint32(size)), half...)
	for n, want := range map[int]string{1: "OK", 2: "ERR Bad data format"} {
		list := append([]byte{1, byte(n)}, slices.Repeat(compressed, n)...)
		if reply := c.Do("RESTORE", "k", "0", string(rdb.Seal(list, 10)), "REPLACE"); reply.Text != want {
			t.Errorf("%d strings of %d bytes: %s", n, size, reply)
		}
	}
}

// FuzzRestore's property over dumps that are real but for some bytes.
func TestDamagedDumps(t *testing.T) {
	e := startEngine(t)
	c := e.Connect(proto.RESP2)
	var dumps [][]byte
	for _, requests := range dumped {
		for _, request := range requests {
			c.Do(request...)
		}
		if dump := c.Do("DUMP", "k").Text; len(dump) < 1000 {
			dumps = append(dumps, []byte(dump))
		}
		c.Do("FLUSHALL")
	}
	for _, older := range olderDumps {
		dumps = append(dumps, rdb.Seal([]byte(older.value), 9))
	}
	slices.SortFunc(dumps, slices.Compare)
	random, restored := rand.New(rand.NewPCG(1, 2)), 0
	for i := range 10_000 {
		dump := slices.Clone(dumps[random.IntN(len(dumps))])
		for range 1 + random.IntN(3) {
			dump = damage(random, dump)
		}
		if c.Do("RESTORE", "k", "0", string(sealed(dump))).String() == "+OK" {
			restored++
			useAll(c)
		}
		if i%100 == 0 {
			verifyStore(t, e)
		}
	}
	verifyStore(t, e)
	if restored < 1000 {
		t.Errorf("only %d were restored: this test tests nothing", restored)
	}
}

// damage changes one byte of a dump, leaves some out, or repeats some.
func damage(random *rand.Rand, dump []byte) []byte {
	if len(dump) <= 12 {
		return dump
	}
	at := 1 + random.IntN(len(dump)-11)
	n := min(1+random.IntN(8), len(dump)-10-at)
	switch random.IntN(4) {
	case 0:
		return slices.Delete(dump, at, at+n)
	case 1:
		return slices.Insert(dump, at, slices.Clone(dump[at:at+n])...)
	case 2:
		dump[at]++
	default:
		dump[at] = byte(random.IntN(256))
	}
	return dump
}

// Groups that contradict themselves are refused; what is only strange is a stream like any other.
func TestStrangeGroups(t *testing.T) {
	id := func(ms byte) string { return "\x00\x00\x00\x00\x00\x00\x00" + string(ms) + strings.Repeat("\x00", 8) }
	const moment = "\x01\x02\x03\x04\x05\x06\x00\x00"
	const never = "\x81\xff\xff\xff\xff\xff\xff\xff\xff" // -1, or 2^64-1
	pending := func(ms byte) string { return id(ms) + moment + "\x01" }
	group := func(name string, rest ...string) string {
		return "\x01" + name + "\x05\x00\x00" + strings.Join(rest, "")
	}
	consumer := func(name string, rest ...string) string { return "\x01" + name + moment + strings.Join(rest, "") }
	for _, test := range []struct {
		what, added, groups string
		good                bool
	}{
		{"no groups", "\x07", "\x00", true},
		{"more added than can be counted", never, "\x00", true},
		{"read before the beginning", "\x07", "\x01\x01g\x05\x00\x81\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00", true},
		{"pending in any order, of entries that are gone", "\x07", "\x01" + group("g", "\x02", pending(4), pending(2), "\x01", consumer("c", "\x02", id(4), id(2))), true},
		{"delivered at no time that there is", "\x07", "\x01" + group("g", "\x01", id(4)+strings.Repeat("\xff", 7)+"\x7f\x01", "\x01", consumer("c", "\x01", id(4))), true},
		{"pending for nobody", "\x07", "\x01" + group("g", "\x01", pending(4), "\x00"), false},
		{"pending for a consumer alone", "\x07", "\x01" + group("g", "\x00", "\x01", consumer("c", "\x01", id(4))), false},
		{"pending twice", "\x07", "\x01" + group("g", "\x02", pending(4), pending(4), "\x01", consumer("c", "\x02", id(4), id(4))), false},
		{"pending for two", "\x07", "\x01" + group("g", "\x01", pending(4), "\x02", consumer("c", "\x01", id(4)), consumer("d", "\x01", id(4))), false},
		{"delivered more often than can be counted", "\x07", "\x01" + group("g", "\x01", id(4)+moment+never, "\x01", consumer("c", "\x01", id(4))), false},
		{"a consumer twice", "\x07", "\x01" + group("g", "\x00", "\x02", consumer("c", "\x00"), consumer("c", "\x00")), false},
		{"a group twice", "\x07", "\x02" + group("g", "\x00\x00") + group("g", "\x00\x00"), false},
	} {
		e := startEngine(t)
		c := e.Connect(proto.RESP2)
		value := "\x13\x00\x00" + "\x05\x00" + "\x00\x00" + "\x00\x00" + test.added + test.groups
		if reply := c.Do("RESTORE", "k", "0", string(rdb.Seal([]byte(value), 10))); (reply.Text == "OK") != test.good {
			t.Errorf("%s: %s", test.what, reply)
		}
		useAll(c)
		verifyStore(t, e)
	}
}
