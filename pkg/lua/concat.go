package lua

import "fmt"

// text returns a value as tostring() does without metamethods.
func (L *Thread) text(v Value) Value {
	switch v.Kind() {
	case KindString:
		return v
	case KindNumber:
		return L.OwnString(FormatNumber(v.Float()))
	case KindNil:
		return String("nil")
	case KindBoolean:
		if v.Truth() {
			return String("true")
		}
		return String("false")
	case KindLightUserdata:
		return String("userdata: (nil)")
	}
	return L.OwnString(fmt.Sprintf("%s: %#x", v.Kind(), v.address()))
}

// bytesPerStep is how many bytes are copied in the time of a step.
const bytesPerStep = 512

// concat joins the values from one place of the stack to another, and leaves the result at the first. As many strings and numbers as
// follow each other are joined at once, from the right.
func (L *Thread) concat(first, last int) {
	for last > first {
		x, y := L.stack[last-1], L.stack[last]
		if !(x.IsString() || x.IsNumber()) || !(y.IsString() || y.IsNumber()) {
			v, ok := L.binary(x, y, "__concat")
			if !ok {
				L.concatError(x, y, last)
			}
			last--
			L.stack[last] = v
			continue
		}
		from := last - 1
		for from > first && (L.stack[from-1].IsString() || L.stack[from-1].IsNumber()) {
			from--
		}
		L.stack[from] = L.join(L.stack[from : last+1])
		last = from
	}
}

// join makes one string of strings and numbers.
func (L *Thread) join(values []Value) Value {
	size, empty, only := 0, 0, -1
	for i := range values {
		n := maxNumber
		if values[i].IsString() {
			n = len(values[i].Str())
		}
		if n == 0 {
			empty++
		} else {
			only = i
		}
		size += n
	}
	if size > MaxString {
		L.runtimeError("string length overflow")
	}
	if empty >= len(values)-1 {
		return L.text(values[max(only, 0)])
	}
	L.Step(size / bytesPerStep)
	L.MustFit(int64(size))
	L.Charge(int64(size) + stringSize)
	buffer := make([]byte, 0, size)
	for i := range values {
		if v := &values[i]; v.IsString() {
			buffer = append(buffer, v.Str()...)
		} else {
			buffer = AppendNumber(buffer, v.Float())
		}
	}
	return adopt(buffer)
}

func (L *Thread) concatError(x, y Value, last int) {
	if x.IsString() || x.IsNumber() {
		L.typeErrorAt(y, L.register(last), "concatenate")
	}
	L.typeErrorAt(x, L.register(last-1), "concatenate")
}
