package proto

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"
)

// A push is encoded as a reply would write it.
func TestEncodePush(t *testing.T) {
	for _, dialect := range []int{RESP2, RESP3} {
		for _, parts := range [][][]byte{{}, {nil}, {[]byte("message"), []byte("c\r\n"), bytes.Repeat([]byte("x"), 100_000)}} {
			var r Reply
			r.SetDialect(dialect)
			r.Push(len(parts))
			for _, part := range parts {
				r.Bulk(part)
			}
			if want, _ := r.Bytes(); !bytes.Equal(EncodePush(dialect, parts...), want) {
				t.Errorf("%.80q in RESP%d is encoded as %.80q", want, dialect, EncodePush(dialect, parts...))
			}
		}
	}
}

// Whatever is written to a reply, sealed in between or not, comes out in the same order.
func TestSeal(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var r Reply
		var want []byte
		size := rapid.SampledFrom([]int{0, 1, 100, RefSize - 1, RefSize, RefSize + 1})
		next := byte('a')
		piece := func() []byte {
			next++
			return bytes.Repeat([]byte{next}, size.Draw(rt, "size"))
		}
		rt.Repeat(map[string]func(*rapid.T){
			"raw": func(*rapid.T) {
				b := piece()
				r.Raw(b)
				want = append(want, b...)
			},
			"join": func(*rapid.T) {
				var other Reply
				b, c := piece(), piece()
				other.Raw(b)
				other.Raw(c)
				r.Join(&other)
				want = append(append(want, b...), c...)
			},
			"seal":   func(*rapid.T) { r.Seal() },
			"shrink": func(*rapid.T) { r.Reset(); r.Shrink(10); want = nil },
			"": func(rt *rapid.T) {
				pieces := r.Pieces(nil)
				if got := bytes.Join(pieces, nil); !bytes.Equal(got, want) || r.Len() != len(want) {
					rt.Fatalf("%d bytes came out of %d", len(got), len(want))
				}
				for _, p := range pieces {
					if len(p) == 0 {
						rt.Fatal("a piece is empty")
					}
				}
			},
		})
	})
}

// An outbox is written to for long: what is in it does not move when it grows.
func TestSealedPiecesStay(t *testing.T) {
	var r Reply
	r.Raw([]byte("first"))
	r.Seal()
	before := &r.Pieces(nil)[0][0]
	for range 1000 {
		r.Raw(make([]byte, 1000))
	}
	if after := &r.Pieces(nil)[0][0]; after != before {
		t.Error("it was copied")
	}
}
