package proto

import (
	"bytes"
	"math"
	"strconv"
	"strings"

	"snakecache/pkg/double"
)

// Error is a reply that begins with '-'. Its text is protocol: byte for byte what Redis says, error code first.
type Error string

func (e Error) Error() string { return string(e) }

// Code returns the error's first word, ERR or WRONGTYPE for example, by which errorstats counts.
func (e Error) Code() string {
	for i := range len(e) {
		if e[i] == ' ' {
			return string(e[:i])
		}
	}
	return string(e)
}

// While a request is decoded: the connection is closed after each of these.
const (
	ErrMultibulkLength       Error = "ERR Protocol error: invalid multibulk length"
	ErrBulkLength            Error = "ERR Protocol error: invalid bulk length"
	ErrMultibulkUnauth       Error = "ERR Protocol error: unauthenticated multibulk length"
	ErrBulkUnauth            Error = "ERR Protocol error: unauthenticated bulk length"
	ErrMultibulkCountTooLong Error = "ERR Protocol error: too big mbulk count string"
	ErrBulkCountTooLong      Error = "ERR Protocol error: too big bulk count string"
	ErrInlineTooLong         Error = "ERR Protocol error: too big inline request"
	ErrUnbalancedQuotes      Error = "ERR Protocol error: unbalanced quotes in request"
)

// ErrExpectedDollar tells that an argument of a multibulk request began with got instead of '$'.
func ErrExpectedDollar(got byte) Error {
	return Error("ERR Protocol error: expected '$', got '" + string([]byte{got}) + "'")
}

// At the gate, before a command runs.
const (
	ErrMaxClients     Error = "ERR max number of clients reached"
	ErrNoAuth         Error = "NOAUTH Authentication required."
	ErrOOM            Error = "OOM command not allowed when used memory > 'maxmemory'."
	ErrDebugDisabled  Error = "ERR DEBUG command not allowed. If the enable-debug-command option is set to \"local\", you can run it from a local connection, otherwise you need to set this option in the configuration file, and then restart the server."
	ErrCommandTimeout Error = "ERR command timed out in the queue and was not executed"
	ErrInternal       Error = "ERR internal error, the command was not completed"
	ErrProtected      Error = "DENIED Redis is running in protected mode because protected mode is enabled and no password is set for the default user. In this mode connections are only accepted from the loopback interface. If you want to connect from external computers to Redis you may adopt one of the following solutions: 1) Just disable protected mode sending the command 'CONFIG SET protected-mode no' from the loopback interface by connecting to Redis from the same host the server is running, however MAKE SURE Redis is not publicly accessible from internet if you do so. Use CONFIG REWRITE to make this change permanent. 2) Alternatively you can just disable the protected mode by editing the Redis configuration file, and setting the protected mode option to 'no', and then restarting the server. 3) If you started the server manually just for testing, restart it with the '--protected-mode no' option. 4) Setup a an authentication password for the default user. NOTE: You only need to do one of the above things in order for the server to start accepting connections from the outside."
)

// ErrArity tells that the command called name got the wrong number of arguments.
func ErrArity(name string) Error {
	return Error("ERR wrong number of arguments for '" + name + "' command")
}

// echoLimit is how many bytes of a client's own words an error text repeats.
const echoLimit = 128

// ErrUnknownCommand names the command as it was sent and the first arguments, each cut to 128 bytes.
func ErrUnknownCommand(args Args) Error {
	text := "ERR unknown command '" + cut(args[0]) + "', with args beginning with: "
	echoed := 0
	for _, arg := range args[1:] {
		if echoed >= echoLimit {
			break
		}
		word := untilNUL(arg[:min(len(arg), echoLimit-echoed)])
		text += "'" + word + "' "
		echoed += len(word) + 3
	}
	return Error(text)
}

