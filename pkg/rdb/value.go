package rdb

import (
	"encoding/binary"

	"snakecache/pkg/store"
)

// Types of values, by the byte that begins one. Of most types Redis has had several forms, and we read all of them from
// 2.6 on but zipmaps.
const (
	typeString         = 0
	typeList           = 1
	typeSet            = 2
	typeZSetText       = 3
	typeHash           = 4
	typeZSet           = 5
	typeListZiplist    = 10
	typeSetIntset      = 11
	typeZSetZiplist    = 12
	typeHashZiplist    = 13
	typeListZiplists   = 14
	typeStream1        = 15
	typeHashListpack   = 16
	typeZSetListpack   = 17
	typeListListpacks  = 18
	typeStream2        = 19
	typeSetListpack    = 20
	typeStream3        = 21
	typeHashExpiring   = 24
	typeHashListpackEx = 25
)

// Versions of the format.
const (
	versionWritten  = 10 // Redis 7.0
	versionExpiring = 12 // Redis 7.4, which knows deadlines of fields
	versionRead     = 12
)

// footerSize is that of version and checksum behind a dump.
const footerSize = 2 + 8

// Dump returns a key's value as DUMP does: for Redis 7.0 and newer, or for 7.4 if fields of a hash have deadlines. O(n).
func Dump(e *store.Entry) []byte {
	return Seal(appendValue(nil, e.Value()))
}

// Seal puts version and checksum behind a value.
func Seal(value []byte, version uint16) []byte {
	b := binary.LittleEndian.AppendUint16(value, version)
	return binary.LittleEndian.AppendUint64(b, checksum(b))
}

// Verify reports whether a dump has a version that can be read and has arrived as it was sent.
func Verify(dump []byte) bool {
	if len(dump) < footerSize {
		return false
	}
	at := len(dump) - 8
	return binary.LittleEndian.Uint16(dump[at-2:]) <= versionRead &&
		binary.LittleEndian.Uint64(dump[at:]) == checksum(dump[:at])
}

// Restore reads the value of a dump that Verify has found to be one. It returns either the bytes of a string, or a fresh
// collection, to be given to Replace or Abandon of the keyspace. The error is ErrFormat if the dump holds no value, an empty
// one, or strings that unfold to more than budget bytes.
func Restore(ks *store.Keyspace, dump []byte, budget int64) (text []byte, fresh store.Value, err error) {
	r := &reader{rest: dump[:len(dump)-footerSize], budget: uint64(budget)}
	kind := r.byte()
	if kind == typeString {
		text = r.string()
	} else {
		fresh = r.collection(kind, ks)
	}
	if r.err == nil && len(r.rest) == 0 && (fresh == nil || fresh.Type() == store.TypeStream || fresh.Len() > 0) {
		return text, fresh, nil
	}
	if fresh != nil {
		ks.Abandon(fresh)
	}
	return nil, nil, ErrFormat
}
