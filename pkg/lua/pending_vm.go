package lua

func (L *Thread) XPCall(args, results int, handler Value) *Error { panic("vm") }