// ErrUnknownSubcommand names a subcommand that the container command called name does not have.
func ErrUnknownSubcommand(name string, sub []byte) Error {
	return Error("ERR unknown subcommand '" + cut(sub) + "'. Try " + strings.ToUpper(name) + " HELP.")
}

// cut is what Redis' format %.128s makes of b.
func cut(b []byte) string { return untilNUL(b[:min(len(b), echoLimit)]) }

// untilNUL is what Redis' format %s makes of b: a NUL ends it.
func untilNUL(b []byte) string {
	before, _, _ := bytes.Cut(b, []byte{0})
	return string(before)
}

// While a script runs, for what it calls.
const (
	ErrScriptUnknown   Error = "ERR Unknown Redis command called from script"
	ErrScriptArity     Error = "ERR Wrong number of args calling Redis command from script"
	ErrScriptForbidden Error = "ERR This Redis command is not allowed from script"
	ErrScriptReadOnly  Error = "ERR Write commands are not allowed from read-only scripts."
	ErrScriptStack     Error = "ERR reached lua stack limit"
)

// And for others meanwhile.
const (
	ErrBusyScript       Error = "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE."
	ErrBusyFunction     Error = "BUSY Redis is busy running a script. You can only call FUNCTION KILL or SHUTDOWN NOSAVE."
	ErrScriptNotBusy    Error = "NOTBUSY No scripts in execution right now."
	ErrScriptUnkillable Error = "UNKILLABLE Sorry the script already executed write commands against the dataset. You can either wait the script termination or kill the server in a hard way using the SHUTDOWN NOSAVE command."
)

// Before a script runs.
const (
	ErrNoScript        Error = "NOSCRIPT No matching script. Please use EVAL."
	ErrScriptKeys      Error = "ERR Number of keys can't be greater than number of args"
	ErrScriptKeysMinus Error = "ERR Number of keys can't be negative"
	ErrScriptWrites    Error = "ERR Can not execute a script with write flag using *_ro command."
	ErrScriptFlush     Error = "ERR SCRIPT FLUSH only support SYNC|ASYNC option"
	ErrScriptDebug     Error = "ERR Use SCRIPT DEBUG YES/SYNC/NO"
	ErrNoScriptDebug   Error = "ERR SCRIPT DEBUG is not supported by this server"
)

// About libraries of functions.
const (
	ErrNoFunction      Error = "ERR Function not found"
	ErrFunctionKeys    Error = "ERR Bad number of keys provided"
	ErrNoLibrary       Error = "ERR Library not found"
	ErrLibraryMissing  Error = "ERR library name argument was not given"
	ErrFunctionFlush   Error = "ERR FUNCTION FLUSH only supports SYNC|ASYNC option"
	ErrRestorePolicy   Error = "ERR Wrong restore policy given, value should be either FLUSH, APPEND or REPLACE."
	ErrNotFunctions    Error = "ERR given type is not a function"
	ErrOldFunctions    Error = "ERR Pre-GA function format not supported"
	ErrFunctionPayload Error = "ERR Failed loading library payload"
)

// ErrLoadOption names a word that FUNCTION LOAD does not know, ErrListOption one that FUNCTION LIST does not.
func ErrLoadOption(word []byte) Error { return Error("ERR Unknown option given: " + untilNUL(word)) }
func ErrListOption(word []byte) Error { return Error("ERR Unknown argument " + untilNUL(word)) }

// While a command reads its arguments or its data.
const (
	ErrSyntax      Error = "ERR syntax error"
	ErrNotInt      Error = "ERR value is not an integer or out of range"
	ErrNotFloat    Error = "ERR value is not a valid float"
	ErrNotPositive Error = "ERR value is out of range, must be positive"
	ErrOverflow    Error = "ERR increment or decrement would overflow"
	ErrNoSuchKey   Error = "ERR no such key"
	ErrWrongType   Error = "WRONGTYPE Operation against a key holding the wrong kind of value"
)

