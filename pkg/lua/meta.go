package lua

// maxMetaChain is how many metatables an access goes through.
const maxMetaChain = 100

// metatable returns the metatable of a value, or nil.
func (L *Thread) metatable(v Value) *Table {
	switch v.Kind() {
	case KindTable:
		return v.Table().Meta
	case KindString:
		return L.State.Strings
	}
	return nil
}

// Metafield returns a field of the value's metatable, nil if there is none.
func (L *Thread) Metafield(v Value, name string) Value {
	if t := L.metatable(v); t != nil {
		return t.GetString(name)
	}
	return Nil
}

// Index returns v[k], with metamethods.
func (L *Thread) Index(v, k Value) Value { return L.index(v, k, -1) }

// index is Index for a value of which the register is known for messages.
func (L *Thread) index(v, k Value, register int) Value {
	for range maxMetaChain {
		var method Value
		if v.IsTable() {
			t := v.Table()
			if value := t.Get(k); !value.IsNil() || t.Meta == nil {
				return value
			}
			if method = t.Meta.GetString("__index"); method.IsNil() {
				return Nil
			}
		} else if method = L.Metafield(v, "__index"); method.IsNil() {
			L.typeErrorAt(v, register, "index")
		}
		if method.IsFunction() {
			return L.callMethod(method, v, k)
		}
		v, register = method, -1
	}
	L.runtimeError("loop in gettable")
	return Nil
}

func (L *Thread) setIndex(v, k, value Value, register int) {
	for range maxMetaChain {
		var method Value
		if v.IsTable() {
			t := v.Table()
			if t.Meta == nil || !t.Get(k).IsNil() {
				t.Set(L.State, k, value)
				return
			}
			if method = t.Meta.GetString("__newindex"); method.IsNil() {
				t.Set(L.State, k, value)
				return
			}
		} else if method = L.Metafield(v, "__newindex"); method.IsNil() {
			L.typeErrorAt(v, register, "index")
		}
		if method.IsFunction() {
			L.raiseTop()
			L.Push(method)
			L.Push(v)
			L.Push(k)
			L.Push(value)
			L.Call(3, 0)
			return
		}
		v, register = method, -1
	}
	L.runtimeError("loop in settable")
}

// raiseTop makes sure that what is pushed now lies above the registers of the current function.
func (L *Thread) raiseTop() { L.top = max(L.top, L.frame.top) }

// callMethod calls a metamethod for its one result.
func (L *Thread) callMethod(method, x, y Value) Value {
	L.raiseTop()
	L.Push(method)
	L.Push(x)
	L.Push(y)
	L.Call(2, 1)
	return L.Pop()
}

// binary calls the metamethod of the left operand, or else of the right one.
func (L *Thread) binary(x, y Value, event string) (result Value, ok bool) {
	method := L.Metafield(x, event)
	if method.IsNil() {
		method = L.Metafield(y, event)
	}
	if method.IsNil() {
		return Nil, false
	}
	return L.callMethod(method, x, y), true
}

// arithmeticEvents are the metamethods of opAdd and those that follow it.
var arithmeticEvents = [...]string{"__add", "__sub", "__mul", "__div", "__mod", "__pow", "__unm"}

// arithmetic does an operation of which the operands are not both numbers; b and c are where they are.
func (L *Thread) arithmetic(op opcode, x, y Value, b, c int) Value {
	fx, xok := x.AsNumber()
	fy, yok := y.AsNumber()
	if xok && yok {
		return Number(arithmetic(op, fx, fy))
	}
	if v, ok := L.binary(x, y, arithmeticEvents[op-opAdd]); ok {
		return v
	}
	if !xok {
		y, c = x, b
	}
	L.typeErrorAt(y, c, "perform arithmetic on")
	return Nil
}

// Less reports whether x < y, and Equal whether x == y, both with metamethods. Less raises an error if the two cannot be compared.
func (L *Thread) Less(x, y Value) bool {
	switch {
	case x.IsNumber() && y.IsNumber():
		return x.Float() < y.Float()
	case x.IsString() && y.IsString():
		return x.Str() < y.Str()
	}
	result, ok := L.order(x, y, "__lt")
	if !ok {
		L.orderError(x, y)
	}
	return result
}

// lessOrEqual reports whether x <= y, with __le or else by not y < x.
func (L *Thread) lessOrEqual(x, y Value) bool {
	switch {
	case x.IsNumber() && y.IsNumber():
		return x.Float() <= y.Float()
	case x.IsString() && y.IsString():
		return x.Str() <= y.Str()
	}
	if result, ok := L.order(x, y, "__le"); ok {
		return result
	}
	result, ok := L.order(y, x, "__lt")
	if !ok {
		L.orderError(x, y)
	}
	return !result
}

// order compares by a metamethod that both have in common.
func (L *Thread) order(x, y Value, event string) (result, ok bool) {
	if x.Kind() != y.Kind() {
		return false, false
	}
	method := L.Metafield(x, event)
	if method.IsNil() || !method.Equal(L.Metafield(y, event)) {
		return false, false
	}
	return L.callMethod(method, x, y).Truth(), true
}

func (L *Thread) orderError(x, y Value) {
	if x.Kind() == y.Kind() {
		L.runtimeError("attempt to compare two " + x.Kind().String() + " values")
	}
	L.runtimeError("attempt to compare " + x.Kind().String() + " with " + y.Kind().String())
}

// Equal reports whether x == y.
func (L *Thread) Equal(x, y Value) bool {
	if x.Equal(y) {
		return true
	}
	if !x.IsTable() || !y.IsTable() || x.Table().Meta == nil || y.Table().Meta == nil {
		return false
	}
	result, ok := L.order(x, y, "__eq")
	return ok && result
}

// length returns #v.
func (L *Thread) length(v Value, register int) Value {
	switch {
	case v.IsTable():
		return Int(v.Table().Len())
	case v.IsString():
		return Int(len(v.Str()))
	}
	if method := L.Metafield(v, "__len"); !method.IsNil() {
		return L.callMethod(method, v, Nil)
	}
	L.typeErrorAt(v, register, "get length of")
	return Nil
}

// ToText returns what tostring() does: by the metamethod __tostring if there is one.
func (L *Thread) ToText(v Value) Value {
	if method := L.Metafield(v, "__tostring"); !method.IsNil() {
		L.raiseTop()
		L.Push(method)
		L.Push(v)
		L.Call(1, 1)
		return L.Pop()
	}
	return L.text(v)
}
