package proto

import (
	"bytes"
	"strings"
)

// ErrDrop asks for the connection to be closed without a reply.
const ErrDrop Error = "dropped"

// ErrRequestTooLong asks for the same because of a request that is longer than Limits.MaxRequest.
const ErrRequestTooLong Error = "request too long"

// inline reads one request that a person or a script typed: words between blanks up to a line feed. An empty
// line gives no arguments; more is false when the line is incomplete or broken.
func (d *Decoder) inline() (args Args, more bool, err error) {
	line := d.buf[d.pos:d.end]
	if line[0] == tlsHandshake {
		return nil, false, ErrDrop
	}
	eol := bytes.IndexByte(line[:min(len(line), maxInline+1)], '\n')
	if eol < 0 {
		if len(line) > maxInline {
			return nil, false, ErrInlineTooLong
		}
		return nil, false, nil
	}
	words, ok := SplitWords(bytes.TrimSuffix(line[:eol], []byte{'\r'}))
	if !ok {
		return nil, false, ErrUnbalancedQuotes
	}
	if d.isTooLong(int64(eol)) {
		return nil, false, ErrRequestTooLong
	}
	d.pos += eol + 1
	d.start = d.pos
	first := len(d.args)
	d.args = append(d.args, words...)
	return d.args[first:len(d.args):len(d.args)], true, nil
}

// SplitWords splits a line into words as Redis' inline protocol and redis-cli do: "…" with \n \r \t \b \a \xHH
// and \c escapes, '…' with \' only, and a closing quote must be followed by a blank. It reports false when the
// quotes are unbalanced. The words are copies: escapes make them shorter than their source. A NUL is a byte like any
// other; Redis would lose what follows it.
func SplitWords(line []byte) (words [][]byte, ok bool) {
	for {
		line = bytes.TrimLeft(line, blanks)
		if len(line) == 0 {
			return words, true
		}
		word, rest, ok := splitWord(line)
		if !ok {
			return nil, false
		}
		words = append(words, word)
		line = rest
	}
}

// blanks are C's isspace characters, which are skipped between words; terminators end a word without quotes.
const (
	blanks      = " \t\n\v\f\r"
	terminators = " \t\n\r"
)

// splitWord takes the first word, which may glue bare and quoted parts together: a"b c" is one word. A quoted
// part ends the word, so it must be the last.
func splitWord(line []byte) (word, rest []byte, ok bool) {
	word = []byte{}
	for len(line) > 0 && strings.IndexByte(terminators, line[0]) < 0 {
		if line[0] == '"' || line[0] == '\'' {
			return splitQuoted(word, line)
		}
		word = append(word, line[0])
		line = line[1:]
	}
	return word, line, true
}

// splitQuoted takes the quoted part at the beginning of line.
func splitQuoted(word, line []byte) (_, rest []byte, ok bool) {
	quote := line[0]
	for line = line[1:]; len(line) > 0; {
		if line[0] == quote {
			line = line[1:]
			return word, line, len(line) == 0 || strings.IndexByte(blanks, line[0]) >= 0
		}
		c, width := unescape(line, quote)
		word = append(word, c)
		line = line[width:]
	}
	return nil, nil, false
}

// escapes maps the letter behind a backslash in double quotes to the byte it stands for; others stand for
// themselves.
var escapes = map[byte]byte{'n': '\n', 'r': '\r', 't': '\t', 'b': '\b', 'a': '\a'}

// unescape returns the byte that line begins with, inside the given quotes, and how many source bytes it took.
func unescape(line []byte, quote byte) (c byte, width int) {
	if line[0] != '\\' || len(line) < 2 {
		return line[0], 1
	}
	if quote == '\'' {
		if line[1] == '\'' {
			return '\'', 2
		}
		return '\\', 1
	}
	if len(line) >= 4 && line[1] == 'x' && isHex(line[2]) && isHex(line[3]) {
		return hexDigit(line[2])<<4 | hexDigit(line[3]), 4
	}
	if special, ok := escapes[line[1]]; ok {
		return special, 2
	}
	return line[1], 2
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func hexDigit(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c&^0x20 - 'A' + 10
}