// While strings are changed.
const (
	ErrDecrOverflow  Error = "ERR decrement would overflow"
	ErrNaNOrInfinity Error = "ERR increment would produce NaN or Infinity"
	ErrOffsetRange   Error = "ERR offset is out of range"
	ErrStringTooLong Error = "ERR string exceeds maximum allowed size (proto-max-bulk-len)"
)

// While deadlines are read.
const (
	ErrExpireNX   Error = "ERR NX and XX, GT or LT options at the same time are not compatible"
	ErrExpireGTLT Error = "ERR GT and LT options at the same time are not compatible"
)

// ErrInvalidExpire tells that the deadline in a request for the command called name is out of range.
func ErrInvalidExpire(name string) Error {
	return Error("ERR invalid expire time in '" + name + "' command")
}

// ErrUnsupportedOption names a word that EXPIRE and its kind do not know.
func ErrUnsupportedOption(word []byte) Error {
	return Error("ERR Unsupported option " + untilNUL(word))
}

// While keys are looked at or scanned.
const (
	ErrInvalidCursor Error = "ERR invalid cursor"
	ErrNoValues      Error = "ERR NOVALUES option can only be used in HSCAN"
	ErrNotLFU        Error = "ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust."
	ErrLFU           Error = "ERR An LFU maxmemory policy is selected, idle time not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust."
)

// While lists are searched and edited.
const (
	ErrNotNegatable   Error = "ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807"
	ErrRankZero       Error = "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end of the list"
	ErrCountNegative  Error = "ERR COUNT can't be negative"
	ErrMaxLenNegative Error = "ERR MAXLEN can't be negative"
	ErrIndex          Error = "ERR index out of range"
)

// While hashes are read and changed.
const (
	ErrHashNotInt      Error = "ERR hash value is not an integer"
	ErrHashNotFloat    Error = "ERR hash value is not a float"
	ErrIsNaNOrInfinity Error = "ERR value is NaN or Infinity"
	ErrOutOfRange      Error = "ERR value is out of range"
)

// While sorted sets are read and changed.
const (
	ErrScoreNaN        Error = "ERR resulting score is not a number (NaN)"
	ErrZAddNXXX        Error = "ERR XX and NX options at the same time are not compatible"
	ErrZAddGTLTNX      Error = "ERR GT, LT, and/or NX options at the same time are not compatible"
	ErrZAddIncr        Error = "ERR INCR option supports a single increment-element pair"
	ErrScoreRange      Error = "ERR min or max is not a float"
	ErrLexRange        Error = "ERR min or max not valid string range item"
	ErrLimitOfRanks    Error = "ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX"
	ErrWithScoresByLex Error = "ERR syntax error, WITHSCORES not supported in combination with BYLEX"
	ErrWeight          Error = "ERR weight value is not a float"
	ErrCountZero       Error = "ERR count should be greater than 0"
)

// ErrNoInputKeys tells that a request for the command called name counts less than one key.
func ErrNoInputKeys(name string) Error {
	return Error("ERR at least 1 input key is needed for '" + name + "' command")
}

// While places are read and sought.
const (
	ErrUnit            Error = "ERR unsupported unit provided. please use M, KM, FT, MI"
	ErrRadius          Error = "ERR need numeric radius"
	ErrRadiusNegative  Error = "ERR radius cannot be negative"
	ErrWidth           Error = "ERR need numeric width"
	ErrHeight          Error = "ERR need numeric height"
	ErrBoxNegative     Error = "ERR height or width cannot be negative"
	ErrNoPlace         Error = "ERR could not decode requested zset member"
	ErrCountNotAbove0  Error = "ERR COUNT must be > 0"
	ErrAnyWithoutCount Error = "ERR the ANY argument requires COUNT argument"
)

// ErrPlace names two coordinates that no place with a position has.
func ErrPlace(longitude, latitude float64) Error {
	return Error("ERR invalid longitude,latitude pair " + fixed(longitude) + "," + fixed(latitude))
}

