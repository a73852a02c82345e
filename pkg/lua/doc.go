// Package lua is Lua 5.1 for a server that runs other people's scripts: the language of Redis' scripts with the texts of its errors
// and the order of its tables, and with a bound on everything that a script can use up.
//
// It is written from the language's reference manual and from what the reference implementation answers, and replaces it: values are 16
// bytes without an allocation for numbers and strings' headers, a call of a Go function allocates nothing, memory and depth are counted
// (see Limits), and the host is asked every TickSteps steps whether a script may go on (see State.OnTick).
//
// Whatever a script does ends its call with PCall in an Error. Outside of a call, where the host makes values itself, an *Error is
// panicked with when memory is short. Other panics are faults of Go code, and pass.
//
// It differs from the reference implementation, version 5.1.5 as Redis has it, in this:
//
//   - There is no byte code: string.dump always fails, and load and loadstring read text only.
//   - The libraries io, debug and package are left out, and of os all but clock; so are dofile, getfenv, loadfile, module, newproxy,
//     print, require and setfenv, which Redis does not give to scripts either.
//   - There are no finalizers and no weak tables (__gc and __mode mean nothing): memory is Go's to collect, and collectgarbage only
//     measures it.
//   - A pattern that would nest the matcher more than 10,000 deep is an error, where the original overflows its stack.
//   - One in some hundred to thousand results of exp, pow, sin and their like has another last digit than glibc's; see package mathx.
//
// One State belongs to one goroutine. What it knows of Redis is nothing; pkg/script adds that.
package lua
