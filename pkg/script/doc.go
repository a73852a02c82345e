// Package script runs what clients send as scripts: it keeps them compiled, gives them the environment that Redis documents
// (KEYS, ARGV, redis.call and its kin, read-only globals and nothing of the system), and converts values between Lua and RESP.
//
// EVAL's scripts share one state of Lua, in which nothing stays behind. Functions of libraries have one of their own, in which libraries
// keep what they like.
//
// It knows commands only by way of Host, which the engine's Script is, and Lua only by way of package lua. Everything here belongs to the
// owner goroutine.
package script