// fixed is what C's format %f makes of a number.
func fixed(f float64) string {
	if math.IsInf(f, 0) {
		return string(double.Append(nil, f))
	}
	return strconv.FormatFloat(f, 'f', 6, 64)
}

// ErrGeoStore tells that a command which stores places was to answer facts about them too.
func ErrGeoStore(what string) Error {
	return Error("ERR " + what + " is not compatible with WITHDIST, WITHHASH and WITHCOORD options")
}

// ErrGeoFrom and ErrGeoBy tell that a request, which calls its command name, does not say where to seek or how far.
func ErrGeoFrom(name []byte) Error {
	return Error("ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for " + untilNUL(name))
}

func ErrGeoBy(name []byte) Error {
	return Error("ERR exactly one of BYRADIUS and BYBOX can be specified for " + untilNUL(name))
}

// While fields of hashes are given deadlines.
const (
	ErrExpireNegative    Error = "ERR invalid expire time, must be >= 0"
	ErrNoFields          Error = "ERR Mandatory argument FIELDS is missing or not at the right position"
	ErrNumFields         Error = "ERR The `numfields` parameter must match the number of arguments"
	ErrNumFieldsZero     Error = "ERR Parameter `numFields` should be greater than 0"
	ErrNumFieldsPositive Error = "ERR Number of fields must be a positive integer"
	ErrFieldCount        Error = "ERR invalid number of fields"
	ErrOneFieldCondition Error = "ERR Only one of FXX or FNX arguments can be specified"
	ErrOneFieldExpiry    Error = "ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified"
)

// ErrUnknownArgument names a word that HSETEX does not know.
func ErrUnknownArgument(word []byte) Error { return Error("ERR unknown argument: " + untilNUL(word)) }

// While a client introduces itself.
const (
	ErrProtoNotInt   Error = "ERR Protocol version is not an integer or out of range"
	ErrNoProto       Error = "NOPROTO unsupported protocol version"
	ErrHelloNoAuth   Error = "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time"
	ErrWrongPass     Error = "WRONGPASS invalid username-password pair or user is disabled."
	ErrNoPasswordSet Error = "ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?"
	ErrClientName    Error = "ERR Client names cannot contain spaces, newlines or special characters."
	ErrDBIndex       Error = "ERR DB index is out of range"
	ErrNotInt32      Error = "ERR value is out of range, value must between -2147483648 and 2147483647"
)

// ErrHelloOption names a word that HELLO does not know, or whose values are missing.
func ErrHelloOption(word []byte) Error {
	return Error("ERR Syntax error in HELLO option '" + untilNUL(word) + "'")
}

// ErrClientInfo tells that the value of an attribute, spelt as the client spelt it, has bytes it may not have.
func ErrClientInfo(attribute []byte) Error {
	return Error("ERR " + string(attribute) + " cannot contain spaces, newlines or special characters.")
}

// ErrUnrecognizedOption names an attribute that CLIENT SETINFO does not know.
func ErrUnrecognizedOption(attribute []byte) Error {
	return Error("ERR Unrecognized option '" + untilNUL(attribute) + "'")
}

// While clients are listed or killed.
const (
	ErrClientID      Error = "ERR Invalid client ID"
	ErrClientIDRange Error = "ERR client-id should be greater than 0"
	ErrMaxAgeNotInt  Error = "ERR maxage is not an integer or out of range"
	ErrMaxAgeRange   Error = "ERR maxage should be greater than 0"
	ErrNoSuchClient  Error = "ERR No such client"
)

// ErrNoSuchUser names a user that does not exist.
func ErrNoSuchUser(name []byte) Error { return Error("ERR No such user '" + untilNUL(name) + "'") }

// ErrClientType names a word that is no type of client.
func ErrClientType(word []byte) Error {
	return Error("ERR Unknown client type '" + untilNUL(word) + "'")
}

