package config

// constant is a parameter of Redis whose feature we do not have, or have in
// one way only. CONFIG GET answers what is true here; CONFIG SET takes that
// value, as a client does that only makes sure, and refuses any other.
type constant struct {
	param   string
	alias   string // an older name of the same parameter
	kind    value  // how the value is read and checked before it is compared
	initial string
	words   []string // of a Word
	refusal error    // of every CONFIG SET, whatever the value; nil if the value decides
}

// group is the constants that are what they are for one reason, which completes
// "only 'no' is supported in this release: ".
type group struct {
	reason    string
	constants []constant
}

func yesNo(param, initial string) constant {
	return constant{param: param, kind: new(Bool), initial: initial}
}

func integer(param, initial string) constant {
	return constant{param: param, kind: new(Int), initial: initial}
}

func memory(param, initial string) constant {
	return constant{param: param, kind: new(Memory), initial: initial}
}

func text(param, initial string) constant {
	return constant{param: param, kind: new(Text), initial: initial}
}

func oneOf(param, initial string, words ...string) constant {
	return constant{param: param, kind: new(Word), initial: initial, words: words}
}

// also gives a constant its older name.
func (c constant) also(alias string) constant {
	c.alias = alias
	return c
}

// immutable is a constant that Redis too does not let CONFIG SET change.
func (c constant) immutable() constant {
	c.refusal = errImmutable
	return c
}

// protected is a constant that Redis lets CONFIG SET change only if
// enable-protected-configs allows it, which it does not here.
func (c constant) protected() constant {
	c.refusal = errProtected
	return c
}

// groups are all constants, by what they are about.
var groups = []group{
	{"nothing is kept on disk", []constant{
		text("save", ""),
		yesNo("appendonly", "no"),
		oneOf("appendfsync", "no", "everysec", "always", "no"),
		text("appendfilename", "").immutable(),
		text("appenddirname", "").immutable(),
		text("dir", "").protected(),
		text("dbfilename", "").protected(),
		yesNo("stop-writes-on-bgsave-error", "no"),
		yesNo("rdbcompression", "no"),
		yesNo("rdbchecksum", "no").immutable(),
		integer("auto-aof-rewrite-percentage", "0"),
		memory("auto-aof-rewrite-min-size", "0"),
		yesNo("aof-use-rdb-preamble", "no"),
		yesNo("no-appendfsync-on-rewrite", "no"),
	}},
	{"there is no replication", []constant{
		text("replicaof", "").also("slaveof").immutable(),
		text("masteruser", ""),
		text("masterauth", ""),
		yesNo("replica-serve-stale-data", "yes").also("slave-serve-stale-data"),
		yesNo("replica-read-only", "yes").also("slave-read-only"),
		integer("replica-priority", "100").also("slave-priority"),
		text("replica-announce-ip", "").also("slave-announce-ip"),
		integer("replica-announce-port", "0").also("slave-announce-port"),
		yesNo("replica-announced", "yes"),
		yesNo("replica-lazy-flush", "no").also("slave-lazy-flush"),
		yesNo("replica-ignore-maxmemory", "yes").also("slave-ignore-maxmemory"),
		memory("repl-backlog-size", "0"),
		integer("repl-backlog-ttl", "3600"),
		integer("repl-timeout", "60"),
		yesNo("repl-diskless-sync", "yes"),
		yesNo("repl-disable-tcp-nodelay", "no"),
		integer("min-replicas-to-write", "0").also("min-slaves-to-write"),
		integer("min-replicas-max-lag", "10").also("min-slaves-max-lag"),
	}},
	{"there is no cluster", []constant{
		yesNo("cluster-enabled", "no").immutable(),
		text("cluster-config-file", "").immutable(),
		integer("cluster-node-timeout", "15000"),
		text("cluster-announce-ip", ""),
		integer("cluster-announce-port", "0"),
		text("cluster-announce-hostname", ""),
		yesNo("cluster-require-full-coverage", "yes"),
	}},
	{"there is no TLS", []constant{
		integer("tls-port", "0"),
		text("tls-cert-file", ""),
		text("tls-key-file", ""),
		text("tls-key-file-pass", ""),
		text("tls-client-cert-file", ""),
		text("tls-client-key-file", ""),
		text("tls-client-key-file-pass", ""),
		text("tls-dh-params-file", ""),
		text("tls-ca-cert-file", ""),
		text("tls-ca-cert-dir", ""),
		oneOf("tls-auth-clients", "no", "no", "yes", "optional"),
		yesNo("tls-replication", "no"),
		yesNo("tls-cluster", "no"),
		text("tls-protocols", ""),
		text("tls-ciphers", ""),
		text("tls-ciphersuites", ""),
		yesNo("tls-prefer-server-ciphers", "no"),
		yesNo("tls-session-caching", "no"),
	}},
	{"what is gone is freed at leisure", []constant{
		yesNo("lazyfree-lazy-eviction", "yes"),
		yesNo("lazyfree-lazy-expire", "yes"),
		yesNo("lazyfree-lazy-server-del", "yes"),
		yesNo("lazyfree-lazy-user-del", "yes"),
		yesNo("lazyfree-lazy-user-flush", "yes"),
	}},
	{"nothing runs at regular intervals", []constant{
		integer("hz", "0"),
		yesNo("dynamic-hz", "no"),
		integer("active-expire-effort", "1"),
		yesNo("activerehashing", "no"),
		yesNo("activedefrag", "no"),
	}},
	{"one goroutine runs all commands, and each connection has one for its socket", []constant{
		integer("io-threads", "1").immutable(),
		yesNo("io-threads-do-reads", "no").immutable(),
	}},
	{"there are no modules", []constant{
		oneOf("enable-module-command", "no", "no", "yes", "local").immutable(),
	}},
	{"there is one user", []constant{
		text("aclfile", "").immutable(),
		integer("acllog-max-len", "0"),
		oneOf("acl-pubsub-default", "allchannels", "allchannels", "resetchannels"),
	}},
	{"the process is as it was started", []constant{
		yesNo("daemonize", "no").immutable(),
		oneOf("supervised", "no", "no", "upstart", "systemd", "auto").immutable(),
		text("pidfile", "").immutable(),
		text("logfile", "").immutable(),
		yesNo("syslog-enabled", "no").immutable(),
		text("unixsocket", "").immutable(),
		oneOf("enable-protected-configs", "no", "no", "yes", "local").immutable(),
		text("bind-source-addr", ""),
		yesNo("set-proc-title", "no").immutable(),
		oneOf("oom-score-adj", "no", "no", "yes", "relative", "absolute"),
	}},
	{"lists are compressed nowhere", []constant{
		integer("list-compress-depth", "0"),
	}},
	{"each payload is looked through", []constant{
		oneOf("sanitize-dump-payload", "yes", "no", "yes", "clients"),
	}},
}

// constantRows are the rows of all constants, and of their older names.
func constantRows() (rows []*row) {
	for _, g := range groups {
		for i := range g.constants {
			c := &g.constants[i]
			r := &row{
				name: c.param, param: c.param, initial: c.initial, words: c.words, kind: c.kind, refusal: c.refusal,
				mutable: c.refusal == nil, fixed: true, reason: g.reason,
			}
			rows = append(rows, r)
			if c.alias != "" {
				older := *r
				older.param = c.alias
				rows = append(rows, &older)
			}
		}
	}
	return rows
}
