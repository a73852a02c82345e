package commands

import (
	"cmp"
	"slices"
	"strings"

	"snakecache/pkg/actor"
)

// argument is one argument of a command, or several under one roof, as COMMAND DOCS describes them.
type argument struct {
	name, token   string
	kind          string // Redis' type of argument
	keySpec       int    // of what is or makes a key: which of the command's key specifications it belongs to
	optional      bool
	multiple      bool
	multipleToken bool // the token too is repeated
	parts         []argument
}

// Kinds of arguments that mean more than a type of value.
const (
	kindKey       = "key"
	kindPureToken = "pure-token"
	kindOneOf     = "oneof"
	kindBlock     = "block"
)

// argumentKinds are the types of arguments that are not strings, by their names, and by command and name where the
// name says different things.
var argumentKinds = map[string]string{
	"key": kindKey, "key1": kindKey, "key2": kindKey, "newkey": kindKey, "source": kindKey, "destination": kindKey,
	"destkey": kindKey, "dst": kindKey, "src": kindKey, "sourcekey": kindKey,
	"pattern": "pattern", "unix-time-seconds": "unix-time", "unix-time-milliseconds": "unix-time",
	"bit": "integer", "client-id": "integer", "count": "integer", "cursor": "integer", "decrement": "integer", "end": "integer",
	"increment": "integer", "index": "integer", "len": "integer", "maxage": "integer", "milliseconds": "integer",
	"min-match-len": "integer",
	"num-matches":   "integer", "numfields": "integer", "offset": "integer", "protover": "integer", "rank": "integer", "seconds": "integer",
	"start": "integer", "ttl": "integer", "frequency": "integer", "stop": "integer", "incrbyfloat increment": "double",
	"entries-added": "integer", "entries-read": "integer", "ms": "integer", "xpending min-idle-time": "integer",
	"pause timeout": "integer",
	"xrange start":  "string", "xrange end": "string", "xrevrange start": "string", "xrevrange end": "string",
	"xpending start": "string", "xpending end": "string", "xautoclaim start": "string",
	"timeout": "double", "wait timeout": "integer", "waitaof timeout": "integer", "numlocal": "integer", "numreplicas": "integer",
	"float": "double", "integer": "integer", "setbit value": "integer", "bitfield value": "integer",
	"db": "integer", "destination-db": "integer", "index1": "integer", "index2": "integer", "limit": "integer", "numkeys": "integer",
	"slot": "integer", "start-slot": "integer", "end-slot": "integer", "config-epoch": "integer", "port": "integer",
	"cluster-bus-port": "integer", "bits": "integer", "lolwut version": "integer", "keyslot key": "string",
	"hincrbyfloat increment": "double",
	"weight":                 "integer",
	"longitude":              "double", "latitude": "double", "radius": "double", "width": "double", "height": "double",
	"score": "double", "min": "double", "max": "double",
	"zrange start": "string", "zrange stop": "string", "zrangestore min": "string", "zrangestore max": "string",
	"zlexcount min": "string", "zlexcount max": "string", "zrangebylex min": "string", "zrangebylex max": "string",
	"zrevrangebylex min": "string", "zrevrangebylex max": "string", "zremrangebylex min": "string", "zremrangebylex max": "string",
}

// patternKeys are arguments that are no keys but make some, with the key specification that these belong to.
var patternKeys = map[string]int{"sort pattern": 1, "sort_ro pattern": 1}

// tokenNames are those of tokens that are not called as they are written.
var tokenNames = map[string]string{
	"sort ALPHA": "sorting", "sort_ro ALPHA": "sorting", "=": "equal", "~": "approximately", "*": "auto-id", "$": "new-id",
	"zadd CH": "change", "zadd INCR": "increment", "geoadd CH": "change",
}

// parseSyntax reads a row's Syntax: words in capitals are tokens, [a] is optional, <a | b> one of several, and
// "a [a ...]" any number of them.
func parseSyntax(cmd *actor.Command) []argument {
	spaced := strings.NewReplacer("[", " [ ", "]", " ] ", "<", " < ", ">", " > ", "|", " | ").Replace(cmd.Syntax)
	p := syntaxParser{command: cmd.Name, words: strings.Fields(spaced), specs: len(cmd.Keys)}
	arguments, _ := p.sequence()
	return arguments
}

type syntaxParser struct {
	command string
	words   []string // those not read yet
	keys    int      // read so far
	specs   int      // key specifications the command has
}