// While the server is administered or asked about its commands.
const (
	ErrNoConfigFile     Error = "ERR The server is running without a config file"
	ErrInvalidCommand   Error = "ERR Invalid command specified"
	ErrNoKeyArguments   Error = "ERR The command has no key arguments"
	ErrInvalidArgCount  Error = "ERR Invalid number of arguments specified for command"
	ErrInvalidArguments Error = "ERR Invalid arguments specified for command"
)

// ErrConfigSet is what CONFIG SET answers when the settings refused a change for the reason err.
func ErrConfigSet(err error) Error { return Error("ERR " + err.Error()) }

// ErrSubcommandSyntax is ErrUnknownSubcommand from a command that reads its subcommands itself, as DEBUG does.
func ErrSubcommandSyntax(name string, sub []byte) Error {
	return Error("ERR unknown subcommand or wrong number of arguments for '" + cut(sub) + "'. Try " + strings.ToUpper(name) + " HELP.")
}

// While bits of strings are read and set.
const (
	ErrBitOffset        Error = "ERR bit offset is not an integer or out of range"
	ErrBitValue         Error = "ERR bit is not an integer or out of range"
	ErrBitArgument      Error = "ERR The bit argument must be 1 or 0."
	ErrBitopNot         Error = "ERR BITOP NOT must be called with a single source key."
	ErrBitfieldType     Error = "ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is."
	ErrBitfieldOverflow Error = "ERR Invalid OVERFLOW type specified"
	ErrBitfieldReadOnly Error = "ERR BITFIELD_RO only supports the GET subcommand"
)

// ErrBitopSources tells that an operation of BITOP, in capitals, got fewer than two sources.
func ErrBitopSources(operation string) Error {
	return Error("ERR BITOP " + operation + " must be called with at least two source keys.")
}

// While two strings are compared.
const (
	ErrLCSType    Error = "ERR The specified keys must contain string values"
	ErrLCSBoth    Error = "ERR If you want both the length and indexes, please just use IDX."
	ErrLCSTooLong Error = "ERR String too long for LCS"
	ErrLCSTable   Error = "ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len"
	ErrLCSMemory  Error = "ERR Insufficient memory, failed allocating transient memory for LCS"
)

// While HyperLogLogs are read.
const (
	ErrNotHLL       Error = "WRONGTYPE Key is not a valid HyperLogLog string value."
	ErrHLLCorrupt   Error = "INVALIDOBJ Corrupted HLL object detected"
	ErrHLLNoKey     Error = "ERR The specified key does not exist"
	ErrHLLNotSparse Error = "ERR HLL encoding is not sparse"
)

// ErrPfdebugSubcommand names a word that PFDEBUG does not know.
func ErrPfdebugSubcommand(word []byte) Error {
	return Error("ERR Unknown PFDEBUG subcommand '" + untilNUL(word) + "'")
}

// While strings are written on conditions.
const (
	ErrDigest          Error = "ERR must be exactly 16 hexadecimal characters"
	ErrDelexType       Error = "ERR Key should be of string type if conditions are specified"
	ErrDelexCondition  Error = "ERR Invalid condition. Use IFEQ, IFNE, IFDEQ, or IFDNE"
	ErrMsetexNumKeys   Error = "ERR invalid numkeys value"
	ErrPairs           Error = "ERR wrong number of key-value pairs"
	ErrENX             Error = "ERR ENX flag requires an expiration"
	ErrBounds          Error = "ERR LBOUND can't be greater than UBOUND"
	ErrInfiniteOperand Error = "ERR BYFLOAT increment cannot be Infinity"
	ErrInfiniteValue   Error = "ERR value cannot be Infinity"
	ErrAppliedOverflow Error = "ERR applied increment would overflow"
	ErrAppliedInfinite Error = "ERR applied increment would be Infinity"
)

// ErrNotIntNamed and ErrNotFloatNamed tell which of a request's numbers is none.
func ErrNotIntNamed(name string) Error {
	return Error("ERR " + name + " is not an integer or out of range")
}
func ErrNotFloatNamed(name string) Error { return Error("ERR " + name + " is not a valid float") }

