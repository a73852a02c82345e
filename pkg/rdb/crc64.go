package rdb

import "hash/crc64"

// jones is the polynomial of Redis' checksum, bits reversed.
var jones = crc64.MakeTable(0x95AC9329AC4BC9B5)

// checksum is the CRC-64 that Redis puts behind a payload. The standard library's begins and ends with all bits flipped,
// Redis' does not.
func checksum(b []byte) uint64 { return ^crc64.Update(^uint64(0), jones, b) }
