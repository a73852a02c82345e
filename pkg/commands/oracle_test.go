package commands_test

import (
	"fmt"
	"slices"
	"testing"

	"snakecache/internal/redistest"
	"snakecache/pkg/actor/actortest"
	"snakecache/pkg/proto"
)

// newer are the rows that Redis 7.0, the oracle, does not have yet.
var newer = map[string]string{
	"client|setinfo":    "7.2.0",
	"client|no-touch":   "7.2.0",
	"waitaof":           "7.2.0",
	"cluster|myshardid": "7.2.0",
	"hexpire":           "7.4.0",
	"hpexpire":          "7.4.0",
	"hexpireat":         "7.4.0",
	"hpexpireat":        "7.4.0",
	"httl":              "7.4.0",
	"hpttl":             "7.4.0",
	"hexpiretime":       "7.4.0",
	"hpexpiretime":      "7.4.0",
	"hpersist":          "7.4.0",
	"hgetdel":           "8.0.0",
	"hgetex":            "8.0.0",
	"hsetex":            "8.0.0",
	"digest":            "8.4.0",
	"delex":             "8.4.0",
	"msetex":            "8.4.0",
	"increx":            "8.8.0",
}

// infoDiffers are the facts of COMMAND INFO in which we do not follow the oracle, and why.
var infoDiffers = map[string]string{
	"command|getkeys arity":         "7.2 accepts a command without arguments",
	"command|getkeysandflags arity": "7.2 accepts a command without arguments",
	"msetnx tips":                   "7.2 has none: in parts it would not be atomic",
	"randomkey tips":                "7.2 adds how to join replies",
	"scan tips":                     "7.2 adds how to route it and to join replies",
	"zrank arity":                   "7.2 has WITHSCORE",
	"zrevrank arity":                "7.2 has WITHSCORE",
	"blpop flags":                   mayScript,
	"brpop flags":                   mayScript,
	"blmove flags":                  mayScript,
	"brpoplpush flags":              mayScript,
	"bzpopmin flags":                mayScript,
	"bzpopmax flags":                mayScript,
	"wait flags":                    mayScript,
	"wait categories":               "7.2 says that it blocks",
}

const mayScript = "since 7.2 scripts may call it, in which nobody waits"

// infoFacts are the elements of COMMAND INFO's reply but the last, the subcommands, which are asked for by themselves.
var infoFacts = [...]string{
	"name", "arity", "flags", "first key", "last key", "step", "categories", "tips", "key specifications",
}

// duel is a client of ours and one of a real Redis, both in RESP3.
type duel struct {
	ours   *actortest.Client
	theirs *remote
	names  []string // of all our commands that Redis has too
}

func startDuel(t *testing.T) *duel {
	server := redistest.Start(t)
	d := &duel{theirs: dial(t, server.Options().Addr, proto.RESP3)}
	t.Cleanup(func() { d.theirs.conn.Close() })
	engine := startEngine(t)
	d.ours = engine.Connect(proto.RESP3)
	for _, cmd := range engine.Table().Commands() {
		name := cmd.FullName()
		switch known := !d.theirs.must("COMMAND", "INFO", name).Elems[0].Null; {
		case known && newer[name] != "":
			t.Errorf("%s is not newer than the oracle", name)
		case known:
			d.names = append(d.names, name)
		case newer[name] == "":
			t.Errorf("Redis has no %s", name)
		}
	}
	return d
}

func TestRowsAreAsInRedis(t *testing.T) {
	d := startDuel(t)
	for _, name := range d.names {
		ours, theirs := d.ours.Do("COMMAND", "INFO", name).Elems[0], d.theirs.must("COMMAND", "INFO", name).Elems[0]
		for i, fact := range infoFacts {
			sortElems(&ours.Elems[i])
			sortElems(&theirs.Elems[i])
			same := ours.Elems[i].String() == theirs.Elems[i].String()
			if reason := infoDiffers[name+" "+fact]; same == (reason != "") {
				t.Errorf("%s, %s: ours is\n%v\nRedis says\n%v\nallowed because %q", name, fact, ours.Elems[i], theirs.Elems[i], reason)
			}
		}
	}
}

