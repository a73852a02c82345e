// Package rdb reads and writes values in the format of Redis' RDB files, as DUMP and RESTORE carry them: in one piece,
// with a version and a checksum behind. What is written can be read by Redis 7.0 and newer; what is read may come from any
// Redis since 2.6. Bytes that arrive are not trusted: nothing is allocated by a length they announce.
package rdb
