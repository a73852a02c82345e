package store

import (
	"strconv"
	"testing"
)

func benchList(n int, value func(i int) []byte) *List {
	l := defaultList()
	for i := range n {
		l.PushBack(value(i))
	}
	return l
}

func word(i int) []byte   { return strconv.AppendInt([]byte("element:"), int64(i), 10) }
func number(i int) []byte { return strconv.AppendInt(nil, int64(i), 10) }

func BenchmarkListPushBack(b *testing.B) {
	l, v := defaultList(), word(1)
	b.ReportAllocs()
	for b.Loop() {
		l.PushBack(v)
	}
}

func BenchmarkListPushFront(b *testing.B) {
	l, v := defaultList(), word(1)
	b.ReportAllocs()
	for b.Loop() {
		l.PushFront(v)
	}
}

func BenchmarkListQueue(b *testing.B) {
	for _, n := range []int{1, 100, 100_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			l, v := benchList(n, word), word(1)
			b.ReportAllocs()
			for b.Loop() {
				l.PushFront(v)
				l.PopBack()
			}
		})
	}
}

// BenchmarkListBothEnds is the worst case for the room in a single chunk.
func BenchmarkListBothEnds(b *testing.B) {
	l, v := defaultList(), word(1)
	b.ReportAllocs()
	for b.Loop() {
		if l.Len() > 600 {
			l.Trim(0, 0)
		}
		l.PushFront(v)
		l.PushBack(v)
	}
}

func BenchmarkListRange100(b *testing.B) {
	for _, bb := range []struct {
		name  string
		value func(int) []byte
		start int
	}{{"head", word, 0}, {"middle", word, 5000}, {"numbers", number, 0}} {
		b.Run(bb.name, func(b *testing.B) {
			l, n := benchList(10_000, bb.value), 0
			b.ReportAllocs()
			for b.Loop() {
				l.Range(bb.start, bb.start+99, func(v []byte) bool {
					n += len(v)
					return true
				})
			}
		})
	}
}

func BenchmarkListIndexMiddle(b *testing.B) {
	l := benchList(100_000, word)
	b.ReportAllocs()
	for b.Loop() {
		l.Index(50_000)
	}
}

func BenchmarkListRemoveNone(b *testing.B) {
	l, v := benchList(10_000, word), word(-1)
	b.ReportAllocs()
	for b.Loop() {
		l.Remove(0, v)
	}
}