// docsDiffer are the commands whose arguments in COMMAND DOCS are not the oracle's, and why.
var docsDiffer = map[string]string{
	"failover":                "Redis gives the token TO to the block and not to the host behind it",
	"module|loadex":           "7.2 writes ARGS once, before all arguments",
	"acl|cat":                 "7.2 calls the argument category",
	"cluster|meet":            "7.2 writes the argument cluster-bus-port",
	"client|list":             "7.2 has no block around the ids",
	"client|kill":             "7.4 has MAXAGE, and SKIPME with two tokens",
	"config|get":              "7.2 has no block around the parameter",
	"psubscribe":              "7.2 has no block around the pattern",
	"hscan":                   "7.4 has NOVALUES",
	"zrank":                   "7.2 has WITHSCORE",
	"geohash":                 "7.2 has no need of a member",
	"geopos":                  "7.2 has no need of a member",
	"georadius":               "7.2 has STORE or STOREDIST",
	"georadiusbymember":       "7.2 has STORE or STOREDIST",
	"zrevrank":                "7.2 has WITHSCORE",
	"command|getkeys":         "7.2 documents the arguments",
	"command|getkeysandflags": "7.2 documents the arguments",
	"slowlog|get":             "QUEUETIME is ours",
	"xadd":                    "7.2 calls the token auto-id",
	"xsetid":                  "7.2 calls the arguments entries-added and max-deleted-id",
	"xgroup|create":           "7.2 calls the arguments group, new-id and entries-read",
	"xgroup|setid":            "7.2 calls the arguments group, new-id and entries-read",
	"xgroup|destroy":          "7.2 calls the argument group",
	"xgroup|createconsumer":   "7.2 calls the arguments group and consumer",
	"xgroup|delconsumer":      "7.2 calls the arguments group and consumer",
	"xclaim":                  "7.2 calls the argument lastid",
	"xinfo|stream":            "7.2 has a token in the block",
	"xinfo|consumers":         "7.2 calls the argument group",
	"pfmerge":                 "7.2 says that there need be no sources",
	"lcs":                     "7.2 has another name for the length",
	"set":                     "8.4 has conditions on the value",
	"bitop":                   "7.2 names the operations, 8.2 has more of them",
}

func TestDocumentedArgumentsAreAsInRedis(t *testing.T) {
	d := startDuel(t)
	for _, name := range d.names {
		ours := outline(field(d.ours.Do("COMMAND", "DOCS", name).Elems[1], "arguments"), "\n  ")
		theirs := outline(field(d.theirs.must("COMMAND", "DOCS", name).Elems[1], "arguments"), "\n  ")
		if reason := docsDiffer[name]; (ours == theirs) == (reason != "") {
			t.Errorf("%s: ours are%s\nRedis says%s\nallowed because %q", name, ours, theirs, reason)
		}
	}
}

// newlyDeprecated are the commands that Redis advises against since 7.2, after the oracle.
var newlyDeprecated = []string{"quit", "setex", "psetex", "setnx"}

func TestDeprecationsAreAsInRedis(t *testing.T) {
	d := startDuel(t)
	for _, name := range d.names {
		ours, theirs := d.ours.Do("COMMAND", "DOCS", name).Elems[1], d.theirs.must("COMMAND", "DOCS", name).Elems[1]
		for _, key := range []string{"doc_flags", "deprecated_since", "replaced_by"} {
			same := field(ours, key).String() == field(theirs, key).String()
			if same == slices.Contains(newlyDeprecated, name) {
				t.Errorf("%s, %s: ours is %v, Redis says %v", name, key, field(ours, key), field(theirs, key))
			}
		}
	}
}

// field returns the value of a map's key, or an empty value.
func field(m proto.Value, key string) proto.Value {
	for i := 0; i < len(m.Elems); i += 2 {
		if m.Elems[i].Text == key {
			return m.Elems[i+1]
		}
	}
	return proto.Value{}
}

// outline writes arguments one to a line. It leaves out when they came into Redis, which our rows do not know, and the
// names of those that have parts, which the syntax does not have.
func outline(arguments proto.Value, indent string) (text string) {
	for _, a := range arguments.Elems {
		kind := field(a, "type").Text
		text += indent + kind
		if parts := field(a, "arguments"); len(parts.Elems) == 0 {
			text += " " + field(a, "name").Text
		}
		if kind == "key" {
			text += fmt.Sprintf(" of %d", field(a, "key_spec_index").Int)
		}
		if token := field(a, "token").Text; token != "" {
			text += " token=" + token
		}
		for _, flag := range field(a, "flags").Elems {
			text += " " + flag.Text
		}
		text += outline(field(a, "arguments"), indent+"  ")
	}
	return text
}

// Every category has the commands that Redis says it has, and Redis' have no others of ours.
func TestCategoriesAreAsInRedis(t *testing.T) {
	d := startDuel(t)
	for _, category := range d.theirs.must("ACL", "CAT").Elems {
		ours, theirs := d.listed(d.ours.Do, category.Text), d.listed(d.theirs.must, category.Text)
		if !slices.Equal(ours, theirs) {
			t.Errorf("@%s: ours are\n  %v\nRedis says\n  %v", category.Text, ours, theirs)
		}
	}
}

// listed returns which commands that both have are in a category, without those that are in others by now.
func (d *duel) listed(do func(...string) proto.Value, category string) (names []string) {
	for _, name := range do("COMMAND", "LIST", "FILTERBY", "ACLCAT", category).Elems {
		if slices.Contains(d.names, name.Text) && infoDiffers[name.Text+" categories"] == "" {
			names = append(names, name.Text)
		}
	}
	return slices.Sorted(slices.Values(names))
}
