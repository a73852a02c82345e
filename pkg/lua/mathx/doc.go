// Package mathx has those functions of package math whose last digit differs from the C library's, which Lua's are. glibc rounds nearly all
// results correctly, so what is correctly rounded agrees with it: but for about one argument in a thousand, where glibc does not, and for half
// of the powers that are halfway between two doubles. Functions compute with pairs of doubles, good for 70 bits, and round once.
//
// Special cases are those of C99. What has no result is a NaN, whose sign is C's in Pow only.
package mathx
