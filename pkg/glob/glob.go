// Package glob matches Redis' glob-style patterns, as KEYS, SCAN, PSUBSCRIBE
// and CONFIG GET use them, in bounded time.
//
// The language is that of Redis' stringmatchlen, peculiarities included:
//
//   - any run of bytes, even none
//     ?       any one byte
//     [abc]   one of these bytes; [^abc] one that is not; [a-z] a range, whose
//     ends may be swapped; an unterminated class ends with the pattern
//     \x      the byte x itself, inside a class too
package glob

// Match reports whether the whole of s matches pattern. With nocase, ASCII
// letters match in either case, except those escaped inside a class, which
// Redis compares exactly.
//
// As in Redis, the empty string matches the empty pattern only, not even "*":
// commands that want all keys ask for "*" by itself and do not match at all.
//
// It takes O(len(pattern)·len(s)) time at worst and does not allocate.
func Match(pattern, s []byte, nocase bool) bool {
	ok, _ := match(pattern, s, nocase)
	return ok
}

// match is Match; read counts the pattern bytes that it looked at, so that a
// test can hold the bound without a stopwatch.
//
// Every part of a pattern but * takes exactly one byte of s. So when the part
// after a star fails, trying it one byte later is all there is to do, and once
// a further star is reached no earlier one need be tried again: whatever a
// longer run of the earlier star could reach, the later star reaches as well.
// Redis recursed at each star instead, in time exponential in their number
// (CVE-2022-36021) and in depth without limit (CVE-2024-31228).
func match(pattern, s []byte, nocase bool) (ok bool, read int) {
	if len(s) == 0 {
		return len(pattern) == 0, 0
	}
	p, i := 0, 0
	afterStar, tried := -1, 0 // where the last star's rest begins, and where in s it was last tried
	for i < len(s) {
		if p < len(pattern) && pattern[p] == '*' {
			p++
			if p == len(pattern) {
				return true, read + 1
			}
			afterStar, tried = p, i
			read++
			continue
		}
		if p < len(pattern) {
			hit, next := matchByte(pattern, p, s[i], nocase)
			read += next - p
			if hit {
				p = next
				i++
				continue
			}
		}
		if afterStar < 0 {
			return false, read
		}
		tried++
		p, i = afterStar, tried
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
		read++
	}
	return p == len(pattern), read
}

// matchByte matches c with the part of pattern that begins at p, which is not
// a star, and returns where the next part begins.
func matchByte(pattern []byte, p int, c byte, nocase bool) (hit bool, next int) {
	switch pattern[p] {
	case '?':
		return true, p + 1
	case '[':
		return matchClass(pattern, p+1, c, nocase)
	case '\\':
		if p+1 < len(pattern) { // a backslash that ends the pattern is itself
			p++
		}
	}
	return same(pattern[p], c, nocase), p + 1
}

// matchClass is matchByte for a class; p is just after its opening bracket.
func matchClass(pattern []byte, p int, c byte, nocase bool) (hit bool, next int) {
	not := p < len(pattern) && pattern[p] == '^'
	if not {
		p++
	}
	for p < len(pattern) && pattern[p] != ']' {
		switch rest := pattern[p:]; {
		case len(rest) >= 2 && rest[0] == '\\':
			hit = hit || rest[1] == c
			p += 2
		case len(rest) >= 3 && rest[1] == '-': // the end may be any byte, ']' too
			hit = hit || inRange(rest[0], rest[2], c, nocase)
			p += 3
		default:
			hit = hit || same(rest[0], c, nocase)
			p++
		}
	}
	return hit != not, min(p+1, len(pattern))
}

// inRange compares as Redis does on x86: bytes are signed there, so that 0x80
// to 0xff come before 0, and ends are put in order before their case is folded,
// so that [Z-a] without case is the empty range z to a.
func inRange(from, to, c byte, nocase bool) bool {
	lo, hi := min(int8(from), int8(to)), max(int8(from), int8(to))
	if nocase {
		lo, hi, c = int8(lower(byte(lo))), int8(lower(byte(hi))), lower(c)
	}
	return lo <= int8(c) && int8(c) <= hi
}

func same(a, b byte, nocase bool) bool {
	return a == b || nocase && lower(a) == lower(b)
}

// lower folds ASCII only: Redis runs its tolower in the C locale.
func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}
