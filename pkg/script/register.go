package script

import (
	"strings"

	"snakecache/pkg/lua"
	"snakecache/pkg/proto"
)

// register is redis.register_function: of a name and a function, or of a table of named arguments.
func (w *world) register(L *lua.Thread) int {
	l := w.library
	if l == nil {
		raise(L, "redis.register_function can only be called on FUNCTION LOAD command")
	}
	f := &Function{library: l}
	switch L.NArgs() {
	case 1:
		f.readNamed(L)
	case 2:
		f.readPositional(L)
	default:
		raise(L, "wrong number of arguments to redis.register_function")
	}
	if !validName(f.Name) {
		L.Raise(errorTable(L, errLibraryRule))
	}
	if l.function(f.Name) != nil {
		raise(L, "Function already exists in the library")
	}
	l.Functions = append(l.Functions, f)
	return 0
}

func (f *Function) readPositional(L *lua.Thread) {
	f.Name = textOr(L, L.Arg(1), "first argument to redis.register_function must be a string")
	if f.callback = L.Arg(2); !f.callback.IsFunction() {
		raise(L, "second argument to redis.register_function must be a function")
	}
}

func (f *Function) readNamed(L *lua.Thread) {
	if !L.Arg(1).IsTable() {
		raise(L, "calling redis.register_function with a single argument is only applicable to Lua table (representing named arguments).")
	}
	named := false
	L.Arg(1).Table().All(func(k, v lua.Value) bool {
		name := textOr(L, k, "named argument key given to redis.register_function is not a string")
		named = f.readArgument(L, []byte(name), v) || named
		return true
	})
	switch {
	case !named:
		raise(L, "redis.register_function must get a function name argument")
	case f.callback.IsNil():
		raise(L, "redis.register_function must get a callback argument")
	}
}

// readArgument reads one of the named arguments, and tells whether it was the function's name.
func (f *Function) readArgument(L *lua.Thread, name []byte, v lua.Value) bool {
	switch {
	case proto.EqualFold(name, "function_name"):
		f.Name = textOr(L, v, "function_name argument given to redis.register_function must be a string")
		return true
	case proto.EqualFold(name, "description"):
		f.Description = textOr(L, v, "description argument given to redis.register_function must be a string")
		f.Described = true
	case proto.EqualFold(name, "callback"):
		if f.callback = v; !v.IsFunction() {
			raise(L, "callback argument given to redis.register_function must be a function")
		}
	case proto.EqualFold(name, "flags"):
		f.readFlags(L, v)
	default:
		raise(L, "unknown argument given to redis.register_function")
	}
	return false
}

func (f *Function) readFlags(L *lua.Thread, v lua.Value) {
	if !v.IsTable() {
		raise(L, "flags argument to redis.register_function must be a table representing function flags")
	}
	f.Flags = 0
	for i := 1; ; i++ {
		flag := v.Table().GetInt(i)
		if flag.IsNil() {
			return
		}
		name, _ := flag.AsString()
		known, ok := flagNamed(lowerFlag(name))
		if !ok {
			raise(L, "unknown flag given")
		}
		f.Flags |= known
	}
}

// lowerFlag returns the flag that a name is in whatever case, and any other name as it is. Only functions may write them so.
func lowerFlag(name string) string {
	for _, known := range flagNames {
		if proto.EqualFold([]byte(name), known.name) {
			return known.name
		}
	}
	return name
}

// textOr returns a string of its own memory, of what is one or a number. Anything else is an error.
func textOr(L *lua.Thread, v lua.Value, otherwise string) string {
	text, ok := v.AsString()
	if !ok {
		raise(L, otherwise)
	}
	return strings.Clone(text)
}
