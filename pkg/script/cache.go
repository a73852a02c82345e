package script

import (
	"container/list"
	"crypto/sha1"
	"encoding/hex"

	"snakecache/pkg/lua"
	"snakecache/pkg/proto"
)

const (
	// maxEvaluated is how many scripts are kept that came with EVAL, as in Redis 7.4. Those that SCRIPT LOAD has announced stay.
	maxEvaluated = 500
	// maxText is how many bytes all scripts may have; beyond, those go that were used least recently, however they came.
	maxText = 128 << 20
	// textFactor is how many bytes a compiled script takes for each of its text, roughly.
	textFactor = 8
)

// DigestLen is the length of a SHA-1 digest in hexadecimal.
const DigestLen = 2 * sha1.Size

// Script is a script, compiled.
type Script struct {
	SHA   string // 40 hexadecimal digits in lower case
	Flags Flags
	Body  []byte

	function lua.Value
	place    *list.Element // among those of its kind, the last used first
	loaded   bool          // it came with SCRIPT LOAD
}

// cache is the scripts that are kept, by their SHA-1 digest.
type cache struct {
	bySHA     map[[DigestLen]byte]*Script
	loaded    *list.List
	evaluated *list.List
	bytes     int64
}

func newCache() cache {
	return cache{bySHA: map[[DigestLen]byte]*Script{}, loaded: list.New(), evaluated: list.New()}
}

func (c *cache) listOf(s *Script) *list.List {
	if s.loaded {
		return c.loaded
	}
	return c.evaluated
}

// Find returns the script with a digest, in any case, or nil.
func (e *Engine) Find(sha []byte) *Script {
	var key [DigestLen]byte
	if len(sha) != len(key) {
		return nil
	}
	for i, b := range sha {
		if 'A' <= b && b <= 'F' {
			b += 'a' - 'A'
		}
		key[i] = b
	}
	s := e.scripts.bySHA[key]
	if s != nil {
		e.scripts.listOf(s).MoveToFront(s.place)
	}
	return s
}

// digest returns the SHA-1 of a text in hexadecimal.
func digest(text []byte) (key [DigestLen]byte) {
	sum := sha1.Sum(text)
	hex.Encode(key[:], sum[:])
	return key
}

// Load compiles a script and keeps it, or finds that which is kept. One that is loaded stays until Flush. The error is the reply.
func (e *Engine) Load(body []byte, loaded bool) (*Script, error) {
	key := digest(body)
	if s := e.Find(key[:]); s != nil {
		if loaded && !s.loaded {
			e.scripts.evaluated.Remove(s.place)
			s.loaded = true
			s.place = e.scripts.loaded.PushFront(s)
		}
		return s, nil
	}
	s, err := e.compile(string(key[:]), body)
	if err != nil {
		return nil, err
	}
	s.loaded = loaded
	e.scripts.bySHA[key] = s
	s.place = e.scripts.listOf(s).PushFront(s)
	e.scripts.bytes += textFactor * int64(len(body))
	e.evict()
	return s, nil
}

// compile reads a script's first line and compiles the rest.
func (e *Engine) compile(sha string, body []byte) (_ *Script, err error) {
	defer e.end(e.lua.Main(), &err)
	e.lua.MustFitCode(len(body))
	s := &Script{SHA: sha, Body: append([]byte(nil), body...)}
	code, flags, err := readShebang(string(s.Body))
	if err != nil {
		return nil, err
	}
	s.Flags = flags
	prototype, err := lua.Compile(code, "@user_script")
	if err != nil {
		return nil, proto.Error("ERR Error compiling script (new function): " + err.Error())
	}
	s.function = e.lua.Load(prototype, e.lua.Globals)
	return s, nil
}

// evict drops scripts while there are too many.
func (e *Engine) evict() {
	c := &e.scripts
	for c.evaluated.Len() > maxEvaluated || (c.bytes > maxText && c.evaluated.Len() > 1) {
		e.drop(c.evaluated.Back().Value.(*Script))
	}
	for c.bytes > maxText && c.loaded.Len() > 1 {
		e.drop(c.loaded.Back().Value.(*Script))
	}
}

func (e *Engine) drop(s *Script) {
	e.scripts.listOf(s).Remove(s.place)
	delete(e.scripts.bySHA, [DigestLen]byte([]byte(s.SHA)))
	e.scripts.bytes -= textFactor * int64(len(s.Body))
	e.Figures.Evicted++
}
