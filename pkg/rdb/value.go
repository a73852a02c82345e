package rdb

import (
	"encoding/binary"

	"snakecache/pkg/store"
)

// Types of values in an RDB file.
const (
	typeString           = 0
	typeList             = 1
	typeSet              = 2
	typeZSetText         = 3
	typeHash             = 4
	typeZSet             = 5
	typeListZiplist      = 10
	typeSetIntset        = 11
	typeZSetZiplist      = 12
	typeHashZiplist      = 13
	typeListQuicklist    = 14
	typeStream1          = 15
	typeHashListpack     = 16
	typeZSetListpack     = 17
	typeListQuicklist2   = 18
	typeStream2          = 19
	typeSetListpack      = 20
	typeStream3          = 21
	typeHashDeadlines    = 24
	typeHashListpackEx   = 25
	plainNode            = 1
	packedNode           = 2
	leastVersion         = 10 // what we write: Redis 7.0
	versionWithDeadlines = 12 // of fields: Redis 7.4
	mostVersion          = 12
)
