// Package proto speaks RESP, the Redis serialization protocol: it decodes what clients send, encodes what they
// get back, and holds every error text a client can see.
//
// The request side (Decoder) and the reply side (Reply) are ours because they are the hot path and face
// strangers; the client side (values that arrive from a trusted server) is tidwall/resp, see value.go.
package proto

// RedisVersion is the version of Redis whose commands, dialects and texts we speak, as clients are told.
const RedisVersion = "7.4.0"
