package lua

import (
	"fmt"
	"strconv"
)

// isLua reports whether a frame is of a function written in Lua.
func (ci *frame) isLua() bool { return ci.function != nil && ci.function.proto != nil }

// current is the instruction that a frame executes.
func (ci *frame) current() int { return max(ci.pc-1, 0) }

func (ci *frame) line() int { return int(ci.function.proto.lines[ci.current()]) }

// place returns where a frame is, as "chunk:line: ", or nothing if that is not in Lua.
func (L *Thread) place(ci *frame) string {
	if !ci.isLua() {
		return ""
	}
	return chunkID(ci.function.proto.source, idSize) + ":" + strconv.Itoa(ci.line()) + ": "
}

// level returns the frame at a level of the call stack. Calls that were replaced by tail calls are levels too, but have no frame any more.
func (L *Thread) level(n int) (ci *frame, lost bool) {
	for ci = L.frame; n > 0 && ci.prev != nil; ci = ci.prev {
		n--
		if ci.isLua() {
			n -= ci.tails
		}
	}
	if n < 0 {
		return nil, true
	}
	if n > 0 || ci.prev == nil {
		return nil, false
	}
	return ci, false
}

// Where returns the place where the function at a level of the call stack is, as "chunk:line: ", or nothing if that is not in Lua. The
// current function is level 0, who called it level 1.
func (L *Thread) Where(level int) string {
	if ci, _ := L.level(level); ci != nil {
		return L.place(ci)
	}
	return ""
}

// raisedAt returns what Error.Source and Line are for an error that is raised now.
func (L *Thread) raisedAt() (source string, line int) {
	for n := 0; ; n++ {
		ci, lost := L.level(n)
		switch {
		case lost:
			return "=(tail call)", -1
		case ci == nil:
			return "", 0
		case ci.isLua():
			return ci.function.proto.source, ci.line()
		case n == 1:
			return "=[C]", -1
		}
	}
}

// calledAs returns by what name the current function was called, "?" if the code does not tell, and whether as a method.
func (L *Thread) calledAs() (name string, method bool) {
	ci := L.frame.prev
	if L.frame.prev == nil || !ci.isLua() {
		return "?", false
	}
	p := ci.function.proto
	switch in := p.code[ci.current()]; in.op {
	case opCall, opTailCall, opForIn:
		if kind, name := p.describe(ci.current(), int(in.a)); kind != "" {
			return name, kind == "method"
		}
	}
	return "?", false
}

// register returns which register of the current function of Lua a place of the stack is, -1 if it is none.
func (L *Thread) register(at int) int {
	if ci := L.frame; ci.isLua() && at >= ci.base && at < ci.top {
		return at - ci.base
	}
	return -1
}

// typeErrorAt raises the error that an operation cannot be done with a value, which is in a register of the current function or, with -1 or
// a constant's operand, in none.
func (L *Thread) typeErrorAt(v Value, register int, operation string) {
	kind, name := "", ""
	if ci := L.frame; register >= 0 && register < constantBit && ci.isLua() {
		kind, name = ci.function.proto.describe(ci.current(), register)
	}
	if kind == "" {
		L.runtimeError(fmt.Sprintf("attempt to %s a %s value", operation, v.Kind()))
	}
	L.runtimeError(fmt.Sprintf("attempt to %s %s '%s' (a %s value)", operation, kind, name, v.Kind()))
}

// describe finds out what the code calls the value of a register at an instruction: of what kind and name, or "".
func (p *Prototype) describe(pc, register int) (kind, name string) {
	if name := p.localName(register, pc); name != "" {
		return "local", name
	}
	in, ok := p.lastWrite(pc, register)
	if !ok {
		return "", ""
	}
	switch in.op.generic() {
	case opGetGlobal:
		return "global", p.constants[in.b].Str()
	case opMove:
		if int(in.b) < int(in.a) {
			return p.describe(pc, int(in.b))
		}
	case opGetTable:
		return "field", p.constantName(int(in.c))
	case opGetUpval:
		return "upvalue", p.upvalues[in.b].name
	case opSelf:
		return "method", p.constantName(int(in.c))
	}
	return "", ""
}

func (p *Prototype) constantName(rk int) string {
	if p.stringOperand(rk) {
		return p.constants[rk-constantBit].Str()
	}
	return "?"
}

// localName returns the name of the local variable that is in a register at an instruction.
func (p *Prototype) localName(register, pc int) string {
	for i := range p.locals {
		l := &p.locals[i]
		if l.start > pc {
			break
		}
		if pc < l.end {
			if register == 0 {
				return l.name
			}
			register--
		}
	}
	return ""
}

// lastWrite finds the instruction before pc that has written a register, as far as the order of the code tells.
func (p *Prototype) lastWrite(pc, register int) (in instruction, ok bool) {
	for i := 0; i < pc; i++ {
		c := p.code[i]
		switch {
		case c.op == opJump || c.op == opForLoop || c.op == opForPrep:
			if target := i + 1 + int(c.b); target > i && target <= pc {
				i = target - 1
			}
			if c.op == opJump {
				continue
			}
		case c.op == opSetList:
			i++
			continue
		}
		if c.writes(register) {
			in, ok = c, true
		}
	}
	return in, ok
}

func (in instruction) writes(register int) bool {
	a := int(in.a)
	switch in.op.generic() {
	case opCall, opTailCall:
		return register >= a
	case opForIn:
		return register >= a+2
	case opLoadNil:
		return a <= register && register <= int(in.b)
	case opSelf:
		return register == a || register == a+1
	}
	return in.op.setsA() && register == a
}
