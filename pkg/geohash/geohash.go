// Package geohash is the arithmetic of Redis' geo commands: places on a sphere, their positions on a curve through all cells
// of a grid, and what lies within a circle or a box. It follows Redis operation by operation, so that results are equal.
package geohash

import "math"

// Point is a place in degrees.
type Point struct{ Longitude, Latitude float64 }

const (
	maxLongitude = 180
	maxLatitude  = 85.05112878 // of Web Mercator, EPSG:900913
	maxStep      = 26          // bits of either coordinate in a position
	alphabet     = "0123456789bcdefghjkmnpqrstuvwxyz"
	stringLen    = 11
)

// Valid reports whether a place has a position: near the poles there are none.
func (p Point) Valid() bool {
	return p.Longitude >= -maxLongitude && p.Longitude <= maxLongitude && p.Latitude >= -maxLatitude && p.Latitude <= maxLatitude
}

// cell is a part of the grid that has 2 to the power of step columns and as many rows.
type cell struct {
	x, y uint32
	step uint
}

// cellAt returns the cell that a valid place lies in, of a grid from pole to pole or up to the latitude given.
func cellAt(p Point, step uint, latitude float64) cell {
	scale := float64(uint64(1) << step)
	x := (p.Longitude + maxLongitude) / (2 * maxLongitude)
	y := (p.Latitude + latitude) / (2 * latitude)
	return cell{uint32(uint64(x * scale)), uint32(uint64(y * scale)), step}
}

// position is the cell's place on the curve that goes through all cells of its size: the bits of both coordinates in turn.
func (c cell) position() uint64 { return spread(c.y) | spread(c.x)<<1 }

// span returns the positions of the smallest cells within the cell, from first to last-1.
func (c cell) span() (first, last uint64) {
	shift := 2 * (maxStep - c.step)
	return c.position() << shift, (c.position() + 1) << shift
}

// beside returns the cell so many columns and rows away. The grid has no border; the place where it closes is in a column
// of its own until there is a step to the side.
func (c cell) beside(columns, rows int) cell {
	mask := uint32(1)<<c.step - 1
	if columns != 0 {
		c.x = (c.x + uint32(columns)) & mask
	}
	if rows != 0 {
		c.y = (c.y + uint32(rows)) & mask
	}
	return c
}

// bounds returns the southwest and the northeast corner of the cell.
func (c cell) bounds() (low, high Point) {
	const width, height = 2 * maxLongitude, 2 * maxLatitude
	scale := float64(uint64(1) << c.step)
	low.Latitude = -maxLatitude + float64(c.y)*1.0/scale*height
	high.Latitude = -maxLatitude + float64(uint64(c.y)+1)*1.0/scale*height
	low.Longitude = -maxLongitude + float64(c.x)*1.0/scale*width
	high.Longitude = -maxLongitude + float64(uint64(c.x)+1)*1.0/scale*width
	return low, high
}

// spread moves the bits of n apart, so that there is room for one behind each.
func spread(n uint32) uint64 {
	b := uint64(n)
	b = (b | b<<16) & 0x0000FFFF0000FFFF
	b = (b | b<<8) & 0x00FF00FF00FF00FF
	b = (b | b<<4) & 0x0F0F0F0F0F0F0F0F
	b = (b | b<<2) & 0x3333333333333333
	b = (b | b<<1) & 0x5555555555555555
	return b
}

// gather undoes spread, whatever stands between the bits.
func gather(b uint64) uint32 {
	b &= 0x5555555555555555
	b = (b | b>>1) & 0x3333333333333333
	b = (b | b>>2) & 0x0F0F0F0F0F0F0F0F
	b = (b | b>>4) & 0x00FF00FF00FF00FF
	b = (b | b>>8) & 0x0000FFFF0000FFFF
	return uint32(b | b>>16)
}

// Encode returns the position of a valid place: 52 bits, which a double holds.
func Encode(p Point) uint64 { return cellAt(p, maxStep, maxLatitude).position() }

// Decode returns the middle of the cell that has a position.
func Decode(position uint64) Point {
	low, high := cell{gather(position >> 1), gather(position), maxStep}.bounds()
	return Point{
		max(min((low.Longitude+high.Longitude)/2, maxLongitude), -maxLongitude),
		max(min((low.Latitude+high.Latitude)/2, maxLatitude), -maxLatitude),
	}
}

// Append appends the geohash of a valid place as the world writes it, of which the last letter is always the same here.
func Append(dst []byte, p Point) []byte {
	bits := cellAt(p, maxStep, 90).position()
	for i := 1; i < stringLen; i++ {
		dst = append(dst, alphabet[bits>>(2*maxStep-5*i)&31])
	}
	return append(dst, alphabet[0])
}

const (
	earthRadius = 6372797.560856 // meters
	radian      = float64(math.Pi) / 180
)

// Distance returns how many meters there are between two places.
func Distance(a, b Point) float64 {
	v := sin((b.Longitude*radian - a.Longitude*radian) / 2)
	if v == 0 {
		return latitudeDistance(a.Latitude, b.Latitude)
	}
	latitude, other := a.Latitude*radian, b.Latitude*radian
	u := sin((other - latitude) / 2)
	return 2 * earthRadius * asin(math.Sqrt(u*u+cos(latitude)*cos(other)*v*v))
}

func latitudeDistance(a, b float64) float64 { return earthRadius * math.Abs(b*radian-a*radian) }