// While sets are combined.
const (
	ErrNumKeys       Error = "ERR numkeys should be greater than 0"
	ErrTooManyKeys   Error = "ERR Number of keys can't be greater than number of args"
	ErrLimitNegative Error = "ERR LIMIT can't be negative"
)

// While keys are copied, moved and sorted.
const (
	ErrSameObject Error = "ERR source and destination objects are the same"
	ErrFirstDB    Error = "ERR invalid first DB index"
	ErrSecondDB   Error = "ERR invalid second DB index"
	ErrScores     Error = "ERR One or more scores can't be converted into double"
)

// While streams are changed and read.
const (
	ErrStreamID        Error = "ERR Invalid stream ID specified as stream command argument"
	ErrIntervalStart   Error = "ERR invalid start ID for the interval"
	ErrIntervalEnd     Error = "ERR invalid end ID for the interval"
	ErrStreamIDZero    Error = "ERR The ID specified in XADD must be greater than 0-0"
	ErrStreamIDSmall   Error = "ERR The ID specified in XADD is equal or smaller than the target stream top item"
	ErrStreamExhausted Error = "ERR The stream has exhausted the last possible ID, unable to add more items"
	ErrStreamEntrySize Error = "ERR Elements are too large to be stored"
	ErrTrimTwice       Error = "ERR syntax error, MAXLEN and MINID options at the same time are not compatible"
	ErrTrimMaxLen      Error = "ERR The MAXLEN argument must be >= 0."
	ErrTrimLimit       Error = "ERR The LIMIT argument must be >= 0."
	ErrTrimLimitAlone  Error = "ERR syntax error, LIMIT cannot be used without specifying a trimming strategy"
	ErrTrimLimitExact  Error = "ERR syntax error, LIMIT cannot be used without the special ~ option"
	ErrTrimWhat        Error = "ERR syntax error, XTRIM must be called with a trimming strategy"
	ErrEntriesAdded    Error = "ERR entries_added must be positive"
	ErrSetIDProvided   Error = "ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id"
	ErrSetIDDeleted    Error = "ERR The ID specified in XSETID is smaller than current max_deleted_entry_id"
	ErrSetIDSmall      Error = "ERR The ID specified in XSETID is smaller than the target stream top item"
	ErrSetIDAdded      Error = "ERR The entries_added specified in XSETID is smaller than the target stream length"
	ErrGroupOption     Error = "ERR The GROUP option is only supported by XREADGROUP. You called XREAD instead."
	ErrNoackOption     Error = "ERR The NOACK option is only supported by XREADGROUP. You called XREAD instead."
	ErrGroupMissing    Error = "ERR Missing GROUP option for XREADGROUP"
	ErrReadGroupDollar Error = "ERR The $ ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer by specifying a proper ID, or use the > ID to get new messages. The $ ID would just return an empty result set."
	ErrReadGroupPlus   Error = "ERR The + ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer by specifying a proper ID, or use the > ID to get new messages. The + ID would just return an empty result set."
	ErrReadNew         Error = "ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option."
)

// ErrUnbalancedStreams tells that the command called name got more keys than IDs, of which symbol is the usual one.
func ErrUnbalancedStreams(name, symbol string) Error {
	return Error("ERR Unbalanced '" + name + "' list of streams: for each stream key an ID or '" + symbol + "' must be specified.")
}

// While consumer groups are changed and read.
const (
	ErrBusyGroup        Error = "BUSYGROUP Consumer Group name already exists"
	ErrGroupNeedsKey    Error = "ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM option to create an empty stream automatically."
	ErrEntriesRead      Error = "ERR value for ENTRIESREAD must be positive or -1"
	ErrClaimMinIdle     Error = "ERR Invalid min-idle-time argument for XCLAIM"
	ErrClaimIdle        Error = "ERR Invalid IDLE option argument for XCLAIM"
	ErrClaimTime        Error = "ERR Invalid TIME option argument for XCLAIM"
	ErrClaimRetryCount  Error = "ERR Invalid RETRYCOUNT option argument for XCLAIM"
	ErrAutoClaimMinIdle Error = "ERR Invalid min-idle-time argument for XAUTOCLAIM"
	ErrAutoClaimCount   Error = "ERR COUNT must be > 0"
)

