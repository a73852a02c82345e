// Package script runs what clients send as scripts: it keeps them compiled, gives them the environment that Redis documents
// (KEYS, ARGV, redis.call and its kin, read-only globals and nothing of the system), and converts values between Lua and RESP.
//
// EVAL's scripts share one state of Lua, in which no values stay behind but the settings of cjson. Functions of libraries have one of
// their own, in which libraries keep what they like. Both draw from one sequence of math.random, which goes on from script to script.
//
// Redis has no bound on a script's memory; here what needs more than the limit is an error (see Engine.LimitMemory). There is no
// debugger: redis.breakpoint and redis.debug do what they do without one. There are no replicas, so that redis.set_repl only checks what
// it is given, and every client may run every command, which is what redis.acl_check_cmd says.
//
// It knows commands only by way of Host, which the engine's Script is, and Lua only by way of package lua. Everything here belongs to the
// owner goroutine.
package script
