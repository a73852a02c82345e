package proto

// EncodePush returns the strings as one value that answers no request: a push in RESP3, an array in RESP2. Nobody is to
// change it, so that one copy serves everybody who is sent it.
func EncodePush(dialect int, parts ...[]byte) []byte {
	kind := byte('*')
	if dialect == RESP3 {
		kind = '>'
	}
	size := maxIntLen + 3
	for _, part := range parts {
		size += len(part) + maxIntLen + 5
	}
	b := appendHead(make([]byte, 0, size), kind, len(parts))
	for _, part := range parts {
		b = appendHead(b, '$', len(part))
		b = append(append(b, part...), '\r', '\n')
	}
	return b
}

// Seal makes what the reply holds so far a piece of its own, behind which it goes on in fresh memory. A reply that is written
// to for long and not read would else be copied each time its buffer has to grow. Marks are good no more.
func (r *Reply) Seal() {
	if len(r.buf) == 0 {
		return
	}
	last := len(r.refs) - 1
	if last < 0 || r.refs[last].at == 0 {
		r.refs = append(r.refs, reference{0, r.buf})
	} else {
		r.refs = r.sealedRefs()
	}
	r.refBytes += len(r.buf)
	r.buf = nil
}

// sealedRefs returns all pieces of the reply as references to before its first byte.
func (r *Reply) sealedRefs() (refs []reference) {
	from := 0
	for _, ref := range r.refs {
		if ref.at > from {
			refs = append(refs, reference{0, r.buf[from:ref.at]})
		}
		refs = append(refs, reference{0, ref.data})
		from = ref.at
	}
	if from < len(r.buf) {
		refs = append(refs, reference{0, r.buf[from:]})
	}
	return refs
}

// Shrink gives the memory of an empty reply back if it has room for more than so many bytes.
func (r *Reply) Shrink(bytes int) {
	if cap(r.buf) > bytes {
		r.buf = nil
	}
	if len(r.refs) == 0 {
		r.refs = nil
	}
}