// ErrNoGroup tells that a key has no such group, ErrNoKeyOrGroup that there may be no such key either, and
// ErrNoKeyOrGroupToRead the same to XREADGROUP.
func ErrNoGroup(key, group []byte) Error {
	return Error("NOGROUP No such consumer group '" + untilNUL(group) + "' for key name '" + untilNUL(key) + "'")
}

func ErrNoKeyOrGroup(key, group []byte) Error {
	return Error("NOGROUP No such key '" + untilNUL(key) + "' or consumer group '" + untilNUL(group) + "'")
}

func ErrNoKeyOrGroupToRead(key, group []byte) Error {
	return ErrNoKeyOrGroup(key, group) + " in XREADGROUP with GROUP option"
}

// ErrClaimOption names a word that XCLAIM does not know.
func ErrClaimOption(word []byte) Error {
	return Error("ERR Unrecognized XCLAIM option '" + untilNUL(word) + "'")
}

// While keys are restored.
const (
	ErrBusyKey      Error = "BUSYKEY Target key name already exists."
	ErrRestoreTTL   Error = "ERR Invalid TTL value, must be >= 0"
	ErrRestoreIdle  Error = "ERR Invalid IDLETIME value, must be >= 0"
	ErrRestoreFreq  Error = "ERR Invalid FREQ value, must be >= 0 and <= 255"
	ErrDumpChecksum Error = "ERR DUMP payload version or checksum are wrong"
	ErrDumpFormat   Error = "ERR Bad data format"
)

// While transactions are queued and executed.
const (
	ErrNestedMulti     Error = "ERR MULTI calls can not be nested"
	ErrWatchInMulti    Error = "ERR WATCH inside MULTI is not allowed"
	ErrExecAlone       Error = "ERR EXEC without MULTI"
	ErrDiscardAlone    Error = "ERR DISCARD without MULTI"
	ErrNoMulti         Error = "ERR Command not allowed inside a transaction"
	ErrTransactionSize Error = "ERR transaction is too large, its commands may take 64 MB of memory"
	ErrExecAbort       Error = "EXECABORT Transaction discarded because of previous errors."
)

// ErrExecRefused tells that EXEC itself was refused, which ends the transaction.
func ErrExecRefused(refusal error) Error {
	return Error("EXECABORT Transaction discarded because of: " + strings.TrimPrefix(refusal.Error(), "ERR "))
}

// While client-side caches are kept true, and clients paused.
const (
	ErrRedirectTwice          Error = "ERR A client can only redirect to a single other client"
	ErrRedirectUnknown        Error = "ERR The client ID you want redirect to does not exist"
	ErrPrefixWithoutBroadcast Error = "ERR PREFIX option requires BCAST mode to be enabled"
	ErrBroadcastSwitch        Error = "ERR You can't switch BCAST mode on/off before disabling tracking for this client, and then re-enabling it with a different mode."
	ErrBroadcastOptions       Error = "ERR OPTIN and OPTOUT are not compatible with BCAST"
	ErrBothOptions            Error = "ERR You can't specify both OPTIN mode and OPTOUT mode"
	ErrOptionSwitch           Error = "ERR You can't switch OPTIN/OPTOUT mode before disabling tracking for this client, and then re-enabling it with a different mode."
	ErrCachingUntracked       Error = "ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled"
	ErrCachingYes             Error = "ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode."
	ErrCachingNo              Error = "ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode."
	ErrPauseMode              Error = "ERR CLIENT PAUSE mode must be WRITE or ALL"

	ErrMonitorReads  Error = "ERR Replica can't interact with the keyspace"
	ErrMonitorInside Error = "ERR MONITOR isn't allowed for DENY BLOCKING client"
)

