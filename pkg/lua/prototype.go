package lua

import (
	"strings"
	"unsafe"
)

// Prototype is compiled code, which does not change: any number of closures, of any states, may share it.
type Prototype struct {
	code       []instruction
	lines      []int32 // of the instructions
	constants  []Value
	hashes     []uint32 // of the constants that are strings
	prototypes []*Prototype
	upvalues   []origin
	locals     []local

	source      string // the chunk's name as given to Compile
	lineDefined int
	parameters  int
	registers   int
	vararg      uint8
}

const (
	prototypeSize   = int64(unsafe.Sizeof(Prototype{}))
	instructionSize = int64(unsafe.Sizeof(instruction{}))
	originSize      = int64(unsafe.Sizeof(origin{}))
	localSize       = int64(unsafe.Sizeof(local{}))
)

// memory returns the bytes of a prototype without its strings and the prototypes in it.
func (p *Prototype) memory() int64 {
	return prototypeSize + int64(len(p.code))*instructionSize + int64(len(p.lines)+len(p.hashes))*4 + int64(len(p.constants))*valueSize +
		int64(len(p.prototypes))*8 + int64(len(p.upvalues))*originSize + int64(len(p.locals))*localSize
}

// allMemory is memory with the prototypes in it.
func (p *Prototype) allMemory() int64 {
	bytes := p.memory()
	for _, inner := range p.prototypes {
		bytes += inner.allMemory()
	}
	return bytes
}

// prototype counts one that was not seen yet. They nest no deeper than syntax may.
func (m *measurement) prototype(p *Prototype) {
	if p == m.lastPrototype {
		return
	}
	m.lastPrototype = p
	if _, seen := m.prototypes[p]; seen {
		return
	}
	m.prototypes[p] = struct{}{}
	m.bytes += p.memory()
	m.add(String(p.source))
	for _, v := range p.constants {
		m.add(v)
	}
	for _, inner := range p.prototypes {
		m.prototype(inner)
	}
}

// The bits of Prototype.vararg. A function with … has a hidden parameter arg, into which the extra arguments go if it does not use … itself.
const (
	varargHasArg   = 1
	varargIsVararg = 2
	varargNeedsArg = 4
)

// origin says where a closure finds a variable when it is made: in a register of the function around it, or among its upvalues.
type origin struct {
	name  string
	local bool
	index int
}

// local is a local variable, for messages: it exists from one instruction to before another.
type local struct {
	name       string
	start, end int
}

// What chunkID returns is bounded, as a C string with its end: in messages of the compiler by more than in those of what runs.
const (
	idSize         = 60
	compilerIDSize = 80
)

// chunkID returns how messages call a chunk with a name as given to Compile.
func chunkID(name string, idSize int) string {
	if name == "" {
		return `[string ""]`
	}
	switch name[0] {
	case '=':
		return name[1:min(len(name), idSize)]
	case '@':
		room := idSize - len(" '...' ") - 1
		if name = name[1:]; len(name) > room {
			return "..." + name[len(name)-room:]
		}
		return name
	}
	room := idSize - len(` [string "..."] `) - 1
	line := name
	if i := strings.IndexAny(name, "\n\r"); i >= 0 {
		line = name[:i]
	}
	line = line[:min(len(line), room)]
	if len(line) < len(name) {
		line += "..."
	}
	return `[string "` + line + `"]`
}
