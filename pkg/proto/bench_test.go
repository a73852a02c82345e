package proto

import (
	"bytes"
	"io"
	"testing"

	"github.com/tidwall/resp"
)

// BenchmarkDecoder decodes pipelines of SET and GET with our decoder and with tidwall/resp's reader of requests. One
// operation is one request.
func BenchmarkDecoder(b *testing.B) {
	const pairs = 50
	wire := pipeline(pairs)
	b.Run("ours", func(b *testing.B) {
		d := NewDecoder(usual)
		b.ReportAllocs()
		b.SetBytes(int64(len(wire) / (2 * pairs)))
		for done := 0; done < b.N; {
			done += drain(b, d, wire)
		}
	})
	b.Run("tidwall", func(b *testing.B) {
		in := bytes.NewReader(nil)
		b.ReportAllocs()
		b.SetBytes(int64(len(wire) / (2 * pairs)))
		for done := 0; done < b.N; {
			in.Reset(wire)
			done += drainTidwall(b, resp.NewReader(in))
		}
	})
}

// drainTidwall reads requests up to the end of the input and returns how many they were.
func drainTidwall(b *testing.B, r *resp.Reader) (requests int) {
	for {
		_, _, _, err := r.ReadMultiBulk()
		if err == io.EOF {
			return requests
		}
		if err != nil {
			b.Fatal(err)
		}
		requests++
	}
}

// BenchmarkReply writes ten values of different kinds; one operation is all of them.
func BenchmarkReply(b *testing.B) {
	for name, dialect := range map[string]int{"RESP2": RESP2, "RESP3": RESP3} {
		b.Run(name, func(b *testing.B) {
			var r Reply
			r.SetDialect(dialect)
			large := make([]byte, RefSize)
			b.ReportAllocs()
			for b.Loop() {
				r.Reset()
				writeSome(&r, large)
			}
		})
	}
}

// BenchmarkReplyBulk writes what GET of a short value answers.
func BenchmarkReplyBulk(b *testing.B) {
	var r Reply
	value := make([]byte, 64)
	b.ReportAllocs()
	for b.Loop() {
		if r.Len() > keptReply/2 {
			r.Reset()
		}
		r.Bulk(value)
	}
}
