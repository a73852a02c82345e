package store

import (
	"strconv"
	"testing"
)

// defaultStream returns an empty stream under Redis' default.
func defaultStream() *Stream {
	limit := newStreamLimit(4096, 100)
	return newStream(&limit)
}

// benchPair is an entry of one short field and value.
func benchPair(i int) [][]byte {
	return [][]byte{[]byte("field"), strconv.AppendInt([]byte("value:"), int64(i), 10)}
}

func benchStream(n int) *Stream {
	s := defaultStream()
	for i := range n {
		s.Add(StreamID{uint64(1_700_000_000_000 + i), 0}, benchPair(i))
	}
	return s
}

func BenchmarkStreamAdd(b *testing.B) {
	s, pair, ms := defaultStream(), benchPair(1), uint64(0)
	b.ReportAllocs()
	for b.Loop() {
		ms++
		s.Add(StreamID{ms, 0}, pair)
	}
	b.ReportMetric(float64(s.Size())/float64(s.Len()), "B/entry")
}

// BenchmarkStreamQueue adds at one end and trims the other, as XADD with MAXLEN ~ does.
func BenchmarkStreamQueue(b *testing.B) {
	s, pair, ms := defaultStream(), benchPair(1), uint64(0)
	b.ReportAllocs()
	for b.Loop() {
		ms++
		s.Add(StreamID{ms, 0}, pair)
		s.Trim(StreamTrim{MaxLen: 10_000, Approx: true, Limit: 10_000})
	}
}

func BenchmarkStreamRange(b *testing.B) {
	s, n := benchStream(100_000), 0
	b.ReportAllocs()
	for i := uint64(0); b.Loop(); i++ {
		n = 0
		s.Range(StreamID{1_700_000_000_000 + i*7919%99_000, 0}, MaxStreamID, func(e StreamEntry) bool {
			e.Each(func(_, value []byte) { n++ })
			return n < 10
		})
	}
}

// BenchmarkGroup delivers entries to consumers by turns and acknowledges those of a while ago.
func BenchmarkGroup(b *testing.B) {
	s := defaultStream()
	s.CreateGroup([]byte("g"), StreamID{}, 0)
	g := s.Group([]byte("g"))
	var consumers []*StreamConsumer
	for i := range 10 {
		consumers = append(consumers, g.CreateConsumer(strconv.AppendInt(nil, int64(i), 10), 0))
	}
	b.ReportAllocs()
	for ms := uint64(1); b.Loop(); ms++ {
		g.Deliver(StreamID{ms, 0}, consumers[ms%10], 0)
		if ms > 100_000 {
			g.Acknowledge(StreamID{ms - 100_000, 0})
		}
	}
	b.ReportMetric(float64(s.Size())/float64(g.Pending()), "B/pending")
}