// ErrPrefixExists and ErrPrefixTwice tell that one of two prefixes begins with the other: the second one is the client's
// already, or comes in the same request.
func ErrPrefixExists(prefix, other string) Error {
	return Error("ERR Prefix '" + prefix + "' overlaps with an existing prefix '" + other + "'. Prefixes for a single client must not overlap.")
}

func ErrPrefixTwice(prefix, other string) Error {
	return Error("ERR Prefix '" + prefix + "' overlaps with another provided prefix '" + other + "'. Prefixes for a single client must not overlap.")
}

// While the slow log and the latency monitor are read.
const ErrSlowlogCount Error = "ERR count should be greater than or equal to -1"

// ErrNoSamples names an event of which the latency monitor knows nothing.
func ErrNoSamples(event []byte) Error {
	return Error("ERR No samples available for event '" + untilNUL(event) + "'")
}

// While the server is asked for what it has not: other users, a cluster, replicas, modules, a disk.
const (
	ErrNoACL           Error = "ERR ACL users other than default are not supported in this release"
	ErrNoACLFile       Error = "ERR This Redis instance is not configured to use an ACL file. You may want to specify users via the ACL SETUSER command and then issue a CONFIG REWRITE (assuming you have a Redis configuration file set) in order to store users in the Redis configuration."
	ErrPasswordBits    Error = "ERR ACL GENPASS argument must be the number of bits for the output password, a positive number up to 4096"
	ErrNoCluster       Error = "ERR This instance has cluster support disabled"
	ErrMasterPort      Error = "ERR Invalid master port"
	ErrNoReplication   Error = "ERR replication is not supported in this release"
	ErrNoReplicas      Error = "ERR FAILOVER requires connected replicas."
	ErrNoFailover      Error = "ERR No failover in progress."
	ErrFailoverTimeout Error = "ERR FAILOVER timeout must be greater than 0"
	ErrModuleDisabled  Error = "ERR MODULE command not allowed. If the enable-module-command option is set to \"local\", you can run it from a local connection, otherwise you need to set this option in the configuration file, and then restart the server."
	ErrNoPersistence   Error = "ERR persistence is not supported in this release: nothing was saved"
	ErrNoShutdown      Error = "ERR No shutdown in progress."
	ErrShutdown        Error = "ERR Errors trying to SHUTDOWN. Check logs."
)

// While DEBUG answers what a client's tests want to see.
const (
	ErrProtocolType Error = "ERR Wrong protocol type name. Please use one of the following: string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false"
	ErrNeedsRESP3   Error = "ERR RESP2 is not supported by this command"
)

// ErrCategory names a word that is no category of commands.
func ErrCategory(word []byte) Error { return Error("ERR Unknown category '" + untilNUL(word) + "'") }

// While clients are blocked.
const (
	ErrTimeoutNotFloat Error = "ERR timeout is not a float or out of range"
	ErrTimeoutNotInt   Error = "ERR timeout is not an integer or out of range"
	ErrTimeoutNegative Error = "ERR timeout is negative"
	ErrTimeoutRange    Error = "ERR timeout is out of range"
	ErrUnblocked       Error = "UNBLOCKED client unblocked via CLIENT UNBLOCK"
	ErrUnblockReason   Error = "ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR"
	ErrNumLocal        Error = "ERR value is out of range, value must between 0 and 1"
	ErrNoAppendOnly    Error = "ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled."
)

// While a client is subscribed.
const ErrShardSubscribe Error = "ERR SSUBSCRIBE isn't allowed for a DENY BLOCKING client"

// ErrSubscribed refuses a command of this full name to a RESP2 client that is subscribed.
func ErrSubscribed(name string) Error {
	return Error("ERR Can't execute '" + name +
		"': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context")
}