func (p *syntaxParser) take() string {
	word := p.words[0]
	p.words = p.words[1:]
	return word
}

// sequence reads arguments up to the end of the group they are in, and reports whether three dots ended them.
func (p *syntaxParser) sequence() (arguments []argument, repeated bool) {
	for len(p.words) > 0 && !strings.Contains("]>|", p.words[0]) {
		switch word := p.take(); word {
		case "...":
			repeated = true
		case "<":
			alternatives, _ := p.alternatives()
			arguments = append(arguments, oneOf(alternatives))
		case "[":
			arguments = addOptional(arguments, p)
		default:
			arguments = append(arguments, p.single(word))
		}
	}
	return arguments, repeated
}

// alternatives reads a group to its end: one sequence, or several with | between them.
func (p *syntaxParser) alternatives() (all [][]argument, repeated bool) {
	for {
		one, dots := p.sequence()
		if dots && len(p.words) > 0 && p.words[0] == ">" {
			one = []argument{block(one)}
			one[0].multiple = true
		}
		all, repeated = append(all, one), repeated || dots
		if p.take() != "|" {
			return all, repeated
		}
	}
}

// addOptional reads what stands in brackets. With dots it may repeat what stands before it.
func addOptional(before []argument, p *syntaxParser) []argument {
	keys := p.keys
	alternatives, repeated := p.alternatives()
	first := alternatives[0]
	if from := len(before) - len(first); repeated && from >= 0 && slices.EqualFunc(before[from:], first, alike) {
		p.keys = keys // the same ones again
		whole := block(before[from:])
		whole.multiple, whole.multipleToken = true, whole.token != ""
		return append(before[:from], whole)
	}
	group := oneOf(alternatives)
	group.optional, group.multiple = true, group.multiple || repeated
	return append(before, group)
}

func alike(a, b argument) bool { return a.name == b.name && a.token == b.token }

// single makes an argument of a word. All keys behind the last specification belong to that one.
func (p *syntaxParser) single(word string) argument {
	if word == strings.ToUpper(word) {
		name := cmp.Or(tokenNames[p.command+" "+word], tokenNames[word], strings.ToLower(word))
		return argument{name: name, token: word, kind: kindPureToken}
	}
	kind := argumentKinds[p.command+" "+word]
	if kind == "" {
		kind = argumentKinds[word]
	}
	if kind == "" {
		kind = "string"
	}
	a := argument{name: word, kind: kind}
	if spec, ok := patternKeys[p.command+" "+word]; ok {
		a.keySpec, p.keys = spec, spec+1
	} else if kind == kindKey {
		a.keySpec = min(p.keys, p.specs-1)
		p.keys++
	}
	return a
}

// oneOf makes one argument of alternatives.
func oneOf(alternatives [][]argument) argument {
	if len(alternatives) == 1 {
		return block(alternatives[0])
	}
	var parts []argument
	for _, sequence := range alternatives {
		parts = append(parts, block(sequence))
	}
	return argument{name: joinNames(parts), kind: kindOneOf, parts: parts}
}

// block makes one argument of a sequence. A token at its beginning becomes the token of the rest, or, if that is not just
// values, of the value behind it.
func block(sequence []argument) argument {
	if len(sequence) == 1 {
		return sequence[0]
	}
	first := sequence[0]
	if first.kind == kindPureToken && !isNoValue(sequence[1]) && slices.ContainsFunc(sequence[2:], isNoValue) {
		sequence = slices.Clone(sequence[1:])
		sequence[0].token = first.token
	} else if first.kind == kindPureToken {
		rest := block(sequence[1:])
		if rest.token == "" {
			rest.token = first.token
			return rest
		}
	}
	return argument{name: joinNames(sequence), kind: kindBlock, parts: slices.Clone(sequence)}
}

func isNoValue(a argument) bool { return a.kind == kindPureToken || a.kind == kindOneOf }

// joinNames is how Redis too calls most of the arguments that have parts.
func joinNames(parts []argument) string {
	var names []string
	for _, part := range parts {
		names = append(names, part.name)
	}
	return strings.Join(names, "-")
}

func (a *argument) flags() (names []string) {
	for _, flag := range []struct {
		name string
		set  bool
	}{{"optional", a.optional}, {"multiple", a.multiple}, {"multiple_token", a.multipleToken}} {
		if flag.set {
			names = append(names, flag.name)
		}
	}
	return names
}
