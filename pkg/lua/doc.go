// Package lua is Lua 5.1 for a server that runs other people's scripts: the language of Redis' scripts with the texts of its errors
// and the order of its tables, and with a bound on everything that a script can use up.
//
// It is written from the language's reference manual and from what the reference implementation answers, and replaces it: values are 16
// bytes without an allocation for numbers and strings' headers, a call of a Go function allocates nothing, and memory, depth and time
// are counted (see Limits). A panic never leaves it: whatever a script does ends in an Error.
//
// One State belongs to one goroutine. What it knows of Redis is nothing; pkg/script adds that.
package lua
