package commands

import (
	"bytes"
	"math"

	"snakecache/pkg/proto"
	"snakecache/pkg/store"
)

// longestStreamID is how many bytes Redis reads of an ID.
const longestStreamID = 127

// parseStreamID reads an ID with or without its second part, which is missing in the latter case. Like Redis' it ends where
// a NUL is.
func parseStreamID(arg []byte, missing uint64) (id store.StreamID, ok bool) {
	if len(arg) > longestStreamID {
		return id, false
	}
	arg, _, _ = bytes.Cut(arg, []byte{0})
	ms, seq, dashed := bytes.Cut(arg, []byte{'-'})
	if id.Ms, ok = proto.ParseUint(ms); !ok {
		return id, false
	}
	if id.Seq = missing; dashed {
		id.Seq, ok = proto.ParseUint(seq)
	}
	return id, ok
}

// streamID reads an ID whose second part is 0 if it is missing.
func streamID(arg []byte) (store.StreamID, error) {
	id, ok := parseStreamID(arg, 0)
	if !ok {
		return id, proto.ErrStreamID
	}
	return id, nil
}

// streamIDs reads any number of IDs, into into if they have room there.
func streamIDs(into []store.StreamID, args proto.Args) ([]store.StreamID, error) {
	for _, arg := range args {
		id, err := streamID(arg)
		if err != nil {
			return nil, err
		}
		into = append(into, id)
	}
	return into, nil
}

// boundID reads an ID, or - or + for the first and the last there can be.
func boundID(arg []byte, missing uint64) (store.StreamID, error) {
	switch {
	case isWord(arg, "-"):
		return store.StreamID{}, nil
	case isWord(arg, "+"):
		return store.MaxStreamID, nil
	}
	id, ok := parseStreamID(arg, missing)
	if !ok {
		return id, proto.ErrStreamID
	}
	return id, nil
}

// isWord reports whether an argument is a word that Redis compares as C does, up to a NUL and with its case.
func isWord(arg []byte, word string) bool {
	text, _, _ := bytes.Cut(arg, []byte{0})
	return string(text) == word
}

// startID and endID read a bound of an interval, which an ID behind a parenthesis is not part of.
func startID(arg []byte) (id store.StreamID, err error) {
	if len(arg) < 2 || arg[0] != '(' {
		return boundID(arg, 0)
	}
	if id, err = streamID(arg[1:]); err != nil {
		return id, err
	}
	id, ok := id.Next()
	if !ok {
		return id, proto.ErrIntervalStart
	}
	return id, nil
}

func endID(arg []byte) (id store.StreamID, err error) {
	if len(arg) < 2 || arg[0] != '(' {
		return boundID(arg, math.MaxUint64)
	}
	id, ok := parseStreamID(arg[1:], math.MaxUint64)
	if !ok {
		return id, proto.ErrStreamID
	}
	if id, ok = id.Prev(); !ok {
		return id, proto.ErrIntervalEnd
	}
	return id, nil
}

// newEntryID is what XADD is told of the ID of an entry.
type newEntryID struct {
	given   store.StreamID
	autoSeq bool // the second part is to be chosen
	auto    bool // all of it
}

// readNewEntryID reads any form but the asterisk alone.
func readNewEntryID(arg []byte) (id newEntryID, err error) {
	if ms, auto := bytes.CutSuffix(arg, []byte("-*")); auto && len(arg) <= longestStreamID {
		arg, id.autoSeq = ms, true
		if bytes.IndexByte(ms, '-') >= 0 {
			return id, proto.ErrStreamID
		}
	}
	id.given, err = streamID(arg)
	return id, err
}

// behind returns the ID of an entry added at a time in unix milliseconds to a stream with a last ID.
func (id newEntryID) behind(last store.StreamID, now int64) (store.StreamID, error) {
	next, ok := id.given, true
	switch {
	case last == store.MaxStreamID:
		return next, proto.ErrStreamExhausted
	case id.auto:
		next, ok = last.NextAt(uint64(now))
	case id.autoSeq && next.Ms == last.Ms:
		next.Seq = last.Seq + 1
		ok = next.Seq != 0
	}
	if !ok || next.Compare(last) <= 0 {
		return next, proto.ErrStreamIDSmall
	}
	return next, nil
}

// replyStreamID writes an ID as the bulk string that it is to clients.
func replyStreamID(r *proto.Reply, id store.StreamID) {
	var text [64]byte
	r.Bulk(id.Append(text[:0]))
}

// replyStreamEntry writes an entry: its ID, and its fields and values by turns.
func replyStreamEntry(r *proto.Reply, e store.StreamEntry) {
	r.Array(2)
	replyStreamID(r, e.ID)
	r.Array(2 * e.Len())
	e.Each(func(field, value []byte) {
		r.Bulk(field)
		r.Bulk(value)
	})
}
