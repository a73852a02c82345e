package proto

import (
	"bytes"
	"strings"
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
